//! Other sizes of the same field of view.
//!
//! Pixel `i` of `n` covers the interval from `i / n` to `(i + 1) / n` of the field, before and after: sizes
//! change about the corners of the image, not about the centres of its corner pixels.

mod image;
mod labels;

pub use image::{ResampledPart, resample_image};
pub use labels::resample_labels;
