//! Images to label images, maps and tables.

mod csv;
mod inputs;
mod ledger;
mod made_labels;
mod outputs;
mod segmenter;
mod tables;

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::time::Instant;

use fewlabel_contract::{
    Error, ErrorKind, Event, Link, Outcome, Progress, Request, Response, Result, SegmentArgs, SegmentResult, SegmentedImage,
    Status,
};
use fewlabel_image::{LabelRows, Pixels, Source};
use fewlabel_infer::{Found, MemoryBudget};
use serde_json::Value;
use sha2::{Digest, Sha256};

use super::model::{hexadecimal, sha256_of};
use crate::engine::Context;
use inputs::{Input, Origin, inputs};
use ledger::{Journal, Ledger, Made};
use made_labels::MadeLabels;
use outputs::Plan;
use segmenter::Segmenter;

/// Fields that do not change the pixels of an output.
const WITHOUT_EFFECT: [&str; 8] = ["images", "output", "existing", "resume", "recursive", "threads", "memory", "device"];

pub(super) fn run(request: &Request, context: &mut Context) -> Result<Outcome> {
    let args: SegmentArgs = request.parse_args()?;
    args.check()?;
    Run::new(request, args, context)?.all(context)
}

/// A run under way.
struct Run<'a> {
    request: &'a Request,
    args: SegmentArgs,
    inputs: Vec<Input>,
    segmenter: Segmenter,
    budget: MemoryBudget,
    /// Hash of what determines the pixels, the image aside.
    settings: String,
    ledger: Ledger,
    begin: Instant,
    result: SegmentResult,
}

impl<'a> Run<'a> {
    /// Checks all that can be checked before anything is computed.
    fn new(request: &'a Request, args: SegmentArgs, context: &Context) -> Result<Self> {
        let mut ledger = Ledger::default();
        let mut made = BTreeSet::new();
        if let Some(folder) = &args.output {
            let earlier = Ledger::read(folder);
            made = earlier.files(folder);
            if outputs::keeps(&args) {
                ledger = earlier;
            }
        }
        let inputs = inputs(&args, &made)?;
        if let Some(folder) = &args.output {
            outputs::refuse_existing(folder, inputs.iter().map(|input| input.name.as_str()), &args)?;
        }
        let segmenter = Segmenter::open(&args.model, &context.config)?;
        let settings = settings(request, segmenter.sha256());
        let budget = args
            .memory
            .map_or_else(|| context.budget.clone(), |megabytes| MemoryBudget::new(megabytes.saturating_mul(1_000_000)));
        let result = SegmentResult { images: Vec::with_capacity(inputs.len()), tile: 0, halo: 0 };
        Ok(Self { request, args, inputs, segmenter, budget, settings, ledger, begin: Instant::now(), result })
    }

    fn all(mut self, context: &mut Context) -> Result<Outcome> {
        let inputs = std::mem::take(&mut self.inputs);
        let plans = self.plans(&inputs, &context.buffers)?;
        let mut journal = match &self.args.output {
            Some(folder) => {
                outputs::prepare(folder)?;
                Some(Journal::new(folder, outputs::keeps(&self.args)))
            }
            None => None,
        };
        let mut finished_early = false;
        for (index, input) in inputs.iter().enumerate() {
            context.token.check("segment")?;
            if context.token.wants_to_finish() {
                finished_early = true;
                break;
            }
            let (plan, made_by) = &plans[index];
            match plan {
                Plan::Keep => self.keep(input),
                Plan::Write { replace } => self.one(index, inputs.len(), input, *replace, made_by, journal.as_mut(), context)?,
            }
        }
        self.tell(inputs.len(), inputs.len(), 0.0, context);
        self.close()?;
        let response = Response::new(self.request.entry, &self.result)?;
        Ok(if finished_early { Outcome::FinishedEarly { response } } else { Outcome::Done { response } })
    }

