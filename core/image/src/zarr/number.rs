//! Types of the numbers in an array, and the one that stands for chunks that are not there.

use fewlabel_contract::Result;
use half::f16;
use serde_json::Value;

use super::{shown, unreadable, unsupported};
use crate::{PixelType, Pixels};

/// Type of the numbers of an array.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Number {
    /// As what they are read.
    pub(super) pixel_type: PixelType,
    /// Whether they are floats of 16 bits, which are read as ones of 32.
    half: bool,
}

impl Number {
    /// Of a `dtype` of Zarr 2, and whether the lowest byte comes first.
    ///
    /// # Errors
    /// `unsupported` for what is no whole or floating-point number.
    pub(super) fn of_v2(dtype: &Value) -> Result<(Self, bool)> {
        let text = dtype.as_str().unwrap_or_default();
        let (order, kind) = text.split_at_checked(1).unwrap_or_default();
        let name = match kind {
            "b1" => "bool",
            "u1" => "uint8",
            "u2" => "uint16",
            "u4" => "uint32",
            "u8" => "uint64",
            "i1" => "int8",
            "i2" => "int16",
            "i4" => "int32",
            "i8" => "int64",
            "f2" => "float16",
            "f4" => "float32",
            "f8" => "float64",
            _ => return Err(not_read(dtype)),
        };
        let little_endian = match order {
            "<" | "|" => true,
            ">" => false,
            _ => return Err(not_read(dtype)),
        };
        Ok((Self::of_v3(&Value::from(name))?, little_endian))
    }

    /// Of a `data_type` of Zarr 3.
    ///
    /// # Errors
    /// `unsupported` for what is no whole or floating-point number.
    pub(super) fn of_v3(data_type: &Value) -> Result<Self> {
        let pixel_type = match data_type.as_str() {
            Some("bool" | "uint8") => PixelType::U8,
            Some("uint16") => PixelType::U16,
            Some("uint32") => PixelType::U32,
            Some("uint64") => PixelType::U64,
            Some("int8") => PixelType::I8,
            Some("int16") => PixelType::I16,
            Some("int32") => PixelType::I32,
            Some("int64") => PixelType::I64,
            Some("float16" | "float32") => PixelType::F32,
            Some("float64") => PixelType::F64,
            _ => return Err(not_read(data_type)),
        };
        Ok(Self { pixel_type, half: data_type == "float16" })
    }

    /// Bytes of one number in a chunk.
    pub(super) const fn bytes(self) -> usize {
        if self.half { 2 } else { self.pixel_type.bytes() }
    }

    /// The numbers of a chunk.
    pub(super) fn samples(self, bytes: &[u8], little_endian: bool) -> Pixels {
        if !self.half {
            return Pixels::from_bytes(self.pixel_type, bytes, little_endian);
        }
        let number = if little_endian { f16::from_le_bytes } else { f16::from_be_bytes };
        Pixels::F32(bytes.as_chunks::<2>().0.iter().map(|&two| number(two).to_f32()).collect())
    }

    /// The number that a `fill_value` gives; null, which leaves it open, is 0.
    ///
    /// # Errors
    /// `unreadable-image` for one that is not of this type.
    pub(super) fn fill(self, value: &Value) -> Result<Pixels> {
        let wrong =
            || unreadable("what fills missing chunks is no number of the array").with("fill value", shown(&value.to_string()));
        let whole = || whole(value).ok_or_else(wrong);
        let float = || self.float(value).ok_or_else(wrong);
        macro_rules! one {
            ($variant:ident, $type:ty) => {
                Pixels::$variant(vec![<$type>::try_from(whole()?).map_err(|_| wrong())?])
            };
        }
        Ok(match self.pixel_type {
            PixelType::U8 => one!(U8, u8),
            PixelType::U16 => one!(U16, u16),
            PixelType::U32 => one!(U32, u32),
            PixelType::U64 => one!(U64, u64),
            PixelType::I8 => one!(I8, i8),
            PixelType::I16 => one!(I16, i16),
            PixelType::I32 => one!(I32, i32),
            PixelType::I64 => one!(I64, i64),
            PixelType::F32 => Pixels::F32(vec![float()? as f32]),
            PixelType::F64 => Pixels::F64(vec![float()?]),
        })
    }

