//! BloscLZ, the compression that Blosc began with; a relative of FastLZ.

/// The longest distance that fits into the 13 bits of a near match; 16 bits more follow then.
const NEAR: usize = (1 << 13) - 1;

/// Unpacks into `room` and tells how many bytes there are; `None` for bytes that are damaged, or unpack to more.
///
/// The bytes are a row of instructions. One below 32 is followed by so many bytes, and one more, to be copied. Others repeat
/// what was unpacked already: the upper three bits are the length, the lower five begin the distance.
pub(super) fn unpack(mut packed: &[u8], room: &mut [u8]) -> Option<usize> {
    let mut filled = 0;
    // The first instruction copies; its upper bits are the level of the compression.
    let mut next = packed.split_off_first().map(|first| first & 31);
    while let Some(instruction) = next {
        if instruction < 32 {
            let literal = packed.split_off(..usize::from(instruction) + 1)?;
            room.get_mut(filled..)?.get_mut(..literal.len())?.copy_from_slice(literal);
            filled += literal.len();
        } else {
            let (length, distance) = reach(instruction, &mut packed)?;
            filled = repeat(room, filled, length, distance)?;
        }
        next = packed.split_off_first().copied();
    }
    Some(filled)
}

/// Length of a match, and how far back it begins.
fn reach(instruction: u8, packed: &mut &[u8]) -> Option<(usize, usize)> {
    let mut length = usize::from(instruction >> 5) + 2;
    if instruction >> 5 == 7 {
        loop {
            let more = *packed.split_off_first()?;
            length += usize::from(more);
            if more != u8::MAX {
                break;
            }
        }
    }
    let mut distance = usize::from(instruction & 31) << 8 | usize::from(*packed.split_off_first()?);
    if distance == NEAR {
        let (&high, &low) = (packed.split_off_first()?, packed.split_off_first()?);
        distance += usize::from(u16::from_be_bytes([high, low]));
    }
    Some((length, distance + 1))
}

/// Continues what is filled with what stands `distance` before its end, and tells where it ends then. A match that is longer
/// than its distance repeats itself.
fn repeat(room: &mut [u8], filled: usize, length: usize, distance: usize) -> Option<usize> {
    let start = filled.checked_sub(distance)?;
    let end = filled.checked_add(length).filter(|&end| end <= room.len())?;
    let mut at = filled;
    while at < end {
        let piece = (at - start).min(end - at);
        room.copy_within(start..start + piece, at);
        at += piece;
    }
    Some(end)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn unpacked(packed: &[u8], room: usize) -> Option<Vec<u8>> {
        let mut bytes = vec![0; room];
        let filled = unpack(packed, &mut bytes)?;
        bytes.truncate(filled);
        Some(bytes)
    }

    #[test]
    fn copies_and_repeats() {
        assert_eq!(unpacked(b"\x22abc", 9).as_deref(), Some(&b"abc"[..]));
        // Three bytes from two back: instruction 1 << 5, distance 2 - 1.
        assert_eq!(unpacked(b"\x21ab\x20\x01\x00!", 9).as_deref(), Some(&b"ababa!"[..]));
        // Length 7 + 2 and 255 + 3 more.
        let run = unpacked(b"\x20a\xe0\xff\x03\x00\x00!", 300).expect("a long run");
        assert_eq!(run, [&[b'a'; 268][..], b"!"].concat());
    }

    #[test]
    fn far_matches_have_sixteen_bits_more() {
        let mut packed = Vec::new();
        for chunk in (0..8224_u32).map(|i| (i % 251) as u8).collect::<Vec<_>>().chunks(32) {
            packed.push(31);
            packed.extend(chunk);
        }
        // From 8192 + 0x0010 back: the 17th byte.
        packed.extend([0x3f, 0xff, 0x00, 0x10, 0x00, b'!']);
        let bytes = unpacked(&packed, 9000).expect("a far match");
        assert_eq!(bytes[8224..], [16, 17, 18, b'!']);
    }

    #[test]
    fn damaged_bytes() {
        for packed in [&b"\x02ab"[..], b"\x00a\x20\x01", b"\x00a\x20", b"\x00a\xe0\xff", b"\x00a\x3f\xff\x00"] {
            assert_eq!(unpacked(packed, 100), None, "{packed:?}");
        }
        assert_eq!(unpacked(b"\x22abc", 2), None, "no room for a copy");
        assert_eq!(unpacked(b"\x00a\x20\x00\x00!", 3), None, "no room for a repetition");
        assert_eq!(unpacked(b"", 3).as_deref(), Some(&[][..]));
    }
}
