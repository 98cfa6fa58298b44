//! Images with named axes, label images, and the files they live in.
//!
//! Axis order everywhere is `t z c y x` (x fastest); what is two-dimensional is a [`Plane`],
//! what goes through a network is [`Maps`]: channel first, `c y x`.

mod atomic_file;
mod files;
mod image;
mod imagej;
mod label_image;
mod limits;
mod maps;
mod plane;
mod read;
mod resample;
mod summary;
mod write;

pub use atomic_file::AtomicFile;
pub use files::{Found, Pair, list, pair, read_order, stem};
pub use image::{Calibration, Image, Pixels, Shape};
pub use label_image::LabelImage;
pub use limits::Limits;
pub use maps::Maps;
pub use plane::Plane;
pub use read::{open, open_labels};
pub use resample::{resample_image, resample_labels};
pub use write::{encode_png_rgb, write_labels, write_maps, write_png_rgb};
