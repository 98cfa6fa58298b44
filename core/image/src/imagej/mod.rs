//! What ImageJ writes into a TIFF beside the pixels: axes and calibration as lines of text in
//! `ImageDescription`, and slice labels in two private tags.
//!
//! Source: ImageJ 1.54 `ij.io.FileSaver`, `ij.io.TiffDecoder`, `ij.io.TiffEncoder`.

mod description;
mod resolution;
mod slice_labels;
mod unit;

pub(crate) use description::Description;
pub(crate) use resolution::{pixel_size, resolution};
pub(crate) use slice_labels::{BYTE_COUNTS, METADATA, decode_slice_labels, encode_slice_labels};
pub(crate) use unit::{length_unit, seconds_in};
