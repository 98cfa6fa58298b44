//! Numbers and texts at places of a `.roi`.

/// Bytes of which nothing is known; beyond their end there is nothing.
#[derive(Clone, Copy)]
pub(super) struct Fields<'a>(pub(super) &'a [u8]);

impl Fields<'_> {
    fn bytes<const N: usize>(self, at: usize) -> Option<[u8; N]> {
        self.0.get(at..)?.first_chunk().copied()
    }

    pub(super) fn u8(self, at: usize) -> Option<u8> {
        self.bytes(at).map(|[byte]| byte)
    }

    pub(super) fn u16(self, at: usize) -> Option<u16> {
        self.bytes(at).map(u16::from_be_bytes)
    }

    pub(super) fn i32(self, at: usize) -> Option<i32> {
        self.bytes(at).map(i32::from_be_bytes)
    }

    pub(super) fn u32(self, at: usize) -> Option<u32> {
        self.bytes(at).map(u32::from_be_bytes)
    }

    pub(super) fn f32(self, at: usize) -> Option<f32> {
        self.bytes(at).map(f32::from_be_bytes)
    }

    /// 16 bits that ImageJ reads as signed down to -5000 and as unsigned above 32,767.
    pub(super) fn short(self, at: usize) -> Option<i32> {
        let unsigned = i32::from(self.u16(at)?);
        Some(if unsigned >= 0x1_0000 - 5000 { unsigned - 0x1_0000 } else { unsigned })
    }

    /// The text whose place and length stand at `at`; none when there is none.
    pub(super) fn text(self, at: usize) -> Option<String> {
        let place = usize::try_from(self.i32(at)?).ok().filter(|&place| place > 0)?;
        let length = usize::try_from(self.i32(at + 4)?).ok().filter(|&length| length > 0)?.checked_mul(2)?;
        let letters = self.0.get(place..place.checked_add(length)?)?;
        let units = letters.chunks_exact(2).map(|pair| u16::from_be_bytes([pair[0], pair[1]]));
        Some(char::decode_utf16(units).map(|c| c.unwrap_or(char::REPLACEMENT_CHARACTER)).collect())
    }
}

#[cfg(test)]
mod tests {
    use super::Fields;

    #[test]
    fn numbers_have_a_place() {
        let fields = Fields(&[0xff, 0xfe, 0x80, 0x00, 0xec, 0x78]);
        assert_eq!((fields.u8(1), fields.u8(6)), (Some(0xfe), None));
        assert_eq!((fields.short(0), fields.short(2), fields.short(4)), (Some(-2), Some(0x8000), Some(-5000)));
        assert_eq!((fields.i32(0), fields.i32(3), fields.f32(usize::MAX)), (Some(-98_304), None, None));
    }

    #[test]
    fn texts_end_with_the_bytes() {
        let text = |place: i32, length: i32| {
            let bytes = [&place.to_be_bytes()[..], &length.to_be_bytes(), &[0, b'a', 0, 0xb5]].concat();
            Fields(&bytes).text(0)
        };
        assert_eq!(text(8, 2).as_deref(), Some("aµ"));
        for (place, length) in [(8, 3), (0, 2), (-8, 2), (8, -1), (8, 0), (i32::MAX, i32::MAX)] {
            assert_eq!(text(place, length), None, "{length} letters at {place}");
        }
    }
}
