//! Images to label images, maps and tables.

use std::path::PathBuf;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::check::{check_ranges, contradiction, unsupported};
use crate::{Columns, Device, Entry, Error, Existing, Format, Link, Result};

/// Type of a pixel in a buffer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum PixelType {
    /// Unsigned 8 bit.
    U8,
    /// Unsigned 16 bit.
    U16,
    /// Unsigned 32 bit.
    U32,
    /// 32-bit floating point.
    F32,
}

/// A pixel buffer that travels beside the request.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct BufferRef {
    /// Which of the buffers handed over, from 0.
    pub buffer: usize,
    /// Name the outputs get.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(length(min = 1), extend("unset" = "`image`"))]
    pub name: Option<String>,
    /// Frames.
    #[serde(default = "one")]
    #[schemars(range(min = 1))]
    pub t: usize,
    /// Slices.
    #[serde(default = "one")]
    #[schemars(range(min = 1))]
    pub z: usize,
    /// Channels.
    #[serde(default = "one")]
    #[schemars(range(min = 1))]
    pub c: usize,
    /// Height.
    #[schemars(range(min = 1), extend("unit" = "px"))]
    pub y: usize,
    /// Width.
    #[schemars(range(min = 1), extend("unit" = "px"))]
    pub x: usize,
    /// Type of a pixel; the samples are in order `t z c y x`, x fastest.
    #[serde(rename = "type")]
    pub pixel_type: PixelType,
    /// Whether the three channels are red, green and blue.
    #[serde(default)]
    pub rgb: bool,
    /// Size of a pixel along x and y.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(extend("exclusiveMinimum" = 0, "unit" = "`unit`", "unset" = "not calibrated"))]
    pub pixel_size: Option<f64>,
    /// Unit of `pixel_size`, as a person writes it: `µm`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(extend("unset" = "pixels"))]
    pub unit: Option<String>,
}

const fn one() -> usize {
    1
}

/// An image to work on.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(untagged)]
pub enum ImageInput {
    /// File, folder or `@list.txt`.
    Path(String),
    /// A buffer that travels beside the request.
    Buffer(BufferRef),
}

/// A rectangle of an image.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Region {
    /// Leftmost column.
    #[schemars(extend("unit" = "px"))]
    pub x: usize,
    /// Topmost row.
    #[schemars(extend("unit" = "px"))]
    pub y: usize,
    /// Columns.
    #[schemars(range(min = 1), extend("unit" = "px"))]
    pub width: usize,
    /// Rows.
    #[schemars(range(min = 1), extend("unit" = "px"))]
    pub height: usize,
}

/// Arguments of `segment`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct SegmentArgs {
    /// Name or file of the model. `otsu` is built in: a classical baseline without learning (Gaussian of
    /// sigma 1 on the mean of the channels, Otsu's threshold, connected components).
    #[schemars(length(min = 1))]
    pub model: String,
    /// What to segment.
    #[schemars(length(min = 1))]
    pub images: Vec<ImageInput>,
    /// Channels of the images that the model reads, in its order: names, or numbers from 1.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[schemars(extend("unset" = "all; where that are others than the model reads, those of the names that it was trained on"))]
    pub channels: Vec<String>,
    /// Folder for the outputs. Needed for files; for buffers the labels come back as buffers.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(extend("unset" = "no files are written"))]
    pub output: Option<PathBuf>,
    /// Kind of file in which labels and maps are written.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(extend("unset" = "`nifti` for NIfTI images; else `imagej`, or `ome-tiff` for what that does not hold"))]
    pub format: Option<Format>,
    /// How the columns of `objects.csv` are called.
    #[serde(default)]
    pub columns: Columns,
    /// Also write outlines as an ImageJ ROI zip.
    #[serde(default)]
    pub rois: bool,
    /// Also write the probability maps.
    #[serde(default)]
    pub probabilities: bool,
    /// Also write where the model is unsure: for each pixel the probability that another class than the likeliest one is right, 0 to
    /// 1. For objects the classes are object and background.
    #[serde(default)]
    pub uncertainty: bool,
    /// Also write a picture of the outlines on the image.
    #[serde(default)]
    pub overlay: bool,
    /// Also write `report.html`.
    #[serde(default)]
    pub report: bool,
    /// Side of the square that a tile writes.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(range(min = 1), extend("unit" = "px", "unset" = "chosen for the memory budget"))]
    pub tile: Option<usize>,
    /// What is read around a tile. Less than half the receptive field gives up the promise that a tile gives what the whole image gives.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(extend("unit" = "px", "unset" = "half the receptive field, rounded up to the network's stride"))]
    pub halo: Option<usize>,
    /// Size of the objects.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(extend("exclusiveMinimum" = 0, "unit" = "unit of the image or px", "unset" = "as in training"))]
    pub object_diameter: Option<f64>,
    /// Only this rectangle is segmented, with what lies around it in view; intensities are normalised as for the whole image. Labels and
    /// maps have its size; places in tables and outlines are those in the whole image.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(extend("unset" = "the whole image"))]
    pub region: Option<Region>,
    /// Which planes are joined.
    #[serde(default)]
    pub link: Link,
    /// Where to compute; `auto` is the processor.
    #[serde(default)]
    pub device: Device,
    /// Threads.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(range(min = 1), extend("unset" = "all that the machine or its limits allow"))]
    pub threads: Option<usize>,
    /// Memory budget.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(range(min = 1), extend("unit" = "MB", "unset" = "40 % of what the machine or its limits allow"))]
    pub memory: Option<u64>,
    /// What to do with outputs that are there.
    #[serde(default)]
    pub existing: Existing,
    /// Go on with an interrupted run: outputs that the same request wrote are kept, as with `existing` = `skip`.
    #[serde(default)]
    pub resume: bool,
    /// Look into folders below those given.
    #[serde(default)]
    pub recursive: bool,
}

