//! What a course teaches: what its steps learn from, and what is scored.

use fewlabel_contract::{CancelToken, Result};
use tch::Tensor;

use super::pixels::PixelContrast;
use super::regulariser::Regulariser;
use super::settings::Settings;
use crate::device::Machine;
use crate::loader::Batches;
use crate::loss::Loss;
use crate::net::{Mode, Net};
use crate::validate::Scores;

/// What learns in a step.
#[derive(Clone, Copy, Debug)]
pub struct Learner<'a> {
    /// The network.
    pub net: &'a Net,
    /// What its normalisations do.
    pub mode: Mode,
    /// The contrast of pixels that it learns from, alone or beside its outputs.
    pub pixels: Option<&'a PixelContrast>,
    /// What is done against learning the labels by heart.
    pub regulariser: Option<&'a Regulariser>,
    /// The running average of its weights, whose running statistics are not kept up.
    pub teacher: &'a Net,
    /// How far the run has come: 0 at its beginning, 1 from the step on at which nothing more is chosen.
    pub progress: f64,
    /// Where.
    pub machine: &'a Machine,
}

/// What a step learns from.
pub trait Lesson {
    /// What the network is given, `[n, c, side, side]` on the device.
    ///
    /// # Errors
    /// What libtorch says.
    fn images(&self, machine: &Machine) -> Result<Tensor>;

    /// The training error of what learns at step `step`; `None` when the batch says nothing.
    ///
    /// # Errors
    /// What libtorch says.
    fn loss(&self, learner: &Learner<'_>, step: u64) -> Result<Option<Loss>>;
}

/// Scores on the labels kept aside.
pub trait Validate {
    /// What the network said of what is scored.
    type Seen;

    /// The scores, and what the network said.
    ///
    /// # Errors
    /// `cancelled`; those of the network and of what happens to its images.
    fn score(&self, net: &mut Net, token: &CancelToken) -> Result<(Scores, Self::Seen)>;

    /// A picture of what the network said, as PNG, where there is one.
    ///
    /// # Errors
    /// Those of decoding and of the PNG writer.
    fn preview(&self, seen: &Self::Seen) -> Result<Option<Vec<u8>>>;

    /// Standard error of the difference in merit of two networks.
    fn standard_error(&self) -> f64;

    /// Pixels, as the network sees them, that one scoring looks at.
    fn working_pixels(&self) -> usize;
}

/// What a course teaches.
pub trait Subject {
    /// What makes the batches of its steps.
    type Source: Batches<Batch: Lesson>;
    /// What scores.
    type Validator: Validate;

    /// Whether training ends with what it started from where nothing learned since was better; else all labels are trained on.
    const KEEPS_START: bool;

    /// What is kept aside; `None` when too little is labelled to keep any of it aside.
    fn validator(&self) -> Option<&Self::Validator>;

    /// Makes batches of all labels, or of those that are not kept aside.
    fn source(&self, settings: &Settings, all: bool, seed: u64) -> Self::Source;

    /// The same with images as they are.
    fn unchanged(&self, settings: &Settings, all: bool, seed: u64) -> Self::Source;
}
