//! Label images as ImageJ TIFF.

use std::borrow::Cow;
use std::path::Path;

use fewlabel_contract::{Error, ErrorKind, Result};

use super::hyperstack::Hyperstack;
use crate::LabelImage;

const OPERATION: &str = "write labels";

/// Up to here 32-bit floats, ImageJ's largest type of pixel, hold every whole number.
const LARGEST_EXACT: u32 = 1 << 24;

/// Writes labels as 16-bit numbers, or as 32-bit floats when one is larger than 65,535, with axes, calibration, and
/// a display from 0 to the largest label.
///
/// `slice_labels` holds one text for each plane in order `t z`, or nothing.
///
/// # Errors
/// `unsupported` for a label over 2²⁴, `limit-exceeded` for more than 4 GB, `internal` when sizes do not fit each other,
/// and those of [`AtomicFile`](crate::AtomicFile).
pub fn write_labels(path: &Path, labels: &LabelImage, slice_labels: &[String], existing_ok: bool) -> Result<()> {
    if labels.ids.len() != labels.t * labels.z * labels.y * labels.x {
        return Err(Error::internal(OPERATION, "the labels do not fill their shape").file(path));
    }
    let largest = labels.ids.iter().copied().max().unwrap_or(0);
    if largest > LARGEST_EXACT {
        return Err(Error::new(ErrorKind::Unsupported, OPERATION, "a label is too large for an ImageJ TIFF")
            .file(path)
            .with("label", largest)
            .with("largest allowed", LARGEST_EXACT)
            .hint("number the objects without gaps"));
    }
    let stack = Hyperstack {
        channels: 1,
        slices: labels.z,
        frames: labels.t,
        height: labels.y,
        width: labels.x,
        calibration: &labels.calibration,
        range: (0.0, f64::from(largest)),
        slice_labels,
    };
    let planes = labels.ids.chunks_exact((labels.y * labels.x).max(1));
    if let Ok(_fits) = u16::try_from(largest) {
        stack.write(path, planes.map(|p| p.iter().map(|&id| id as u16).collect::<Cow<[u16]>>()), existing_ok)
    } else {
        stack.write(path, planes.map(|p| p.iter().map(|&id| id as f32).collect::<Cow<[f32]>>()), existing_ok)
    }
}
