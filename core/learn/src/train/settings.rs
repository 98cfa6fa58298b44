//! The numbers of a run: from the request, else the defaults.

use fewlabel_contract::{Find, Result, TrainArgs};

use crate::save::Save;
use crate::wished::Wished;

/// Minutes of a run that names no budget.
const MINUTES: f64 = 5.0;
const CROP: usize = 160;
const BATCH: usize = 8;
/// Side that whole images are brought to, and how many a step learns from, where kinds are told apart.
const KIND_SIDE: usize = 128;
const KIND_BATCH: usize = 16;
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
    /// The network.
    pub network: Wished,
    /// Side in pixels of a crop, or of the square that a whole image becomes.
    pub crop: usize,
    /// Crops or images a step.
    pub batch: usize,
    /// Peak learning rate.
    pub learning_rate: f64,
    /// The package to write.
    pub save: Save,
}

impl Settings {
    /// Takes them from a request that was checked, and looks whether the package may be written.
    ///
    /// # Errors
    /// `invalid-request` when the package is there already and may not be replaced.
    pub fn new(args: &TrainArgs) -> Result<Self> {
        let (crop, batch) = if args.find == Find::Kinds { (KIND_SIDE, KIND_BATCH) } else { (CROP, BATCH) };
        Ok(Self {
            budget: args.steps.map_or_else(|| Budget::Minutes(args.minutes.unwrap_or(MINUTES)), Budget::Steps),
            network: args.into(),
            crop: args.crop.unwrap_or(crop),
            batch: args.batch.unwrap_or(batch),
            learning_rate: args.learning_rate.unwrap_or(LEARNING_RATE),
            save: Save::new(&args.save, args.existing)?,
        })
    }
}
