//! Outlines of the objects of a label image, along the edges of pixels.

use std::collections::{BTreeMap, HashMap};

use super::{Outline, OutlineShape, PathSegment, Point};
use crate::Plane;

/// A corner of pixels: row and column of the pixel to its lower right.
type Corner = (usize, usize);

/// The outline of each object, with its label, in order of labels; 0 is background.
///
/// An object in one part without holes is [`Traced`](OutlineShape::Traced), every other one
/// [`Composite`](OutlineShape::Composite). Filled, an outline gives exactly the pixels of its object. No ring touches
/// itself, and parts that meet only at a corner are rings of their own, so that the polygons are valid in GeoJSON.
///
/// ```
/// use fewlabel_image::{OutlineShape, Plane, Point, trace};
/// let outlines = trace(&Plane::new(2, 3, vec![0, 7, 7, 0, 7, 7]));
/// let corners = [(1.0, 0.0), (3.0, 0.0), (3.0, 2.0), (1.0, 2.0)].map(|(x, y)| Point::new(x, y));
/// assert_eq!((outlines.len(), outlines[0].0), (1, 7));
/// assert_eq!(outlines[0].1.shape, OutlineShape::Traced(corners.to_vec()));
/// ```
pub fn trace(labels: &Plane<u32>) -> Vec<(u32, Outline)> {
    let mut rings: BTreeMap<u32, Vec<Vec<Corner>>> = BTreeMap::new();
    // Every ring has an upper edge of a pixel, so marking those is enough to find each ring once.
    let mut followed = vec![false; labels.data.len()];
    for y in 0..labels.height {
        for x in 0..labels.width {
            let label = labels.at(y, x);
            if label != 0 && !followed[y * labels.width + x] && !is(labels, label, y as isize - 1, x as isize) {
                follow(labels, (y, x), &mut followed, rings.entry(label).or_default());
            }
        }
    }
    rings.into_iter().map(|(label, rings)| (label, Outline::new(shape(rings)))).collect()
}

fn shape(mut rings: Vec<Vec<Corner>>) -> OutlineShape {
    let point = |(y, x): Corner| Point::new(x as f64, y as f64);
    if let [_] = rings.as_slice() {
        return OutlineShape::Traced(rings.swap_remove(0).into_iter().map(point).collect());
    }
    let mut path = Vec::with_capacity(rings.iter().map(|ring| ring.len() + 1).sum());
    for ring in rings {
        let mut corners = ring.into_iter().map(point);
        path.extend(corners.next().map(PathSegment::MoveTo));
        path.extend(corners.map(PathSegment::LineTo));
        path.push(PathSegment::Close);
    }
    OutlineShape::Composite(path)
}

/// Whether a pixel belongs to an object; none does outside of the plane.
fn is(labels: &Plane<u32>, label: u32, y: isize, x: isize) -> bool {
    let (Ok(y), Ok(x)) = (usize::try_from(y), usize::try_from(x)) else { return false };
    y < labels.height && x < labels.width && labels.at(y, x) == label
}

/// Goes around an object from the upper edge of a pixel on, with the object to the right, and adds the rings met.
fn follow(labels: &Plane<u32>, start: Corner, followed: &mut [bool], rings: &mut Vec<Vec<Corner>>) {
    let label = labels.at(start.0, start.1);
    let mut corners = Vec::new();
    let mut touches = false;
    let (mut y, mut x) = (start.0 as isize, start.1 as isize);
    // East, south, west, north.
    let mut direction = 0;
    loop {
        if direction == 0 {
            followed[y as usize * labels.width + x as usize] = true;
        }
        let (dy, dx) = [(0, 1), (1, 0), (0, -1), (-1, 0)][direction];
        (y, x) = (y + dy, x + dx);
        // The pixels ahead to the right and to the left, seen from the corner that was reached.
        let ahead = [[(0, 0), (-1, 0)], [(0, -1), (0, 0)], [(-1, -1), (0, -1)], [(-1, 0), (-1, -1)]][direction];
        let [right, left] = ahead.map(|(dy, dx)| is(labels, label, y + dy, x + dx));
        let turned = match (right, left) {
            (false, _) => (direction + 1) % 4,
            (true, false) => direction,
            (true, true) => (direction + 3) % 4,
        };
        touches |= !right && left;
        if turned != direction {
            corners.push((y as usize, x as usize));
        }
        direction = turned;
        if direction == 0 && (y as usize, x as usize) == start {
            break;
        }
    }
    let ends_at_start = corners.last() == Some(&start);
    corners.rotate_right(usize::from(ends_at_start));
    if touches { split(corners, rings) } else { rings.push(corners) }
}

