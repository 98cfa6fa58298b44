//! Which step does what: all by step numbers, so that a run can be repeated and resumed exactly.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::optim::learning_rate;

/// Steps that are timed before a run in minutes fixes its number of steps.
pub const TIMED_STEPS: u64 = 20;
/// Of these, steps that do not count.
const WARM_STEPS: usize = 4;
/// Fewest steps of a run in minutes; the learning rate of the timed steps depends on it.
const FEWEST: u64 = 50;
/// Share of the steps in which labels are kept aside; in the others all are trained on.
const CHOOSING: f64 = 0.75;
/// Steps between validations, at least, and validations at most.
const VALIDATE_EVERY: u64 = 50;
const VALIDATIONS: u64 = 8;
/// Validations in a row, all clearly worse than the best, after which choosing ends.
const PATIENCE: usize = 3;
/// So much below the best is clearly worse, if much was scored. On labels of the very images that are trained on
/// scores level off long before other images have nothing more to gain, so a plateau ends nothing.
const WORSE: f64 = 0.03;
/// Share of the time that is left free for noise in the step times.
pub const SPARE: f64 = 0.05;

/// What a run does beside its steps, in a run in minutes.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Overhead {
    /// Time of one validation, counted in steps.
    pub validation: f64,
    /// Choosing, checking and saving at the end.
    pub end: Duration,
}

/// The plan of a run.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Schedule {
    /// Steps that the learning rate is planned over.
    pub planned: u64,
    /// Steps with labels kept aside. Equal to the steps in all when none are.
    pub choosing: u64,
    /// Steps that an early stop left out.
    pub skipped: u64,
}

impl Schedule {
    /// `planned` steps, `aside` when labels are kept aside.
    pub fn new(planned: u64, aside: bool) -> Self {
        let choosing = if aside { ((planned as f64 * CHOOSING).round() as u64).clamp(1, planned) } else { planned };
        Self { planned, choosing, skipped: 0 }
    }

    /// The steps that fit into `left`, from the times of the first steps.
    pub fn steps_within(left: Duration, timed: &[f64], overhead: Overhead) -> u64 {
        let second = seconds_a_step(timed);
        let room = left.saturating_sub(overhead.end).as_secs_f64() * (1.0 - SPARE) / second;
        // More steps mean more validations, up to their limit: take the largest number for which both fit.
        let fits = |count: u64| room - count as f64 * overhead.validation;
        let more = (1..=VALIDATIONS)
            .map(|count| {
                fits(count).min(if count == VALIDATIONS {
                    f64::INFINITY
                } else {
                    ((count + 1) * VALIDATE_EVERY) as f64 / CHOOSING
                })
            })
            .fold(0.0, f64::max);
        (timed.len() as u64 + more as u64).max(FEWEST)
    }

    /// Steps in all.
    pub fn total(&self) -> u64 {
        self.planned - self.skipped
    }

    /// Learning rate of a step (from 0).
    pub fn rate(&self, peak: f64, step: u64) -> f64 {
        let place = if step < self.choosing { step } else { step + self.skipped };
        learning_rate(peak, place, self.planned)
    }

    /// How far step `step` (from 0) is on the way to the end of choosing: 0 to 1.
    ///
    /// A run in minutes knows its steps only after the timed ones, and is to be repeated exactly in so many steps: until then it is 0.
    pub fn progress(&self, step: u64) -> f64 {
        if self.planned >= FEWEST && step < TIMED_STEPS {
            return 0.0;
        }
        (step as f64 / self.choosing.max(1) as f64).min(1.0)
    }

    /// Whether what was learned is validated when `done` steps are done.
    pub fn validates_after(&self, done: u64) -> bool {
        if self.choosing == self.planned || done == 0 || done > self.choosing {
            return false;
        }
        let count = (self.planned_choosing() / VALIDATE_EVERY).clamp(1, VALIDATIONS);
        done == self.choosing || (1..count).any(|i| done == self.planned_choosing() * i / count)
    }

    /// Whether the scores so far, one a validation, say that choosing may end; `standard_error` is that of the difference of
    /// two ([`Validate::standard_error`](super::Validate::standard_error)).
    pub fn is_stale(scores: &[f64], standard_error: f64) -> bool {
        let best = scores.iter().copied().fold(f64::NEG_INFINITY, f64::max);
        scores.len() > PATIENCE
            && scores[scores.len() - PATIENCE..].iter().all(|&score| clearly_worse(score, best, standard_error))
    }

    /// Ends choosing after `done` steps: the rest of it is left out, training on all labels follows.
    pub fn stop_choosing(&mut self, done: u64) {
        self.skipped += self.choosing - done;
        self.choosing = done;
    }

