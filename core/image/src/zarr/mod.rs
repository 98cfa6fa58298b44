//! OME-Zarr: images as folders of chunks, described by the Next-Generation File Format (NGFF) 0.4 on Zarr 2 and 0.5 on
//! Zarr 3.
//!
//! The few parts of Zarr that images use are read here and not through a general library, for two reasons. A chunk is
//! decoded into as many bytes as its array says and never more, whatever its compressed bytes claim; and nothing that
//! stands in a file can end the process. Specifications: `zarr-specs` 2 and 3.1, `ngff` 0.4 and 0.5, and the format of
//! chunks of C-Blosc 1.

mod array;
mod blosc;
mod blosclz;
mod codec;
mod crc32c;
mod file;
mod json;
mod multiscale;
mod number;
mod omero;
mod place;
mod series;
mod shards;
mod shuffle;
mod source;
mod unit;
mod v2;
mod v3;
mod write;

pub use omero::ZarrChannel;
pub use source::{ZarrSource, is_zarr};
pub use write::{ImageLabel, write_labels_zarr, write_maps_zarr};

use std::path::Path;

use fewlabel_contract::{Error, ErrorKind, Result};

use crate::pixels::reserved;
use crate::refusal::{OPEN_IMAGE as OPERATION, unreadable, unsupported};

/// Group of a Zarr 2 hierarchy.
const ZGROUP: &str = ".zgroup";
/// Attributes of a group of a Zarr 2 hierarchy.
const ZATTRS: &str = ".zattrs";
/// Array of a Zarr 2 hierarchy.
const ZARRAY: &str = ".zarray";
/// Group or array of a Zarr 3 hierarchy.
const ZARR_JSON: &str = "zarr.json";

fn exceeded(message: impl Into<String>) -> Error {
    Error::new(ErrorKind::LimitExceeded, OPERATION, message)
}

/// A text of a file, short enough for a message.
fn shown(text: &str) -> String {
    text.chars().take(60).collect()
}

/// So many bytes, all 0.
fn zeros(length: usize) -> Result<Vec<u8>> {
    let mut bytes = reserved(length)?;
    bytes.resize(length, 0);
    Ok(bytes)
}

/// Names the file or folder where an error happened, unless it does already.
fn within(error: Error, path: &Path) -> Error {
    if error.context.iter().any(|(name, _)| name == "file") { error } else { error.file(path) }
}
