//! Samples in memory, in the type in which they lie in the file.

use fewlabel_contract::{Error, ErrorKind, Result};

/// Type of a sample.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum PixelType {
    /// Unsigned 8 bit.
    U8,
    /// Unsigned 16 bit.
    U16,
    /// Unsigned 32 bit.
    U32,
    /// Unsigned 64 bit.
    U64,
    /// Signed 8 bit.
    I8,
    /// Signed 16 bit.
    I16,
    /// Signed 32 bit.
    I32,
    /// Signed 64 bit.
    I64,
    /// 32-bit floating point; 16-bit ones are read as these, which hold each of them exactly.
    F32,
    /// 64-bit floating point.
    F64,
}

impl PixelType {
    /// Bytes of one sample.
    pub const fn bytes(self) -> usize {
        match self {
            Self::U8 | Self::I8 => 1,
            Self::U16 | Self::I16 => 2,
            Self::U32 | Self::I32 | Self::F32 => 4,
            Self::U64 | Self::I64 | Self::F64 => 8,
        }
    }

    /// As a person would call it: `16 bit`, `16 bit signed`, `32 bit float`.
    pub const fn words(self) -> &'static str {
        match self {
            Self::U8 => "8 bit",
            Self::U16 => "16 bit",
            Self::U32 => "32 bit",
            Self::U64 => "64 bit",
            Self::I8 => "8 bit signed",
            Self::I16 => "16 bit signed",
            Self::I32 => "32 bit signed",
            Self::I64 => "64 bit signed",
            Self::F32 => "32 bit float",
            Self::F64 => "64 bit float",
        }
    }
}

/// Samples in order `t z c y x`.
#[derive(Clone, Debug, PartialEq)]
pub enum Pixels {
    /// Unsigned 8 bit.
    U8(Vec<u8>),
    /// Unsigned 16 bit.
    U16(Vec<u16>),
    /// Unsigned 32 bit.
    U32(Vec<u32>),
    /// Unsigned 64 bit.
    U64(Vec<u64>),
    /// Signed 8 bit.
    I8(Vec<i8>),
    /// Signed 16 bit.
    I16(Vec<i16>),
    /// Signed 32 bit.
    I32(Vec<i32>),
    /// Signed 64 bit.
    I64(Vec<i64>),
    /// 32-bit floating point.
    F32(Vec<f32>),
    /// 64-bit floating point.
    F64(Vec<f64>),
}

/// Runs the same expression over the samples, whatever their type: `each!(pixels, v => v.len())`.
macro_rules! each {
    ($pixels:expr, $samples:ident => $value:expr) => {
        match $pixels {
            $crate::Pixels::U8($samples) => $value,
            $crate::Pixels::U16($samples) => $value,
            $crate::Pixels::U32($samples) => $value,
            $crate::Pixels::U64($samples) => $value,
            $crate::Pixels::I8($samples) => $value,
            $crate::Pixels::I16($samples) => $value,
            $crate::Pixels::I32($samples) => $value,
            $crate::Pixels::I64($samples) => $value,
            $crate::Pixels::F32($samples) => $value,
            $crate::Pixels::F64($samples) => $value,
        }
    };
}

/// As [`each!`], with the result in the same type of pixels.
macro_rules! map_each {
    ($pixels:expr, $samples:ident => $value:expr) => {
        match $pixels {
            $crate::Pixels::U8($samples) => $crate::Pixels::U8($value),
            $crate::Pixels::U16($samples) => $crate::Pixels::U16($value),
            $crate::Pixels::U32($samples) => $crate::Pixels::U32($value),
            $crate::Pixels::U64($samples) => $crate::Pixels::U64($value),
            $crate::Pixels::I8($samples) => $crate::Pixels::I8($value),
            $crate::Pixels::I16($samples) => $crate::Pixels::I16($value),
            $crate::Pixels::I32($samples) => $crate::Pixels::I32($value),
            $crate::Pixels::I64($samples) => $crate::Pixels::I64($value),
            $crate::Pixels::F32($samples) => $crate::Pixels::F32($value),
            $crate::Pixels::F64($samples) => $crate::Pixels::F64($value),
        }
    };
}

pub(crate) use {each, map_each};

