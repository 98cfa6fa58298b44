//! Label images as ImageJ TIFF.

use std::path::Path;

use fewlabel_contract::{Error, ErrorKind, Result};

use super::hyperstack::{Hyperstack, has_room};
use crate::{LabelRows, Shape};

const OPERATION: &str = "write labels";

/// Up to here 32-bit floats, ImageJ's largest type of pixel, hold every whole number.
const LARGEST_EXACT: u32 = 1 << 24;

/// Labels that are written at once.
const PIECE: usize = 1 << 20;

/// Whether [`write_labels`] can write labels of this shape, none of them above `largest`.
pub fn imagej_holds_labels(shape: Shape, largest: u32) -> bool {
    let bytes = if u16::try_from(largest).is_ok() { size_of::<u16>() } else { size_of::<f32>() };
    largest <= LARGEST_EXACT && has_room(Shape { c: 1, ..shape }, bytes)
}

/// Writes labels as 16-bit numbers, or as 32-bit floats when one is larger than 65,535, with axes, calibration, and
/// a display from 0 to the largest label.
///
/// `slice_labels` holds one text for each plane in order `t z`, or nothing.
///
/// # Errors
/// `unsupported` for a label over 2²⁴, `limit-exceeded` for more than 4 GB, `internal` when sizes do not fit each other, those of
/// `labels`, and those of [`AtomicFile`](crate::AtomicFile).
pub fn write_labels(path: &Path, labels: &dyn LabelRows, slice_labels: &[String], existing_ok: bool) -> Result<()> {
    let largest = labels.largest();
    if largest > LARGEST_EXACT {
        return Err(Error::new(ErrorKind::Unsupported, OPERATION, "a label is too large for an ImageJ TIFF")
            .file(path)
            .with("label", largest)
            .with("largest allowed", LARGEST_EXACT)
            .hint("number the objects without gaps"));
    }
    let shape = labels.shape();
    let stack = Hyperstack {
        channels: 1,
        slices: shape.z,
        frames: shape.t,
        height: shape.y,
        width: shape.x,
        calibration: labels.calibration(),
        range: (0.0, f64::from(largest)),
        slice_labels,
    };
    let pieces = pieces(labels);
    if u16::try_from(largest).is_ok() {
        stack.write(path, pieces.map(|rows| Ok(rows?.into_iter().map(|id| id as u16).collect())), existing_ok)
    } else {
        stack.write(path, pieces.map(|rows| Ok(rows?.into_iter().map(|id| id as f32).collect())), existing_ok)
    }
}

/// All labels, some rows at a time, plane after plane.
fn pieces(labels: &dyn LabelRows) -> impl Iterator<Item = Result<Vec<u32>>> {
    let shape = labels.shape();
    let rows = (PIECE / shape.x.max(1)).max(1);
    let planes = (0..shape.t).flat_map(move |t| (0..shape.z).map(move |z| (t, z)));
    let pieces = planes.flat_map(move |(t, z)| (0..shape.y).step_by(rows).map(move |y| (t, z, y)));
    pieces.map(move |(t, z, y)| labels.rows(t, z, y..(y + rows).min(shape.y)))
}
