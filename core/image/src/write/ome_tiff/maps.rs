//! Maps as OME-TIFF.

use std::path::Path;

use fewlabel_contract::Result;

use super::OmeTiff;
use crate::MapRows;

/// Writes maps as an OME-TIFF of 32-bit floats with tiles, smaller copies and Deflate compression, and a channel for each map. A
/// pixel of a smaller copy is the mean of four.
///
/// In memory are some rows at a time: about 3 · 512 · width values, whatever the height. Beyond 2 GB before compression it is a
/// BigTIFF. `channel_names` holds one for each channel, or nothing.
///
/// # Errors
/// Those of `maps`; `limit-exceeded` for more than 2¹⁸ planes of channels or a side of 2³¹ pixels, `internal` when sizes do
/// not fit each other, and those of [`AtomicFile`](crate::AtomicFile).
pub fn write_maps_ome(path: &Path, maps: &dyn MapRows, channel_names: &[String], existing_ok: bool) -> Result<()> {
    let image = OmeTiff { shape: maps.shape(), calibration: maps.calibration(), channel_names, slice_labels: &[] };
    image.write(path, existing_ok, |at, y| maps.rows(at.t, at.z, at.c, y))
}
