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
    /// Whether it is a float of 16 bits, which is read as one of 32.
    pub is_half: bool,
}

impl Number {
    /// What `bits` of a format are.
    pub(super) fn new(format: SampleFormat, bits: u8) -> Result<Self> {
        let pixel_type = match (format, bits) {
            // Undefined data is what the bits are, as in other readers.
            (SampleFormat::Uint | SampleFormat::Void, 8) => PixelType::U8,
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
        Ok(Self { pixel_type, is_half: bits == 16 && pixel_type == PixelType::F32 })
    }

    /// Bytes of one value in the file.
    pub(super) fn bytes(self) -> u64 {
        if self.is_half { 2 } else { self.pixel_type.bytes() as u64 }
    }
}