/// Cuts a ring where it touches itself.
fn split(ring: Vec<Corner>, rings: &mut Vec<Vec<Corner>>) {
    let mut open: Vec<Corner> = Vec::with_capacity(ring.len());
    let mut places: HashMap<Corner, usize> = HashMap::with_capacity(ring.len());
    for corner in ring {
        if let Some(&place) = places.get(&corner) {
            let closed = open.split_off(place);
            closed.iter().for_each(|c| {
                places.remove(c);
            });
            rings.push(closed);
        }
        places.insert(corner, open.len());
        open.push(corner);
    }
    rings.push(open);
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use proptest::prelude::*;

    use super::*;

    fn plane(rows: &[&str]) -> Plane<u32> {
        let data = rows.iter().flat_map(|row| row.bytes().map(|b| u32::from(b - b'0'))).collect();
        Plane::new(rows.len(), rows[0].len(), data)
    }

    fn parts(outline: &Outline) -> usize {
        match &outline.shape {
            OutlineShape::Traced(_) => 1,
            OutlineShape::Composite(path) => path.iter().filter(|s| **s == PathSegment::Close).count(),
            other => panic!("traced as {other:?}"),
        }
    }

    #[test]
    fn parts_and_holes_are_rings() {
        let traced = |rows: &[&str]| trace(&plane(rows)).iter().map(|(label, o)| (*label, parts(o))).collect::<Vec<_>>();
        assert_eq!(traced(&["111", "101", "111"]), [(1, 2)], "a hole");
        assert_eq!(traced(&["10", "01"]), [(1, 2)], "two parts that meet at a corner");
        assert_eq!(traced(&["1111", "1011", "1101", "1111"]), [(1, 3)], "two holes that meet at a corner");
        assert_eq!(traced(&["111", "101", "110"]), [(1, 2)], "a hole that opens at a corner");
        assert_eq!(traced(&["2100", "2230"]), [(1, 1), (2, 1), (3, 1)]);
        assert_eq!(traced(&["00"]), []);
        assert_eq!(trace(&Plane::new(0, 0, Vec::new())), []);
    }

    #[test]
    fn a_straight_edge_has_no_corner_within() {
        let outlines = trace(&plane(&["00000", "01110", "01010", "01110"]));
        let OutlineShape::Composite(path) = &outlines[0].1.shape else { panic!("a ring and a hole") };
        assert_eq!(path.len(), 10, "four corners each, and two ends: {path:?}");
        assert_eq!(path[0], PathSegment::MoveTo(Point::new(1.0, 1.0)));
    }

    proptest! {
        #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

        #[test]
        fn filled_outlines_are_the_objects((height, width, data) in (1_usize..14, 1_usize..14)
            .prop_flat_map(|(h, w)| (Just(h), Just(w), proptest::collection::vec(0_u32..4, h * w))))
        {
            let labels = Plane::new(height, width, data);
            let mut again = Plane::filled(height, width, 0);
            for (label, outline) in trace(&labels) {
                for run in outline.runs(height, width).expect("small") {
                    for x in run.start..run.end {
                        prop_assert_eq!(again.at(run.y, x), 0, "two objects on one pixel");
                        again.set(run.y, x, label);
                    }
                }
                if let OutlineShape::Composite(path) = &outline.shape {
                    for ring in path.split(|s| *s == PathSegment::Close) {
                        let corners = ring.iter().map(|s| format!("{s:?}").replace("Move", "Line"));
                        prop_assert_eq!(corners.collect::<HashSet<_>>().len(), ring.len(), "a ring touches itself");
                    }
                }
            }
            prop_assert_eq!(again, labels);
        }
    }
}
