//! What hostile bytes may do to Fewlabel: come back as an error, and nothing else.
//!
//! Each target takes the bytes of a file (or several, see [`files`]) through the public door of its room, with small
//! [`LIMITS`], and checks what must hold for whatever was accepted: a part is the same part of the whole, what is written
//! is read again. libFuzzer calls them from `fuzz_targets`, and `cargo test` with every input that is kept in `corpus`.

mod bounds;
mod cellpose_npy;
pub mod files;
mod geojson;
mod image;
mod label_round_trip;
mod nifti;
mod ome_xml;
mod outlines;
mod package;
mod place;
mod png_jpeg;
mod regions;
mod request;
mod roi;
mod stored_zip;
mod tiff;
mod zarr;

pub use bounds::{LIMITS, MOST_MEMORY};
pub use cellpose_npy::cellpose_npy;
pub use geojson::geojson;
pub use nifti::nifti;
pub use ome_xml::ome_xml;
pub use package::package;
pub use png_jpeg::png_jpeg;
pub use request::request;
pub use roi::roi;
pub use tiff::tiff;
pub use zarr::zarr;

/// Takes one input; panics where the program would be wrong.
pub type Target = fn(&[u8]);

/// Every target with its name, which is that of its program, its corpus and its dictionary.
pub const TARGETS: [(&str, Target); 10] = [
    ("tiff", tiff),
    ("ome_xml", ome_xml),
    ("roi", roi),
    ("geojson", geojson),
    ("nifti", nifti),
    ("zarr", zarr),
    ("cellpose_npy", cellpose_npy),
    ("png_jpeg", png_jpeg),
    ("package", package),
    ("request", request),
];
