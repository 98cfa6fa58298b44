//! Composites: paths of lines and curves.

use fewlabel_contract::Result;

use super::super::{PathSegment, Point};
use super::scan::Scan;
use super::{Run, WholeBox, curve};

/// The pixels inside a path. Parts that are not closed are closed with a straight line.
pub(super) fn runs(path: &[PathSegment], height: usize, width: usize) -> Result<Vec<Run>> {
    let mut scan = Scan::new(height, width);
    edges(path, &mut |from, to| scan.edge(from, to))?;
    Ok(scan.runs())
}

/// Hands each edge of the closed parts of a path to `edge`, curves in straight pieces.
fn edges(path: &[PathSegment], edge: &mut impl FnMut(Point, Point) -> Result<()>) -> Result<()> {
    let (mut start, mut at) = (None, Point::default());
    for segment in path {
        if matches!(segment, PathSegment::MoveTo(_) | PathSegment::Close)
            && let Some(first) = start.take()
        {
            edge(at, first)?;
            at = first;
        }
        let curve_start = at;
        let mut line_to = |to: Point| {
            if start.is_none() {
                start = Some(at);
            }
            edge(std::mem::replace(&mut at, to), to)
        };
        match *segment {
            PathSegment::MoveTo(to) => (start, at) = (Some(to), to),
            PathSegment::LineTo(to) => line_to(to)?,
            PathSegment::QuadTo(b, c) => curve::quad([curve_start, b, c], 0, &mut line_to)?,
            PathSegment::CubicTo(b, c, d) => curve::cubic([curve_start, b, c, d], 0, &mut line_to)?,
            PathSegment::Close => {}
        }
    }
    match start {
        Some(first) => edge(at, first),
        None => Ok(()),
    }
}

/// The closed parts of a path as rings of points, curves in straight pieces.
pub(in super::super) fn rings(path: &[PathSegment]) -> Vec<Vec<Point>> {
    let mut rings: Vec<Vec<Point>> = Vec::new();
    let mut joins = None;
    // Nothing fails in here.
    let _ = edges(path, &mut |from, to| {
        match rings.last_mut() {
            Some(ring) if joins == Some(from) => ring.push(to),
            _ => rings.push(vec![from, to]),
        }
        // The edge that closes a part ends it.
        joins = rings.last().is_none_or(|ring| ring[0] != to).then_some(to);
        Ok(())
    });
    rings.iter_mut().for_each(|ring| {
        ring.pop();
    });
    rings.retain(|ring| ring.len() > 2);
    rings
}

/// The path of a rectangle whose corners are quarters of a circle, as of Java's `RoundRectangle2D`.
pub(super) fn rounded(outer: WholeBox, arc: f64) -> Vec<PathSegment> {
    // How far the control points of a Bézier curve that looks like a quarter of a circle lie from the corner, in radii.
    const FROM_CORNER: f64 = 1.0 - 0.552_284_749_830_793_4;
    let (rx, ry) = (arc.min(outer.width) / 2.0, arc.min(outer.height) / 2.0);
    let (right, bottom) = (outer.x + outer.width, outer.y + outer.height);
    let corners = [
        ((outer.x, bottom), (0.0, -1.0), (1.0, 0.0)),
        ((right, bottom), (-1.0, 0.0), (0.0, -1.0)),
        ((right, outer.y), (0.0, 1.0), (-1.0, 0.0)),
        ((outer.x, outer.y), (1.0, 0.0), (0.0, 1.0)),
    ];
    let mut path = Vec::with_capacity(9);
    for ((x, y), before, behind) in corners {
        let at = |(dx, dy): (f64, f64), share: f64| Point::new(x + dx * rx * share, y + dy * ry * share);
        let start = at(before, 1.0);
        path.push(if path.is_empty() { PathSegment::MoveTo(start) } else { PathSegment::LineTo(start) });
        path.push(PathSegment::CubicTo(at(before, FROM_CORNER), at(behind, FROM_CORNER), at(behind, 1.0)));
    }
    path.push(PathSegment::Close);
    path
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rings_of_a_path() {
        let p = |x: f64, y: f64| Point::new(x, y);
        let path = [
            PathSegment::MoveTo(p(0.0, 0.0)),
            PathSegment::LineTo(p(4.0, 0.0)),
            PathSegment::LineTo(p(4.0, 4.0)),
            PathSegment::Close,
            PathSegment::MoveTo(p(8.0, 8.0)),
            PathSegment::LineTo(p(9.0, 8.0)),
            PathSegment::LineTo(p(9.0, 9.0)),
            PathSegment::LineTo(p(8.0, 8.0)),
            PathSegment::MoveTo(p(5.0, 5.0)),
            PathSegment::LineTo(p(6.0, 5.0)),
            PathSegment::Close,
        ];
        let expected = vec![vec![p(0.0, 0.0), p(4.0, 0.0), p(4.0, 4.0)], vec![p(8.0, 8.0), p(9.0, 8.0), p(9.0, 9.0)]];
        assert_eq!(rings(&path), expected);
    }

    #[test]
    fn a_rounded_square_of_its_own_diameter_is_a_disc() {
        let outer = WholeBox { x: 1.0, y: 1.0, width: 8.0, height: 8.0 };
        let widths: Vec<_> = runs(&rounded(outer, 8.0), 10, 10).expect("filled").iter().map(|r| r.end - r.start).collect();
        assert_eq!(widths, [4, 6, 8, 8, 8, 8, 6, 4]);
    }
}
