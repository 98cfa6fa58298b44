//! Labels and maps of a turned image on the grid of the image as it is stored.

use std::cell::RefCell;
use std::ops::Range;

use fewlabel_contract::{Error, Result};

use crate::pixels::reserved;
use crate::{Calibration, LabelRows, MapRows, Shape, Turn};

/// About so many values are turned at once and held until others are asked for: a stored plane takes a row or column of each turned
/// one, which may lie in a file.
const HELD: usize = 1 << 25;

/// Labels of a [`Turned`](crate::Turned) image on the grid of the stored one.
pub struct TurnedBackLabels<'a> {
    labels: &'a dyn LabelRows,
    calibration: Calibration,
    planes: Planes<u32>,
}

impl<'a> TurnedBackLabels<'a> {
    /// `turn` is that of the image.
    pub fn new(labels: &'a dyn LabelRows, turn: Turn) -> Self {
        let calibration = turn.stored_calibration(labels.calibration());
        Self { labels, calibration, planes: Planes::new(labels.shape(), turn, HELD) }
    }
}

impl LabelRows for TurnedBackLabels<'_> {
    fn shape(&self) -> Shape {
        self.planes.shape
    }

    fn calibration(&self) -> &Calibration {
        &self.calibration
    }

    fn largest(&self) -> u32 {
        self.labels.largest()
    }

    fn rows(&self, t: usize, z: usize, y: Range<usize>) -> Result<Vec<u32>> {
        self.planes.rows((t, z, 0), y, |slice, rows| self.labels.rows(t, slice, rows))
    }
}

/// Maps of a [`Turned`](crate::Turned) image on the grid of the stored one.
pub struct TurnedBackMaps<'a> {
    maps: &'a dyn MapRows,
    calibration: Calibration,
    planes: Planes<f32>,
}

impl<'a> TurnedBackMaps<'a> {
    /// `turn` is that of the image.
    pub fn new(maps: &'a dyn MapRows, turn: Turn) -> Self {
        let calibration = turn.stored_calibration(maps.calibration());
        Self { maps, calibration, planes: Planes::new(maps.shape(), turn, HELD) }
    }
}

impl MapRows for TurnedBackMaps<'_> {
    fn shape(&self) -> Shape {
        self.planes.shape
    }

    fn calibration(&self) -> &Calibration {
        &self.calibration
    }

    fn rows(&self, t: usize, z: usize, c: usize, y: Range<usize>) -> Result<Vec<f32>> {
        self.planes.rows((t, z, c), y, |slice, rows| self.maps.rows(t, slice, c, rows))
    }
}

/// Stored planes, made of turned ones some at a time.
struct Planes<T> {
    turn: Turn,
    /// Extent as stored.
    shape: Shape,
    /// Slices that are held of each channel.
    at_once: usize,
    /// Of each channel what was asked for last: formats differ in whether channels or slices come first.
    held: RefCell<Vec<Option<Held<T>>>>,
}

/// Some slices of a frame, as stored.
struct Held<T> {
    t: usize,
    z: Range<usize>,
    values: Vec<T>,
}

impl<T: Copy + Default> Planes<T> {
    /// For values of this shape, as they are turned, of which so many may be held.
    fn new(turned: Shape, turn: Turn, held: usize) -> Self {
        let shape = turn.stored_shape(turned);
        let at_once = (held / (shape.c * shape.y * shape.x).max(1)).max(1);
        Self { turn, shape, at_once, held: RefCell::new((0..shape.c).map(|_| None).collect()) }
    }

    /// Rows of a stored plane. `of` gives rows of a turned slice, of this frame and channel.
    fn rows(
        &self,
        (t, z, c): (usize, usize, usize),
        y: Range<usize>,
        of: impl Fn(usize, Range<usize>) -> Result<Vec<T>>,
    ) -> Result<Vec<T>> {
        let outside = || Error::internal("turn back", "rows outside of the image");
        if z >= self.shape.z || y.end > self.shape.y {
            return Err(outside());
        }
        let mut all = self.held.borrow_mut();
        let held = all.get_mut(c).ok_or_else(outside)?;
        let there = held.take().filter(|held| held.t == t && held.z.contains(&z));
        let there = match there {
            Some(there) => there,
            None => {
                let z = z..self.shape.z.min(z + self.at_once);
                Held { t, values: self.back(&z, of)?, z }
            }
        };
        let first = (z - there.z.start) * self.shape.y;
        let rows = there.values.get((first + y.start) * self.shape.x..(first + y.end) * self.shape.x).map(<[T]>::to_vec);
        *held = Some(there);
        rows.ok_or_else(outside)
    }

