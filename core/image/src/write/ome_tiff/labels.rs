//! Labels as OME-TIFF.

use std::path::Path;

use fewlabel_contract::{Error, Result};

use super::pixel::TilePixel;
use super::{OPERATION, OmeTiff};
use crate::LabelRows;

/// Writes labels as an OME-TIFF with tiles, smaller copies and Deflate compression, in the smallest of 8, 16 and 32 bits that
/// holds the largest label. A pixel of a smaller copy is the top left one of four.
///
/// In memory are some rows at a time: about 3 · 512 · width labels, whatever the height. Beyond 2 GB before compression it is a
/// BigTIFF. `slice_labels` holds one text for each plane in order `t z`, or nothing.
///
/// # Errors
/// Those of `labels`; `limit-exceeded` for more than 2¹⁸ planes or a side of 2³¹ pixels, `internal` when sizes do not fit each
/// other or a label is larger than the largest, and those of [`AtomicFile`](crate::AtomicFile).
pub fn write_labels_ome(path: &Path, labels: &dyn LabelRows, slice_labels: &[String], existing_ok: bool) -> Result<()> {
    let shape = labels.shape();
    if shape.c != 1 {
        return Err(Error::internal(OPERATION, "labels with channels").file(path).with("channels", shape.c));
    }
    let image = OmeTiff { shape, calibration: labels.calibration(), channel_names: &[], slice_labels };
    match labels.largest() {
        0..=0xff => write::<u8>(&image, path, labels, existing_ok),
        0x100..=0xffff => write::<u16>(&image, path, labels, existing_ok),
        _ => write::<u32>(&image, path, labels, existing_ok),
    }
}

fn write<T: TilePixel + TryFrom<u32>>(image: &OmeTiff, path: &Path, labels: &dyn LabelRows, existing_ok: bool) -> Result<()> {
    let too_large = |id: u32| Error::internal(OPERATION, "a label is larger than the largest").file(path).with("label", id);
    image.write(path, existing_ok, |at, y| {
        let rows = labels.rows(at.t, at.z, y)?;
        rows.into_iter().map(|id| T::try_from(id).map_err(|_| too_large(id))).collect::<Result<Vec<T>>>()
    })
}
