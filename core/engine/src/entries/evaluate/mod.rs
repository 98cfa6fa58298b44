//! Scores of predictions against labels.

mod given;
mod kinds;
mod sides;

use std::collections::{BTreeMap, HashSet};
use std::path::{Path, PathBuf};

use fewlabel_contract::{Error, ErrorKind, EvaluateArgs, Event, Find, Progress, Request, Response, Result};
use fewlabel_image::{Pair, pair};
use fewlabel_score::{LabelPair, evaluate_at};

use self::given::Given;
use self::sides::Sides;
use crate::engine::Context;

const OPERATION: &str = "evaluate";

pub(super) fn run(request: &Request, context: &Context) -> Result<Response> {
    let args: EvaluateArgs = request.parse_args()?;
    args.check()?;
    if args.find == Find::Kinds {
        return Response::new(request.entry, &kinds::evaluate(&args, &context.events)?);
    }
    let mut predictions = Given::list(&args.predictions, args.recursive)?;
    let mut labels = Given::list(&args.labels, args.recursive)?;
    let shared = predictions.shared_with(&labels);
    if shared.is_empty() {
        predictions.choose();
        labels.choose();
    }
    let pairs = match pair(&predictions.found, &labels.found) {
        Err(_) if shared.len() == predictions.found.len() => return Err(same_files(&shared)),
        pairs => pairs?,
    };
    let both: Vec<Both<'_>> = pairs.iter().filter_map(Both::of).collect();
    if both.is_empty() && !shared.is_empty() {
        return Err(same_files(&shared));
    }
    if both.len() < pairs.len() {
        context.events.info(format!("{} files without labels were left out", pairs.len() - both.len()));
    }
    let below = |both: &Both<'_>| [&labels, &predictions].into_iter().find_map(|given| given.below(both.stem));
    let sides = Sides::open(&both, &args)?;
    sides.notes().into_iter().for_each(|note| context.events.info(note));
    let total = both.len();
    let opened = both.iter().enumerate().map(|(index, both)| {
        context.token.check(OPERATION)?;
        context.events.send(progress(index, total));
        let (truth, prediction) = sides.labels(both, below(both))?;
        Ok(LabelPair { name: both.stem.to_owned(), truth, prediction })
    });
    Response::new(request.entry, &evaluate_at(args.grid, args.find, opened)?)
}

/// A prediction and its truth, in files of their own.
struct Both<'a> {
    stem: &'a str,
    prediction: &'a Path,
    truth: &'a Path,
}

impl<'a> Both<'a> {
    fn of(pair: &'a Pair) -> Option<Self> {
        let truth = pair.label.as_deref().filter(|label| **label != pair.image)?;
        Some(Self { stem: &pair.stem, prediction: &pair.image, truth })
    }
}

fn same_files(shared: &HashSet<PathBuf>) -> Error {
    let first = shared.iter().min().map(|path| path.display().to_string());
    Error::new(ErrorKind::InvalidRequest, OPERATION, "labels and predictions are the same files, so there is nothing to compare")
        .with("such files", shared.len())
        .with("first", first.unwrap_or_default())
        .hint("give the folder of the true labels and that of the predictions")
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
