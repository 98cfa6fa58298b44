//! Types of pixel that are written.

use crate::PixelType;

/// A type of pixel in a tile.
pub(super) trait TilePixel: Copy + Default {
    /// Which one.
    const TYPE: PixelType;
    /// Bits of a pixel.
    const BITS: u16;
    /// Value of `SampleFormat`: 1 for whole numbers, 3 for floating point.
    const FORMAT: u16;
    /// Value of `Predictor`: 2 where each pixel of a row is stored as its difference from the one before, 1 where it is not.
    const PREDICTOR: u16;

    /// Puts a row of a tile behind `bytes`.
    fn encode(row: &[Self], bytes: &mut Vec<u8>);

    /// The pixel that stands for a square of two rows and columns in the next smaller copy, at the right edge for one column,
    /// at the bottom for one row (`bottom` is empty then).
    fn shrink(top: &[Self], bottom: &[Self]) -> Self;
}

/// Labels: a smaller copy holds some of them, never a mixture.
macro_rules! labels {
    ($($type:ty => $variant:ident),+) => {
        $(impl TilePixel for $type {
            const TYPE: PixelType = PixelType::$variant;
            const BITS: u16 = <$type>::BITS as u16;
            const FORMAT: u16 = 1;
            const PREDICTOR: u16 = 2;

            fn encode(row: &[Self], bytes: &mut Vec<u8>) {
                let mut before = 0;
                for &pixel in row {
                    bytes.extend(pixel.wrapping_sub(before).to_le_bytes());
                    before = pixel;
                }
            }

            fn shrink(top: &[Self], _: &[Self]) -> Self {
                top.first().copied().unwrap_or_default()
            }
        })+
    };
}

labels!(u8 => U8, u16 => U16, u32 => U32);

impl TilePixel for f32 {
    const TYPE: PixelType = PixelType::F32;
    const BITS: u16 = 32;
    const FORMAT: u16 = 3;
    const PREDICTOR: u16 = 1;

    fn encode(row: &[Self], bytes: &mut Vec<u8>) {
        bytes.extend(row.iter().flat_map(|pixel| pixel.to_le_bytes()));
    }

    fn shrink(top: &[Self], bottom: &[Self]) -> Self {
        let sum: f64 = top.iter().chain(bottom).map(|&pixel| f64::from(pixel)).sum();
        (sum / (top.len() + bottom.len()) as f64) as f32
    }
}

/// Rows of `width` pixels, from an even row on, at half the size: each side rounded up.
pub(super) fn halve<T: TilePixel>(rows: &[T], width: usize) -> Vec<T> {
    let mut half = Vec::with_capacity(rows.len().div_ceil(4) + width);
    for pair in rows.chunks(2 * width) {
        let (top, bottom) = pair.split_at(width.min(pair.len()));
        let mut below = bottom.chunks(2);
        half.extend(top.chunks(2).map(|above| T::shrink(above, below.next().unwrap_or_default())));
    }
    half
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn labels_keep_one_of_four_and_maps_their_mean() {
        let labels = [1_u16, 2, 3, 4, 5, 6, 7, 8, 9];
        assert_eq!(halve(&labels, 3), [1, 3, 7, 9]);
        let maps = labels.map(f32::from);
        assert_eq!(halve(&maps, 3), [3.0, 4.5, 7.5, 9.0]);
        assert_eq!(halve(&[1_u8], 1), [1]);
        assert_eq!(halve(&[f32::MAX, f32::MAX], 1), [f32::MAX]);
    }

    #[test]
    fn whole_numbers_are_stored_as_differences() {
        let mut bytes = Vec::new();
        u16::encode(&[258, 257, 257], &mut bytes);
        assert_eq!(bytes, [2, 1, 255, 255, 0, 0]);
        bytes.clear();
        f32::encode(&[1.0], &mut bytes);
        assert_eq!(bytes, [0, 0, 128, 63]);
    }
}
