//! Images to the class of each.

mod earlier;
mod table;

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::time::Instant;

use fewlabel_contract::{
    ClassifiedImage, ClassifiedPlane, ClassifyArgs, ClassifyResult, ErrorKind, Event, Existing, Outcome, Progress, Request,
    Response, Result, Status,
};
use fewlabel_image::{Pixels, write_csv};
use fewlabel_infer::{MemoryBudget, available_threads, check_kinds, classify_image, in_order};
use fewlabel_score::most_probable;

use super::channels::channels;
use super::existing::there_already;
use super::folder::{folder_of, prepare};
use super::inputs::{Input, fingerprint_of, inputs, refuse_clashes};
use super::model::{Model, refuse_otsu};
use super::record::{self, Record, write_record};
use super::settings::{made_by, settings};
use crate::VERSION;
use crate::engine::Context;
use earlier::{Earlier, Made};

const OPERATION: &str = "classify";

/// Fields that do not change the class of an image.
const WITHOUT_EFFECT: [&str; 7] = ["images", "output", "existing", "recursive", "threads", "memory", "device"];

pub(super) fn run(request: &Request, context: &Context) -> Result<Outcome> {
    let args: ClassifyArgs = request.parse_args()?;
    args.check()?;
    let inputs = inputs(&args.images, args.recursive, &BTreeSet::new())?;
    refuse_clashes(&inputs, |input| &input.file)?;
    if let Some(table) = &args.output {
        refuse_existing(table, args.existing)?;
    }
    refuse_otsu(&args.model, OPERATION)?;
    let model = Model::open(&args.model, &context.config)?;
    check_kinds(&model.package.meta)?;
    let settings = settings(request, &WITHOUT_EFFECT, &model.sha256);
    let earlier = match &args.output {
        Some(table) if args.existing == Existing::Skip && table.exists() => {
            Earlier::read(table, &record_of(table), &model.package.meta.output_channels, |request, sha256| {
                self::settings(request, &WITHOUT_EFFECT, sha256) == settings
            })?
        }
        _ => Earlier::default(),
    };
    if let Some(table) = &args.output {
        prepare(folder_of(table))?;
    }
    let budget = context.budget_of(args.memory);
    let run = Run { args: &args, model: &model, settings, earlier, budget, buffers: &context.buffers, context };
    let begin = Instant::now();
    let mut done = Done::default();
    let threads = args.threads.unwrap_or_else(available_threads);
    run.tell(0, inputs.len(), begin);
    in_order(
        inputs.len(),
        threads,
        |index| run.one(&inputs[index]),
        |index, one| {
            match one {
                None => done.finished_early = true,
                Some(one) => done.add(one, &inputs[index], inputs.len() == 1, context)?,
            }
            run.tell(index + 1, inputs.len(), begin);
            Ok(())
        },
    )?;
    done.tell_notes(context);
    let finished_early = done.finished_early;
    if let Some(table) = &args.output {
        done.write(table, request, &args, &model, begin)?;
        context.events.send(Event::Artifact { path: table.clone(), sha256: fingerprint_of(table)? });
    }
    let response = Response::new(request.entry, &done.result(&args, &model, begin))?;
    Ok(if finished_early { Outcome::FinishedEarly { response } } else { Outcome::Done { response } })
}

/// What all images share.
struct Run<'a> {
    args: &'a ClassifyArgs,
    model: &'a Model,
    settings: String,
    earlier: Earlier,
    budget: MemoryBudget,
    buffers: &'a [Pixels],
    context: &'a Context,
}

/// What came out for one image.
struct One {
    made_by: String,
    status: Status,
    planes: Result<Vec<ClassifiedPlane>>,
    notes: Vec<String>,
}

