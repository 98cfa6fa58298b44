//! How fast each parameter learns.

use std::collections::BTreeSet;

use fewlabel_contract::TrainArgs;

use crate::start::Report;

/// Shares of the learning rate of a step.
#[derive(Clone, Debug)]
pub(super) struct Rates {
    taken_over: BTreeSet<String>,
    share: f64,
}

impl Rates {
    /// What is taken over from a start has been learned on more images than have labels: it may be asked to move less than what is drawn
    /// anew (discriminative fine-tuning, Howard & Ruder 2018, in two groups).
    pub fn new(args: &TrainArgs, report: Option<&Report>) -> Self {
        let taken_over = report.into_iter().flat_map(|report| report.matched.iter().cloned()).collect();
        Self { taken_over, share: args.transfer_rate.unwrap_or(1.0) }
    }

    /// That of a parameter.
    pub fn of(&self, name: &str) -> f64 {
        if self.taken_over.contains(name) { self.share } else { 1.0 }
    }
}
