//! What a run tells while its steps are done.

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use fewlabel_contract::{Event, Progress, Sink};

use super::schedule::Schedule;
use super::student::StepReport;
use crate::validate::Scores;

/// Progress is told no more often than this.
const EVERY: Duration = Duration::from_millis(250);
/// Weight of the newest step in the running means.
const NEWEST: f64 = 0.1;

/// Turns steps into progress events.
#[derive(Debug)]
pub(super) struct Reporter {
    phase: &'static str,
    told: Option<Instant>,
    metrics: BTreeMap<String, f64>,
    first: u64,
    /// Running mean of seconds a step.
    seconds: f64,
}

impl Reporter {
    /// For steps of this phase of a run that goes on after `first` of them.
    pub fn new(phase: &'static str, first: u64) -> Self {
        Self { phase, told: None, metrics: BTreeMap::new(), first, seconds: 0.0 }
    }

    /// A step is done, which told this or had nothing to learn from; `waited` of its `seconds` went by until its batch was there.
    pub fn stepped(
        &mut self,
        sink: &dyn Sink,
        schedule: &Schedule,
        done: u64,
        report: Option<&StepReport>,
        seconds: f64,
        waited: f64,
    ) {
        let newest = if done == self.first + 1 { 1.0 } else { NEWEST };
        self.seconds += newest * (seconds - self.seconds);
        if let Some(report) = report {
            self.mean("training_error", report.error, newest);
            for (name, value) in &report.parts {
                self.mean(name, *value, newest);
            }
        }
        self.mean("waited_for_batch", waited, newest);
        self.metrics.insert("steps_per_second".into(), 1.0 / self.seconds.max(1e-9));
        let last = done == schedule.total();
        if !last && self.told.is_some_and(|told| told.elapsed() < EVERY) {
            return;
        }
        self.told = Some(Instant::now());
        let known = schedule.total() < u64::MAX >> 16;
        sink.event(Event::Progress(Progress {
            phase: self.phase.into(),
            step: done,
            total: known.then(|| schedule.total()),
            metrics: self.metrics.clone(),
            remaining: known.then(|| (schedule.total() - done) as f64 * self.seconds),
        }));
    }

    /// New scores; the next progress tells them.
    pub fn validated(&mut self, scores: &Scores) {
        self.metrics.extend(scores.0.iter().map(|(name, value)| (name.clone(), *value)));
        self.told = None;
    }

    fn mean(&mut self, name: &str, value: f64, newest: f64) {
        let mean = self.metrics.entry(name.to_owned()).or_insert(value);
        *mean += newest * (value - *mean);
    }
}
