//! The numbers of a run: from the request, else the defaults.

use std::path::PathBuf;

use fewlabel_contract::{Error, ErrorKind, Existing, Result, TrainArgs};

/// Minutes of a run that names no budget.
const MINUTES: f64 = 5.0;
const WIDTH: usize = 32;
const LEVELS: usize = 4;
const CROP: usize = 160;
const BATCH: usize = 8;
const LEARNING_RATE: f64 = 0.002;

/// How long to train.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Budget {
    /// Wall time in minutes, loading and saving included.
    Minutes(f64),
    /// Optimisation steps.
    Steps(u64),
}

/// The numbers of a run.
#[derive(Clone, Debug, PartialEq)]
pub struct Settings {
    /// How long to train.
    pub budget: Budget,
    /// Channels of the first level, when no start says it.
    pub width: Option<usize>,
    /// Levels, when no start says it.
    pub levels: Option<usize>,
    /// Side of a crop in pixels.
    pub crop: usize,
    /// Crops a step.
    pub batch: usize,
    /// Peak learning rate.
    pub learning_rate: f64,
    /// The package to write, with its ending.
    pub save: PathBuf,
}

impl Settings {
    /// Takes them from a request that was checked, and looks whether the package may be written.
    ///
    /// # Errors
    /// `invalid-request` when the package is there already and may not be replaced.
    pub fn new(args: &TrainArgs) -> Result<Self> {
        let mut save = PathBuf::from(&args.save);
        if save.extension().is_none() {
            save.set_extension("zip");
        }
        if save.exists() && args.existing != Existing::Overwrite {
            return Err(Error::new(ErrorKind::InvalidRequest, "train", "the model to write is there already")
                .file(&save)
                .hint("choose another name, or allow to overwrite it: --existing overwrite"));
        }
        Ok(Self {
            budget: args.steps.map_or_else(|| Budget::Minutes(args.minutes.unwrap_or(MINUTES)), Budget::Steps),
            width: args.width,
            levels: args.levels,
            crop: args.crop.unwrap_or(CROP),
            batch: args.batch.unwrap_or(BATCH),
            learning_rate: args.learning_rate.unwrap_or(LEARNING_RATE),
            save,
        })
    }

    /// Width and levels of a network that is not started from another.
    pub fn fresh_shape(&self) -> (usize, usize) {
        (self.width.unwrap_or(WIDTH), self.levels.unwrap_or(LEVELS))
    }

    /// Refuses crops that the network cannot halve evenly.
    ///
    /// # Errors
    /// `invalid-request`, naming the next sizes that fit.
    pub fn check_crop(&self, stride: usize) -> Result<()> {
        if self.crop.is_multiple_of(stride) && self.crop >= 2 * stride {
            return Ok(());
        }
        Err(Error::new(ErrorKind::InvalidRequest, "train", "the side of a crop does not fit the levels of the network")
            .with("crop", self.crop)
            .with("allowed", format!("multiples of {stride}, at least {}", 2 * stride))
            .hint(format!("use {}", self.crop.max(2 * stride).next_multiple_of(stride))))
    }

    /// Where the state of an interrupted run lies: beside the package.
    pub fn partial(&self) -> PathBuf {
        let mut name = self.save.clone().into_os_string();
        name.push(".partial");
        name.into()
    }
}
