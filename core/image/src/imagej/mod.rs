//! What ImageJ writes into a TIFF beside the pixels: axes and calibration as lines of text in
//! `ImageDescription`, and slice labels, selection and overlay in two private tags.
//!
//! Source: ImageJ 1.54 `ij.io.FileSaver`, `ij.io.TiffDecoder`, `ij.io.TiffEncoder`.

mod description;
mod private_tags;
mod resolution;
mod slice_labels;
mod unit;

pub(crate) use description::Description;
pub(crate) use private_tags::{BYTE_COUNTS, Kind, METADATA, PrivateTags};
pub(crate) use resolution::{pixel_size, resolution};
pub(crate) use slice_labels::{decode_slice_labels, encode_slice_labels};
pub(crate) use unit::{length_unit, seconds_in};
