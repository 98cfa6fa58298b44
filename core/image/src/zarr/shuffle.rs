//! Bytes and bits in the order that Blosc packs best, and back.

/// Undoes the shuffle of bytes: first came the first bytes of all elements, then the second ones, and so on. What is left
/// over behind the last whole element stands where it was.
pub(super) fn bytes_in_order(shuffled: &[u8], element: usize) -> Vec<u8> {
    let count = shuffled.len().checked_div(element).unwrap_or(0);
    let mut ordered = shuffled.to_vec();
    for (byte, row) in shuffled.chunks_exact(count.max(1)).take(element).enumerate() {
        let places = ordered.iter_mut().skip(byte).step_by(element.max(1));
        places.zip(row).for_each(|(place, &value)| *place = value);
    }
    ordered
}

/// Undoes the shuffle of bits: first came the lowest bits of the first bytes of all elements, eight of them in a byte with
/// the first one lowest. Blosc leaves a block as it is where its elements do not come in eights.
pub(super) fn bits_in_order(shuffled: &[u8], element: usize) -> Vec<u8> {
    let count = shuffled.len().checked_div(element).unwrap_or(0);
    let mut ordered = shuffled.to_vec();
    if count == 0 || !count.is_multiple_of(8) {
        return ordered;
    }
    // All bits are set below; what is left over behind the last whole element stays.
    ordered.iter_mut().take(count * element).for_each(|byte| *byte = 0);
    for (bit, row) in shuffled.chunks_exact(count / 8).take(8 * element).enumerate() {
        let (byte, bit) = (bit / 8, bit % 8);
        for (eight, &packed) in row.iter().enumerate() {
            let places = ordered.iter_mut().skip(eight * 8 * element + byte).step_by(element).take(8);
            places.enumerate().for_each(|(one, place)| *place |= (packed >> one & 1) << bit);
        }
    }
    ordered
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bytes_of_elements_come_together() {
        assert_eq!(bytes_in_order(&[1, 3, 5, 2, 4, 6], 2), [1, 2, 3, 4, 5, 6]);
        assert_eq!(bytes_in_order(&[1, 3, 2, 4, 9], 2), [1, 2, 3, 4, 9], "a byte is left over");
        assert_eq!(bytes_in_order(&[7], 4), [7]);
        assert_eq!(bytes_in_order(&[], 4), [0; 0]);
    }

    #[test]
    fn bits_of_elements_come_together() {
        // Eight elements of one byte, 1 to 8: their lowest bits are 1 0 1 0 1 0 1 0, the first one lowest: 0x55.
        let shuffled = [0x55, 0x66, 0x78, 0x80, 0, 0, 0, 0];
        assert_eq!(bits_in_order(&shuffled, 1), [1, 2, 3, 4, 5, 6, 7, 8]);
        // Eight elements of two bytes, 0x0100 each: only the lowest bits of the second bytes are set.
        let mut shuffled = [0; 16];
        shuffled[8] = 0xff;
        assert_eq!(bits_in_order(&shuffled, 2), [0, 1].repeat(8));
        assert_eq!(bits_in_order(&[1, 2, 3], 1), [1, 2, 3], "not eight elements");
        assert_eq!(bits_in_order(&[1, 2, 3], 4), [1, 2, 3]);
    }
}