    /// What to do about each image, with the hash of what would make its outputs.
    fn plans(&self, inputs: &[Input], buffers: &[Pixels]) -> Result<Vec<(Plan, String)>> {
        let Some(folder) = &self.args.output else {
            return Ok(inputs.iter().map(|_| (Plan::Write { replace: false }, String::new())).collect());
        };
        inputs
            .iter()
            .map(|input| {
                // A file that cannot be read fails alone, later.
                let image = input.fingerprint(buffers).unwrap_or_default();
                let made_by = hexadecimal(Sha256::new_with_prefix(format!("{}{image}", self.settings)));
                Ok((outputs::plan(folder, &input.name, &made_by, &self.ledger, &self.args)?, made_by))
            })
            .collect()
    }

    fn keep(&mut self, input: &Input) {
        let rows = self.ledger.get(&input.name).and_then(|made| made.rows.as_ref());
        self.result.images.push(SegmentedImage {
            name: input.name.clone(),
            status: Status::Skipped,
            objects: rows.map_or(0, |rows| rows.objects.len()),
            labels: self.args.output.as_ref().map(|folder| folder.join(&outputs::files_of(&input.name, &self.args)[0])),
            buffer: None,
            error: None,
            seconds: 0.0,
        });
    }

    /// Segments one image. An image that cannot be read or does not suit the model fails alone; what concerns all ends the run.
    #[expect(clippy::too_many_arguments, reason = "the state of the loop")]
    fn one(
        &mut self,
        index: usize,
        total: usize,
        input: &Input,
        replace: bool,
        made_by: &str,
        journal: Option<&mut Journal>,
        context: &mut Context,
    ) -> Result<()> {
        self.tell(index, total, 0.0, context);
        let begin = Instant::now();
        let segmented = input.open(&context.buffers).and_then(|image| {
            let mut progress = |done: u64, parts: u64| self.tell(index, total, done as f64 / parts.max(1) as f64, context);
            let folder = self.args.output.as_ref().map(|folder| folder.join(format!("{}.partial", input.name)));
            let info = image.info();
            let mut labels = MadeLabels::new(info.shape, info.calibration.clone(), folder, made_by, self.args.resume);
            let (budget, token) = (&self.budget, &context.token);
            let mut found = self.segmenter.segment(&*image, &mut labels, &self.args, budget, token, &mut progress)?;
            let mut labels = labels.finish()?;
            if self.args.link != Link::None && self.segmenter.finds_objects() {
                (labels, found.objects) = labels.linked(self.args.link)?;
            }
            Ok((image, labels, found))
        });
        let mut row = SegmentedImage {
            name: input.name.clone(),
            status: Status::Done,
            objects: 0,
            labels: None,
            buffer: None,
            error: None,
            seconds: 0.0,
        };
        match segmented {
            Ok((image, labels, found)) => {
                for note in &found.notes {
                    context.events.warn(format!("{}: {note}", input.name));
                }
                self.result.tile = self.result.tile.max(found.tile);
                self.result.halo = self.result.halo.max(found.halo);
                row.objects = found.objects;
                row.seconds = begin.elapsed().as_secs_f64();
                if let (Some(folder), Some(journal)) = (self.args.output.clone(), journal) {
                    let made = (&*image, &*labels.rows, &found);
                    row.labels = Some(self.write(&folder, &row, made, replace, made_by, journal, context)?);
                }
                if let Origin::Buffer(_) = input.origin {
                    row.buffer = Some(context.outputs.len());
                    context.outputs.push(Pixels::U32(all_labels(&*labels.rows)?));
                }
                labels.remove()?;
            }
            Err(error) if total == 1 || concerns_all(&error, &self.args) => return Err(error),
            Err(error) => {
                context.events.warn(format!("{} failed: {error}", input.name));
                row.status = Status::Failed;
                row.error = Some(error);
                row.seconds = begin.elapsed().as_secs_f64();
                let rows = Some(tables::failed(&row));
                self.ledger.put(input.name.clone(), Made { by: String::new(), files: Vec::new(), rows });
            }
        }
        self.result.images.push(row);
        Ok(())
    }

