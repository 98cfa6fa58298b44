//! Scores of predictions against labels.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::check::{check_ranges, contradiction};
use crate::{Entry, Find, Result};

/// Arguments of `evaluate`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct EvaluateArgs {
    /// Predictions: label images or outlines; files, folders or `@list.txt`. For `kinds` the table that `classify` wrote.
    #[schemars(length(min = 1))]
    pub predictions: Vec<String>,
    /// True labels: label images or outlines, partnered by stem. Beyond outlines nothing is labelled, but for what is named
    /// `background`, the inside of what is named `region`, and a band around each object. For `kinds` a table (`labels.csv`) with the
    /// columns `file` and `class`, or a folder of class folders: an image is known by the end of its path.
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
    /// Planes of `areas` are compared at so many rows and columns instead of their own (nearest pixels), as Hu et al. (arXiv 2109.07407) do
    /// with 64.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(range(min = 1, max = 4096), extend("unit" = "px", "unset" = "planes keep their size"))]
    pub grid: Option<usize>,
    /// Look into folders below those given.
    #[serde(default)]
    pub recursive: bool,
}

impl EvaluateArgs {
    /// Checks what the types alone cannot: ranges, fields that exclude each other.
    ///
    /// # Errors
    /// [`crate::ErrorKind::InvalidRequest`], naming the field.
    pub fn check(&self) -> Result<()> {
        check_ranges(Entry::Evaluate, self)?;
        if self.grid.is_some() && self.find != Find::Areas {
            return Err(contradiction(Entry::Evaluate, "grid", "only areas are compared at another size")
                .hint("leave grid out, or find areas"));
        }
        let of_pixels = [("unlabelled", self.unlabelled.is_some()), ("dense", self.dense)];
        match of_pixels.iter().find(|(_, given)| *given && self.find == Find::Kinds) {
            Some((field, _)) => Err(contradiction(Entry::Evaluate, field, "kinds are of whole images, not of what lies in them")
                .hint("leave the field out, or find objects or areas")),
            None => Ok(()),
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
    /// Overlap of each class in it, for `areas`: (class, overlap). A class that neither truth nor prediction has is not among them.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub per_class: Vec<(u32, OverlapScores)>,
}

/// How one class of whole images fared.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct KindScores {
    /// Name of the class.
    pub class: String,
    /// Images that are of it.
    pub images: usize,
    /// Share of these that were found to be of it; absent where there are none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(range(min = 0, max = 1))]
    pub recall: Option<f64>,
    /// Share of the images found to be of it that are; absent where none was.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(range(min = 0, max = 1))]
    pub precision: Option<f64>,
    /// Probability that an image of it gets a higher probability of it than an image of another class (area under the ROC curve, one
    /// against the rest); absent where all images are of it or none is, and where the table has no probabilities of it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(range(min = 0, max = 1))]
    pub auc: Option<f64>,
}

/// Scores of the classes of whole images.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct KindsScores {
    /// Images (planes of stacks) with both a true and a predicted class.
    pub images: usize,
    /// Share of these whose class is the true one.
    #[schemars(range(min = 0, max = 1))]
    pub accuracy: f64,
    /// Mean of the classes' `auc`, of those that have one; absent where none has.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(range(min = 0, max = 1))]
    pub auc: Option<f64>,
    /// Classes that are true or predicted somewhere, sorted by name.
    pub classes: Vec<KindScores>,
    /// How many images of each true class (rows) were taken for each class (columns), in the order of `classes`.
    pub confusion: Vec<Vec<usize>>,
}

/// Result of `evaluate`. Three ways of averaging, named apart.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct EvaluateResult {
    /// One row an image; none for `kinds`.
    pub images: Vec<ImageScores>,
    /// Means over images of the per-image scores, for `objects` and `areas`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub mean: Option<OverlapScores>,
    /// Overlap of each class with its pixels accumulated over all images: (class, overlap). One row for `objects`, none for
    /// `kinds`.
    pub per_class: Vec<(u32, OverlapScores)>,
    /// Means of each class over the images (volumes) that have it in truth or prediction, for `areas`: (class, overlap).
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub mean_per_class: Vec<(u32, OverlapScores)>,
    /// Overlap of all foreground pixels of all images together, for `objects` and `areas`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub micro: Option<OverlapScores>,
    /// Means over images of the per-image object scores, for `objects`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub objects: Option<ObjectScores>,
    /// Object scores with found, missed and invented added up over all images, for `objects`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub objects_pooled: Option<ObjectScores>,
    /// Scores of the classes of whole images, for `kinds`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub kinds: Option<KindsScores>,
}
