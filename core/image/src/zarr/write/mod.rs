//! Labels and maps as OME-Zarr 0.4, on Zarr 2: of both versions the one that more programs read.

mod folder;
mod labels;
mod layout;
mod maps;
mod metadata;
mod pyramid;

pub use labels::{ImageLabel, write_labels_zarr};
pub use maps::write_maps_zarr;
