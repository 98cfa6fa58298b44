//! What is trained: the network, its running average and the optimiser.

use fewlabel_contract::{Error, Result};
use fewlabel_model::{Network, ParameterKind, Weights};
use tch::Tensor;

use super::pixels::{PHASE as PIXELS, PixelContrast};
use super::regulariser::Regulariser;
use super::subject::{Learner, Lesson};
use crate::device::Machine;
use crate::loss::Loss;
use crate::net::{Mode, Net};
use crate::optim::Optimiser;
use crate::shim;
use crate::torch_result::TorchResult;

/// Share that the running statistics of the batch normalisations move in a step.
const MOMENTUM: f64 = 0.1;
/// How fast the average forgets, once it has begun well: it holds about the last 100 steps.
const AVERAGE_DECAY: f64 = 0.99;

/// A network that learns.
#[derive(Debug)]
pub struct Student {
    /// What the steps change.
    pub net: Net,
    /// The running average of its weights: what is validated and saved.
    pub average: Net,
    /// The contrast of pixels that it learns from, alone or beside its outputs.
    pub pixels: Option<PixelContrast>,
    /// What is done against learning the labels by heart.
    pub regulariser: Option<Regulariser>,
    /// Its moments, and those of what projects pixels.
    pub optimiser: Optimiser,
    machine: Machine,
}

/// What a step says about itself.
#[derive(Clone, Debug)]
pub struct StepReport {
    /// Sum of the losses.
    pub error: f64,
    /// Each loss by name.
    pub parts: Vec<(&'static str, f64)>,
    /// Norm of the gradient before clipping.
    pub gradient: f64,
}

impl Student {
    /// Learns from these weights on, from `pixels` and by a `regulariser` where there are any; `share` is that of the learning rate of a step by which a parameter moves.
    ///
    /// # Errors
    /// `bad-model` when weights are missing; what libtorch says.
    pub fn new(
        network: &Network,
        weights: &Weights,
        pixels: Option<PixelContrast>,
        regulariser: Option<Regulariser>,
        machine: &Machine,
        share: impl Fn(&str) -> f64,
    ) -> Result<Self> {
        let net = Net::with_weights(network.clone(), weights, machine)?;
        let average = Net::with_weights(network.clone(), weights, machine)?;
        let trained: Vec<_> = std::iter::once(&net.parameters).chain(pixels.as_ref().map(PixelContrast::parameters)).collect();
        let optimiser = Optimiser::new(&trained, true, share)?;
        Ok(Self { net, average, pixels, regulariser, optimiser, machine: machine.clone() })
    }

    /// What its steps are, in a word or two.
    pub fn phase(&self) -> &'static str {
        if self.pixels.as_ref().is_some_and(PixelContrast::alone) { PIXELS } else { "training" }
    }

    /// Where it learns.
    pub fn machine(&self) -> &Machine {
        &self.machine
    }

    /// Step number `step` (from 0) on a batch at learning rate `rate`, when a run has come as far as [`Learner::progress`] says; `None` when the batch says nothing, and nothing is learned.
    ///
    /// # Errors
    /// `internal` when the training error is no number any more; what libtorch says.
    pub fn step(&mut self, batch: &impl Lesson, step: u64, rate: f64, progress: f64) -> Result<Option<StepReport>> {
        let learner = Learner {
            net: &self.net,
            mode: Mode::Train { momentum: MOMENTUM },
            pixels: self.pixels.as_ref(),
            regulariser: self.regulariser.as_ref(),
            teacher: &self.average,
            progress,
            machine: &self.machine,
        };
        let Some(Loss { total, parts }) = batch.loss(&learner, step)? else {
            return Ok(None);
        };
        let error = number(&total)?;
        if !error.is_finite() {
            return Err(Error::internal("train", "the training error is no number any more")
                .with("step", step)
                .hint("use a smaller learning rate; if that does not help, report it with the log of this job"));
        }
        let gradient = self.optimiser.step(&total, rate)?;
        self.follow(step)?;
        let parts = parts.iter().map(|(name, value)| Ok((*name, number(value)?))).collect::<Result<_>>()?;
        Ok(Some(StepReport { error, parts, gradient }))
    }

    /// Moves the average towards the weights. Its decay rises as (1 + step) / (10 + step), so the start is
    /// forgotten soon. Running statistics are not averaged: they are measured anew before the average is used.
    fn follow(&self, step: u64) -> Result<()> {
        let step = step as f64;
        let decay = AVERAGE_DECAY.min((1.0 + step) / (10.0 + step));
        let trained = |net: &Net| net.parameters.select(ParameterKind::is_trained);
        shim::lerp(&trained(&self.average), &trained(&self.net), 1.0 - decay)
    }
}

fn number(scalar: &Tensor) -> Result<f64> {
    scalar.f_double_value(&[]).torch("read training error")
}
