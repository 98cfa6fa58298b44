//! Curves as straight pieces.
//!
//! A curve is halved until its control points lie within a hundredth of a pixel of the line between its ends, as
//! ImageJ does before it fills a composite (`ShapeRoi.getMask`, with Java's limit of ten halvings).

use fewlabel_contract::Result;

use super::super::Point;

const FLATNESS: f64 = 0.01;
const MOST_HALVINGS: u32 = 10;

/// Hands the ends of the pieces of a parabola to `add`.
pub(super) fn quad([a, b, c]: [Point; 3], depth: u32, add: &mut impl FnMut(Point) -> Result<()>) -> Result<()> {
    if depth >= MOST_HALVINGS || distance_squared(b, a, c) < FLATNESS * FLATNESS {
        return add(c);
    }
    let (ab, bc) = (middle(a, b), middle(b, c));
    let centre = middle(ab, bc);
    quad([a, ab, centre], depth + 1, add)?;
    quad([centre, bc, c], depth + 1, add)
}

/// Hands the ends of the pieces of a cubic curve to `add`.
pub(super) fn cubic([a, b, c, d]: [Point; 4], depth: u32, add: &mut impl FnMut(Point) -> Result<()>) -> Result<()> {
    if depth >= MOST_HALVINGS || distance_squared(b, a, d).max(distance_squared(c, a, d)) < FLATNESS * FLATNESS {
        return add(d);
    }
    let (ab, bc, cd) = (middle(a, b), middle(b, c), middle(c, d));
    let (abc, bcd) = (middle(ab, bc), middle(bc, cd));
    let centre = middle(abc, bcd);
    cubic([a, ab, abc, centre], depth + 1, add)?;
    cubic([centre, bcd, cd, d], depth + 1, add)
}

fn middle(a: Point, b: Point) -> Point {
    Point::new((a.x + b.x) / 2.0, (a.y + b.y) / 2.0)
}

/// The square of the distance of a point from the piece between two others.
fn distance_squared(point: Point, a: Point, b: Point) -> f64 {
    let (dx, dy) = (b.x - a.x, b.y - a.y);
    let (px, py) = (point.x - a.x, point.y - a.y);
    let length_squared = dx * dx + dy * dy;
    let along = if length_squared > 0.0 { ((px * dx + py * dy) / length_squared).clamp(0.0, 1.0) } else { 0.0 };
    let (x, y) = (px - along * dx, py - along * dy);
    x * x + y * y
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pieces_follow_the_curve() {
        let ends = [(0.0, 0.0), (0.0, 8.0), (8.0, 8.0), (8.0, 0.0)].map(|(x, y)| Point::new(x, y));
        let mut pieces = vec![ends[0]];
        cubic(ends, 0, &mut |p| {
            pieces.push(p);
            Ok(())
        })
        .expect("added");
        assert_eq!(pieces.last(), Some(&ends[3]));
        assert!(pieces.contains(&Point::new(4.0, 6.0)), "the middle of the curve");
        assert!(pieces.len() > 8 && pieces.len() < 64, "{}", pieces.len());
        let mut straight = 0;
        let line = [(0.0, 0.0), (2.0, 0.0), (4.0, 0.0)].map(|(x, y)| Point::new(x, y));
        quad(line, 0, &mut |_| {
            straight += 1;
            Ok(())
        })
        .expect("added");
        assert_eq!(straight, 1);
    }
}
