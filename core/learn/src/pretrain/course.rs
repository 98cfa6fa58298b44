//! The steps of a run without labels: learning, looking at images kept aside, saving what is needed to go on.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::{Duration, Instant};

use fewlabel_contract::{Error, Event, Progress, Result};
use fewlabel_model::Weights;
use serde::{Deserialize, Serialize};

use super::accumulate::{Parts, Step, gradients};
use super::batch::ViewBatch;
use super::check::{Checked, Checker};
use super::method::{BATCH, Method};
use super::settings::PretrainSettings;
use crate::device::Machine;
use crate::loader::{Batches, Loader, ViewSource};
use crate::net::{Net, image_batch};
use crate::optim::{Optimiser, learning_rate};
use crate::partial::{Partial, State};
use crate::pool::{Pool, ViewPlan};
use crate::run::Run;
use crate::train::{Budget, CALIBRATION, CALIBRATION_SEED, SPARE, TIMED_STEPS, seconds_a_step};

/// Times that images kept aside are looked at in a run, and the fewest steps between two.
const CHECKS: u64 = 20;
const CHECK_EVERY: u64 = 25;
/// Checks in a row without a new best after which a run ends.
const PATIENCE: usize = 8;
/// Steps before which nothing is said about a collapse: first all projections lie close to each other.
const SETTLED: u64 = 100;
/// Steps between two writings of the state.
const SAVE_EVERY: u64 = 100;
/// Steps that one point of the curves stands for.
const STRETCH: usize = 10;
/// What choosing, checking and saving take at the end of a run, with room to spare.
const END: Duration = Duration::from_secs(6);
/// Fewest steps of a run in minutes.
const FEWEST: u64 = 50;
/// Progress is told no more often than this.
const TELL_EVERY: Duration = Duration::from_millis(250);

/// Where a run stands. Together with the tensors all that is needed to go on.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Standing {
    /// Steps done.
    pub step: u64,
    /// Steps in all, once they are fixed.
    pub planned: Option<u64>,
    /// Seconds of the first steps.
    pub timed: Vec<f64>,
    /// Mean of each part of the error over each stretch of ten steps.
    pub errors: BTreeMap<String, Vec<f64>>,
    /// Each part in the steps since.
    pub recent: BTreeMap<String, Vec<f64>>,
    /// What images kept aside said so far.
    pub checks: Vec<Checked>,
    /// The best of these.
    pub best: Option<Checked>,
    /// Whether nothing improved any more.
    pub stale: bool,
    /// Seconds that earlier sittings took.
    pub seconds: f64,
}

/// A run between its first and its last step.
#[derive(Debug)]
pub struct Course<'a> {
    pub(super) run: &'a Run<'a>,
    pub(super) settings: &'a PretrainSettings,
    pub(super) seed: u64,
    pub(super) machine: &'a Machine,
    pub(super) plan: ViewPlan,
    pub(super) pool: Arc<Pool>,
    pub(super) method: Box<dyn Method>,
    pub(super) net: Net,
    pub(super) optimiser: Optimiser,
    pub(super) checker: Checker,
    pub(super) standing: Standing,
    pub(super) best_weights: Option<Weights>,
    pub(super) partial: Partial,
    pub(super) began: Instant,
}

/// How the steps ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum End {
    /// All were done.
    Whole,
    /// Somebody asked to finish early, or nothing improved any more.
    Early,
}

