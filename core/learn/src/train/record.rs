//! The record of a run: what `run.json` in the package says.

use fewlabel_contract::{Contrast, Entry, Find, Request, Result, TrainArgs};
use fewlabel_model::Citation;
use serde_json::{Map, Value, json};

use super::course::Course;
use super::material::Material;
use super::stage::Staged;
use super::subject::Subject;
use super::task::Task;
use crate::labels::LabelSet;
use crate::made_with;
use crate::seen::{Seen, hashed};
use crate::shim;
use crate::start::{Report, Start};
use crate::validate::Scores;

/// What the record of any run begins with.
#[derive(Clone, Copy)]
pub(super) struct Origin<'a> {
    pub args: &'a TrainArgs,
    pub seen: &'a Seen,
    pub start: Option<(&'a Start, &'a Report)>,
    /// Somebody asked to finish early.
    pub early: bool,
}

impl Origin<'_> {
    /// Versions, device, seed, request, what was seen, curves, scores and time.
    ///
    /// `request` replays the run: a budget in minutes stands there as the steps it came to, with those of a stage `before`.
    ///
    /// # Errors
    /// `io` when the start cannot be read any more.
    pub fn json<S: Subject>(&self, course: &Course<'_, S>, before: u64, scores: &Scores) -> Result<Map<String, Value>> {
        let Self { args, seen, start, early } = *self;
        let standing = &course.standing;
        let planned = standing.schedule.map_or(standing.step, |schedule| schedule.planned);
        let replay = TrainArgs { minutes: None, steps: Some(planned + before), resume: false, ..args.clone() };
        let replay = match before {
            0 => replay,
            _ => TrainArgs { contrast_share: Some(before as f64 / (planned + before) as f64), ..replay },
        };
        let of_start = start.map(|(start, report)| Ok(json!({"model": hashed(&start.path)?, "tensors": report}))).transpose()?;
        let fields = [
            ("versions", made_with::versions()),
            ("device", made_with::device(course.student.machine(), course.run.threads)),
            ("seed", json!(args.seed)),
            ("request", json!(Request::new(Entry::Train, &replay)?)),
            ("minutes", json!(args.minutes)),
            ("start", json!(of_start)),
            ("network", made_with::network(&course.student.average.network)),
            (
                "seen",
                json!({"images": seen.images, "labels": seen.labels, "inherited": start.map(|(start, _)| &start.package.run["seen"])}),
            ),
            ("steps", json!(standing.step)),
            ("schedule", json!(standing.schedule)),
            ("finished_early", json!(early)),
            ("curves", json!({"training_error_every_10_steps": standing.errors, "validations": standing.validations})),
            ("best", json!(standing.best)),
            ("scores", json!(scores)),
            ("start_scores", json!(standing.start_scores)),
            ("seconds", json!(course.seconds())),
        ];
        Ok(fields.into_iter().map(|(name, value)| (name.to_owned(), value)).collect())
    }

    /// Whose data the start learned from.
    pub fn data(&self) -> Vec<Citation> {
        self.start.map(|(start, _)| start.data()).unwrap_or_default()
    }

    /// What it started from, in a sentence.
    pub fn start_in_words(&self) -> String {
        self.start.map_or_else(|| "random weights".to_owned(), |(start, _)| format!("the model {}", start.package.meta.name))
    }
}

/// What a run began with and how it ended.
#[derive(Clone, Copy)]
pub(super) struct Record<'a> {
    pub task: &'a Task,
    pub labels: &'a LabelSet,
    pub staged: Option<&'a Staged>,
    pub origin: Origin<'a>,
}

impl Record<'_> {
    /// What [`Origin::json`] says, labels, splits, sizes and a sentence for a paper.
    ///
    /// # Errors
    /// `io` when the start cannot be read any more.
    pub fn json(&self, course: &Course<'_, Material>, scores: &Scores) -> Result<Value> {
        let Self { task, labels, origin, .. } = *self;
        let aside: Vec<&str> = course.subject.validator.iter().flat_map(|v| &v.images).map(|image| image.name.as_str()).collect();
        let mut record = origin.json(course, self.staged.map_or(0, Staged::steps), scores)?;
        record.insert(
            "labelled".into(),
            json!({
                "images": labels.images.iter().map(|image| image.name.as_str()).collect::<Vec<_>>(),
                "objects": labels.objects,
                "unlabelled_images": labels.unlabelled.len(),
            }),
        );
        record.insert("kept_aside".into(), json!(aside));
        record.insert(
            "object_diameter".into(),
            json!({"value": task.size.object_diameter, "unit": task.size.unit, "working_pixels": task.size.working_diameter}),
        );
        record.insert("contrast".into(), json!(self.staged.map(Staged::json)));
        let regulariser = course.student.regulariser.as_ref();
        record.insert(
            "regularisation".into(),
            json!(regulariser.map(|regulariser| regulariser.json(course.subject.unlabelled.as_ref()))),
        );
        record.insert("steps_without_foreground".into(), json!(course.standing.skipped));
        record.insert("methods".into(), json!(self.methods(course)));
        Ok(Value::Object(record))
    }

    /// A sentence for the methods section of a paper.
    fn methods(&self, course: &Course<'_, Material>) -> String {
        let Self { task, labels, staged, origin } = *self;
        let what = if task.find == Find::Areas { "semantic segmentation" } else { "instance segmentation" };
        let start = origin.start_in_words();
        let contrast = match (staged, origin.args.contrast) {
            (Some(staged), _) => format!(" after {} steps of contrast of their pixels (Hu et al. 2021)", staged.steps()),
            (None, Contrast::Joint) => " and contrast of their pixels (Hu et al. 2021) beside it".to_owned(),
            _ => String::new(),
        };
        let regulariser = course.student.regulariser.as_ref();
        let regulariser =
            regulariser.map(|regulariser| regulariser.in_words(course.subject.unlabelled.as_ref())).unwrap_or_default();
        format!(
            "A U-Net with {:.1} million parameters was trained for {what} with Fewlabel {} (libtorch {}) from {start} on {} labelled \
             images ({} labels) for {} steps of {} crops of {} × {} pixels (AdamW, peak learning rate {}, seed {}){contrast}{regulariser}.",
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
            course.seed,
        )
    }
}
