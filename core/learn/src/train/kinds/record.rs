//! The record of a run: what `run.json` in the package says.

use fewlabel_contract::Result;
use fewlabel_model::Weights;
use serde_json::{Value, json};

use super::task::Task;
use super::topic::Topic;
use crate::kinds::KindSet;
use crate::shim;
use crate::train::course::Course;
use crate::train::record::Origin;
use crate::validate::Scores;

/// What a run began with and how it ended.
#[derive(Clone, Copy)]
pub(super) struct Record<'a> {
    pub task: &'a Task,
    pub set: &'a KindSet,
    /// Whether each image was kept aside.
    pub aside: &'a [bool],
    /// Weights before a head was put on their features; `None` where the start has one.
    pub untrained: Option<&'a Weights>,
    pub origin: Origin<'a>,
}

impl Record<'_> {
    /// What [`Origin::json`] says, labels, splits and a sentence for a paper.
    ///
    /// # Errors
    /// `io` when the start cannot be read any more.
    pub fn json(&self, course: &Course<'_, Topic>, scores: &Scores) -> Result<Value> {
        let Self { set, aside, origin, .. } = *self;
        let names = |wanted: &dyn Fn(usize) -> bool| {
            let images = set.images.iter().enumerate().filter(|(i, _)| wanted(*i));
            images.map(|(_, image)| image.name.as_str()).collect::<Vec<_>>()
        };
        let mut record = origin.json(course, 0, scores)?;
        record.insert(
            "labelled".into(),
            json!({"images": names(&|_| true), "kinds": set.classes, "unlabelled_images": set.unlabelled.len()}),
        );
        record.insert("kept_aside".into(), json!(names(&|i| aside[i])));
        record.insert("head_in_closed_form".into(), json!(course.keeps_start() && self.untrained.is_some()));
        record.insert("methods".into(), json!(self.methods(course)));
        Ok(Value::Object(record))
    }

    /// A sentence for the methods section of a paper.
    fn methods(&self, course: &Course<'_, Topic>) -> String {
        let Self { task, set, origin, untrained, .. } = *self;
        let head = "a linear head, fitted by ridge regression to the pooled maps of the encoder";
        let learning = format!(
            "{} steps of {} images of {side} × {side} pixels (AdamW, peak learning rate {}, label smoothing 0.1, seed {})",
            course.standing.step,
            course.settings.batch,
            course.settings.learning_rate,
            course.seed,
            side = course.settings.crop,
        );
        let how = match (untrained, course.keeps_start()) {
            (Some(_), true) => {
                format!(
                    "{head}, was kept, as {learning} did not improve the classification of images kept aside (seed of initial weights {})",
                    course.seed
                )
            }
            (Some(_), false) => format!("{head}, was trained together with the encoder for {learning}"),
            (None, _) => format!("encoder and head were trained for {learning}"),
        };
        format!(
            "A classifier of whole images, the encoder of a U-Net with {:.1} million parameters, was made with Fewlabel {} (libtorch {}) \
             from {} and {} labelled images of {} kinds: {how}.",
            task.network.parameter_count() as f64 / 1e6,
            env!("CARGO_PKG_VERSION"),
            shim::torch_version(),
            origin.start_in_words(),
            set.images.len(),
            set.classes.len(),
        )
    }
}
