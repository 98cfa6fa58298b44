//! The types of number that TIFF files hold.

use fewlabel_contract::Result;
use tiff::tags::SampleFormat;

use super::super::unsupported;
use crate::PixelType;

/// Type of a sample in a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Number {
    U8,
    U16,
    U32,
    U64,
    I8,
    I16,
    I32,
    I64,
    F16,
    F32,
    F64,
}

impl Number {
    /// What `bits` of a format are.
    pub(super) fn new(format: SampleFormat, bits: u8) -> Result<Self> {
        Ok(match (format, bits) {
            // Undefined data is what the bits are, as in other readers.
            (SampleFormat::Uint | SampleFormat::Void, 8) => Self::U8,
            (SampleFormat::Uint | SampleFormat::Void, 16) => Self::U16,
            (SampleFormat::Uint | SampleFormat::Void, 32) => Self::U32,
            (SampleFormat::Uint | SampleFormat::Void, 64) => Self::U64,
            (SampleFormat::Int, 8) => Self::I8,
            (SampleFormat::Int, 16) => Self::I16,
            (SampleFormat::Int, 32) => Self::I32,
            (SampleFormat::Int, 64) => Self::I64,
            (SampleFormat::IEEEFP, 16) => Self::F16,
            (SampleFormat::IEEEFP, 32) => Self::F32,
            (SampleFormat::IEEEFP, 64) => Self::F64,
            _ => {
                return Err(unsupported("pixels of this type are not read here")
                    .with("bits", bits)
                    .with("format", format!("{format:?}"))
                    .hint("save it as 8, 16 or 32 bit"));
            }
        })
    }

    /// The type that it is read as.
    pub(super) fn pixel_type(self) -> PixelType {
        match self {
            Self::U8 => PixelType::U8,
            Self::U16 => PixelType::U16,
            Self::U32 => PixelType::U32,
            Self::U64 => PixelType::U64,
            Self::I8 => PixelType::I8,
            Self::I16 => PixelType::I16,
            Self::I32 => PixelType::I32,
            Self::I64 => PixelType::I64,
            Self::F16 | Self::F32 => PixelType::F32,
            Self::F64 => PixelType::F64,
        }
    }

    /// Bytes of one value in the file.
    pub(super) fn bytes(self) -> u64 {
        match self {
            Self::F16 => 2,
            other => other.pixel_type().bytes() as u64,
        }
    }
}
