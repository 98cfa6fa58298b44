//! Where the samples of a strip or tile go.

use std::ops::Range;

use half::f16;

use crate::Pixels;
use crate::pixels::Sample;

/// Rows, columns and channels of a page.
#[derive(Clone, Debug)]
pub(super) struct Part {
    pub c: Range<usize>,
    pub y: Range<usize>,
    pub x: Range<usize>,
}

impl Part {
    /// Makes `samples` longer by this part, with zeros.
    pub(super) fn room<'a, T: Sample>(&self, samples: &'a mut Vec<T>) -> &'a mut [T] {
        let first = samples.len();
        samples.resize(first + self.c.len() * self.y.len() * self.x.len(), T::default());
        &mut samples[first..]
    }
}

/// Where in a page something lies.
pub(super) struct Rectangle {
    pub y: usize,
    pub x: usize,
    pub height: usize,
    pub width: usize,
}

/// Puts what of a rectangle lies in `part` into `samples` (order `c y x`, filled by `part`). `values` holds the rectangle row by row,
/// for each pixel so many channels side by side, from a first one on.
pub(super) fn place_samples<T: Copy>(
    values: &[T],
    here: &Rectangle,
    (first, channels): (usize, usize),
    part: &Part,
    samples: &mut [T],
) {
    let y = here.y.max(part.y.start)..(here.y + here.height).min(part.y.end);
    let x = here.x.max(part.x.start)..(here.x + here.width).min(part.x.end);
    if x.is_empty() {
        return;
    }
    for c in first.max(part.c.start)..(first + channels).min(part.c.end) {
        for row in y.clone() {
            let from = ((row - here.y) * here.width + x.start - here.x) * channels + c - first;
            let to = ((c - part.c.start) * part.y.len() + row - part.y.start) * part.x.len() + x.start - part.x.start;
            let Some(line) = values.get(from..) else { return };
            let samples = &mut samples[to..to + x.len()];
            match line.get(..x.len()).filter(|_| channels == 1) {
                Some(line) => samples.copy_from_slice(line),
                None => samples.iter_mut().zip(line.iter().step_by(channels)).for_each(|(sample, value)| *sample = *value),
            }
        }
    }
}

/// What the bytes of a strip or tile mean.
#[derive(Clone, Copy, Debug)]
pub(super) struct Numbers {
    /// Whether the lowest byte of each is the first.
    pub little_endian: bool,
    /// Whether they are differences to those of the pixel before (`Predictor` 2).
    pub differences: bool,
}

/// As [`place_samples`], from the bytes in the file. Answers whether there were enough.
pub(super) fn place_bytes<T: Sample>(
    bytes: &[u8],
    numbers: Numbers,
    here: &Rectangle,
    (first, channels): (usize, usize),
    part: &Part,
    samples: &mut [T],
) -> bool {
    let row_samples = here.width * channels;
    let (top, end) = (here.y.max(part.y.start), (here.y + here.height).min(part.y.end));
    let x = here.x.max(part.x.start)..(here.x + here.width).min(part.x.end);
    if x.is_empty() {
        return true;
    }
    // What is left out at the left is needed to add up what comes behind.
    let in_place = channels == 1 && (!numbers.differences || x.start == here.x);
    let mut scratch = Vec::new();
    for y in top..end {
        let row = (y - here.y) * row_samples * size_of::<T>();
        let Some(row) = bytes.get(row..).and_then(|rest| rest.get(..row_samples * size_of::<T>())) else { return false };
        if in_place {
            let to = ((first - part.c.start) * part.y.len() + y - part.y.start) * part.x.len() + x.start - part.x.start;
            let (Some(samples), Some(row)) = (samples.get_mut(to..to + x.len()), row.get((x.start - here.x) * size_of::<T>()..))
            else {
                return false;
            };
            match numbers.differences {
                false => T::fill(samples, row, numbers.little_endian),
                true => T::fill_with_sums(samples, row, numbers.little_endian),
            }
        } else {
            scratch.clear();
            T::append(&mut scratch, row, numbers.little_endian);
            if numbers.differences {
                T::add_up(&mut scratch, channels);
            }
            place_samples(&scratch, &Rectangle { y, height: 1, ..*here }, (first, channels), part, samples);
        }
    }
    true
}

/// As [`place_bytes`], of floats of 16 bits, which become floats of 32.
pub(super) fn place_halves<T: Sample>(
    bytes: &[u8],
    numbers: Numbers,
    here: &Rectangle,
    place: (usize, usize),
    part: &Part,
    samples: &mut [T],
) -> bool {
    let half = if numbers.little_endian { f16::from_le_bytes } else { f16::from_be_bytes };
    let values: Vec<f32> = bytes.as_chunks().0.iter().map(|&value| half(value).into()).collect();
    let enough = values.len() >= here.height * here.width * place.1;
    let mut values = Pixels::F32(values);
    match T::of(&mut values) {
        Some(values) if enough => place_samples(values, here, place, part, samples),
        _ => return false,
    }
    true
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// Row by row what [`place_bytes`] begins with: big-endian bytes, differences where that is asked for.
    fn stored(values: &[u16], row: usize, channels: usize, differences: bool) -> Vec<u8> {
        let stored = |row: &[u16]| -> Vec<u16> {
            let before = |i: usize| if differences && i >= channels { row[i - channels] } else { 0 };
            row.iter().enumerate().map(|(i, value)| value.wrapping_sub(before(i))).collect()
        };
        values.chunks(row).flat_map(stored).flat_map(u16::to_be_bytes).collect()
    }

    proptest! {
        #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

        #[test]
        fn bytes_go_where_their_values_go(
            (height, width, channels) in (1..5_usize, 1..6_usize, 1..4_usize),
            (y, x) in (0..9_usize, 0..9_usize),
            (tall, wide) in (1..9_usize, 1..9_usize),
            (first, kept) in (0..3_usize, 1..4_usize),
            differences: bool,
        ) {
            let here = Rectangle { y: 4, x: 5, height, width };
            let first = first.min(channels - 1);
            let part = Part { c: first..(first + kept).min(channels), y: y..y + tall, x: x..x + wide };
            let values: Vec<u16> = (0..height * width * channels).map(|i| (i * 20_011 % 65_536) as u16).collect();
            let (mut expected, mut found) = (Vec::new(), Vec::new());
            place_samples(&values, &here, (0, channels), &part, part.room(&mut expected));
            let bytes = stored(&values, width * channels, channels, differences);
            let numbers = Numbers { little_endian: false, differences };
            prop_assert!(place_bytes::<u16>(&bytes, numbers, &here, (0, channels), &part, part.room(&mut found)));
            prop_assert_eq!(found, expected);
        }
    }

    #[test]
    fn too_few_bytes_are_told() {
        let here = Rectangle { y: 0, x: 0, height: 2, width: 3 };
        let numbers = Numbers { little_endian: true, differences: false };
        let place =
            |part: &Part, bytes: &[u8]| place_bytes::<u16>(bytes, numbers, &here, (0, 1), part, part.room(&mut Vec::new()));
        let part = Part { c: 0..1, y: 0..2, x: 1..2 };
        assert!(place(&part, &[0; 12]) && !place(&part, &[0; 11]));
        let first_row = Part { y: 0..1, ..part };
        assert!(place(&first_row, &[0; 6]), "rows that nobody asks for may be missing");
    }
}