    /// Some stored slices.
    fn back(&self, z: &Range<usize>, of: impl Fn(usize, Range<usize>) -> Result<Vec<T>>) -> Result<Vec<T>> {
        let Shape { y: height, x: width, .. } = self.shape;
        let length = z.len() * height * width;
        let mut values = reserved(length)?;
        values.resize(length, T::default());
        let [slices, rows, columns] = self.turn.turned(&[z.clone(), 0..height, 0..width]);
        let [to_slice, to_row, to_column] = self.turn.turned(&[height * width, width, 1]);
        let turned = self.turn.turned_shape(self.shape);
        for slice in slices.clone() {
            let given = of(slice, rows.clone())?;
            if given.len() != rows.len() * turned.x {
                return Err(Error::internal("turn back", "rows of another length"));
            }
            for (row, given) in given.chunks_exact(turned.x).enumerate() {
                let first = (slice - slices.start) * to_slice + row * to_row;
                let given = given[columns.clone()].iter().enumerate();
                given.for_each(|(column, value)| values[first + column * to_column] = *value);
            }
        }
        Ok(values)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::turn::tests::turns;
    use crate::{LabelImage, MapStack, Maps};

    fn labels(shape: Shape) -> LabelImage {
        let ids = (0..(shape.t * shape.z * shape.y * shape.x) as u32).collect();
        let calibration = Calibration { z: Some(3.0), y: Some(2.0), ..Calibration::default() };
        LabelImage { t: shape.t, z: shape.z, y: shape.y, x: shape.x, ids, calibration }
    }

    /// All labels, in bands of rows.
    fn all(rows: &dyn LabelRows, band: usize) -> Vec<u32> {
        let s = rows.shape();
        let planes = (0..s.t).flat_map(|t| (0..s.z).map(move |z| (t, z)));
        let bands = planes.flat_map(|(t, z)| (0..s.y).step_by(band).map(move |y| (t, z, y..s.y.min(y + band))));
        bands.flat_map(|(t, z, y)| rows.rows(t, z, y).expect("rows")).collect()
    }

    proptest! {
        #[test]
        fn turned_and_turned_back_are_the_same(
            number in 0..6_usize,
            sides in prop::array::uniform4(1..6_usize),
            (held, band) in (0..60_usize, 1..4_usize),
        ) {
            let (turn, [t, z, y, x]) = (turns()[number], sides);
            let stored = labels(Shape { t, z, c: 1, y, x });
            let turned = turn.labels(&stored);
            prop_assert_eq!(turned.shape(), turn.turned_shape(stored.shape()));
            let mut back = TurnedBackLabels::new(&turned, turn);
            back.planes = Planes::new(turned.shape(), turn, held);
            prop_assert_eq!((back.shape(), back.calibration(), back.largest()), (stored.shape(), &stored.calibration, stored.largest()));
            prop_assert_eq!(all(&back, band), stored.ids);
        }

        /// Maps whose values tell the place as stored, asked for by slices and by channels.
        #[test]
        fn maps_come_back_in_either_order(number in 0..6_usize, sides in prop::array::uniform4(1..5_usize), held in 0..60_usize) {
            let (turn, [z, c, y, x]) = (turns()[number], sides);
            let stored = Shape { t: 1, z, c, y, x };
            let shape = turn.turned_shape(stored);
            let place = |z: usize, c: usize, y: usize, x: usize| (((z * stored.c + c) * stored.y + y) * stored.x + x) as f32;
            let plane = |slice: usize| {
                let rows = (0..shape.c).flat_map(|c| (0..shape.y).map(move |row| (c, row)));
                let values = rows.flat_map(|(c, row)| (0..shape.x).map(move |column| (c, turn.stored(&[slice, row, column]))));
                Maps::new(shape.c, shape.y, shape.x, values.map(|(c, [z, y, x])| place(z, c, y, x)).collect())
            };
            let (planes, calibration) = ((0..shape.z).map(plane).collect::<Vec<_>>(), Calibration::default());
            let stack = MapStack::slices(&planes, &calibration);
            let mut back = TurnedBackMaps::new(&stack, turn);
            back.planes = Planes::new(stack.shape(), turn, held);
            prop_assert_eq!(back.shape(), stored);
            let of = |z: usize, c: usize| back.rows(0, z, c, 0..y).expect("rows");
            let expected = |z: usize, c: usize| (0..y).flat_map(|y| (0..x).map(move |x| place(z, c, y, x))).collect::<Vec<_>>();
            for (slice, channel) in (0..z).flat_map(|z| (0..c).map(move |c| (z, c))) {
                prop_assert_eq!(of(slice, channel), expected(slice, channel));
            }
            for (channel, slice) in (0..c).flat_map(|c| (0..z).map(move |z| (c, z))) {
                prop_assert_eq!(of(slice, channel), expected(slice, channel));
            }
        }
    }

    #[test]
    fn what_is_not_there_is_an_error() {
        let [.., last] = turns();
        let turned = labels(Shape { t: 1, z: 2, c: 1, y: 3, x: 4 });
        let back = TurnedBackLabels::new(&turned, last);
        assert_eq!(back.shape(), Shape { t: 1, z: 4, c: 1, y: 3, x: 2 });
        assert!(back.rows(0, 3, 0..3).is_ok());
        assert!(back.rows(0, 4, 0..1).is_err() && back.rows(0, 0, 2..4).is_err());
        let short = LabelImage { ids: vec![1; 23], ..turned };
        assert!(TurnedBackLabels::new(&short, last).rows(0, 0, 0..1).is_err());
    }
}
