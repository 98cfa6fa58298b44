//! The steps of a run: learning, validating, saving what is needed to go on.

use std::time::{Duration, Instant};

use fewlabel_contract::{CancelToken, Result};
use fewlabel_model::Weights;
use serde::{Deserialize, Serialize};

use super::report::Reporter;
use super::schedule::{Overhead, Schedule, TIMED_STEPS, clearly_worse};
use super::settings::{Budget, Settings};
use super::student::{StepReport, Student};
use super::subject::{Lesson, Subject, Validate};
use crate::device::Machine;
use crate::loader::{Batches, Loader};
use crate::net::Net;
use crate::partial::{Partial, State};
use crate::run::Run;
use crate::validate::Scores;

/// Steps between two writings of the state.
const SAVE_EVERY: u64 = 50;
/// Steps that one point of the curve of training errors stands for.
const STRETCH: usize = 10;
/// What choosing, checking and saving take at the end of a run, with room to spare.
const END: Duration = Duration::from_secs(4);
/// Batches that the running statistics are measured on.
pub(crate) const CALIBRATION: u64 = 12;
/// Told apart from the seed of training crops.
pub(crate) const CALIBRATION_SEED: u64 = 0x0c1e_a400_0c1e_a400;

/// Measures the running statistics of a network anew, on batches of unchanged images.
///
/// # Errors
/// `cancelled`; what making a batch says; what libtorch says.
pub(crate) fn calibrate(
    net: &Net,
    unchanged: &impl Batches<Batch: Lesson>,
    machine: &Machine,
    token: &CancelToken,
) -> Result<()> {
    net.recalibrate((0..CALIBRATION).map(|step| {
        token.check("train")?;
        unchanged.batch(step)?.images(machine)
    }))
}

/// A validation: the average was scored on the labels kept aside.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Validation {
    /// Steps done.
    pub step: u64,
    /// What it scored.
    pub scores: Scores,
}

/// Where a run stands. Together with the tensors all that is needed to go on.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Standing {
    /// Steps done.
    pub step: u64,
    /// The plan, once it is fixed.
    pub schedule: Option<Schedule>,
    /// Seconds of the first steps.
    pub timed: Vec<f64>,
    /// Mean training error of each stretch of ten steps that learned something.
    pub errors: Vec<f64>,
    /// Training errors of the steps since.
    pub recent: Vec<f64>,
    /// What the start scored, where it could be.
    pub start_scores: Option<Scores>,
    /// Validations so far.
    pub validations: Vec<Validation>,
    /// The best so far, the start among them.
    pub best: Option<Validation>,
    /// Steps whose batch said nothing.
    #[serde(default)]
    pub skipped: u64,
    /// Seconds that earlier sittings took.
    pub seconds: f64,
}

/// A run between its first and its last step.
#[derive(Debug)]
pub struct Course<'a, S> {
    pub(super) run: &'a Run<'a>,
    pub(super) settings: &'a Settings,
    pub(super) seed: u64,
    pub(super) subject: S,
    pub(super) student: Student,
    pub(super) standing: Standing,
    /// Weights of the best so far, with running statistics measured anew.
    pub(super) best_weights: Option<Weights>,
    pub(super) partial: Partial,
    pub(super) began: Instant,
}

/// How the steps ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum End {
    /// All were done.
    Whole,
    /// Somebody asked to finish early.
    Early,
}

