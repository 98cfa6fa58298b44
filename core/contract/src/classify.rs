//! The class of each image.

use std::path::PathBuf;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::check::{check_ranges, contradiction, unsupported};
use crate::{Device, Entry, Error, Existing, ImageInput, Result, Status};

/// Arguments of `classify`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ClassifyArgs {
    /// Name or file of a model of `kinds`.
    #[schemars(length(min = 1))]
    pub model: String,
    /// What to classify.
    #[schemars(length(min = 1))]
    pub images: Vec<ImageInput>,
    /// Channels of the images that the model reads, in its order: names, or numbers from 1.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[schemars(extend("unset" = "all; where that are others than the model reads, those of the names that it was trained on"))]
    pub channels: Vec<String>,
    /// The table to write, comma-separated, a row a plane: `file` (seen from the folder given), `t` and `z` (from 1), `class`, `probability`
    /// and, for each class, `p(CLASS)`. Beside `NAME.csv` comes `NAME.run.json`, which can be run again. Needed for files.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(extend("unset" = "no table is written"))]
    pub output: Option<PathBuf>,
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
    /// What to do when `output` is there already. `skip` keeps the rows of images that have not changed since the same request made
    /// them.
    #[serde(default)]
    pub existing: Existing,
    /// Look into folders below those given.
    #[serde(default)]
    pub recursive: bool,
}

impl ClassifyArgs {
    /// Checks what the types alone cannot: ranges, fields that need each other, wishes that are not built.
    ///
    /// # Errors
    /// [`crate::ErrorKind::InvalidRequest`] or [`crate::ErrorKind::Unsupported`], naming the field.
    pub fn check(&self) -> Result<()> {
        check_ranges(Entry::Classify, self)?;
        let wrong = |message: &str| contradiction(Entry::Classify, "output", message);
        match &self.output {
            None if self.images.iter().any(|image| matches!(image, ImageInput::Path(_))) => {
                return Err(wrong("images from files need a table for their classes").hint("give output, the .csv file to write"));
            }
            Some(path) if !path.extension().is_some_and(|extension| extension.eq_ignore_ascii_case("csv")) => {
                return Err(wrong("the table is a .csv file").file(path).hint("give output a name that ends in .csv"));
            }
            _ => {}
        }
        match self.device {
            Device::Cuda(_) => Err(unsupported(Entry::Classify, "device", &self.device.to_string())),
            Device::Auto | Device::Cpu => Ok(()),
        }
    }
}

/// The class of one plane of an image.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct ClassifiedPlane {
    /// Frame, from 1.
    pub t: usize,
    /// Slice, from 1.
    pub z: usize,
    /// The likeliest class.
    pub class: String,
    /// Its probability.
    #[schemars(range(min = 0, max = 1), extend("varies" = true))]
    pub probability: f64,
    /// The probability of every class, in the order of `classes`.
    #[schemars(extend("varies" = true))]
    pub probabilities: Vec<f64>,
}

/// What came out for one image.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct ClassifiedImage {
    /// The file, seen from the folder given; the name of a buffer.
    pub file: String,
    /// How it fared.
    pub status: Status,
    /// One row a plane; none where it failed.
    pub planes: Vec<ClassifiedPlane>,
    /// Why it failed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(extend("varies" = true))]
    pub error: Option<Error>,
}

/// Result of `classify`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct ClassifyResult {
    /// One row an image, in the order of the request.
    pub images: Vec<ClassifiedImage>,
    /// Names of the classes, in the order of the model.
    pub classes: Vec<String>,
    /// Planes of each class, in the order of `classes`.
    pub counts: Vec<usize>,
    /// Images that failed.
    pub failed: usize,
    /// Where the table lies.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(extend("varies" = true))]
    pub output: Option<PathBuf>,
    /// Wall time.
    #[schemars(extend("unit" = "s", "varies" = true))]
    pub seconds: f64,
}
