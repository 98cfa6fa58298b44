//! Outlines of the objects of a label image that is not in memory.

use std::collections::{BTreeMap, HashSet};

use fewlabel_contract::Result;

use super::{Outline, OutlineShape, PathSegment, Point, trace};
use crate::{LabelRows, Plane};

/// Pixels of the rows in which the objects begin that are followed together.
const TOGETHER: usize = 1 << 23;

/// As [`trace`](fn@trace), for slice `z` of frame `t`; held are the rows of the objects that begin within a few rows of each
/// other. `origin` is the row and column at which the labels begin in the image that the outlines are for.
///
/// # Errors
/// Those of reading the labels.
pub fn trace_rows(labels: &dyn LabelRows, t: usize, z: usize, origin: (usize, usize)) -> Result<Vec<(u32, Outline)>> {
    with_bound(labels, t, z, origin, TOGETHER)
}

fn with_bound(
    labels: &dyn LabelRows,
    t: usize,
    z: usize,
    (first_row, first_column): (usize, usize),
    together: usize,
) -> Result<Vec<(u32, Outline)>> {
    let shape = labels.shape();
    let step = (together / shape.x.max(1)).max(1);
    let mut reach: BTreeMap<u32, (usize, usize)> = BTreeMap::new();
    for top in (0..shape.y).step_by(step) {
        let rows = labels.rows(t, z, top..(top + step).min(shape.y))?;
        for (place, &label) in rows.iter().enumerate().filter(|(_, label)| **label != 0) {
            let y = top + place / shape.x;
            reach.entry(label).or_insert((y, y)).1 = y;
        }
    }
    let mut outlines = BTreeMap::new();
    for begin in (0..shape.y).step_by(step) {
        let here = reach.iter().filter(|(_, (top, _))| (begin..begin + step).contains(top));
        let ids: HashSet<u32> = here.clone().map(|(label, _)| *label).collect();
        let Some(end) = here.map(|(_, (_, bottom))| bottom + 1).max() else { continue };
        let rows = labels.rows(t, z, begin..end)?;
        let rows = Plane::new(end - begin, shape.x, rows).map(|label| if ids.contains(&label) { label } else { 0 });
        for (label, outline) in trace(&rows) {
            outlines.insert(label, moved(outline, (first_row + begin) as f64, first_column as f64));
        }
    }
    Ok(outlines.into_iter().collect())
}

/// The outline so many rows further down and columns further right.
fn moved(outline: Outline, rows: f64, columns: f64) -> Outline {
    let point = |point: Point| Point { x: point.x + columns, y: point.y + rows };
    let segment = |segment| match segment {
        PathSegment::MoveTo(a) => PathSegment::MoveTo(point(a)),
        PathSegment::LineTo(a) => PathSegment::LineTo(point(a)),
        other => other,
    };
    let shape = match outline.shape {
        OutlineShape::Traced(points) => OutlineShape::Traced(points.into_iter().map(point).collect()),
        OutlineShape::Composite(path) => OutlineShape::Composite(path.into_iter().map(segment).collect()),
        other => other,
    };
    Outline { shape, ..outline }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::{Calibration, LabelImage};

    proptest! {
        #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

        #[test]
        fn the_same_as_of_the_whole(ids in prop::collection::vec(0_u32..5, 12 * 7), together in 1_usize..100) {
            let plane = Plane::new(12, 7, ids);
            let labels = LabelImage::from_plane(plane.clone(), Calibration::default());
            prop_assert_eq!(with_bound(&labels, 0, 0, (0, 0), together).expect("in memory"), trace(&plane));
            let mut larger = Plane::filled(15, 11, 0);
            (0..12).flat_map(|y| (0..7).map(move |x| (y, x))).for_each(|(y, x)| larger.set(y + 3, x + 4, plane.at(y, x)));
            prop_assert_eq!(with_bound(&labels, 0, 0, (3, 4), together).expect("in memory"), trace(&larger));
        }
    }
}
