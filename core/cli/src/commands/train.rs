//! `fewlabel train`.

use std::process::ExitCode;

use clap::Args;
use fewlabel::contract::{
    Contrast, ContrastForm, ContrastPositives, ContrastSampling, Entry, Find, ObjectDiameter, Regularisation, Request, Result,
    TrainArgs, Transfer,
};

use super::learning::Learning;
use crate::output::Output;
use crate::show;
use crate::values::{
    contrast, contrast_form, contrast_positives, contrast_sampling, find, json_or_text, regularisation, transfer,
};
use crate::work::work;

/// Flags of `train`.
#[derive(Args)]
pub struct Train {
    /// Image files, folders or @list.txt
    #[arg(long, required = true, num_args = 1.., value_name = "PATH")]
    images: Vec<String>,
    /// Label files, folders or @list.txt; each belongs to the image of the same stem. For kinds labels.csv or a folder of class folders
    #[arg(long, required = true, num_args = 1.., value_name = "PATH")]
    labels: Vec<String>,
    /// Channels of the images that the model is to read: names, or numbers from 1 [default: all]
    #[arg(long, value_name = "NAME,NAME", value_delimiter = ',')]
    channels: Vec<String>,
    /// Name or file of the model package to write
    #[arg(long, value_name = "MODEL")]
    save: String,
    /// What is looked for
    #[arg(long, value_parser = find(), default_value = "objects")]
    find: Find,
    /// Model to start from: a name, a file, or none [default: the shipped `microscopy` when it is found, else none]
    #[arg(long, value_name = "MODEL|none")]
    start: Option<String>,
    /// What is taken over from the start
    #[arg(long, value_parser = transfer(), default_value = "all")]
    transfer: Transfer,
    /// Learning rate of what is taken over, as a share of that of the rest; 0 leaves it as it is [default: 1]
    #[arg(long, value_name = "SHARE")]
    transfer_rate: Option<f64>,
    /// Budget in minutes of wall time, loading and saving included [default: 5]
    #[arg(long, value_name = "M", conflicts_with = "steps")]
    minutes: Option<f64>,
    /// Budget in optimisation steps
    #[arg(long, value_name = "N")]
    steps: Option<u64>,
    #[command(flatten)]
    contrast: PixelContrast,
    /// What is done against learning the few labels by heart
    #[arg(long, value_parser = regularisation(), default_value = "none")]
    regularisation: Regularisation,
    /// Number of the Beta distribution that shares of mixup are drawn from [default: 0.2]
    #[arg(long, value_name = "NUMBER")]
    mixup_alpha: Option<f64>,
    /// Weight of the consistency at the end of its rise [default: 1]
    #[arg(long, value_name = "FACTOR")]
    consistency_weight: Option<f64>,
    /// Only the labels of the first K names of --order are opened
    #[arg(long, value_name = "K")]
    first: Option<usize>,
    /// A text list of names, or split.json#fewlabel_order.0
    #[arg(long, value_name = "FILE")]
    order: Option<String>,
    /// Go on from the interrupted run that left SAVE.partial/
    #[arg(long)]
    resume: bool,
    /// Outlines are all there is in their images: what nobody drew is background
    #[arg(long)]
    dense: bool,
    /// Label value that means "not labelled"
    #[arg(long, value_name = "VALUE")]
    unlabelled: Option<u32>,
    /// Size of the objects, in the image's unit where it is calibrated, else in pixels
    #[arg(long, value_name = "SIZE|from labels", default_value = "from labels", value_parser = json_or_text::<ObjectDiameter>)]
    object_diameter: ObjectDiameter,
    /// Side of a training crop in pixels at the working size [default: 160]
    #[arg(long, value_name = "PX")]
    crop: Option<usize>,
    /// Crops a step [default: 8]
    #[arg(long, value_name = "N")]
    batch: Option<usize>,
    /// Peak learning rate [default: 0.002]
    #[arg(long, value_name = "RATE")]
    learning_rate: Option<f64>,
    #[command(flatten)]
    learning: Learning,
}

/// Flags of the contrast of pixels.
#[derive(Args)]
struct PixelContrast {
    /// Whether pixels are contrasted by their labels: in a stage before fine-tuning (local), or beside it (joint)
    #[arg(long, value_parser = contrast(), default_value = "none")]
    contrast: Contrast,
    /// Share of the budget that the stage takes [default: 0.33]
    #[arg(long, value_name = "SHARE")]
    contrast_share: Option<f64>,
    /// Peak learning rate of the stage [default: 0.0001]
    #[arg(long, value_name = "RATE")]
    contrast_rate: Option<f64>,
    /// Weight of the contrast beside fine-tuning [default: 0.1]
    #[arg(long, value_name = "FACTOR")]
    contrast_weight: Option<f64>,
    /// What belongs together [default: classes]
    #[arg(long, value_parser = contrast_positives())]
    contrast_positives: Option<ContrastPositives>,
    /// How likeness within a class is set against likeness to others [default: share]
    #[arg(long, value_parser = contrast_form())]
    contrast_form: Option<ContrastForm>,
    /// Which pixels are contrasted [default: per-class]
    #[arg(long, value_parser = contrast_sampling())]
    contrast_sampling: Option<ContrastSampling>,
    /// Pixels of each class, stride, or side of a block [default: 256, 4, 16]
    #[arg(long, value_name = "N")]
    contrast_pixels: Option<usize>,
    /// Temperature of the contrast [default: 0.1]
    #[arg(long, value_name = "T")]
    contrast_temperature: Option<f64>,
    /// Leave the encoder as it is while fine-tuning
    #[arg(long)]
    freeze_encoder: bool,
}

impl Train {
    /// Trains, and says how it went.
    pub fn run(self, output: &Output) -> Result<ExitCode> {
        let args = TrainArgs {
            images: self.images,
            labels: self.labels,
            channels: self.channels,
            plane: self.learning.plane,
            upright: self.learning.upright,
            save: self.save,
            find: self.find,
            start: self.start,
            transfer: self.transfer,
            transfer_rate: self.transfer_rate,
            minutes: self.minutes,
            steps: self.steps,
            contrast: self.contrast.contrast,
            contrast_share: self.contrast.contrast_share,
            contrast_rate: self.contrast.contrast_rate,
            contrast_weight: self.contrast.contrast_weight,
            contrast_positives: self.contrast.contrast_positives,
            contrast_form: self.contrast.contrast_form,
            contrast_sampling: self.contrast.contrast_sampling,
            contrast_pixels: self.contrast.contrast_pixels,
            contrast_temperature: self.contrast.contrast_temperature,
            freeze_encoder: self.contrast.freeze_encoder,
            regularisation: self.regularisation,
            mixup_alpha: self.mixup_alpha,
            consistency_weight: self.consistency_weight,
            first: self.first,
            order: self.order,
            resume: self.resume,
            dense: self.dense,
            unlabelled: self.unlabelled,
            object_diameter: self.object_diameter,
            device: self.learning.device,
            threads: self.learning.threads,
            seed: self.learning.seed,
            existing: self.learning.existing,
            recursive: self.learning.recursive,
            width: self.learning.width,
            levels: self.learning.levels,
            norm: self.learning.norm,
            crop: self.crop,
            batch: self.batch,
            learning_rate: self.learning_rate,
            learner: self.learning.learner,
        };
        args.check()?;
        work(Request::new(Entry::Train, &args)?, output, |response, out| show::train(&response.parse_result()?, out))
    }
}
