//! Label images from files.

use std::fmt::Display;
use std::path::Path;

use fewlabel_contract::{Error, ErrorKind, Result, VolumePlane};

use super::file_kind::{FileKind, is_of_kind};
use super::{open, opened};
use crate::cellpose;
use crate::{Image, LabelImage, LabelRows, Limits, Pixels, Shape, Turn};

const OPERATION: &str = "open labels";

/// Up to here 32-bit floats hold every whole number.
const LARGEST_EXACT: f64 = 16_777_216.0;

/// Reads a label image: whole numbers in one channel, 0 for background.
///
/// Files of whole numbers hold them as they are, up to 2³² - 1; 32-bit floats, ImageJ's largest type, must be whole numbers from 0
/// to 2²⁴. Of what Cellpose saves (`NAME_seg.npy`) the masks are read.
///
/// # Errors
/// Those of [`open`]; `unreadable-image` for colours, several channels, and numbers that are negative, fractional,
/// not finite, or too large for their type to be exact: with the value and its place.
pub fn open_labels(path: &Path, limits: &Limits) -> Result<LabelImage> {
    if is_of_kind(path, &FileKind::Npy) {
        return cellpose::read_labels(path, limits);
    }
    labels(open(path, limits)?).map_err(|e| e.file(path))
}

/// As [`open_labels`], with a volume cut across the axis that `plane` names, by the affine of its own file.
///
/// # Errors
/// Those of [`open_labels`] and of [`Turn::across`].
pub fn open_labels_across(path: &Path, plane: Option<VolumePlane>, limits: &Limits) -> Result<LabelImage> {
    let labels = open_labels(path, limits)?;
    let Some(plane) = plane.filter(|_| labels.z > 1) else { return Ok(labels) };
    let header = match is_of_kind(path, &FileKind::Npy) {
        true => None,
        false => opened(path, limits, limits)?.nifti_header(),
    };
    let turn = Turn::across(plane, labels.shape(), header.as_ref()).map_err(|e| e.file(path))?;
    Ok(match turn {
        Some(turn) => turn.labels(&labels),
        None => labels,
    })
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
        Pixels::U64(v) => whole_numbers(&v, s)?,
        Pixels::I8(v) => whole_numbers(&v, s)?,
        Pixels::I16(v) => whole_numbers(&v, s)?,
        Pixels::I32(v) => whole_numbers(&v, s)?,
        Pixels::I64(v) => whole_numbers(&v, s)?,
        Pixels::F32(v) => exact_floats(&v, LARGEST_EXACT, s)?,
        Pixels::F64(v) => exact_floats(&v, f64::from(u32::MAX), s)?,
    };
    Ok(LabelImage { t: s.t, z: s.z, y: s.y, x: s.x, ids, calibration: image.calibration })
}

fn whole_numbers<T: Copy + Display + TryInto<u32> + Into<i128>>(values: &[T], shape: Shape) -> Result<Vec<u32>> {
    let id = |(place, &value): (usize, &T)| {
        value.try_into().map_err(|_| {
            let message = if value.into() < 0 { "labels must not be negative" } else { "labels have 32 bits at most" };
            at(wrong(message).with("value", value), place, shape)
        })
    };
    values.iter().enumerate().map(id).collect()
}

/// Floats that are whole numbers up to `largest`.
fn exact_floats<T: Copy + Display + Into<f64>>(values: &[T], largest: f64, shape: Shape) -> Result<Vec<u32>> {
    let id = |(place, &stored): (usize, &T)| {
        let value: f64 = stored.into();
        let message = if !value.is_finite() {
            "labels must be finite"
        } else if value < 0.0 {
            "labels must not be negative"
        } else if value.fract() != 0.0 {
            "labels must be whole numbers"
        } else if value > LARGEST_EXACT && largest == LARGEST_EXACT {
            "labels stored as floating point are exact to 16777216 only"
        } else if value > largest {
            "labels have 32 bits at most"
        } else {
            return Ok(value as u32);
        };
        Err(at(wrong(message).with("value", stored), place, shape))
    };
    values.iter().enumerate().map(id).collect()
}

/// An error with the place of the sample that it is about.
fn at(error: Error, place: usize, shape: Shape) -> Error {
    let (x, y, plane) = (place % shape.x, place / shape.x % shape.y, place / (shape.x * shape.y));
    error.with("x", x).with("y", y).with("plane", plane)
}

fn wrong(message: &str) -> Error {
    Error::new(ErrorKind::UnreadableImage, OPERATION, message)
}
