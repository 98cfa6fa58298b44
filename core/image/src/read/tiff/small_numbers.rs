//! Numbers of 1, 2 and 4 bits.

use super::number::Number;

/// The numbers of rows that begin with a byte of their own, `width` a row. In each byte the first number stands in the highest
/// bits, or with `lowest_first` in the lowest, its bits in reverse order, too (TIFF 6.0, `FillOrder`).
pub(super) fn unpacked(bytes: &[u8], width: usize, number: Number, lowest_first: bool) -> Vec<u8> {
    let bits = u32::from(number.bits);
    let row_bytes = width.div_ceil(number.in_a_byte()).max(1);
    let numbers = |byte: &u8| {
        let byte = if lowest_first { byte.reverse_bits() } else { *byte };
        (1..=number.in_a_byte() as u32).map(move |place| byte >> (8 - bits * place) & (0xff >> (8 - bits)))
    };
    bytes.chunks(row_bytes).flat_map(|row| row.iter().flat_map(numbers).take(width)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::PixelType;

    #[test]
    fn numbers_of_a_byte() {
        let unpacked = |width, bits, lowest_first| {
            unpacked(&[0b1011_0001, 0b0100_1110], width, Number { pixel_type: PixelType::U8, bits }, lowest_first)
        };
        assert_eq!(unpacked(5, 1, false), [1, 0, 1, 1, 0, 0, 1, 0, 0, 1]);
        assert_eq!(unpacked(5, 1, true), [1, 0, 0, 0, 1, 0, 1, 1, 1, 0]);
        assert_eq!(unpacked(4, 2, false), [2, 3, 0, 1, 1, 0, 3, 2]);
        assert_eq!(unpacked(7, 2, false), [2, 3, 0, 1, 1, 0, 3]);
        assert_eq!(unpacked(1, 4, false), [11, 4]);
        assert_eq!(unpacked(2, 4, true), [8, 13, 7, 2]);
        assert_eq!(unpacked(2, 8, false), [0b1011_0001, 0b0100_1110]);
    }
}
