//! Learning from images that nobody has labelled.

use std::path::PathBuf;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::check::{check_ranges, contradiction};
use crate::{Device, Entry, Existing, Norm, Result, VolumePlane};

/// How a network learns from images without labels.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Method {
    /// Restoration of changed images, which are at the same time the second view of a contrast (Chen et al., arXiv 2211.14715).
    #[default]
    Tower,
    /// Contrast of two augmented views (Chen et al. 2020). Trains the encoder alone.
    Simclr,
    /// Contrast-free agreement of two augmented views with a slowly moving copy (Grill et al. 2020). Trains the encoder alone.
    Byol,
    /// Restoration alone, with the changes of Models Genesis (Zhou et al. 2019).
    Restore,
    /// Restoration of masked blocks alone (He et al. 2022).
    Mae,
    /// TOWER without restoration. Trains the encoder alone.
    ContrastProxy,
    /// As `tower`, but restoration trains the decoder alone and contrast the encoder.
    Uncorrelated,
}

impl Method {
    /// All of them.
    pub const ALL: [Self; 7] =
        [Self::Tower, Self::Simclr, Self::Byol, Self::Restore, Self::Mae, Self::ContrastProxy, Self::Uncorrelated];

    /// As requests write it.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Tower => "tower",
            Self::Simclr => "simclr",
            Self::Byol => "byol",
            Self::Restore => "restore",
            Self::Mae => "mae",
            Self::ContrastProxy => "contrast-proxy",
            Self::Uncorrelated => "uncorrelated",
        }
    }
}

/// What is told apart from others of its like by the contrast between the view of the proxy task and a clean one.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum ContrastOf {
    /// Each place of a crop: the clean view is the very same crop. Teaches what lies where.
    #[default]
    Places,
    /// Each crop as a whole: the clean view is another crop, size and turn of the same place.
    Crops,
    /// Each crop as a whole: the clean view is the very same crop, as published.
    SameCrops,
}

/// Values for the fields that a request leaves open.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Preset {
    /// As published (Chen et al., arXiv 2211.14715): a U-Net with the encoder of ResNet-50, crops of 224 pixels, 16 a step, contrast of the very same
    /// crops with a factor of 0.1 / 0.07, Adam without decay of the weights. Hours on a graphics card.
    TowerPaper,
}

/// Other crops of the image that a crop was cut from.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum SameImage {
    /// Are told apart from it as those of other images are.
    #[default]
    Negative,
    /// Count for nothing.
    Ignored,
}

