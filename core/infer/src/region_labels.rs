//! The labels of a rectangle, out of those of a larger part of each plane.

use std::collections::HashMap;
use std::ops::Range;

use fewlabel_contract::Result;
use fewlabel_image::{Maps, Plane, Rectangle};
use fewlabel_objects::AreaCount;
use serde::{Deserialize, Serialize};

use crate::LabelSink;
use crate::kept_state::{keep, kept};
use crate::tiles::window;

/// Hands on what lies in a rectangle. Objects that reach into it are numbered anew, without gaps, in the order of their first pixels.
pub struct RegionLabels<'a> {
    sink: &'a mut dyn LabelSink,
    /// What comes in of each plane.
    whole: Rectangle,
    region: Rectangle,
    /// Whether labels are numbers of objects, not classes.
    objects: bool,
    seen: Seen,
}

/// What came so far.
#[derive(Default, Serialize, Deserialize)]
struct Seen {
    /// Rows of the plane in hand.
    rows: usize,
    /// New numbers of the objects in it.
    numbers: HashMap<u32, u32>,
    areas: AreaCount,
    /// Objects so far, or areas in the planes before.
    count: usize,
}

impl<'a> RegionLabels<'a> {
    /// Hands on to `sink` what lies in `region`, out of labels that fill `whole` of each plane. Both are in pixels of the plane.
    pub fn new(sink: &'a mut dyn LabelSink, whole: Rectangle, region: Rectangle, objects: bool) -> Self {
        Self { sink, whole, region, objects, seen: Seen::default() }
    }

    /// How many objects or areas the rectangle shows.
    pub fn count(&self) -> usize {
        self.seen.count
    }

    /// The labels of a row within the rectangle.
    fn row(&mut self, row: &[u32]) -> Vec<u32> {
        let Range { start, end } = within(&self.region.x, self.whole.x.start);
        let mut row = row[start..end].to_vec();
        if self.objects {
            let Seen { numbers, count, .. } = &mut self.seen;
            for id in row.iter_mut().filter(|id| **id != 0) {
                *id = *numbers.entry(*id).or_insert_with(|| {
                    *count += 1;
                    *count as u32
                });
            }
        } else {
            self.seen.areas.add(&row);
        }
        row
    }

    /// The plane in hand ends.
    fn end_plane(&mut self) {
        let areas = std::mem::take(&mut self.seen.areas);
        self.seen = Seen { count: self.seen.count + areas.total(), ..Seen::default() };
    }
}

impl LabelSink for RegionLabels<'_> {
    fn begin(&mut self, key: &str) -> Result<Option<Vec<u8>>> {
        self.seen = Seen::default();
        let Some(bytes) = self.sink.begin(&self.key(key))? else { return Ok(None) };
        let (state, seen) = kept(&bytes)?;
        self.seen = seen;
        Ok(Some(state))
    }

    fn rows(&mut self, rows: &Plane<u32>) -> Result<()> {
        let height = self.whole.y.len();
        let mut inside = Vec::new();
        for row in rows.data.chunks_exact(rows.width) {
            if self.region.y.contains(&(self.whole.y.start + self.seen.rows)) {
                inside.append(&mut self.row(row));
            }
            self.seen.rows += 1;
            if self.seen.rows == height {
                self.end_plane();
            }
        }
        let width = self.region.x.len();
        if inside.is_empty() { Ok(()) } else { self.sink.rows(&Plane::new(inside.len() / width, width, inside)) }
    }

    fn maps(&mut self, plane: usize, (y, x): (usize, usize), part: &Maps) -> Result<()> {
        let (y, x) = (self.whole.y.start + y, self.whole.x.start + x);
        let shared = |region: &Range<usize>, start: usize, length: usize| region.start.max(start)..region.end.min(start + length);
        let (rows, columns) = (shared(&self.region.y, y, part.height), shared(&self.region.x, x, part.width));
        if rows.is_empty() || columns.is_empty() {
            return Ok(());
        }
        let place = (rows.start - self.region.y.start, columns.start - self.region.x.start);
        self.sink.maps(plane, place, &window(part, &within(&rows, y), &within(&columns, x)))
    }

    fn can_go_on(&mut self, key: &str, state: &dyn Fn() -> Result<Vec<u8>>) -> Result<()> {
        let (key, seen) = (self.key(key), &self.seen);
        self.sink.can_go_on(&key, &|| keep(&(state()?, seen)))
    }
}

impl RegionLabels<'_> {
    /// A state of a rectangle is another than that of the whole.
    fn key(&self, key: &str) -> String {
        format!("{:?} of {:?} {key}", self.region, self.whole)
    }
}

/// A range, counted from a start of its own.
fn within(range: &Range<usize>, start: usize) -> Range<usize> {
    range.start - start..range.end - start
}

#[cfg(test)]
mod tests {
    use fewlabel_image::Shape;

    use super::*;
    use crate::LabelsInMemory;

    const WHOLE: Rectangle = Rectangle { y: 2..6, x: 1..5 };
    const REGION: Rectangle = Rectangle { y: 3..5, x: 2..5 };

    #[test]
    fn objects_of_a_rectangle_are_numbered_anew() {
        let mut sink = LabelsInMemory::new(Shape { t: 2, ..Shape::plane(1, 2, 3) });
        let mut labels = RegionLabels::new(&mut sink, WHOLE, REGION, true);
        labels.begin("key").unwrap();
        labels.rows(&Plane::new(2, 4, vec![1, 1, 2, 2, 9, 7, 0, 2])).unwrap();
        labels.rows(&Plane::new(2, 4, vec![9, 7, 3, 3, 4, 4, 4, 4])).unwrap();
        assert_eq!(labels.count(), 3);
        labels.rows(&Plane::new(4, 4, vec![0, 0, 0, 0, 0, 0, 0, 11, 0, 0, 0, 11, 0, 0, 0, 12])).unwrap();
        assert_eq!(labels.count(), 4);
        assert_eq!(sink.finish(Default::default()).0.ids, [1, 0, 2, 1, 3, 3, 0, 0, 4, 0, 0, 4]);
    }

    #[test]
    fn classes_stay_and_their_areas_are_counted() {
        let mut sink = LabelsInMemory::new(Shape::plane(1, 2, 3));
        let mut labels = RegionLabels::new(&mut sink, WHOLE, REGION, false);
        labels.begin("key").unwrap();
        labels.rows(&Plane::new(4, 4, vec![5, 5, 5, 5, 5, 5, 0, 2, 5, 5, 0, 2, 5, 5, 5, 5])).unwrap();
        assert_eq!(labels.count(), 2);
        assert_eq!(sink.finish(Default::default()).0.ids, [5, 0, 2, 5, 0, 2]);
    }

    #[test]
    fn maps_of_parts_become_maps_of_the_rectangle() {
        let mut sink = LabelsInMemory::new(Shape::plane(1, 2, 3));
        let mut labels = RegionLabels::new(&mut sink, WHOLE, REGION, true);
        labels.begin("key").unwrap();
        let value = |y: usize, x: usize| (10 * y + x) as f32;
        for (y, x) in [(0, 0), (0, 2), (2, 0), (2, 2)] {
            let part = [(0, 0), (0, 1), (1, 0), (1, 1)].map(|(dy, dx)| value(2 + y + dy, 1 + x + dx));
            labels.maps(0, (y, x), &Maps::new(1, 2, 2, part.to_vec())).unwrap();
        }
        assert_eq!(sink.finish(Default::default()).1[0].data, [32., 33., 34., 42., 43., 44.]);
    }
}
