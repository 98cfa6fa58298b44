//! Few-label training.

use std::collections::BTreeMap;
use std::path::PathBuf;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::check::{check_ranges, contradiction};
use crate::{
    Contrast, ContrastForm, ContrastPositives, ContrastSampling, Device, Entry, Existing, Find, Norm, Regularisation, Result,
    VolumePlane,
};

/// The size of the objects.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(untagged)]
pub enum ObjectDiameter {
    /// Diameter in the image's unit where it is calibrated, else in pixels.
    Size(#[schemars(extend("exclusiveMinimum" = 0))] f64),
    /// Estimated from the labels.
    Word(FromLabels),
}

/// The word `from labels`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub enum FromLabels {
    /// Estimated from the labels.
    #[default]
    #[serde(rename = "from labels")]
    FromLabels,
}

impl Default for ObjectDiameter {
    fn default() -> Self {
        Self::Word(FromLabels::FromLabels)
    }
}

/// What is taken over from the model that training starts from.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Transfer {
    /// Everything that fits: encoder, decoder, and the head where it means the same.
    #[default]
    All,
    /// The encoder alone; the rest is drawn anew.
    Encoder,
}

/// Arguments of `train`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct TrainArgs {
    /// Image files, folders or `@list.txt`.
    #[schemars(length(min = 1))]
    pub images: Vec<String>,
    /// Label files, folders or `@list.txt`; each belongs to the image of the same stem. For `kinds` a table (`labels.csv`) with the columns
    /// `file` (seen from the folder of images) and `class`, or a folder of class folders.
    #[schemars(length(min = 1))]
    pub labels: Vec<String>,
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
    /// What is looked for.
    #[serde(default)]
    pub find: Find,
    /// Model to start from: a name, a file, or `none`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(extend("unset" = "the shipped `microscopy` when it is found, else `none`"))]
    pub start: Option<String>,
    /// What is taken over from `start`.
    #[serde(default)]
    pub transfer: Transfer,
    /// Learning rate of what is taken over, as a share of that of the rest; 0 leaves it as it is.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(range(min = 0, max = 1), extend("unset" = "1"))]
    pub transfer_rate: Option<f64>,
    /// Budget of wall time, loading and saving included.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(extend("exclusiveMinimum" = 0, "unit" = "minutes", "unset" = "5, when `steps` is not given"))]
    pub minutes: Option<f64>,
    /// Budget in optimisation steps. Not together with `minutes`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(range(min = 1), extend("unset" = "as many as fit into `minutes`"))]
    pub steps: Option<u64>,
    /// Whether pixels are contrasted by their labels.
    #[serde(default)]
    pub contrast: Contrast,
    /// Share of the budget that the stage of `contrast` `local` takes.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(range(min = 0.01, max = 0.95), extend("unset" = "0.33"))]
    pub contrast_share: Option<f64>,
    /// Peak learning rate of that stage.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(range(max = 1), extend("exclusiveMinimum" = 0, "unset" = "0.0001"))]
    pub contrast_rate: Option<f64>,
    /// Weight of the contrast in `contrast` `joint`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(range(min = 0, max = 1000), extend("unset" = "0.1"))]
    pub contrast_weight: Option<f64>,
    /// What belongs together in the contrast.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(extend("unset" = "classes"))]
    pub contrast_positives: Option<ContrastPositives>,
    /// How likeness within a class is set against likeness to others.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(extend("unset" = "share"))]
    pub contrast_form: Option<ContrastForm>,
    /// Which pixels are contrasted.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(extend("unset" = "per-class"))]
    pub contrast_sampling: Option<ContrastSampling>,
    /// Pixels of each class, from one row or column to the next, or along the side of a square, as `contrast_sampling` says.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(range(min = 1, max = 65536), extend("unset" = "256 of each class, a stride of 4, squares of 16"))]
    pub contrast_pixels: Option<usize>,
    /// Temperature of the contrast.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(range(max = 10), extend("exclusiveMinimum" = 0, "unset" = "0.1"))]
    pub contrast_temperature: Option<f64>,
    /// Leave the encoder as it is while fine-tuning.
    #[serde(default)]
    pub freeze_encoder: bool,
    /// What is done against learning the few labels by heart.
    #[serde(default)]
    pub regularisation: Regularisation,
    /// How much of the other crop `regularisation` `mixup` mixes in: the shares are drawn from the Beta distribution with this number twice.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(range(max = 100), extend("exclusiveMinimum" = 0, "unset" = "0.2"))]
    pub mixup_alpha: Option<f64>,
    /// Weight of `regularisation` `consistency` at the end of its rise.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(range(min = 0, max = 1000), extend("unset" = "1"))]
    pub consistency_weight: Option<f64>,
    /// Only the labels of the first K names of `order` are opened.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(range(min = 1), extend("unset" = "all labels"))]
    pub first: Option<usize>,
    /// A text list of names, or `split.json#fewlabel_order.0`. Images that it does not name are not opened.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(extend("unset" = "all images, in the order of their names"))]
    pub order: Option<String>,
    /// Go on from the interrupted run that left `SAVE.partial/`.
    #[serde(default)]
    pub resume: bool,
    /// Outlines are all there is in their images: what nobody drew is background. Else only what lies close around them is.
    #[serde(default)]
    pub dense: bool,
    /// Label value that means *not labelled*.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(extend("unset" = "every pixel is labelled"))]
    pub unlabelled: Option<u32>,
    /// Size of the objects, in the image's unit where it is calibrated, else in pixels.
    #[serde(default)]
    #[schemars(extend("unit" = "unit of the image or px"))]
    pub object_diameter: ObjectDiameter,
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
    /// Side of a training crop at the working size.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(range(min = 16, max = 4096), extend("unit" = "px", "unset" = "160; 128 for `kinds`, the side to which images are brought"))]
    pub crop: Option<usize>,
    /// Crops a step.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(range(min = 1, max = 4096), extend("unset" = "8; 16 for `kinds`"))]
    pub batch: Option<usize>,
    /// Peak learning rate.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(range(max = 1), extend("exclusiveMinimum" = 0, "unset" = "0.002"))]
    pub learning_rate: Option<f64>,
    /// Where the learner program lies, when it is not in one of the usual places.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(extend("unset" = "`FEWLABEL_LEARN`, beside the program, the user's data folder, `PATH`"))]
    pub learner: Option<PathBuf>,
}