/// Arguments of `pretrain`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct PretrainArgs {
    /// Image files, folders or `@list.txt`.
    #[schemars(length(min = 1))]
    pub images: Vec<String>,
    /// Channels of the images that the model is to read: names, or numbers from 1.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[schemars(extend("unset" = "all"))]
    pub channels: Vec<String>,
    /// How volumes are cut into planes, by the directions that NIfTI files give; the axes `x y z` of others count as from left to right,
    /// back to front, foot to head.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(extend("unset" = "as they are stored, or as `start` has it"))]
    pub plane: Option<VolumePlane>,
    /// The images always lie the same way round, as organs do: they are neither mirrored nor turned, but for a little, while learning.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(extend("unset" = "yes where all images are NIfTI files"))]
    pub upright: Option<bool>,
    /// Name or file of the model package to write.
    #[schemars(length(min = 1))]
    pub save: String,
    /// How it learns.
    #[serde(default)]
    pub method: Method,
    /// Values for fields that are left open.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(extend("unset" = "each field says its own"))]
    pub preset: Option<Preset>,
    /// Model to start from: a name, a file, or `none`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(extend("unset" = "the shipped `microscopy` when it is found, else `none`"))]
    pub start: Option<String>,
    /// Budget of wall time, loading and saving included.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(extend("exclusiveMinimum" = 0, "unit" = "minutes", "unset" = "10, when `steps` is not given"))]
    pub minutes: Option<f64>,
    /// Budget in optimisation steps. Not together with `minutes`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(range(min = 1), extend("unset" = "as many as fit into `minutes`"))]
    pub steps: Option<u64>,
    /// Go on from the interrupted run that left `SAVE.partial/`.
    #[serde(default)]
    pub resume: bool,
    /// Diameter in pixels of the objects in the images: they are brought to the size at which training sees them.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(extend("exclusiveMinimum" = 0, "unit" = "px", "unset" = "images keep their size"))]
    pub object_diameter: Option<f64>,
    /// Share of the pixels that a mask hides.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(range(min = 0, max = 0.95), extend("unset" = "0.25; 0.6 for `mae`"))]
    pub mask_ratio: Option<f64>,
    /// Temperature of the contrast.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(range(max = 10), extend("exclusiveMinimum" = 0, "unset" = "0.1"))]
    pub temperature: Option<f64>,
    /// What the contrast of `tower`, `contrast-proxy` and `uncorrelated` tells apart.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(extend("unset" = "places"))]
    pub contrast: Option<ContrastOf>,
    /// Factor on the contrast; 0.1 / 0.07 in the published code.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(range(min = 0, max = 1000), extend("unset" = "1"))]
    pub contrast_weight: Option<f64>,
    /// What other crops of the same image are in the contrast.
    #[serde(default)]
    pub same_image: SameImage,
    /// Weight of the restoration beside the contrast.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(range(min = 0, max = 1000), extend("unset" = "1"))]
    pub restoration_weight: Option<f64>,
    /// Where to compute.
    #[serde(default)]
    pub device: Device,
    /// Threads.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(range(min = 1), extend("unset" = "all that the machine or its limits allow"))]
    pub threads: Option<usize>,
    /// Seed of every random choice.
    #[serde(default)]
    pub seed: u64,
    /// What to do when `save` is there already.
    #[serde(default)]
    pub existing: Existing,
    /// Look into folders below those given.
    #[serde(default)]
    pub recursive: bool,
    /// Channels of the first level of the network; each further level has twice as many.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(range(min = 1, max = 1024), extend("unset" = "32, or that of `start`"))]
    pub width: Option<usize>,
    /// Levels of the network.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(range(min = 1, max = 8), extend("unset" = "4, or that of `start`"))]
    pub levels: Option<usize>,
    /// Normalisation layers of a new network.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(extend("unset" = "batch, or that of `start`"))]
    pub norm: Option<Norm>,
    /// Side of a crop.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(range(min = 16, max = 4096), extend("unit" = "px", "unset" = "96"))]
    pub crop: Option<usize>,
    /// Places a step; each gives the views that the method compares.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(range(min = 2, max = 4096), extend("unset" = "24"))]
    pub batch: Option<usize>,
    /// Places that are computed at a time, where memory is short. The contrast is that of all places of a step; batch normalisations see
    /// those of a time.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(range(min = 2, max = 4096), extend("unset" = "all places of a step"))]
    pub micro_batch: Option<usize>,
    /// Peak learning rate.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(range(max = 1), extend("exclusiveMinimum" = 0, "unset" = "0.001"))]
    pub learning_rate: Option<f64>,
    /// Where the learner program lies, when it is not in one of the usual places.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(extend("unset" = "`FEWLABEL_LEARN`, beside the program, the user's data folder, `PATH`"))]
    pub learner: Option<PathBuf>,
}

impl PretrainArgs {
    /// Checks what the types alone cannot: ranges, fields that exclude each other.
    ///
    /// # Errors
    /// [`crate::ErrorKind::InvalidRequest`], naming the field.
    pub fn check(&self) -> Result<()> {
        check_ranges(Entry::Pretrain, self)?;
        if self.minutes.is_some() && self.steps.is_some() {
            return Err(contradiction(Entry::Pretrain, "steps", "minutes and steps cannot both be the budget")
                .hint("give one of the two; for reproducible results give steps"));
        }
        if self.preset == Some(Preset::TowerPaper) && self.levels.is_some() {
            return Err(contradiction(Entry::Pretrain, "levels", "the network of the preset has the levels that it has")
                .hint("leave levels or the preset out"));
        }
        Ok(())
    }
}

/// Result of `pretrain`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct PretrainResult {
    /// Where the model package lies.
    #[schemars(extend("varies" = true))]
    pub model: PathBuf,
    /// SHA-256 of the package.
    #[schemars(extend("varies" = true))]
    pub sha256: String,
    /// Steps done.
    pub steps: u64,
    /// Images learned from.
    pub images: usize,
    /// Images that were left out because they could not be read or have other channels.
    pub left_out: usize,
    /// Mean absolute difference between restored and true intensities (0 to 1) of images kept aside, where the method restores.
    #[schemars(extend("varies" = true))]
    pub restoration_error: Option<f64>,
    /// Share of the views of images kept aside whose nearest view is that of the same place, where the method contrasts.
    #[schemars(extend("varies" = true))]
    pub retrieval_accuracy: Option<f64>,
    /// Number of independent directions that the projections of these views spread over, where the method contrasts.
    #[schemars(extend("varies" = true))]
    pub effective_rank: Option<f64>,
    /// Whether it ended before its budget did: somebody asked for it, or nothing improved any more.
    pub finished_early: bool,
    /// Wall time.
    #[schemars(extend("unit" = "s", "varies" = true))]
    pub seconds: f64,
}
