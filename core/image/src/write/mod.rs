//! Label images, maps and pictures as files.

mod hyperstack;
mod labels;
mod labels_png;
mod maps;
mod ome_tiff;
mod png;

pub use labels::{imagej_holds_labels, write_labels};
pub use labels_png::write_labels_png;
pub use maps::{imagej_holds_maps, write_maps};
pub use ome_tiff::{write_labels_ome, write_maps_ome};
pub use png::{encode_png_rgb, write_png_rgb};