impl TrainArgs {
    /// Checks what the types alone cannot: ranges, fields that exclude each other, wishes that are not built.
    ///
    /// # Errors
    /// [`crate::ErrorKind::InvalidRequest`] or [`crate::ErrorKind::Unsupported`], naming the field.
    pub fn check(&self) -> Result<()> {
        check_ranges(Entry::Train, self)?;
        if self.minutes.is_some() && self.steps.is_some() {
            return Err(contradiction(Entry::Train, "steps", "minutes and steps cannot both be the budget")
                .hint("give one of the two; for reproducible results give steps"));
        }
        if self.first.is_some() && self.order.is_none() {
            return Err(contradiction(Entry::Train, "first", "first needs an order that says which names are first")
                .hint("give order, a text list of names or split.json#KEY"));
        }
        if self.find == Find::Kinds {
            self.check_kinds()?;
        }
        self.check_regularisation()?;
        self.check_contrast()
    }

    /// Refuses what is said of a regularisation that there is not.
    fn check_regularisation(&self) -> Result<()> {
        let kind = self.regularisation;
        let idle = [
            ("mixup_alpha", self.mixup_alpha.is_some() && kind != Regularisation::Mixup),
            ("consistency_weight", self.consistency_weight.is_some() && kind != Regularisation::Consistency),
        ];
        if let Some((field, _)) = idle.iter().find(|(_, idle)| *idle) {
            return Err(contradiction(Entry::Train, field, "it belongs to a regularisation that is not asked for")
                .hint("give regularisation mixup or consistency, or leave the field out"));
        }
        if self.find == Find::Kinds && kind != Regularisation::None {
            return Err(contradiction(Entry::Train, "regularisation", "it works on pixels, and kinds are of whole images")
                .hint("leave regularisation out, or find objects or areas"));
        }
        if self.contrast == Contrast::Joint && kind != Regularisation::None {
            return Err(contradiction(Entry::Train, "regularisation", "it cannot stand beside a contrast in one training error")
                .hint("give contrast local, whose stage comes before, or leave one of the two out"));
        }
        if self.batch == Some(1) && kind == Regularisation::Mixup {
            return Err(
                contradiction(Entry::Train, "batch", "one crop a step has none to be mixed with").hint("give batch 2 or more")
            );
        }
        Ok(())
    }