impl Course<'_> {
    /// Goes on where an interrupted run left off.
    ///
    /// # Errors
    /// `invalid-request` when it was another run; `bad-model` when its state is damaged.
    pub fn resume(&mut self) -> Result<()> {
        let State { standing, mut tensors }: State<Standing> = self.partial.load()?;
        let mut group = |name: &str| tensors.remove(name).unwrap_or_default();
        self.net.parameters.copy_from(&group("net"))?;
        self.method.restore(&group("method"))?;
        self.optimiser.restore(&group("optimiser"))?;
        self.best_weights = standing.best.as_ref().map(|_| group("best"));
        self.standing = standing;
        self.run.info(format!("going on after {} steps", self.standing.step));
        Ok(())
    }

    fn save(&self) -> Result<()> {
        let tensors = [
            ("net", self.net.parameters.to_weights()?),
            ("method", self.method.state()?),
            ("optimiser", self.optimiser.state()?),
            ("best", self.best_weights.clone().unwrap_or_default()),
        ];
        let standing = Standing { seconds: self.seconds(), ..self.standing.clone() };
        let tensors = tensors.into_iter().map(|(name, weights)| (name.to_owned(), weights)).collect();
        self.partial.save(&State { standing, tensors })
    }

    /// Wall time in seconds, earlier sittings included.
    pub fn seconds(&self) -> f64 {
        self.standing.seconds + self.began.elapsed().as_secs_f64()
    }

    /// Does the steps that are left.
    ///
    /// # Errors
    /// `cancelled`; `internal` when learning has collapsed; what a step, a check or writing the state says.
    pub fn go(&mut self) -> Result<End> {
        let mut loader = Loader::start(&self.source(self.plan.clone(), self.seed), self.standing.step, self.run.loader_threads);
        let mut told = Instant::now();
        loop {
            if self.standing.stale {
                return Ok(End::Early);
            }
            if self.standing.planned.is_some_and(|planned| self.standing.step >= planned) {
                return Ok(End::Whole);
            }
            self.run.token.check("pretrain")?;
            if self.run.token.wants_to_finish() {
                return Ok(End::Early);
            }
            let start = Instant::now();
            let views = loader.next_batch()?;
            let waited = start.elapsed().as_secs_f64();
            let batch = ViewBatch::new(&views, self.machine)?;
            let (parts, by_chance) = self.step(&batch)?;
            let seconds = start.elapsed().as_secs_f64();
            self.count(&parts, seconds);
            let (step, planned) = (self.standing.step, self.standing.planned);
            if told.elapsed() >= TELL_EVERY || planned == Some(step) || step == 1 {
                told = Instant::now();
                self.tell(&parts, by_chance, seconds, waited);
            }
            let checks =
                planned.is_some_and(|planned| step.is_multiple_of((planned / CHECKS).max(CHECK_EVERY)) || step == planned);
            if checks {
                self.check()?;
            }
            if checks || step.is_multiple_of(SAVE_EVERY) {
                self.save()?;
            }
        }
    }

    /// One step; each part of the error by name, and what the contrast among them is by chance.
    fn step(&mut self, batch: &ViewBatch) -> Result<(Parts, Option<f64>)> {
        let step = self.standing.step;
        let total = self.standing.planned.unwrap_or(u64::MAX >> 16);
        let piece = self.settings.micro_batch.unwrap_or(self.settings.batch) as i64;
        let Step { parts, by_chance, gradients } = gradients(&*self.method, &self.net, &self.optimiser, batch, piece, BATCH)?;
        if parts.iter().any(|(_, value)| !value.is_finite()) {
            return Err(Error::internal("pretrain", "the training error is no number any more")
                .with("step", step)
                .hint("use a smaller learning rate; if that does not help, report it with the log of this job"));
        }
        self.optimiser.apply(gradients, learning_rate(self.settings.learning_rate, step, total))?;
        self.method.follow(&self.net, step, total)?;
        Ok((parts, by_chance))
    }

    fn count(&mut self, parts: &[(&'static str, f64)], seconds: f64) {
        let standing = &mut self.standing;
        standing.step += 1;
        for (name, value) in parts {
            let recent = standing.recent.entry((*name).to_owned()).or_default();
            recent.push(*value);
            if recent.len() == STRETCH {
                let mean = recent.drain(..).sum::<f64>() / STRETCH as f64;
                standing.errors.entry((*name).to_owned()).or_default().push(mean);
            }
        }
        match self.settings.budget {
            _ if standing.planned.is_some() => {}
            Budget::Steps(steps) => standing.planned = Some(steps),
            Budget::Minutes(minutes) => {
                standing.timed.push(seconds);
                if standing.step == TIMED_STEPS {
                    let left = Duration::from_secs_f64(minutes * 60.0).saturating_sub(self.began.elapsed());
                    let steps = steps_within(left, &standing.timed, self.checker.batches());
                    standing.planned = Some(steps);
                    self.run.info(format!("{steps} steps fit into {minutes} minutes"));
                }
            }
        }
    }

    fn tell(&self, parts: &[(&'static str, f64)], by_chance: Option<f64>, seconds: f64, waited: f64) {
        let mut metrics: BTreeMap<String, f64> = parts.iter().map(|(name, value)| ((*name).to_owned(), *value)).collect();
        metrics.insert("steps_per_second".into(), 1.0 / seconds.max(1e-9));
        metrics.insert("waited_for_batch".into(), waited);
        metrics.extend(by_chance.map(|by_chance| ("contrast_by_chance".to_owned(), by_chance)));
        if let Some(checked) = self.standing.checks.last() {
            metrics.extend(checked.metrics());
        }
        let left = |planned: u64| (planned - self.standing.step) as f64 * seconds;
        self.run.sink.event(Event::Progress(Progress {
            phase: "learning from unlabelled images".into(),
            step: self.standing.step,
            total: self.standing.planned,
            metrics,
            remaining: self.standing.planned.map(left),
        }));
    }

    fn source(&self, plan: ViewPlan, seed: u64) -> ViewSource {
        let parts = Arc::clone(&self.checker.learned_from);
        let (count, size) = (self.settings.batch, self.settings.crop);
        ViewSource { pool: Arc::clone(&self.pool), parts, plan, seed, count, size }
    }

    /// Measures the running statistics on unchanged crops: those of a masked image are not those of one that is whole.
    pub(super) fn recalibrate(&self) -> Result<()> {
        let source = self.source(ViewPlan::unchanged(), self.seed ^ CALIBRATION_SEED);
        let images = |step| {
            let views = source.batch(step)?;
            image_batch(&views.first, (views.count, views.channels, views.size), self.machine)
        };
        self.net.recalibrate((0..CALIBRATION).map(images))
    }

    fn check(&mut self) -> Result<()> {
        let step = self.standing.step;
        let (checked, picture) = self.checker.check(&*self.method, &self.net, step, self.machine)?;
        if let Some(png) = picture {
            self.run.preview(step, &png);
        }
        if step >= SETTLED
            && let Some(health) = &checked.health
        {
            health.check(step)?;
        }
        if self.standing.best.as_ref().is_none_or(|best| checked.merit() > best.merit()) {
            self.best_weights = Some(self.net.parameters.to_weights()?);
            self.standing.best = Some(checked.clone());
        }
        self.standing.checks.push(checked);
        let best = self.standing.best.as_ref().map_or(0, |best| best.step);
        if self.standing.checks.iter().filter(|checked| checked.step > best).count() >= PATIENCE {
            self.standing.stale = true;
            self.run.info(format!("nothing has improved since step {best}: ending here"));
        }
        Ok(())
    }
}

/// Steps in all that fit into `left`, from the times of the first ones; a look at images kept aside takes `batches` batches.
fn steps_within(left: Duration, timed: &[f64], batches: u64) -> u64 {
    // Without gradients a batch takes a third of a step, and half of one with what is looked at.
    let check = batches as f64 / 2.0;
    let room = left.saturating_sub(END).as_secs_f64() * (1.0 - SPARE) / seconds_a_step(timed) - CALIBRATION as f64 / 3.0;
    // In a short run there are as many looks as steps allow, in a long one as many as are wanted: the larger number is right.
    let every = CHECK_EVERY as f64;
    let more = (room * every / (every + check)).max(room - CHECKS as f64 * check);
    (timed.len() as u64 + more.max(0.0) as u64).max(FEWEST)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn steps_and_looks_fill_the_time() {
        let timed = vec![0.5; 20];
        for (seconds, steps) in [(0, FEWEST), (106, 193), (1006, 1876)] {
            let found = steps_within(Duration::from_secs(seconds), &timed, 4);
            assert!(found.abs_diff(steps) <= 2, "{found} in {seconds} s");
            let spent = |steps: u64| (steps - 20 + (steps / CHECK_EVERY).min(CHECKS) * 2 + 4) as f64 * 0.5;
            assert!(steps == FEWEST || (0.9..=0.96).contains(&(spent(found) / (seconds as f64 - 6.0))), "{}", spent(found));
        }
    }
}
