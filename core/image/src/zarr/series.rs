//! Which image of a folder is meant.

use std::path::{Path, PathBuf};

use fewlabel_contract::{Error, ErrorKind, Result};
use serde::Deserialize;
use serde_json::Value;

use super::array::Version;
use super::{OPERATION, ZARR_JSON, ZARRAY, ZATTRS, ZGROUP, exceeded, file, json, shown, unreadable, unsupported};
use crate::Limits;

/// What OME-Zarr says of a group.
#[derive(Debug, Default, Deserialize)]
pub(super) struct Attributes {
    pub(super) multiscales: Option<Vec<Value>>,
    pub(super) omero: Option<Value>,
    #[serde(rename = "image-label")]
    pub(super) image_label: Option<Value>,
    #[serde(rename = "bioformats2raw.layout")]
    layout: Option<Value>,
    series: Option<Vec<String>>,
    plate: Option<Value>,
    well: Option<Value>,
    labels: Option<Value>,
}

#[derive(Deserialize)]
struct GroupV3 {
    node_type: String,
    #[serde(default)]
    attributes: AttributesV3,
}

#[derive(Default, Deserialize)]
struct AttributesV3 {
    ome: Option<Attributes>,
}

/// The group of an image.
#[derive(Debug)]
pub(super) struct Series {
    pub(super) folder: PathBuf,
    pub(super) version: Version,
    pub(super) attributes: Attributes,
    /// Number of images in the folder that was opened, this one the first of them.
    pub(super) number: usize,
}

/// Finds the image in a folder: its own, or the first of several that bioformats2raw has put there.
///
/// # Errors
/// `not-found`; `unsupported` for a folder of something else than an image; `unreadable-image`, `limit-exceeded`, `io`.
pub(super) fn find(folder: &Path, limits: &Limits) -> Result<Series> {
    let is_folder = match std::fs::metadata(folder) {
        Ok(metadata) => metadata.is_dir(),
        // Below a file there is none.
        Err(e) if e.kind() == std::io::ErrorKind::NotADirectory => false,
        Err(e) => return Err(Error::io(OPERATION, folder, &e)),
    };
    if !is_folder {
        return Err(unreadable("this is a file, not the folder of an OME-Zarr image"));
    }
    let Some((version, attributes)) = group(folder)? else {
        return Err(unreadable("this folder is not an OME-Zarr image").hint("open the folder that has .zattrs or zarr.json"));
    };
    if attributes.multiscales.is_some() {
        return Ok(Series { folder: folder.to_owned(), version, attributes, number: 1 });
    }
    if attributes.layout.is_none() {
        return Err(something_else(&attributes));
    }
    let (first, number) = listed(folder, limits)?;
    match group(&first)? {
        Some((version, attributes)) if attributes.multiscales.is_some() => {
            Ok(Series { folder: first, version, attributes, number })
        }
        _ => Err(unreadable("the first image of the folder is missing").file(first).hint("copy or export the folder again")),
    }
}

/// The version of the group in a folder and what OME-Zarr says of it; `None` where there is no group.
fn group(folder: &Path) -> Result<Option<(Version, Attributes)>> {
    if let Some(group) = json::read::<GroupV3>(&folder.join(ZARR_JSON))? {
        if group.node_type != "group" {
            return Err(bare_array());
        }
        return Ok(Some((Version::V3, group.attributes.ome.unwrap_or_default())));
    }
    if file::open(&folder.join(ZARRAY))?.is_some() {
        return Err(bare_array());
    }
    if let Some(attributes) = json::read(&folder.join(ZATTRS))? {
        return Ok(Some((Version::V2, attributes)));
    }
    Ok(file::open(&folder.join(ZGROUP))?.map(|_| (Version::V2, Attributes::default())))
}

/// The first image that bioformats2raw has put into a folder, and how many there are: those that the group `OME` lists, or
/// folders with the names 0, 1, 2 and so on.
fn listed(folder: &Path, limits: &Limits) -> Result<(PathBuf, usize)> {
    let listed = group(&folder.join("OME"))?.and_then(|(_, attributes)| attributes.series);
    let (first, number) = match listed {
        Some(series) => {
            let first = series.first().ok_or_else(|| unreadable("the folder lists no images"))?;
            (file::below(folder, first)?, series.len())
        }
        None => {
            let there = (0..=limits.pages).take_while(|number| folder.join(number.to_string()).is_dir());
            (folder.join("0"), there.count())
        }
    };
    if number > limits.pages {
        return Err(exceeded("the folder has more images than allowed").with("allowed images", limits.pages));
    }
    Ok((first, number))
}

fn bare_array() -> Error {
    unsupported("this is a Zarr array, not an OME-Zarr image").hint("open the folder above it, or add OME-Zarr metadata to that")
}

fn something_else(attributes: &Attributes) -> Error {
    let several = |what: &str| {
        Error::new(ErrorKind::Unsupported, OPERATION, format!("this is {what}, not an image"))
            .hint("open one of the images in it")
    };
    if attributes.plate.is_some() {
        several("a plate of wells")
    } else if attributes.well.is_some() {
        several("a well of a plate")
    } else if let Some(labels) = &attributes.labels {
        several("a folder of label images").with("label images", shown(&labels.to_string()))
    } else {
        unreadable("the folder has no OME-Zarr metadata").hint("versions 0.4 and 0.5 are read")
    }
}