    /// Refuses what is said of a contrast that there is not.
    fn check_contrast(&self) -> Result<()> {
        let refuse = |field: &str, message: &str, hint: &str| Err(contradiction(Entry::Train, field, message).hint(hint));
        let of_any = [
            ("contrast_positives", self.contrast_positives.is_some()),
            ("contrast_form", self.contrast_form.is_some()),
            ("contrast_sampling", self.contrast_sampling.is_some()),
            ("contrast_pixels", self.contrast_pixels.is_some()),
            ("contrast_temperature", self.contrast_temperature.is_some()),
        ];
        let of_local = [("contrast_share", self.contrast_share.is_some()), ("contrast_rate", self.contrast_rate.is_some())];
        let of_joint = [("contrast_weight", self.contrast_weight.is_some())];
        let given = |fields: &[(&'static str, bool)]| fields.iter().find(|(_, given)| *given).map(|(field, _)| *field);
        let idle = match self.contrast {
            Contrast::None => given(&of_any).or(given(&of_local)).or(given(&of_joint)),
            Contrast::Local => given(&of_joint),
            Contrast::Joint => given(&of_local),
        };
        if let Some(field) = idle {
            return refuse(
                field,
                "it says how pixels are contrasted, which this contrast does not do",
                "give contrast local or joint, or leave the field out",
            );
        }
        let positives = self.contrast_positives.unwrap_or_default();
        if self.find == Find::Kinds && self.contrast != Contrast::None {
            return refuse(
                "contrast",
                "it contrasts pixels, and kinds are of whole images",
                "leave contrast out, or find objects or areas",
            );
        }
        if self.find == Find::Areas && positives == ContrastPositives::Objects {
            return refuse("contrast_positives", "areas have no objects", "give classes, or find objects");
        }
        let takes_no_number = self.contrast_sampling == Some(ContrastSampling::Full) || positives == ContrastPositives::Regions;
        if takes_no_number && self.contrast_pixels.is_some() {
            return refuse("contrast_pixels", "neither all pixels nor regions take a number", "leave it out");
        }
        Ok(())
    }

    /// Refuses what is said of pixels and objects where whole images are told apart.
    fn check_kinds(&self) -> Result<()> {
        let of_pixels = [
            ("dense", self.dense),
            ("unlabelled", self.unlabelled.is_some()),
            ("object_diameter", matches!(self.object_diameter, ObjectDiameter::Size(_))),
        ];
        if self.plane.is_some() {
            return Err(contradiction(Entry::Train, "plane", "kinds are told of the planes of a file as they are stored")
                .hint("leave plane out, or find objects or areas"));
        }
        match of_pixels.iter().find(|(_, given)| *given) {
            Some((field, _)) => Err(contradiction(Entry::Train, field, "kinds are of whole images, not of what lies in them")
                .hint("leave the field out, or find objects or areas")),
            None => Ok(()),
        }
    }
}

/// Result of `train`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct TrainResult {
    /// Where the model package lies.
    #[schemars(extend("varies" = true))]
    pub model: PathBuf,
    /// SHA-256 of the package.
    #[schemars(extend("varies" = true))]
    pub sha256: String,
    /// Steps done.
    pub steps: u64,
    /// Labelled images used.
    pub labelled_images: usize,
    /// Labelled objects used.
    pub labelled_objects: usize,
    /// Images without labels that were counted.
    pub unlabelled_images: usize,
    /// Scores on the labels kept aside, by name (`ap50`, `dice`, `accuracy`).
    pub scores: BTreeMap<String, f64>,
    /// The same scores of the start, before training.
    pub start_scores: BTreeMap<String, f64>,
    /// Whether training made it better than the start.
    pub helped: bool,
    /// Whether somebody asked to stop early.
    pub finished_early: bool,
    /// Diameter of the objects, as estimated or given.
    #[schemars(extend("unit" = "px"))]
    pub object_diameter: Option<f64>,
    /// Wall time.
    #[schemars(extend("unit" = "s", "varies" = true))]
    pub seconds: f64,
}
