//! Blocks of an array, and their places in a part of it.

use std::ops::Range;

use fewlabel_contract::{Error, Result};

use super::OPERATION;
use crate::Pixels;
use crate::pixels::{Sample, each};

/// Something for each of the axes `t z c y x`.
pub(super) type Axes<T> = [T; 5];

/// Every cell of a grid, the last axis fastest.
pub(super) fn cells<const N: usize>(ranges: [Range<usize>; N]) -> impl Iterator<Item = [usize; N]> {
    let number: usize = ranges.iter().map(Range::len).product();
    (0..number).map(move |mut rest| {
        let mut cell = [0; N];
        for (place, range) in cell.iter_mut().zip(&ranges).rev() {
            *place = range.start + rest % range.len();
            rest /= range.len();
        }
        cell
    })
}

/// The blocks of this extent that a part of an array touches, which is not empty.
pub(super) fn touched(part: &Axes<Range<usize>>, extent: Axes<usize>) -> Axes<Range<usize>> {
    let mut blocks = part.clone();
    for (range, extent) in blocks.iter_mut().zip(extent) {
        *range = range.start / extent..range.end.div_ceil(extent);
    }
    blocks
}

/// What two parts have in common.
pub(super) fn common(one: &Axes<Range<usize>>, other: &Axes<Range<usize>>) -> Axes<Range<usize>> {
    let mut common = one.clone();
    for (range, other) in common.iter_mut().zip(other) {
        *range = range.start.max(other.start)..range.end.min(other.end);
    }
    common
}

/// The part that a block of this extent covers, also beyond the end of the array.
pub(super) fn covered(block: Axes<usize>, extent: Axes<usize>) -> Axes<Range<usize>> {
    let mut covered = block.map(|number| number..number);
    for (range, extent) in covered.iter_mut().zip(extent) {
        let start = range.start.saturating_mul(extent);
        *range = start..start.saturating_add(extent);
    }
    covered
}

/// Samples of a block as they lie in a chunk.
pub(super) struct Block<'a> {
    pub(super) samples: &'a mut Pixels,
    /// What they cover.
    pub(super) covers: Axes<Range<usize>>,
    /// From a sample to the next along each axis; all 0 for one that stands for all.
    pub(super) strides: Axes<usize>,
}

impl Block<'_> {
    /// Copies what they have in common with `part` into `pixels`, which are those of `part` in order `t z c y x`.
    pub(super) fn place(self, pixels: &mut Pixels, part: &Axes<Range<usize>>) -> Result<()> {
        each!(pixels, to => self.place_in(to, part).ok_or_else(|| Error::internal(OPERATION, "a chunk and its place differ")))
    }

    fn place_in<T: Sample>(self, to: &mut [T], part: &Axes<Range<usize>>) -> Option<()> {
        let from = T::of(self.samples)?;
        let [t, z, c, y, x] = common(part, &self.covers);
        let stride = self.strides[4];
        for cell in cells([t, z, c, y]) {
            let [t, z, c, y] = cell;
            let first = [t, z, c, y, x.start];
            let start: usize = (0..5).map(|axis| (first[axis] - self.covers[axis].start) * self.strides[axis]).sum();
            let place = (0..5).fold(0, |place, axis| place * part[axis].len() + first[axis] - part[axis].start);
            let row = to.get_mut(place..place + x.len())?;
            if stride == 1 {
                row.copy_from_slice(from.get(start..start + x.len())?);
            } else {
                for (number, sample) in row.iter_mut().enumerate() {
                    *sample = *from.get(start + number * stride)?;
                }
            }
        }
        Some(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cells_of_a_grid() {
        let cells: Vec<_> = cells([1..3, 4..5, 0..2]).collect();
        assert_eq!(cells, [[1, 4, 0], [1, 4, 1], [2, 4, 0], [2, 4, 1]]);
        assert_eq!(super::cells([0..2, 1..1]).count(), 0);
    }

    #[test]
    fn blocks_of_a_part() {
        let part = [0..1, 2..4, 0..1, 5..9, 3..4];
        assert_eq!(touched(&part, [1, 2, 9, 4, 4]), [0..1, 1..2, 0..1, 1..3, 0..1]);
        assert_eq!(covered([0, 1, 0, 2, 0], [1, 2, 9, 4, usize::MAX]), [0..1, 2..4, 0..9, 8..12, 0..usize::MAX]);
        assert_eq!(common(&part, &covered([0, 1, 0, 2, 0], [1, 2, 9, 4, 4])), [0..1, 2..4, 0..1, 8..9, 3..4]);
    }

    #[test]
    fn a_block_goes_to_its_place() {
        // A block of 2 x 3 in column order, at row 4 and column 6, and a part whose last rows and columns it begins.
        let mut samples = Pixels::U8(vec![0, 3, 1, 4, 2, 5]);
        let covers = [0..1, 0..1, 0..1, 4..6, 6..9];
        let part = [0..1, 0..1, 0..1, 3..6, 5..8];
        let mut pixels = Pixels::U8(vec![9; 9]);
        Block { samples: &mut samples, covers, strides: [0, 0, 0, 1, 2] }.place(&mut pixels, &part).expect("a place");
        assert_eq!(pixels, Pixels::U8(vec![9, 9, 9, 9, 0, 1, 9, 3, 4]));
    }

    #[test]
    fn one_sample_stands_for_all() {
        let (mut samples, mut pixels) = (Pixels::U8(vec![7]), Pixels::U8(vec![0; 4]));
        let part = [0..1, 0..2, 0..1, 0..1, 1..3];
        let block = Block { samples: &mut samples, covers: [0..1, 1..2, 0..1, 0..1, 0..9], strides: [0; 5] };
        block.place(&mut pixels, &part).expect("a place");
        assert_eq!(pixels, Pixels::U8(vec![0, 0, 7, 7]));
        let wrong = Block { samples: &mut Pixels::I8(vec![7]), covers: part.clone(), strides: [0; 5] };
        assert!(wrong.place(&mut pixels, &part).is_err());
    }
}
