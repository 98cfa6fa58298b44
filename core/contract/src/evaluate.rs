//! Scores of predictions against labels.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::check::{check_ranges, unsupported};
use crate::{Entry, Find, Result};

/// Arguments of `evaluate`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct EvaluateArgs {
    /// Predictions: label images or outlines; files, folders or `@list.txt`.
    #[schemars(length(min = 1))]
    pub predictions: Vec<String>,
    /// True labels: label images or outlines, partnered by stem. Beyond outlines nothing is labelled, but for what is named
    /// `background`, the inside of what is named `region`, and a band around each object.
    #[schemars(length(min = 1))]
    pub labels: Vec<String>,
    /// What the labels mean.
    #[serde(default)]
    pub find: Find,
    /// Value of label images that means *not labelled*: such pixels are left out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(extend("unset" = "every pixel is labelled"))]
    pub unlabelled: Option<u32>,
    /// True outlines are all there is in their images: what nobody drew is background.
    #[serde(default)]
    pub dense: bool,
    /// Look into folders below those given.
    #[serde(default)]
    pub recursive: bool,
}

impl EvaluateArgs {
    /// Checks what the types alone cannot: ranges and wishes that are not built.
    ///
    /// # Errors
    /// [`crate::ErrorKind::InvalidRequest`] or [`crate::ErrorKind::Unsupported`], naming the field.
    pub fn check(&self) -> Result<()> {
        check_ranges(Entry::Evaluate, self)?;
        match self.find {
            Find::Objects | Find::Areas => Ok(()),
            Find::Kinds => Err(unsupported(Entry::Evaluate, "find", "kinds")),
        }
    }
}

/// Foreground overlap of one image or of all.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct OverlapScores {
    /// Dice, 2|A∩B| / (|A|+|B|); 1 when both are empty.
    #[schemars(range(min = 0, max = 1))]
    pub dice: f64,
    /// Intersection over union; 1 when both are empty.
    #[schemars(range(min = 0, max = 1))]
    pub iou: f64,
}

/// Object detection scores of one image or of all.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct ObjectScores {
    /// TP / (TP + FP + FN) at IoU 0.50, 0.55 … 0.95.
    pub ap: Vec<f64>,
    /// `ap` at 0.5.
    pub ap50: f64,
    /// Mean of `ap` over 0.50, 0.55 … 0.90.
    pub ap_50_90: f64,
    /// Objects found at IoU 0.5.
    pub found: usize,
    /// Objects missed at IoU 0.5.
    pub missed: usize,
    /// Objects invented at IoU 0.5.
    pub invented: usize,
}

/// Scores of one image.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct ImageScores {
    /// Name of the image.
    pub name: String,
    /// Foreground overlap.
    pub overlap: OverlapScores,
    /// Object scores, for `objects`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub objects: Option<ObjectScores>,
}

/// Result of `evaluate`. Three ways of averaging, named apart.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct EvaluateResult {
    /// One row an image.
    pub images: Vec<ImageScores>,
    /// Means over images of the per-image scores.
    pub mean: OverlapScores,
    /// Overlap of each class with its pixels accumulated over all images: (class, overlap). One row for `objects`.
    pub per_class: Vec<(u32, OverlapScores)>,
    /// Overlap of all foreground pixels of all images together.
    pub micro: OverlapScores,
    /// Means over images of the per-image object scores, for `objects`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub objects: Option<ObjectScores>,
    /// Object scores with found, missed and invented added up over all images, for `objects`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub objects_pooled: Option<ObjectScores>,
}
