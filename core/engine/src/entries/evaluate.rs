//! Scores of predictions against labels.

use std::collections::BTreeMap;

use fewlabel_contract::{EvaluateArgs, Event, Progress, Request, Response, Result};
use fewlabel_image::{LabelImage, Limits, Pair, list, open_labels, pair};
use fewlabel_objects::UNLABELLED;
use fewlabel_score::{LabelPair, evaluate};

use crate::engine::Context;

pub(super) fn run(request: &Request, context: &Context) -> Result<Response> {
    let args: EvaluateArgs = request.parse_args()?;
    args.check()?;
    let predictions = list(&args.predictions, args.recursive)?;
    let labels = list(&args.labels, args.recursive)?;
    let pairs = pair(&predictions, &labels)?;
    let labelled: Vec<&Pair> = pairs.iter().filter(|pair| pair.label.is_some()).collect();
    if labelled.len() < pairs.len() {
        context.events.info(format!("{} files without labels were left out", pairs.len() - labelled.len()));
    }
    let total = labelled.len();
    let opened = labelled.into_iter().enumerate().filter_map(|(index, pair)| {
        pair.label.as_ref().map(|label| {
            context.token.check("evaluate")?;
            context.events.send(progress(index, total));
            let limits = Limits::default();
            Ok(LabelPair {
                name: pair.stem.clone(),
                truth: without(args.unlabelled, open_labels(label, &limits)?),
                prediction: open_labels(&pair.image, &limits)?,
            })
        })
    });
    Response::new(request.entry, &evaluate(args.find, opened)?)
}

/// The labels with their value for *not labelled* as the rooms write it.
fn without(unlabelled: Option<u32>, mut labels: LabelImage) -> LabelImage {
    if let Some(value) = unlabelled {
        for id in labels.ids.iter_mut().filter(|id| **id == value) {
            *id = UNLABELLED;
        }
    }
    labels
}

fn progress(done: usize, total: usize) -> Event {
    Event::Progress(Progress {
        phase: "scoring".to_owned(),
        step: done as u64,
        total: Some(total as u64),
        metrics: BTreeMap::new(),
        remaining: None,
    })
}
