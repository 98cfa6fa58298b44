//! Words of the contrast of pixels.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Whether pixels are contrasted by their labels.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Contrast {
    /// No.
    #[default]
    None,
    /// In a stage of its own before fine-tuning (Hu et al., arXiv 2109.07407).
    Local,
    /// While fine-tuning, beside its training error.
    Joint,
}

/// What belongs together in the contrast of pixels.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum ContrastPositives {
    /// Pixels of one class, of objects their inside and their boundary.
    #[default]
    Classes,
    /// Pixels of one object.
    Objects,
    /// The same pixel in two views; labels say nothing.
    Views,
    /// The same small region in two views; labels say nothing (Chaitanya et al. 2020).
    Regions,
}

/// How likeness within a class is set against likeness to others.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum ContrastForm {
    /// The share of each pixel of the class among all pixels, as in the published code.
    #[default]
    Share,
    /// The sum over the class against the sum over others.
    Ratio,
    /// The same, over the number of pixels of the class once more, as printed.
    RatioMean,
}

/// Which pixels of a step are contrasted.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum ContrastSampling {
    /// At most so many of each class.
    #[default]
    PerClass,
    /// Every so many-th row and column.
    Stride,
    /// All, but only with those of the same square of so many pixels a side.
    Block,
    /// All.
    Full,
}
