//! The numbers of a run without labels: from the request, else the defaults.

use fewlabel_contract::{PretrainArgs, Result};

use crate::save::Save;
use crate::train::Budget;
use crate::wished::Wished;

/// Minutes of a run that names no budget.
const MINUTES: f64 = 10.0;
const CROP: usize = 96;
const BATCH: usize = 24;
const LEARNING_RATE: f64 = 0.001;

/// The numbers of a run.
#[derive(Clone, Debug, PartialEq)]
pub struct PretrainSettings {
    /// How long to learn.
    pub budget: Budget,
    /// The network.
    pub network: Wished,
    /// Side of a crop in pixels.
    pub crop: usize,
    /// Places a step.
    pub batch: usize,
    /// Places computed at a time; all of a step when absent.
    pub micro_batch: Option<usize>,
    /// Peak learning rate.
    pub learning_rate: f64,
    /// The package to write.
    pub save: Save,
}

impl PretrainSettings {
    /// Takes them from a request that was checked, and looks whether the package may be written.
    ///
    /// # Errors
    /// `invalid-request` when the package is there already and may not be replaced.
    pub fn new(args: &PretrainArgs) -> Result<Self> {
        Ok(Self {
            budget: args.steps.map_or_else(|| Budget::Minutes(args.minutes.unwrap_or(MINUTES)), Budget::Steps),
            network: args.into(),
            crop: args.crop.unwrap_or(CROP),
            batch: args.batch.unwrap_or(BATCH),
            micro_batch: args.micro_batch,
            learning_rate: args.learning_rate.unwrap_or(LEARNING_RATE),
            save: Save::new(&args.save, args.existing)?,
        })
    }
}
