//! How fast each parameter learns.

use std::collections::BTreeSet;

use fewlabel_contract::TrainArgs;

use fewlabel_model::{Block, Network};

use crate::start::Report;

/// Shares of the learning rate of a step.
#[derive(Clone, Debug)]
pub(super) struct Rates {
    taken_over: BTreeSet<String>,
    share: f64,
    frozen: BTreeSet<String>,
}

impl Rates {
    /// What is taken over from a start has been learned on more images than have labels: it may be asked to move less than what is drawn
    /// anew (discriminative fine-tuning, Howard & Ruder 2018, in two groups).
    pub fn new(args: &TrainArgs, report: Option<&Report>, network: &Network) -> Self {
        let encoder = || network.encoder().iter().flat_map(Block::parameters).map(|spec| spec.name).collect();
        let frozen = if args.freeze_encoder { encoder() } else { BTreeSet::new() };
        let taken_over = report.into_iter().flat_map(|report| report.matched.iter().cloned()).collect();
        Self { taken_over, share: args.transfer_rate.unwrap_or(1.0), frozen }
    }

    /// That of a parameter while fine-tuning.
    pub fn of(&self, name: &str) -> f64 {
        if self.frozen.contains(name) { 0.0 } else { self.before_fine_tuning(name) }
    }

    /// That of a parameter in a stage before, which teaches the encoder, too.
    pub fn before_fine_tuning(&self, name: &str) -> f64 {
        if self.taken_over.contains(name) { self.share } else { 1.0 }
    }
}
