//! The stage in which pixels are contrasted before fine-tuning (Hu et al., arXiv 2109.07407).

use std::sync::Arc;
use std::time::Instant;

use fewlabel_contract::{Contrast, ErrorKind, Result, TrainArgs};
use fewlabel_model::Weights;
use serde_json::{Value, json};

use super::course::{Course, Standing};
use super::material::Material;
use super::pixels::{PHASE, PixelContrast, marks};
use super::rates::Rates;
use super::settings::{Budget, Settings};
use super::student::Student;
use super::task::Task;
use crate::augment::AugmentConfig;
use crate::device::Machine;
use crate::partial::{Identity, Partial};
use crate::run::Run;
use crate::sample::TrainingItem;
use crate::upright::Upright;

/// Its share of the budget.
const SHARE: f64 = 0.33;
/// Its peak learning rate, as published.
const RATE: f64 = 1e-4;
/// Folder of its state in that of the run.
const FOLDER: &str = "contrast";

/// A stage that was gone through.
#[derive(Debug)]
pub(super) struct Staged {
    standing: Standing,
    settings: Settings,
    seconds: f64,
    partial: Partial,
}

/// What a stage is given.
pub(super) struct Given<'a> {
    pub args: &'a TrainArgs,
    pub settings: &'a Settings,
    pub task: &'a Task,
    pub rates: &'a Rates,
    pub upright: Upright,
    pub machine: &'a Machine,
    pub run: &'a Run<'a>,
    pub identity: &'a Identity,
}

/// The settings of the stage and of what follows it; the same as before and none where there is no stage.
pub(super) fn shared(args: &TrainArgs, settings: &Settings) -> (Option<Settings>, Settings) {
    if args.contrast != Contrast::Local {
        return (None, settings.clone());
    }
    let share = args.contrast_share.unwrap_or(SHARE);
    let (first, rest) = match settings.budget {
        Budget::Minutes(minutes) => (Budget::Minutes(share * minutes), settings.budget),
        Budget::Steps(steps) => {
            let first = ((share * steps as f64).round() as u64).clamp(1, steps.saturating_sub(1).max(1));
            (Budget::Steps(first), Budget::Steps(steps - first.min(steps.saturating_sub(1))))
        }
    };
    let stage = Settings {
        budget: first,
        learning_rate: args.contrast_rate.unwrap_or(RATE),
        // Each crop comes in two views: a step costs what one of fine-tuning costs.
        batch: settings.batch.div_ceil(2),
        ..settings.clone()
    };
    (Some(stage), Settings { budget: rest, ..settings.clone() })
}

/// Learns from the contrast of pixels of `items`, and puts the running average of the weights into `weights`.
///
/// A stage that was finished before the run was interrupted is not gone through again.
///
/// # Errors
/// `cancelled`; those of a course.
pub(super) fn go_through(given: &Given<'_>, weights: &mut Weights, items: &Arc<Vec<TrainingItem>>) -> Result<Staged> {
    let Given { args, settings, task, rates, upright, machine, run, identity } = *given;
    run.phase(PHASE);
    let pixels = PixelContrast::new(args, &task.network, machine)?;
    let mut course = Course {
        run,
        settings,
        seed: args.seed,
        subject: Material {
            training: Arc::clone(items),
            all: Arc::clone(items),
            validator: None,
            augment: upright.augment(AugmentConfig::default()),
            marks: Some(marks(args)),
            unlabelled: None,
        },
        student: Student::new(&task.network, weights, Some(pixels), None, machine, |name| rates.before_fine_tuning(name))?,
        standing: Standing::default(),
        best_weights: None,
        partial: Partial::open(settings.save.partial().join(FOLDER), identity.clone())?,
        began: Instant::now(),
    };
    if let Err(error) = through(&mut course, args) {
        // A cancelled run leaves nothing behind; a failed one can be gone on with.
        if error.kind == ErrorKind::Cancelled {
            course.partial.remove();
        }
        return Err(error);
    }
    *weights = course.student.average.parameters.to_weights()?;
    let Standing { step, skipped, .. } = course.standing;
    run.info(format!("contrast of pixels: {step} steps, {skipped} of them without a labelled foreground"));
    Ok(Staged { seconds: course.seconds(), standing: course.standing, settings: settings.clone(), partial: course.partial })
}

fn through(course: &mut Course<'_, Material>, args: &TrainArgs) -> Result<()> {
    if course.partial.goes_on(course.run, args.resume) {
        course.resume()?;
    }
    course.go()?;
    course.save()?;
    course.recalibrate()
}

impl Staged {
    /// Steps done.
    pub fn steps(&self) -> u64 {
        self.standing.step
    }

    /// What the record says of it.
    pub fn json(&self) -> Value {
        json!({
            "steps": self.standing.step,
            "steps_without_foreground": self.standing.skipped,
            "crops_in_two_views": self.settings.batch,
            "learning_rate": self.settings.learning_rate,
            "error_every_10_steps": self.standing.errors,
            "seconds": self.seconds,
        })
    }

    /// Its state is not needed any more.
    pub fn forget(self) {
        self.partial.remove();
    }
}