    #[expect(clippy::too_many_arguments, reason = "one call, from the loop")]
    fn write(
        &mut self,
        folder: &Path,
        row: &SegmentedImage,
        (image, labels, found): (&dyn Source, &dyn LabelRows, &Found),
        replace: bool,
        made_by: &str,
        journal: &mut Journal,
        context: &Context,
    ) -> Result<std::path::PathBuf> {
        let files = outputs::files_of(&row.name, &self.args);
        let begun = Made { by: made_by.to_owned(), files, rows: None };
        journal.note(&row.name, &begun)?;
        let names = self.segmenter.map_names();
        let paths =
            outputs::write(folder, &row.name, image, labels, found, self.segmenter.finds_objects(), names, &self.args, replace)?;
        let rows = tables::rows(row, image, labels, None, &|label| self.segmenter.class_of(label))?;
        let made = Made { rows: Some(rows), ..begun };
        journal.note(&row.name, &made)?;
        self.ledger.put(row.name.clone(), made);
        for path in &paths {
            context.events.send(Event::Artifact { path: path.clone(), sha256: sha256_of(path)? });
        }
        paths.into_iter().next().ok_or_else(|| Error::internal("write outputs", "no label image"))
    }

    /// Tables and record of the whole run.
    fn close(&self) -> Result<()> {
        let Some(folder) = &self.args.output else { return Ok(()) };
        let replace = outputs::keeps(&self.args) || self.args.existing == fewlabel_contract::Existing::Overwrite;
        tables::write(folder, &self.ledger.rows(), replace)?;
        self.ledger.write(
            folder,
            self.request,
            &self.args.model,
            self.segmenter.sha256(),
            self.begin.elapsed().as_secs_f64(),
            replace,
        )
    }

    fn tell(&self, done: usize, total: usize, part: f64, context: &Context) {
        let share = (done as f64 + part) / total.max(1) as f64;
        let spent = self.begin.elapsed().as_secs_f64();
        let objects: usize = self.result.images.iter().map(|image| image.objects).sum();
        context.events.send(Event::Progress(Progress {
            phase: "segmenting".to_owned(),
            step: done as u64,
            total: Some(total as u64),
            metrics: BTreeMap::from([("part".to_owned(), part), ("objects".to_owned(), objects as f64)]),
            remaining: (share > 0.0).then(|| spent / share * (1.0 - share)),
        }));
    }
}

/// All labels of an image, in order `t z y x`.
fn all_labels(labels: &dyn LabelRows) -> Result<Vec<u32>> {
    let shape = labels.shape();
    let mut all = Vec::with_capacity(shape.t * shape.z * shape.y * shape.x);
    for t in 0..shape.t {
        for z in 0..shape.z {
            all.append(&mut labels.rows(t, z, 0..shape.y)?);
        }
    }
    Ok(all)
}

/// SHA-256 of everything in the request that changes pixels, and of the model.
fn settings(request: &Request, model_sha256: &str) -> String {
    let mut args = request.args.clone();
    if let Value::Object(fields) = &mut args {
        // Names sorted, so that the same request written in another order is the same.
        let kept: BTreeMap<String, Value> = std::mem::take(fields)
            .into_iter()
            .filter(|(name, _)| !WITHOUT_EFFECT.contains(&name.as_str()) && name != "model")
            .collect();
        *fields = kept.into_iter().collect();
    }
    hexadecimal(Sha256::new_with_prefix(format!("{args}{model_sha256}")))
}

/// Whether an error would meet every other image as well: a broken model, a tile over the budget, a wish to stop.
fn concerns_all(error: &Error, args: &SegmentArgs) -> bool {
    match error.kind {
        ErrorKind::Cancelled | ErrorKind::BadModel | ErrorKind::Internal => true,
        ErrorKind::LimitExceeded => args.tile.is_some(),
        _ => false,
    }
}
