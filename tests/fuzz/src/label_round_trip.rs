//! A file as labels, written and read again.

use std::path::Path;

use fewlabel_contract::Result;
use fewlabel_image::{
    ImageLabel, LabelImage, open_labels, write_labels, write_labels_ome, write_labels_zarr, write_nifti_labels,
};

use crate::LIMITS;
use crate::bounds::refused;
use crate::place::Place;

/// Labels that are written again; more would only take time.
const MOST: usize = 1 << 12;

/// Reads labels and checks that they come back from a form in which they are written: one of the four, depending on the labels,
/// for all four would take most of the fuzzer's time.
pub(crate) fn check(place: &Place, path: &Path) {
    let labels = match open_labels(path, &LIMITS) {
        Ok(labels) => labels,
        Err(error) => return refused(&error),
    };
    assert_eq!(labels.ids.len(), labels.t * labels.z * labels.y * labels.x, "labels of another size than they say");
    if labels.ids.len() > MOST {
        return;
    }
    let sum = labels.ids.iter().fold(labels.ids.len() as u32, |sum, &id| sum.wrapping_add(id));
    match sum % 4 {
        0 => comes_back(place, "again.tif", &labels, |path| write_labels(path, &labels, &[], true)),
        1 => comes_back(place, "again.ome.tif", &labels, |path| write_labels_ome(path, &labels, &[], true)),
        2 => comes_back(place, "again.nii.gz", &labels, |path| write_nifti_labels(path, &labels, None, true)),
        _ => comes_back(place, "again.zarr", &labels, |path| write_labels_zarr(path, &labels, &ImageLabel::default(), true)),
    }
}

/// Writes labels with a function that may refuse them, and reads what it wrote.
pub(crate) fn comes_back(place: &Place, name: &str, labels: &LabelImage, write: impl FnOnce(&Path) -> Result<()>) {
    let path = place.path(name);
    if let Err(error) = write(&path) {
        return refused(&error);
    }
    let read = open_labels(&path, &LIMITS).unwrap_or_else(|error| panic!("{name} cannot be read again: {error:?}"));
    let extent = |labels: &LabelImage| (labels.t, labels.z, labels.y, labels.x);
    assert_eq!(extent(&read), extent(labels), "{name} has another extent");
    assert!(read.ids == labels.ids, "{name} holds other labels");
}