    fn planned_choosing(&self) -> u64 {
        self.choosing + self.skipped
    }
}

/// The median of the times of the first steps, but for the very first: kernels are chosen then and memory is taken.
pub fn seconds_a_step(timed: &[f64]) -> f64 {
    let mut counted: Vec<f64> = timed.iter().skip(WARM_STEPS.min(timed.len().saturating_sub(1))).copied().collect();
    counted.sort_by(f64::total_cmp);
    counted.get(counted.len() / 2).copied().unwrap_or(1.0).max(1e-6)
}

/// Whether a score is below the best by more than two standard errors of their difference, and by more than 0.03.
pub fn clearly_worse(score: f64, best: f64, standard_error: f64) -> bool {
    score < best - (2.0 * standard_error).max(WORSE)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn three_quarters_choose_and_the_rest_trains_on_all() {
        let schedule = Schedule::new(400, true);
        assert_eq!((schedule.choosing, schedule.total()), (300, 400));
        let validated: Vec<u64> = (0..=400).filter(|&done| schedule.validates_after(done)).collect();
        assert_eq!(validated, [50, 100, 150, 200, 250, 300]);
        assert!((0..=400).all(|done| !Schedule::new(400, false).validates_after(done)));
        assert_eq!(Schedule::new(1, true).choosing, 1);
    }

    #[test]
    fn an_early_stop_leaves_out_steps_and_goes_on_with_the_end_of_the_learning_rate() {
        let mut schedule = Schedule::new(400, true);
        schedule.stop_choosing(200);
        assert_eq!((schedule.choosing, schedule.total()), (200, 300));
        assert_eq!(schedule.rate(1.0, 200), Schedule::new(400, true).rate(1.0, 300));
        assert_eq!(schedule.rate(1.0, 199), Schedule::new(400, true).rate(1.0, 199));
        assert!(schedule.validates_after(200) && !schedule.validates_after(250));
    }

    #[test]
    fn progress_ends_with_choosing() {
        let schedule = Schedule::new(400, true);
        assert_eq!([0, TIMED_STEPS - 1, 150, 300, 399].map(|step| schedule.progress(step)), [0.0, 0.0, 0.5, 1.0, 1.0]);
        let mut stopped = schedule;
        stopped.stop_choosing(200);
        assert_eq!([150, 200].map(|step| stopped.progress(step)), [0.75, 1.0]);
        // Short runs are planned from the first step on.
        assert_eq!([0, 6, 11].map(|step| Schedule::new(12, false).progress(step)), [0.0, 0.5, 11.0 / 12.0]);
    }

    #[test]
    fn stale_means_three_validations_that_are_clearly_worse() {
        for error in [0.0, 0.005] {
            assert!(!Schedule::is_stale(&[0.5, 0.4, 0.4], error));
            assert!(Schedule::is_stale(&[0.5, 0.4, 0.4, 0.46], error));
            assert!(!Schedule::is_stale(&[0.5, 0.4, 0.4, 0.48], error), "a plateau");
            assert!(!Schedule::is_stale(&[0.1, 0.5, 0.4, 0.4], error));
            assert!(!Schedule::is_stale(&[], error));
        }
        assert!(!Schedule::is_stale(&[0.5, 0.35, 0.35, 0.35], 0.1), "what little can be told");
        assert!(Schedule::is_stale(&[0.5, 0.25, 0.25, 0.25], 0.1));
    }

    #[test]
    fn the_steps_that_fit_come_from_the_median_without_the_first() {
        let mut timed = vec![9.0; 4];
        timed.extend([0.5; 15]);
        timed.push(30.0);
        let none = Overhead { validation: 0.0, end: Duration::ZERO };
        assert_eq!(Schedule::steps_within(Duration::from_secs(1000), &timed, none), 20 + 1900);
        assert_eq!(Schedule::steps_within(Duration::ZERO, &timed, none), FEWEST);
        // Eight validations of 20 steps each, and 100 seconds at the end.
        let much = Overhead { validation: 20.0, end: Duration::from_secs(100) };
        assert_eq!(Schedule::steps_within(Duration::from_secs(1000), &timed, much), 20 + 1710 - 160);
    }

    #[test]
    fn the_timed_steps_do_not_depend_on_the_number_of_steps() {
        for step in 0..TIMED_STEPS {
            let (few, many) = (Schedule::new(FEWEST, true), Schedule::new(100_000, true));
            assert_eq!((few.rate(1.0, step), few.progress(step)), (many.rate(1.0, step), many.progress(step)));
        }
    }
}
