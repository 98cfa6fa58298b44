//! What a run was given to learn from.

use std::collections::BTreeSet;
use std::path::PathBuf;
use std::sync::Arc;

use fewlabel_image::{Image, Plane};
use fewlabel_objects::UNLABELLED;

/// One image and what is labelled in it, both on the image's own grid.
#[derive(Clone, Debug)]
pub struct LabelledImage {
    /// Partner stem, for messages and records.
    pub name: String,
    /// File of the image.
    pub image_path: PathBuf,
    /// File of the labels.
    pub label_path: PathBuf,
    /// The image as it was read, with the channels that were asked for.
    pub image: Arc<Image>,
    /// Names of its channels, one for each, or none.
    pub channel_names: Vec<String>,
    /// The labelled planes, in order of `t`, then `z`; one or more.
    pub planes: Vec<LabelledPlane>,
}

/// The labels of one plane of an image.
#[derive(Clone, Debug, PartialEq)]
pub struct LabelledPlane {
    /// Frame, from 0.
    pub t: usize,
    /// Slice, from 0.
    pub z: usize,
    /// Object ids (`objects`) or class values (`areas`) with the height and width of the image:
    /// 0 is background, `UNLABELLED` counts for nothing.
    pub labels: Plane<u32>,
    /// Whether only some of what the plane shows is labelled, here and there.
    pub sparse: bool,
}

impl LabelledPlane {
    /// The values that occur, 0 among them, but for `UNLABELLED`.
    pub fn values(&self) -> BTreeSet<u32> {
        self.labels.data.iter().copied().filter(|&id| id != UNLABELLED).collect()
    }
}

/// Everything a run was given to learn from.
#[derive(Clone, Debug)]
pub struct LabelSet {
    /// Images with labels, in the order of the request; one or more.
    pub images: Vec<LabelledImage>,
    /// Images in which nothing is labelled; those without label file were not opened.
    pub unlabelled: Vec<PathBuf>,
    /// Label files whose outlines in ImageJ's overlay count, and not their pixels.
    pub overlays: Vec<PathBuf>,
    /// For `areas`: 0 and the other label values in rising order; the place in the list is the class of the
    /// network. Empty for `objects`.
    pub classes: Vec<u32>,
    /// Labelled objects over all planes; for `areas` the classes other than background over all planes.
    pub objects: usize,
}