impl SegmentArgs {
    /// Checks what the types alone cannot: ranges, fields that exclude each other, wishes that are not built.
    ///
    /// # Errors
    /// [`crate::ErrorKind::InvalidRequest`] or [`crate::ErrorKind::Unsupported`], naming the field.
    pub fn check(&self) -> Result<()> {
        check_ranges(Entry::Segment, self)?;
        if self.output.is_none() {
            let file = self.images.iter().any(|image| matches!(image, ImageInput::Path(_)));
            let written = [
                ("rois", self.rois),
                ("probabilities", self.probabilities),
                ("uncertainty", self.uncertainty),
                ("overlay", self.overlay),
                ("format", self.format.is_some()),
                ("resume", self.resume),
            ];
            if file {
                return Err(contradiction(Entry::Segment, "output", "images from files need a folder for the outputs")
                    .hint("give output, the folder to write to"));
            }
            if let Some((field, _)) = written.iter().find(|(_, wanted)| *wanted) {
                return Err(contradiction(Entry::Segment, field, "this is written to files, which need a folder")
                    .hint("give output, the folder to write to"));
            }
        }
        let wishes = [
            ("report", self.report, "true".to_owned()),
            ("device", matches!(self.device, Device::Cuda(_)), self.device.to_string()),
        ];
        match wishes.iter().find(|(_, wished, _)| *wished) {
            Some((field, _, value)) => Err(unsupported(Entry::Segment, field, value)),
            None => Ok(()),
        }
    }
}

/// How one image fared.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Status {
    /// Its outputs are written.
    Done,
    /// Its outputs were there, made by the same request.
    Skipped,
    /// It failed; `error` says why.
    Failed,
}

/// What came out for one image.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct SegmentedImage {
    /// Name of the image without its extension.
    pub name: String,
    /// How it fared.
    pub status: Status,
    /// Number of objects (`objects`) or of areas with a class (`areas`).
    pub objects: usize,
    /// Where the label image lies.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(extend("varies" = true))]
    pub labels: Option<PathBuf>,
    /// Number of the buffer that holds the labels (u32, order `tzyx`), for images given as buffers.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub buffer: Option<usize>,
    /// Why it failed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(extend("varies" = true))]
    pub error: Option<Error>,
    /// Wall time.
    #[schemars(extend("unit" = "s", "varies" = true))]
    pub seconds: f64,
}

/// Result of `segment`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct SegmentResult {
    /// One row an image, in the order of the request.
    pub images: Vec<SegmentedImage>,
    /// Side of a tile that was used; 0 when nothing was tiled. It depends on the machine unless it is given.
    #[schemars(extend("unit" = "px", "varies" = true))]
    pub tile: usize,
    /// Halo that was used.
    #[schemars(extend("unit" = "px"))]
    pub halo: usize,
}