/// A type that samples have.
pub(crate) trait Sample: Copy + Default + Send + Sync + 'static {
    /// Puts the numbers in the bytes of a file behind `values`; what is left over of the last one is dropped.
    fn append(values: &mut Vec<Self>, bytes: &[u8], little_endian: bool);

    /// Overwrites `values` with the numbers in the bytes of a file, as far as both reach.
    fn fill(values: &mut [Self], bytes: &[u8], little_endian: bool);

    /// From the bytes of a file.
    fn from_bytes(bytes: &[u8], little_endian: bool) -> Vec<Self> {
        let mut values = Vec::new();
        Self::append(&mut values, bytes, little_endian);
        values
    }

    /// As [`Sample::fill`], with numbers of which each is added to the one before.
    fn fill_with_sums(values: &mut [Self], bytes: &[u8], little_endian: bool);

    /// Adds to each value the one `step` before it, which had its own added: floats as the whole numbers that their bits are.
    fn add_up(values: &mut [Self], step: usize);

    /// The samples of these pixels, if they have this type.
    fn of(pixels: &mut Pixels) -> Option<&mut Vec<Self>>;
}

macro_rules! sample {
    ($($type:ty => $variant:ident, $sum:expr);+) => {
        $(impl Sample for $type {
            fn append(values: &mut Vec<Self>, bytes: &[u8], little_endian: bool) {
                let (numbers, _) = bytes.as_chunks::<{ size_of::<$type>() }>();
                // Two loops: each becomes one of vectors.
                if little_endian {
                    values.extend(numbers.iter().map(|&number| <$type>::from_le_bytes(number)));
                } else {
                    values.extend(numbers.iter().map(|&number| <$type>::from_be_bytes(number)));
                }
            }

            fn fill(values: &mut [Self], bytes: &[u8], little_endian: bool) {
                let (numbers, _) = bytes.as_chunks::<{ size_of::<$type>() }>();
                let pairs = values.iter_mut().zip(numbers);
                if little_endian {
                    pairs.for_each(|(value, &number)| *value = <$type>::from_le_bytes(number));
                } else {
                    pairs.for_each(|(value, &number)| *value = <$type>::from_be_bytes(number));
                }
            }

            fn fill_with_sums(values: &mut [Self], bytes: &[u8], little_endian: bool) {
                let (numbers, _) = bytes.as_chunks::<{ size_of::<$type>() }>();
                let (sum, mut before) = ($sum, <$type>::default());
                let mut add = |number| {
                    before = sum(before, number);
                    before
                };
                let pairs = values.iter_mut().zip(numbers);
                if little_endian {
                    pairs.for_each(|(value, &number)| *value = add(<$type>::from_le_bytes(number)));
                } else {
                    pairs.for_each(|(value, &number)| *value = add(<$type>::from_be_bytes(number)));
                }
            }

            fn add_up(values: &mut [Self], step: usize) {
                let sum = $sum;
                for i in step..values.len() {
                    values[i] = sum(values[i - step], values[i]);
                }
            }

            fn of(pixels: &mut Pixels) -> Option<&mut Vec<Self>> {
                match pixels {
                    Pixels::$variant(values) => Some(values),
                    _ => None,
                }
            }
        })+

        impl Pixels {
            /// The type of the samples.
            pub fn pixel_type(&self) -> PixelType {
                match self {
                    $(Self::$variant(_) => PixelType::$variant,)+
                }
            }

            /// So many samples, all 0.
            ///
            /// # Errors
            /// `out-of-memory` where the system would end the process.
            pub fn zeros(pixel_type: PixelType, length: usize) -> Result<Self> {
                Ok(match pixel_type {
                    $(PixelType::$variant => Self::$variant(zeros(length)?),)+
                })
            }

            /// No samples, with room for so many.
            ///
            /// # Errors
            /// As [`Pixels::zeros`].
            pub(crate) fn with_room(pixel_type: PixelType, length: usize) -> Result<Self> {
                Ok(match pixel_type {
                    $(PixelType::$variant => Self::$variant(reserved(length)?),)+
                })
            }

            /// Samples from bytes that lie side by side; what is left over of the last one is dropped.
            pub fn from_bytes(pixel_type: PixelType, bytes: &[u8], little_endian: bool) -> Self {
                match pixel_type {
                    $(PixelType::$variant => Self::$variant(<$type>::from_bytes(bytes, little_endian)),)+
                }
            }

            /// The samples as bytes, the lowest of each first.
            pub fn to_le_bytes(&self) -> Vec<u8> {
                match self {
                    $(Self::$variant(values) => values.iter().flat_map(|value| value.to_le_bytes()).collect(),)+
                }
            }
        }
    };
}

