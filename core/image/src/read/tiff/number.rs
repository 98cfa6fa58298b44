//! The types of number that TIFF files hold.

use fewlabel_contract::Result;
use tiff::tags::SampleFormat;

use super::super::unsupported;
use crate::PixelType;

/// Type of a sample in a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Number {
    /// The type that it is read as.
    pub pixel_type: PixelType,
    /// Bits in the file: fewer than those of the type for 1, 2 and 4 bits, which are read as 8, and for floats of 16 bits,
    /// which are read as 32.
    pub bits: u8,
}

impl Number {
    /// What `bits` of a format are.
    pub(super) fn new(format: SampleFormat, bits: u8) -> Result<Self> {
        let pixel_type = match (format, bits) {
            // Undefined data is what the bits are, as in other readers.
            (SampleFormat::Uint | SampleFormat::Void, 1 | 2 | 4 | 8) => PixelType::U8,
            (SampleFormat::Uint | SampleFormat::Void, 16) => PixelType::U16,
            (SampleFormat::Uint | SampleFormat::Void, 32) => PixelType::U32,
            (SampleFormat::Uint | SampleFormat::Void, 64) => PixelType::U64,
            (SampleFormat::Int, 8) => PixelType::I8,
            (SampleFormat::Int, 16) => PixelType::I16,
            (SampleFormat::Int, 32) => PixelType::I32,
            (SampleFormat::Int, 64) => PixelType::I64,
            (SampleFormat::IEEEFP, 16 | 32) => PixelType::F32,
            (SampleFormat::IEEEFP, 64) => PixelType::F64,
            _ => {
                return Err(unsupported("pixels of this type are not read here")
                    .with("bits", bits)
                    .with("format", format!("{format:?}"))
                    .hint("save it as 8, 16 or 32 bit"));
            }
        };
        Ok(Self { pixel_type, bits })
    }

    /// Bytes of one value in the file; 1 for values that share a byte.
    pub(super) fn bytes(self) -> u64 {
        u64::from(self.bits.div_ceil(8))
    }

    /// Values that share a byte of the file; 1 for values of a byte or more.
    pub(super) fn in_a_byte(self) -> usize {
        8 / usize::from(self.bits.min(8))
    }

    /// Whether it is a float of 16 bits.
    pub(super) fn is_half(self) -> bool {
        self.pixel_type == PixelType::F32 && self.bits == 16
    }

    /// Whether the bytes in the file are those of the type that it is read as.
    pub(super) fn is_as_stored(self) -> bool {
        usize::from(self.bits) == 8 * self.pixel_type.bytes()
    }
}