    /// Floats that JSON lacks stand as text: by name, or in Zarr 3 as `0x` and their bits.
    fn float(self, value: &Value) -> Option<f64> {
        let Some(text) = value.as_str() else {
            return if value.is_null() { Some(0.0) } else { value.as_f64() };
        };
        match text {
            "NaN" => Some(f64::NAN),
            "Infinity" => Some(f64::INFINITY),
            "-Infinity" => Some(f64::NEG_INFINITY),
            _ => {
                let bits = u64::from_str_radix(text.strip_prefix("0x")?, 16).ok()?;
                match self.bytes() {
                    2 => Some(f16::from_bits(bits.try_into().ok()?).to_f64()),
                    4 => Some(f32::from_bits(bits.try_into().ok()?).into()),
                    _ => Some(f64::from_bits(bits)),
                }
            }
        }
    }
}

fn whole(value: &Value) -> Option<i128> {
    match value {
        Value::Null => Some(0),
        Value::Bool(set) => Some((*set).into()),
        Value::Number(number) => number.as_i128().or_else(|| {
            let float = number.as_f64()?;
            (float.fract() == 0.0 && float.abs() < 1e15).then_some(float as i128)
        }),
        _ => None,
    }
}

fn not_read(data_type: &Value) -> fewlabel_contract::Error {
    unsupported("the numbers of the array are of a type that is not read here")
        .with("type", shown(&data_type.to_string()))
        .hint("whole numbers, bool, and floats of 16, 32 and 64 bits are read")
}

#[cfg(test)]
mod tests {
    use fewlabel_contract::ErrorKind;
    use serde_json::json;

    use super::*;

    fn number(name: &str) -> Number {
        Number::of_v3(&json!(name)).expect("a type")
    }

    #[test]
    fn types_of_both_versions() {
        assert_eq!(Number::of_v2(&json!("<u2")).expect("a type"), (number("uint16"), true));
        assert_eq!(Number::of_v2(&json!(">f8")).expect("a type"), (number("float64"), false));
        assert_eq!(Number::of_v2(&json!("|b1")).expect("a type"), (number("bool"), true));
        assert_eq!((number("float16").pixel_type, number("float16").bytes()), (PixelType::F32, 2));
        assert_eq!((number("bool").pixel_type, number("bool").bytes()), (PixelType::U8, 1));
        for dtype in [json!("<c8"), json!("=u2"), json!("u2"), json!(""), json!("é"), json!([["a", "<u2"]]), json!(null)] {
            assert!(Number::of_v2(&dtype).is_err_and(|e| e.kind == ErrorKind::Unsupported), "{dtype}");
        }
        for data_type in [json!("complex64"), json!("r16"), json!({"name": "numpy.datetime64"})] {
            assert!(Number::of_v3(&data_type).is_err_and(|e| e.kind == ErrorKind::Unsupported), "{data_type}");
        }
    }

    #[test]
    fn halves_become_floats() {
        assert_eq!(number("float16").samples(&[0x00, 0x3c, 0x00, 0xc1], true), Pixels::F32(vec![1.0, -2.5]));
        assert_eq!(number("float16").samples(&[0x3c, 0x00], false), Pixels::F32(vec![1.0]));
        assert_eq!(number("int16").samples(&[0xff, 0xfe], false), Pixels::I16(vec![-2]));
    }

    #[test]
    fn fill_values() {
        assert_eq!(number("uint8").fill(&json!(null)).expect("0"), Pixels::U8(vec![0]));
        assert_eq!(number("bool").fill(&json!(true)).expect("1"), Pixels::U8(vec![1]));
        assert_eq!(number("uint64").fill(&json!(u64::MAX)).expect("largest"), Pixels::U64(vec![u64::MAX]));
        assert_eq!(number("int16").fill(&json!(-7.0)).expect("whole"), Pixels::I16(vec![-7]));
        assert_eq!(number("float32").fill(&json!("-Infinity")).expect("a float"), Pixels::F32(vec![f32::NEG_INFINITY]));
        assert_eq!(number("float32").fill(&json!("0x40490fdb")).expect("bits"), Pixels::F32(vec![std::f32::consts::PI]));
        assert_eq!(number("float16").fill(&json!("0x3c00")).expect("bits"), Pixels::F32(vec![1.0]));
        assert_eq!(number("float64").fill(&json!(0.1)).expect("a float"), Pixels::F64(vec![0.1]));
        assert!(matches!(number("float64").fill(&json!("NaN")), Ok(Pixels::F64(v)) if v[0].is_nan()));
        for (name, value) in [
            ("uint8", json!(256)),
            ("uint8", json!(-1)),
            ("uint8", json!(0.5)),
            ("int64", json!(1e300)),
            ("uint16", json!("0")),
            ("float32", json!("none")),
            ("float32", json!("0x1ffffffff")),
            ("float64", json!([])),
        ] {
            assert!(number(name).fill(&value).is_err_and(|e| e.kind == ErrorKind::UnreadableImage), "{name} {value}");
        }
    }
}