impl Run<'_> {
    /// The classes of one image; nothing when the run is to end with what it has.
    ///
    /// # Errors
    /// What would meet every other image as well. Others stay with their image.
    fn one(&self, input: &Input) -> Result<Option<One>> {
        self.context.token.check(OPERATION)?;
        if self.context.token.wants_to_finish() {
            return Ok(None);
        }
        let made_by = made_by(&self.settings, input, self.buffers);
        if let Some(planes) = self.earlier.planes(&input.file, &made_by) {
            return Ok(Some(One { made_by, status: Status::Skipped, planes: Ok(planes.to_vec()), notes: Vec::new() }));
        }
        let mut notes = Vec::new();
        let planes = self.classes(input, &mut notes);
        match planes {
            Err(error) if matches!(error.kind, ErrorKind::Cancelled | ErrorKind::BadModel | ErrorKind::Internal) => Err(error),
            Err(_) => Ok(Some(One { made_by, status: Status::Failed, planes, notes })),
            Ok(_) => Ok(Some(One { made_by, status: Status::Done, planes, notes })),
        }
    }

    fn classes(&self, input: &Input, notes: &mut Vec<String>) -> Result<Vec<ClassifiedPlane>> {
        let meta = &self.model.package.meta;
        let image = input.open(self.buffers)?;
        let (chosen, note) = channels(&*image, &meta.channels, &self.args.channels)?;
        let classified = classify_image(&chosen, meta, &self.model.forward, &self.budget, &self.context.token)?;
        notes.extend(note.into_iter().chain(classified.notes));
        let slices = image.info().shape.z;
        let plane = |(index, probabilities): (usize, Vec<f32>)| {
            let probabilities: Vec<f64> = probabilities.into_iter().map(f64::from).collect();
            let best = most_probable(&probabilities).unwrap_or_default();
            ClassifiedPlane {
                t: index / slices + 1,
                z: index % slices + 1,
                class: meta.output_channels[best].clone(),
                probability: probabilities[best],
                probabilities,
            }
        };
        Ok(classified.planes.into_iter().enumerate().map(plane).collect())
    }

    fn tell(&self, done: usize, total: usize, begin: Instant) {
        let spent = begin.elapsed().as_secs_f64();
        self.context.events.send(Event::Progress(Progress {
            phase: "classifying".to_owned(),
            step: done as u64,
            total: Some(total as u64),
            metrics: BTreeMap::new(),
            remaining: (done > 0).then(|| spent / done as f64 * (total - done) as f64),
        }));
    }
}

/// The images so far.
#[derive(Default)]
struct Done {
    images: Vec<ClassifiedImage>,
    /// What made each, for the record.
    made: Vec<Made>,
    /// What is to be told, with the first image that it concerns and their number.
    notes: BTreeMap<String, (String, usize)>,
    finished_early: bool,
}

impl Done {
    /// # Errors
    /// That of the image when it is the only one.
    fn add(&mut self, one: One, input: &Input, is_only: bool, context: &Context) -> Result<()> {
        for note in one.notes {
            self.notes.entry(note).or_insert_with(|| (input.file.clone(), 0)).1 += 1;
        }
        let (planes, error) = match one.planes {
            Ok(planes) => {
                self.made.push(Made { file: input.file.clone(), made_by: one.made_by });
                (planes, None)
            }
            Err(error) if is_only => return Err(error),
            Err(error) => {
                context.events.warn(format!("{} failed: {error}", input.file));
                (Vec::new(), Some(error))
            }
        };
        self.images.push(ClassifiedImage { file: input.file.clone(), status: one.status, planes, error });
        Ok(())
    }

    fn tell_notes(&self, context: &Context) {
        for (note, (file, images)) in &self.notes {
            let concerned = if *images == 1 { file.clone() } else { format!("{images} images") };
            context.events.warn(format!("{concerned}: {note}"));
        }
    }

    /// Writes table and record.
    fn write(&mut self, table: &Path, request: &Request, args: &ClassifyArgs, model: &Model, begin: Instant) -> Result<()> {
        let replace = args.existing != Existing::Error;
        let classes = &model.package.meta.output_channels;
        let rows = self.images.iter().flat_map(|image| image.planes.iter().map(|plane| table::line(&image.file, plane)));
        write_csv(table, std::iter::once(table::header(classes)).chain(rows), replace)?;
        let model = record::Model { name: &args.model, sha256: &model.sha256 };
        let seconds = begin.elapsed().as_secs_f64();
        let images = std::mem::take(&mut self.made);
        write_record(&record_of(table), &Record { fewlabel: VERSION, request, model, seconds, images }, replace)
    }

    fn result(self, args: &ClassifyArgs, model: &Model, begin: Instant) -> ClassifyResult {
        let classes = model.package.meta.output_channels.clone();
        let planes = || self.images.iter().flat_map(|image| &image.planes);
        let counts = classes.iter().map(|class| planes().filter(|plane| plane.class == *class).count()).collect();
        ClassifyResult {
            failed: self.images.iter().filter(|image| image.status == Status::Failed).count(),
            images: self.images,
            classes,
            counts,
            output: args.output.clone(),
            seconds: begin.elapsed().as_secs_f64(),
        }
    }
}

/// The record beside a table: `kinds.csv` has `kinds.run.json`.
fn record_of(table: &Path) -> PathBuf {
    table.with_extension("run.json")
}

/// Refuses, before anything is computed, to touch what is there unless the request says what to do with it.
fn refuse_existing(table: &Path, existing: Existing) -> Result<()> {
    let record = record_of(table);
    match [table, &record].into_iter().find(|path| path.exists()) {
        Some(there) if existing == Existing::Error => Err(there_already(OPERATION, there, "name")),
        _ => Ok(()),
    }
}
