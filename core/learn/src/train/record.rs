//! The record of a run: what `run.json` in the package says.

use fewlabel_contract::{Entry, Find, Request, Result, TrainArgs};
use serde_json::{Value, json};

use super::course::Course;
use super::task::Task;
use crate::labels::LabelSet;
use crate::made_with;
use crate::seen::{Seen, hashed};
use crate::shim;
use crate::start::{Report, Start};
use crate::validate::Scores;

/// What a run began with and how it ended.
#[derive(Clone, Copy)]
pub(super) struct Record<'a> {
    pub task: &'a Task,
    pub labels: &'a LabelSet,
    pub seen: &'a Seen,
    pub args: &'a TrainArgs,
    pub start: Option<(&'a Start, &'a Report)>,
    /// Somebody asked to finish early.
    pub early: bool,
}

impl Record<'_> {
    /// Versions, device, seed, request, what was seen, splits, curves, scores, time and a sentence for a paper.
    ///
    /// `request` replays the run: a budget in minutes stands there as the steps it came to.
    ///
    /// # Errors
    /// `io` when the start cannot be read any more.
    pub fn json(&self, course: &Course<'_>, scores: &Scores) -> Result<Value> {
        let Self { task, labels, seen, args, start, early } = *self;
        let standing = &course.standing;
        let machine = course.student.machine();
        let planned = standing.schedule.map_or(standing.step, |schedule| schedule.planned);
        let replay = TrainArgs { minutes: None, steps: Some(planned), resume: false, ..args.clone() };
        let aside: Vec<&str> = course.validator.iter().flat_map(|v| &v.images).map(|image| image.name.as_str()).collect();
        let start = start.map(|(start, report)| Ok(json!({"model": hashed(&start.path)?, "tensors": report}))).transpose()?;
        Ok(json!({
            "versions": made_with::versions(),
            "device": made_with::device(machine, course.run.threads),
            "seed": args.seed,
            "request": Request::new(Entry::Train, &replay)?,
            "minutes": args.minutes,
            "start": start,
            "network": made_with::network(&task.network),
            "seen": {"images": seen.images, "labels": seen.labels, "inherited": self.start.map(|(start, _)| &start.package.run["seen"])},
            "labelled": {
                "images": labels.images.iter().map(|image| image.name.as_str()).collect::<Vec<_>>(),
                "objects": labels.objects,
                "unlabelled_images": labels.unlabelled.len(),
            },
            "kept_aside": aside,
            "object_diameter": {"value": task.size.object_diameter, "unit": task.size.unit, "working_pixels": task.size.working_diameter},
            "steps": standing.step,
            "schedule": standing.schedule,
            "finished_early": early,
            "curves": {"training_error_every_10_steps": standing.errors, "validations": standing.validations},
            "best": standing.best,
            "scores": scores,
            "start_scores": standing.start_scores,
            "seconds": course.seconds(),
            "methods": self.methods(course),
        }))
    }

    /// A sentence for the methods section of a paper.
    fn methods(&self, course: &Course<'_>) -> String {
        let Self { task, labels, args, start, .. } = *self;
        let what = if task.find == Find::Areas { "semantic segmentation" } else { "instance segmentation" };
        let start =
            start.map_or_else(|| "random weights".to_owned(), |(start, _)| format!("the model {}", start.package.meta.name));
        format!(
            "A U-Net with {:.1} million parameters was trained for {what} with Fewlabel {} (libtorch {}) from {start} on {} labelled \
             images ({} labels) for {} steps of {} crops of {} × {} pixels (AdamW, peak learning rate {}, seed {}).",
            task.network.parameter_count() as f64 / 1e6,
            env!("CARGO_PKG_VERSION"),
            shim::torch_version(),
            labels.images.len(),
            labels.objects,
            course.standing.step,
            course.settings.batch,
            course.settings.crop,
            course.settings.crop,
            course.settings.learning_rate,
            args.seed,
        )
    }
}
