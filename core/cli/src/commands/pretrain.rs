//! `fewlabel pretrain`.

use std::process::ExitCode;

use clap::Args;
use fewlabel::contract::{ContrastOf, Entry, Method, Preset, PretrainArgs, Request, Result, SameImage};

use super::learning::Learning;
use crate::output::Output;
use crate::show;
use crate::values::{contrast_of, method, preset, same_image};
use crate::work::work;

/// Flags of `pretrain`.
#[derive(Args)]
pub struct Pretrain {
    /// Image files, folders or @list.txt
    #[arg(long, required = true, num_args = 1.., value_name = "PATH")]
    images: Vec<String>,
    /// Channels of the images that the model is to read: names, or numbers from 1 [default: all]
    #[arg(long, value_name = "NAME,NAME", value_delimiter = ',')]
    channels: Vec<String>,
    /// Name or file of the model package to write
    #[arg(long, value_name = "MODEL")]
    save: String,
    /// How it learns
    #[arg(long, value_parser = method(), default_value = "tower")]
    method: Method,
    /// Values for what is left open: as published, with the encoder of ResNet-50 (hours on a graphics card)
    #[arg(long, value_parser = preset())]
    preset: Option<Preset>,
    /// Model to start from: a name, a file, or none [default: the shipped `microscopy` when it is found, else none]
    #[arg(long, value_name = "MODEL|none")]
    start: Option<String>,
    /// Budget in minutes of wall time, loading and saving included [default: 10]
    #[arg(long, value_name = "M", conflicts_with = "steps")]
    minutes: Option<f64>,
    /// Budget in optimisation steps
    #[arg(long, value_name = "N")]
    steps: Option<u64>,
    /// Go on from the interrupted run that left SAVE.partial/
    #[arg(long)]
    resume: bool,
    /// Diameter in pixels of the objects in the images: they are brought to the size at which training sees them [default: images
    /// keep their size]
    #[arg(long, value_name = "PX")]
    object_diameter: Option<f64>,
    /// Share of the pixels that a mask hides [default: 0.25; 0.6 for mae]
    #[arg(long, value_name = "SHARE")]
    mask_ratio: Option<f64>,
    /// Temperature of the contrast [default: 0.1]
    #[arg(long, value_name = "T")]
    temperature: Option<f64>,
    /// What the contrast of tower, contrast-proxy and uncorrelated tells apart [default: places]
    #[arg(long, value_parser = contrast_of())]
    contrast: Option<ContrastOf>,
    /// Factor on the contrast [default: 1]
    #[arg(long, value_name = "FACTOR")]
    contrast_weight: Option<f64>,
    /// What other crops of the same image are in the contrast
    #[arg(long, value_parser = same_image(), default_value = "negative")]
    same_image: SameImage,
    /// Weight of the restoration beside the contrast [default: 1]
    #[arg(long, value_name = "WEIGHT")]
    restoration_weight: Option<f64>,
    /// Side of a crop in pixels [default: 96]
    #[arg(long, value_name = "PX")]
    crop: Option<usize>,
    /// Places a step; each gives the views that the method compares [default: 24]
    #[arg(long, value_name = "N")]
    batch: Option<usize>,
    /// Places that are computed at a time, where memory is short [default: all of a step]
    #[arg(long, value_name = "N")]
    micro_batch: Option<usize>,
    /// Peak learning rate [default: 0.001]
    #[arg(long, value_name = "RATE")]
    learning_rate: Option<f64>,
    #[command(flatten)]
    learning: Learning,
}

impl Pretrain {
    /// Learns, and says how it went.
    pub fn run(self, output: &Output) -> Result<ExitCode> {
        let args = PretrainArgs {
            images: self.images,
            channels: self.channels,
            plane: self.learning.plane,
            upright: self.learning.upright,
            save: self.save,
            method: self.method,
            start: self.start,
            minutes: self.minutes,
            steps: self.steps,
            resume: self.resume,
            object_diameter: self.object_diameter,
            mask_ratio: self.mask_ratio,
            temperature: self.temperature,
            preset: self.preset,
            contrast: self.contrast,
            contrast_weight: self.contrast_weight,
            same_image: self.same_image,
            restoration_weight: self.restoration_weight,
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
            micro_batch: self.micro_batch,
            learning_rate: self.learning_rate,
            learner: self.learning.learner,
        };
        args.check()?;
        work(Request::new(Entry::Pretrain, &args)?, output, |response, out| show::pretrain(&response.parse_result()?, out))
    }
}
