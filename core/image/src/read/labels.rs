//! Label images from files.

use std::path::Path;

use fewlabel_contract::{Error, ErrorKind, Result};

use super::open;
use crate::{Image, LabelImage, Limits, Pixels};

const OPERATION: &str = "open labels";

/// Up to here 32-bit floats hold every whole number.
const LARGEST_EXACT: f32 = 16_777_216.0;

/// Reads a label image: whole numbers in one channel, 0 for background.
///
/// 8, 16 and 32-bit files hold them as they are; floats, ImageJ's 32-bit type, must be whole numbers from 0 to 2²⁴.
///
/// # Errors
/// Those of [`open`]; `unreadable-image` for colours, several channels, and numbers that are negative, fractional,
/// not finite, or too large for their type to be exact: with the value and its place.
pub fn open_labels(path: &Path, limits: &Limits) -> Result<LabelImage> {
    labels(open(path, limits)?).map_err(|e| e.file(path))
}

fn labels(image: Image) -> Result<LabelImage> {
    let s = image.shape;
    if image.rgb {
        return Err(wrong("this is a colour picture, not a label image")
            .hint("save the labels as 8 or 16-bit numbers, without a colour palette"));
    }
    if s.c > 1 {
        return Err(wrong("a label image has one channel").with("channels", s.c).hint("save the labels by themselves"));
    }
    let ids = match image.pixels {
        Pixels::U8(v) => v.into_iter().map(u32::from).collect(),
        Pixels::U16(v) => v.into_iter().map(u32::from).collect(),
        Pixels::U32(v) => v,
        Pixels::F32(v) => whole_numbers(&v, s.y, s.x)?,
    };
    Ok(LabelImage { t: s.t, z: s.z, y: s.y, x: s.x, ids, calibration: image.calibration })
}

fn whole_numbers(values: &[f32], height: usize, width: usize) -> Result<Vec<u32>> {
    let id = |(i, &value): (usize, &f32)| {
        let message = if !value.is_finite() {
            "labels must be finite"
        } else if value < 0.0 {
            "labels must not be negative"
        } else if value.fract() != 0.0 {
            "labels must be whole numbers"
        } else if value > LARGEST_EXACT {
            "labels stored as floating point are exact to 16777216 only"
        } else {
            return Ok(value as u32);
        };
        Err(wrong(message)
            .with("value", value)
            .with("x", i % width)
            .with("y", i / width % height)
            .with("plane", i / (width * height)))
    };
    values.iter().enumerate().map(id).collect()
}

fn wrong(message: &str) -> Error {
    Error::new(ErrorKind::UnreadableImage, OPERATION, message)
}
