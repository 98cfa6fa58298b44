//! The types of number that TIFF files hold.

use fewlabel_contract::Result;
use tiff::decoder::DecodingResult;
use tiff::tags::SampleFormat;

use super::super::unsupported;

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

    /// Bytes of one value.
    pub(super) fn bytes(self) -> u64 {
        match self {
            Self::U8 | Self::I8 => 1,
            Self::U16 | Self::I16 | Self::F16 => 2,
            Self::U32 | Self::I32 | Self::F32 => 4,
            Self::U64 | Self::I64 | Self::F64 => 8,
        }
    }
}

/// A type that samples are read as.
pub(super) trait Sample: Copy + Default {
    /// The values of a strip or tile, when they are of this type.
    fn of(chunk: DecodingResult) -> Option<Vec<Self>>;

    /// The values in raw bytes.
    fn from_bytes(bytes: &[u8], little_endian: bool) -> Vec<Self>;
}

macro_rules! sample {
    ($type:ty, $($variant:pat => $values:expr),+) => {
        impl Sample for $type {
            fn of(chunk: DecodingResult) -> Option<Vec<Self>> {
                match chunk {
                    $($variant => Some($values),)+
                    _ => None,
                }
            }

            fn from_bytes(bytes: &[u8], little_endian: bool) -> Vec<Self> {
                let (values, _) = bytes.as_chunks::<{ size_of::<$type>() }>();
                let number = if little_endian { <$type>::from_le_bytes } else { <$type>::from_be_bytes };
                values.iter().map(|&value| number(value)).collect()
            }
        }
    };
}

sample!(u8, DecodingResult::U8(v) => v);
sample!(u16, DecodingResult::U16(v) => v);
sample!(u32, DecodingResult::U32(v) => v);
sample!(u64, DecodingResult::U64(v) => v);
sample!(i8, DecodingResult::I8(v) => v);
sample!(i16, DecodingResult::I16(v) => v);
sample!(i32, DecodingResult::I32(v) => v);
sample!(i64, DecodingResult::I64(v) => v);
sample!(f32, DecodingResult::F32(v) => v, DecodingResult::F16(v) => v.into_iter().map(f32::from).collect());
sample!(f64, DecodingResult::F64(v) => v);
