//! Numbers of types that [`Pixels`] lacks, as those it has, or not at all.

use std::fmt::Display;

use fewlabel_contract::{Error, Result};

use super::super::{reserved, unsupported};
use crate::Pixels;

/// As `u32` when all are, else as `f32` when that changes none.
pub(super) fn whole_numbers<T: Copy + Display + Into<i128>>(values: &[T]) -> Result<Pixels> {
    let mut whole = reserved(values.len())?;
    whole.extend(values.iter().map_while(|&v| u32::try_from(v.into()).ok()));
    if whole.len() == values.len() {
        return Ok(Pixels::U32(whole));
    }
    let mut floats = reserved(values.len())?;
    for &value in values {
        let number: i128 = value.into();
        let float = number as f32;
        if float as i128 != number {
            return Err(inexact(value));
        }
        floats.push(float);
    }
    Ok(Pixels::F32(floats))
}

/// As `f32` when that changes none.
pub(super) fn floats(values: &[f64]) -> Result<Pixels> {
    let mut floats = reserved(values.len())?;
    for &value in values {
        let float = value as f32;
        if f64::from(float) != value && !value.is_nan() {
            return Err(inexact(value));
        }
        floats.push(float);
    }
    Ok(Pixels::F32(floats))
}

fn inexact(value: impl Display) -> Error {
    unsupported("the image holds numbers that 32 bits cannot hold exactly")
        .with("value", value)
        .hint("save it as 32-bit floating point, or as 8 or 16 bit")
}

#[cfg(test)]
mod tests {
    use super::{floats, whole_numbers};
    use crate::Pixels;
    use fewlabel_contract::ErrorKind;

    #[test]
    fn whole_numbers_stay_whole() {
        assert_eq!(whole_numbers(&[0_i64, 4_294_967_295]).expect("exact"), Pixels::U32(vec![0, u32::MAX]));
        assert_eq!(whole_numbers(&[-1_i32, 16_777_216]).expect("exact"), Pixels::F32(vec![-1.0, 16_777_216.0]));
        assert_eq!(whole_numbers(&[4_294_967_296_u64]).expect("exact"), Pixels::F32(vec![4_294_967_296.0]));
    }

    #[test]
    fn nothing_is_rounded() {
        let kind = |r: fewlabel_contract::Result<Pixels>| r.expect_err("inexact").kind;
        assert_eq!(kind(whole_numbers(&[-1_i32, 16_777_217])), ErrorKind::Unsupported);
        assert_eq!(kind(whole_numbers(&[u64::MAX])), ErrorKind::Unsupported);
        assert_eq!(kind(floats(&[0.1])), ErrorKind::Unsupported);
        assert_eq!(floats(&[0.5, -3.0, f64::INFINITY]).expect("exact"), Pixels::F32(vec![0.5, -3.0, f32::INFINITY]));
        assert!(matches!(floats(&[f64::NAN]), Ok(Pixels::F32(v)) if v[0].is_nan()));
    }
}