sample!(
    u8 => U8, u8::wrapping_add;
    u16 => U16, u16::wrapping_add;
    u32 => U32, u32::wrapping_add;
    u64 => U64, u64::wrapping_add;
    i8 => I8, i8::wrapping_add;
    i16 => I16, i16::wrapping_add;
    i32 => I32, i32::wrapping_add;
    i64 => I64, i64::wrapping_add;
    f32 => F32, |a: f32, b: f32| f32::from_bits(a.to_bits().wrapping_add(b.to_bits()));
    f64 => F64, |a: f64, b: f64| f64::from_bits(a.to_bits().wrapping_add(b.to_bits()))
);

impl Pixels {
    /// Number of samples.
    pub fn len(&self) -> usize {
        each!(self, v => v.len())
    }

    /// Whether there is no sample at all.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The samples of a range as 32-bit floats, rounded to the nearest where these do not hold them.
    ///
    /// # Panics
    /// When the range reaches beyond the samples.
    pub fn floats(&self, range: std::ops::Range<usize>) -> Vec<f32> {
        // Every type has its own way to f32: exact ones are conversions, the others roundings.
        match self {
            Self::U8(v) => v[range].iter().map(|&p| f32::from(p)).collect(),
            Self::U16(v) => v[range].iter().map(|&p| f32::from(p)).collect(),
            Self::U32(v) => v[range].iter().map(|&p| p as f32).collect(),
            Self::U64(v) => v[range].iter().map(|&p| p as f32).collect(),
            Self::I8(v) => v[range].iter().map(|&p| f32::from(p)).collect(),
            Self::I16(v) => v[range].iter().map(|&p| f32::from(p)).collect(),
            Self::I32(v) => v[range].iter().map(|&p| p as f32).collect(),
            Self::I64(v) => v[range].iter().map(|&p| p as f32).collect(),
            Self::F32(v) => v[range].to_vec(),
            Self::F64(v) => v[range].iter().map(|&p| p as f32).collect(),
        }
    }
}

fn zeros<T: Sample>(length: usize) -> Result<Vec<T>> {
    let mut values = reserved(length)?;
    values.resize(length, T::default());
    Ok(values)
}

/// Room for so many values.
///
/// # Errors
/// `out-of-memory` where the system would end the process.
pub(crate) fn reserved<T>(length: usize) -> Result<Vec<T>> {
    let mut values = Vec::new();
    values.try_reserve_exact(length).map_err(|e| {
        Error::new(ErrorKind::OutOfMemory, "open image", "not enough memory for the image").with("values", length).because(&e)
    })?;
    Ok(values)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bytes_and_back() {
        for pixels in [
            Pixels::U8(vec![0, 255]),
            Pixels::I16(vec![-2, 300]),
            Pixels::U64(vec![u64::MAX, 1]),
            Pixels::F32(vec![0.1, -3.0]),
            Pixels::F64(vec![0.1, f64::MAX]),
        ] {
            let kind = pixels.pixel_type();
            let bytes = pixels.to_le_bytes();
            assert_eq!(bytes.len(), 2 * kind.bytes());
            assert_eq!(Pixels::from_bytes(kind, &bytes, true), pixels);
        }
        assert_eq!(Pixels::from_bytes(PixelType::U16, &[1, 2, 3], false), Pixels::U16(vec![258]));
    }

    #[test]
    fn too_much_is_an_error() {
        assert!(Pixels::zeros(PixelType::F64, usize::MAX / 16).is_err_and(|e| e.kind == ErrorKind::OutOfMemory));
    }

    #[test]
    fn differences_are_added_up() {
        let mut values = [1_u8, 255, 3, 10];
        u8::add_up(&mut values, 1);
        assert_eq!(values, [1, 0, 3, 13]);
        let mut values = [1_i16, -2, 3, 10, 0, i16::MAX];
        i16::add_up(&mut values, 2);
        assert_eq!(values, [1, -2, 4, 8, 4, i16::MIN + 7]);
        let mut values = [1.5_f32, f32::from_bits(1)];
        f32::add_up(&mut values, 1);
        assert_eq!(values, [1.5, 1.5_f32.next_up()]);
    }

    #[test]
    fn large_numbers_are_rounded_to_floats() {
        assert_eq!(Pixels::I32(vec![-1, 16_777_217]).floats(0..2), [-1.0, 16_777_216.0]);
    }
}
