//! Images to label images, maps and tables.

mod files;
mod ledger;
mod looked_at;
mod made_labels;
mod object_rows;
mod outputs;
mod picture;
mod segmenter;
mod tables;
mod unsure;

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::time::Instant;

use fewlabel_contract::{
    Error, ErrorKind, Event, Link, Outcome, Progress, Request, Response, Result, SegmentArgs, SegmentResult, SegmentedImage,
    Status,
};
use fewlabel_image::{Cropped, LabelRows, Pixels, Rectangle, Shape, Source};
use fewlabel_infer::MemoryBudget;

use super::channels::channels;
use super::folder::prepare;
use super::inputs::{Input, Origin, fingerprint_of, inputs, refuse_clashes};
use super::settings::{made_by, settings};
use crate::engine::Context;
use files::{Formats, files_of};
use ledger::{Journal, Ledger, Made};
use looked_at::{LookedAt, stored_labels};
use made_labels::{FinishedLabels, MadeLabels, WantedMaps};
use outputs::{Plan, ToWrite};
use segmenter::{Segmenter, region_of};

/// Fields that do not change the pixels of an output.
const WITHOUT_EFFECT: [&str; 9] =
    ["images", "output", "existing", "resume", "recursive", "threads", "memory", "device", "columns"];

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
        let inputs = inputs(&args.images, args.recursive, &made)?;
        if let Some(folder) = &args.output {
            refuse_clashes(&inputs, |input| &input.name)?;
            outputs::refuse_existing(folder, &inputs, &args)?;
        }
        let segmenter = Segmenter::open(&args.model, &context.config)?;
        segmenter.check(&args)?;
        let settings = settings(request, &WITHOUT_EFFECT, segmenter.sha256());
        let budget = context.budget_of(args.memory);
        let result = SegmentResult { images: Vec::with_capacity(inputs.len()), tile: 0, halo: 0 };
        Ok(Self { request, args, inputs, segmenter, budget, settings, ledger, begin: Instant::now(), result })
    }

    fn all(mut self, context: &mut Context) -> Result<Outcome> {
        let inputs = std::mem::take(&mut self.inputs);
        let plans = self.plans(&inputs, &context.buffers)?;
        let mut journal = match &self.args.output {
            Some(folder) => {
                prepare(folder)?;
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
                let made_by = made_by(&self.settings, input, buffers);
                Ok((outputs::plan(folder, input, &made_by, &self.ledger, &self.args)?, made_by))
            })
            .collect()
    }

    fn keep(&mut self, input: &Input) {
        let made = self.ledger.get(&input.name);
        let rows = made.and_then(|made| made.rows.as_ref());
        self.result.images.push(SegmentedImage {
            name: input.name.clone(),
            status: Status::Skipped,
            objects: rows.map_or(0, |rows| rows.objects.len()),
            labels: self
                .args
                .output
                .as_ref()
                .zip(made.and_then(|made| made.files.first()))
                .map(|(folder, file)| folder.join(file)),
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
            let image = LookedAt::new(image, self.segmenter.plane(), &self.args).map_err(|e| e.with("image", input.place()))?;
            let planes = image.planes();
            let (chosen, note) = channels(planes, self.segmenter.channels(), &self.args.channels)?;
            let region = self.region(planes)?;
            let mut progress = |done: u64, parts: u64| self.tell(index, total, done as f64 / parts.max(1) as f64, context);
            let folder = self.args.output.as_ref().map(|folder| folder.join(format!("{}.partial", input.name)));
            let (info, keep) = (planes.info(), self.args.probabilities || self.args.uncertainty);
            let (y, x) = region.as_ref().map_or((info.shape.y, info.shape.x), Rectangle::size);
            let shape = Shape { y, x, ..info.shape };
            let maps = WantedMaps { classes: self.segmenter.classes(), keep };
            let mut labels = MadeLabels::new(shape, info.calibration.clone(), maps, folder, made_by, self.args.resume);
            let (budget, token) = (&self.budget, &context.token);
            let mut found = self.segmenter.segment(&chosen, &mut labels, &self.args, budget, token, &mut progress)?;
            found.notes.extend(note);
            let mut labels = labels.finish()?;
            if self.args.link != Link::None && self.segmenter.finds_objects() {
                (labels, found.objects) = labels.linked(self.args.link)?;
            }
            Ok((image, region, labels, found))
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
            Ok((image, region, labels, found)) => {
                for note in &found.notes {
                    context.events.warn(format!("{}: {note}", input.name));
                }
                self.result.tile = self.result.tile.max(found.tile);
                self.result.halo = self.result.halo.max(found.halo);
                row.objects = found.objects;
                row.seconds = begin.elapsed().as_secs_f64();
                if let (Some(folder), Some(journal)) = (self.args.output.clone(), journal) {
                    let formats = Formats::of(input, &self.args);
                    let made = (&image, region, &labels);
                    row.labels = Some(self.write(&folder, &row, made, formats, replace, made_by, journal, context)?);
                }
                if let Origin::Buffer(_) = input.origin {
                    row.buffer = Some(context.outputs.len());
                    context.outputs.push(Pixels::U32(stored_labels(image.turn(), &*labels.rows, all_labels)?));
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
        (looked_at, region, labels): (&LookedAt, Option<Rectangle>, &FinishedLabels),
        formats: Formats,
        replace: bool,
        made_by: &str,
        journal: &mut Journal,
        context: &Context,
    ) -> Result<std::path::PathBuf> {
        let origin = region.as_ref().map_or((0, 0), |region| (region.y.start, region.x.start));
        let cropped = region.map(|region| Cropped::new(looked_at.planes(), region)).transpose()?;
        // A rectangle is one of planes that are stored so.
        let (image, stored): (&dyn Source, &dyn Source) = match &cropped {
            Some(cropped) => (cropped, cropped),
            None => (looked_at.planes(), looked_at.stored()),
        };
        let (shape, largest) = (labels.rows.shape(), labels.rows.largest());
        let formats = formats.that_hold(&self.args, shape, largest, self.segmenter.map_names().len());
        let files = files_of(&row.name, &self.args, formats);
        let begun = Made { by: made_by.to_owned(), files, rows: None };
        journal.note(&row.name, &begun)?;
        let made = ToWrite {
            name: &row.name,
            image,
            stored,
            turn: looked_at.turn(),
            origin,
            labels,
            segmenter: &self.segmenter,
            formats,
        };
        let paths = outputs::write(folder, &made, &self.args, replace)?;
        let class_of = |label| self.segmenter.class_of(label);
        let rows = tables::rows(row, image, &*labels.rows, origin, labels.unsure, &class_of)?;
        let made = Made { rows: Some(rows), ..begun };
        journal.note(&row.name, &made)?;
        self.ledger.put(row.name.clone(), made);
        for path in &paths {
            context.events.send(Event::Artifact { path: path.clone(), sha256: fingerprint_of(path)? });
        }
        paths.into_iter().next().ok_or_else(|| Error::internal("write outputs", "no label image"))
    }

    /// The rectangle that is wanted of an image.
    fn region(&self, image: &dyn Source) -> Result<Option<Rectangle>> {
        let region = region_of(&self.args);
        if let Some(region) = &region {
            Cropped::new(image, region.clone()).map_err(|error| error.with("field", "region"))?;
        }
        Ok(region)
    }

    /// Tables and record of the whole run.
    fn close(&self) -> Result<()> {
        let Some(folder) = &self.args.output else { return Ok(()) };
        let replace = outputs::keeps(&self.args) || self.args.existing == fewlabel_contract::Existing::Overwrite;
        tables::write(folder, &self.ledger.rows(), self.args.columns, replace)?;
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

/// Whether an error would meet every other image as well: a broken model, a tile over the budget, a wish to stop.
fn concerns_all(error: &Error, args: &SegmentArgs) -> bool {
    match error.kind {
        ErrorKind::Cancelled | ErrorKind::BadModel | ErrorKind::Internal => true,
        ErrorKind::LimitExceeded => args.tile.is_some(),
        _ => false,
    }
}