impl<S: Subject> Course<'_, S> {
    /// Scores the start, so that a run can say whether training helped.
    ///
    /// # Errors
    /// `cancelled`; what validation says.
    pub fn score_start(&mut self) -> Result<()> {
        let Some(validator) = self.subject.validator() else { return Ok(()) };
        let (scores, _) = validator.score(&mut self.student.average, self.run.token)?;
        self.standing.start_scores = Some(scores.clone());
        self.standing.best = Some(Validation { step: 0, scores });
        self.best_weights = Some(self.student.average.parameters.to_weights()?);
        Ok(())
    }

    /// Goes on where an interrupted run left off.
    ///
    /// # Errors
    /// `invalid-request` when it was another run; `bad-model` when its state is damaged.
    pub fn resume(&mut self) -> Result<()> {
        let State { standing, mut tensors }: State<Standing> = self.partial.load()?;
        let mut group = |name: &str| tensors.remove(name).unwrap_or_default();
        self.student.net.parameters.copy_from(&group("net"))?;
        self.student.average.parameters.copy_from(&group("average"))?;
        self.student.optimiser.restore(&group("optimiser"))?;
        if let Some(pixels) = &self.student.pixels {
            pixels.parameters().copy_from(&group("pixels"))?;
        }
        self.best_weights = standing.best.as_ref().map(|_| group("best"));
        self.standing = standing;
        self.run.info(format!("going on after {} steps", self.standing.step));
        Ok(())
    }

    /// Writes all that is needed to go on.
    ///
    /// # Errors
    /// `io`; what libtorch says.
    pub(super) fn save(&self) -> Result<()> {
        let student = &self.student;
        let tensors = [
            ("net", student.net.parameters.to_weights()?),
            ("average", student.average.parameters.to_weights()?),
            ("optimiser", student.optimiser.state()?),
            ("best", self.best_weights.clone().unwrap_or_default()),
            ("pixels", student.pixels.as_ref().map_or_else(|| Ok(Weights::new()), |pixels| pixels.parameters().to_weights())?),
        ];
        let standing = Standing { seconds: self.seconds(), ..self.standing.clone() };
        let tensors = tensors.into_iter().map(|(name, weights)| (name.to_owned(), weights)).collect();
        self.partial.save(&State { standing, tensors })
    }

    /// Does the steps that are left.
    ///
    /// # Errors
    /// `cancelled`; what a step, a validation or writing the state says.
    pub fn go(&mut self) -> Result<End> {
        let mut reporter = Reporter::new(self.student.phase(), self.standing.step);
        let mut loader = self.loader();
        loop {
            let schedule = self.schedule();
            if self.standing.step >= schedule.total() || (self.on_all() && self.keeps_start()) {
                return Ok(End::Whole);
            }
            self.run.token.check("train")?;
            if self.run.token.wants_to_finish() {
                return Ok(End::Early);
            }
            let start = Instant::now();
            let batch = loader.next_batch()?;
            let waited = start.elapsed().as_secs_f64();
            let step = self.standing.step;
            let rate = schedule.rate(self.settings.learning_rate, step);
            let report = self.student.step(&batch, step, rate, schedule.progress(step))?;
            let seconds = start.elapsed().as_secs_f64();
            self.count(report.as_ref(), seconds);
            reporter.stepped(self.run.sink, &self.schedule(), self.standing.step, report.as_ref(), seconds, waited);
            let validates = self.subject.validator().is_some() && self.schedule().validates_after(self.standing.step);
            if validates {
                self.validate(&mut reporter)?;
                if self.on_all() && self.standing.step < self.schedule().total() {
                    self.back_to_best()?;
                    loader = self.loader();
                }
            }
            if validates || self.standing.step.is_multiple_of(SAVE_EVERY) {
                self.save()?;
            }
        }
    }

    fn count(&mut self, report: Option<&StepReport>, seconds: f64) {
        let standing = &mut self.standing;
        standing.step += 1;
        match report {
            Some(report) => standing.recent.push(report.error),
            None => standing.skipped += 1,
        }
        if standing.recent.len() == STRETCH {
            standing.errors.push(standing.recent.drain(..).sum::<f64>() / STRETCH as f64);
        }
        self.time(seconds);
    }

    /// Wall time in seconds, earlier sittings included.
    pub(super) fn seconds(&self) -> f64 {
        self.standing.seconds + self.began.elapsed().as_secs_f64()
    }

    /// Puts the weights to keep into the average: those of the end when all labels were trained on, else the best.
    ///
    /// # Errors
    /// Those of making a batch; what libtorch says.
    pub(super) fn keep_best(&self) -> Result<()> {
        match self.best_weights.as_ref().filter(|_| !self.has_trained_on_all()) {
            Some(best) => self.student.average.parameters.copy_from(best),
            None => self.recalibrate(),
        }
    }

    /// Whether the weights come from steps on all labels.
    fn has_trained_on_all(&self) -> bool {
        self.subject.validator().is_none() || self.standing.step > self.schedule().choosing
    }

    /// The plan; before it is fixed, one whose first steps are those of any plan.
    fn schedule(&self) -> Schedule {
        self.standing.schedule.unwrap_or_else(|| match self.settings.budget {
            Budget::Steps(steps) => Schedule::new(steps, self.subject.validator().is_some()),
            Budget::Minutes(_) => Schedule::new(u64::MAX >> 16, self.subject.validator().is_some()),
        })
    }

    /// Fixes the plan of a run in minutes when enough steps are timed.
    fn time(&mut self, seconds: f64) {
        if self.standing.schedule.is_some() {
            return;
        }
        match self.settings.budget {
            Budget::Steps(_) => self.standing.schedule = Some(self.schedule()),
            Budget::Minutes(minutes) => {
                self.standing.timed.push(seconds);
                if self.standing.step == TIMED_STEPS {
                    let left = Duration::from_secs_f64(minutes * 60.0).saturating_sub(self.began.elapsed());
                    let steps = Schedule::steps_within(left, &self.standing.timed, self.overhead());
                    self.standing.schedule = Some(Schedule::new(steps, self.subject.validator().is_some()));
                    self.run.info(format!("{steps} steps fit into {minutes} minutes"));
                }
            }
        }
    }

    /// What validations and the end will cost, from the pixels that they look at: a pass forward takes a third of a
    /// step, decoding and resampling about as much again.
    fn overhead(&self) -> Overhead {
        let in_a_step = (self.settings.batch * self.settings.crop.pow(2)) as f64;
        let scored: usize = self.subject.validator().iter().map(|validator| validator.working_pixels()).sum();
        Overhead { validation: 2.0 / 3.0 * scored as f64 / in_a_step + CALIBRATION as f64 / 3.0, end: END }
    }

    fn loader(&self) -> Loader<S::Source> {
        let source = self.subject.source(self.settings, self.on_all(), self.seed);
        Loader::start(&source, self.standing.step, self.run.loader_threads)
    }

    /// Whether the steps now train on all labels.
    fn on_all(&self) -> bool {
        self.standing.step >= self.schedule().choosing
    }

    /// Whether what was learned is better than what it started from, where that was scored.
    pub(super) fn helped(&self) -> bool {
        let best = self.standing.best.as_ref();
        let is_beaten = |start: &Scores| best.is_some_and(|best| best.scores.merit() > start.merit());
        self.standing.start_scores.as_ref().is_none_or(is_beaten)
    }

    /// Whether what it started from is kept: nothing was learned since, or nothing better.
    pub(super) fn keeps_start(&self) -> bool {
        let start_is_best = self.standing.best.as_ref().is_some_and(|best| best.step == 0);
        S::KEEPS_START && (self.standing.step == 0 || (start_is_best && !self.has_trained_on_all()))
    }

    /// Measures the average's running statistics on unchanged images of what is trained on now.
    pub(super) fn recalibrate(&self) -> Result<()> {
        let source = self.subject.unchanged(self.settings, self.on_all(), self.seed ^ CALIBRATION_SEED);
        calibrate(&self.student.average, &source, self.student.machine(), self.run.token)
    }

    fn validate(&mut self, reporter: &mut Reporter) -> Result<()> {
        self.recalibrate()?;
        let Some(validator) = self.subject.validator() else { return Ok(()) };
        let (scores, seen) = validator.score(&mut self.student.average, self.run.token)?;
        reporter.validated(&scores);
        if let Some(png) = validator.preview(&seen)? {
            self.run.preview(self.standing.step, &png);
        }
        let validation = Validation { step: self.standing.step, scores };
        self.standing.validations.push(validation.clone());
        if self.standing.best.as_ref().is_none_or(|best| validation.scores.merit() >= best.scores.merit()) {
            self.best_weights = Some(self.student.average.parameters.to_weights()?);
            self.standing.best = Some(validation);
        }
        let merits: Vec<f64> = self.standing.validations.iter().map(|v| v.scores.merit()).collect();
        let mut schedule = self.schedule();
        if Schedule::is_stale(&merits, validator.standard_error()) && self.standing.step < schedule.choosing {
            schedule.stop_choosing(self.standing.step);
            self.standing.schedule = Some(schedule);
            self.run.info(format!("scores get worse: training on all labels begins after {} steps", self.standing.step));
        }
        Ok(())
    }

    /// Goes back to the best weights, if those of now are clearly worse; all labels are trained on from there. What chance
    /// explains is not worth the steps since.
    fn back_to_best(&mut self) -> Result<()> {
        let standing = &self.standing;
        let (Some(validator), Some(last), Some(best)) = (self.subject.validator(), standing.validations.last(), &standing.best)
        else {
            return Ok(());
        };
        // Training must beat what it started from, not merely equal it.
        let is_start = best.step == 0;
        if is_start || clearly_worse(last.scores.merit(), best.scores.merit(), validator.standard_error()) {
            if let Some(best) = &self.best_weights {
                self.student.net.parameters.copy_from(best)?;
                self.student.average.parameters.copy_from(best)?;
            }
            return Ok(());
        }
        self.best_weights = Some(self.student.average.parameters.to_weights()?);
        self.standing.best = Some(last.clone());
        Ok(())
    }
}
