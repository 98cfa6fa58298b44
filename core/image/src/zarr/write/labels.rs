//! Label images as OME-Zarr.

use std::path::Path;

use fewlabel_contract::{Error, Result};
use serde_json::{Map, Value, json};

use super::folder::NewFolder;
use super::layout::Layout;
use super::metadata::{self, Downsampling};
use super::pyramid::{COMPRESSION, Cell, write_plane};
use crate::LabelRows;

const OPERATION: &str = "write labels";

/// What else there is to say of labels.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct ImageLabel {
    /// Labels and their red, green, blue and opacity.
    pub colors: Vec<(u32, [u8; 4])>,
    /// Path of the image that the labels are of, relative to their own folder: `../..` where they lie in its `labels`.
    pub source: Option<String>,
}

/// Writes labels as the folder `path`, an OME-Zarr 0.4 image with `image-label` metadata and a pyramid of levels, in which
/// a label is the upper left one of four.
///
/// Numbers have 16 bits, or 32 where [`LabelRows::largest`] is over 65,535. Axes are y and x, and time and slices where there
/// are several; calibration is their scale. Not more than rows of 512 pixels of each level are in memory.
///
/// The folder appears when it is whole. With `existing_ok` it replaces one that Fewlabel wrote, and only such a one.
///
/// # Errors
/// Those of `labels`; `invalid-request` for what is there already; `internal` for labels that do not fit their shape or
/// are above their largest; `io`.
pub fn write_labels_zarr(path: &Path, labels: &dyn LabelRows, about: &ImageLabel, existing_ok: bool) -> Result<()> {
    let shape = labels.shape();
    if shape.is_empty() || shape.c != 1 {
        return Err(Error::internal(OPERATION, "labels of an impossible shape").file(path));
    }
    let folder = NewFolder::create(path, existing_ok)?;
    let layout = Layout::new(shape, false);
    if labels.largest() <= u16::MAX.into() {
        write::<u16>(folder.partial(), &layout, labels)?;
    } else {
        write::<u32>(folder.partial(), &layout, labels)?;
    }
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    let attributes = Map::from_iter([("image-label".to_owned(), image_label(about))]);
    metadata::write_group(folder.partial(), &name, &layout, labels.calibration(), Downsampling::Nearest, attributes)?;
    folder.commit()
}

fn write<T: Cell + TryFrom<u32>>(folder: &Path, layout: &Layout, labels: &dyn LabelRows) -> Result<()> {
    metadata::write_arrays(folder, layout, T::DTYPE, COMPRESSION)?;
    let [frames, slices, ..] = layout.extent;
    for (t, z) in (0..frames).flat_map(|t| (0..slices).map(move |z| (t, z))) {
        write_plane(folder, layout, &layout.place(t, z, 0), |y| {
            let ids = labels.rows(t, z, y)?.into_iter().map(T::try_from);
            ids.collect::<Result<Vec<T>, _>>().map_err(|_| Error::internal(OPERATION, "a label is above the largest"))
        })?;
    }
    Ok(())
}

fn image_label(about: &ImageLabel) -> Value {
    let mut said = Map::from_iter([("version".to_owned(), json!("0.4"))]);
    if !about.colors.is_empty() {
        let colors = about.colors.iter().map(|(label, rgba)| json!({"label-value": label, "rgba": rgba}));
        said.insert("colors".to_owned(), colors.collect());
    }
    if let Some(source) = &about.source {
        said.insert("source".to_owned(), json!({"image": source}));
    }
    Value::Object(said)
}

#[cfg(test)]
mod tests;
