//! Few-label training, from a request to a model package.

mod course;
mod crops;
mod finish;
mod kinds;
mod material;
mod pixels;
mod rates;
mod record;
mod regulariser;
mod report;
mod schedule;
mod settings;
mod stage;
mod student;
mod subject;
mod task;

pub(crate) use course::{CALIBRATION, CALIBRATION_SEED, calibrate};
pub use crops::{CropSource, Crops};
pub use regulariser::Regulariser;
pub use schedule::Schedule;
pub(crate) use schedule::{SPARE, TIMED_STEPS, seconds_a_step};
pub use settings::{Budget, Settings};
pub use student::{StepReport, Student};
pub use subject::{Learner, Lesson, Subject, Validate};
pub use task::Task;

use std::sync::Arc;
use std::time::Instant;

use fewlabel_contract::{Contrast, Error, ErrorKind, Find, Level, Regularisation, Result, TrainArgs, TrainResult, Transfer};
use fewlabel_image::Limits;

use crate::aside::keep_aside;
use crate::augment::AugmentConfig;
use crate::device::{self, Machine};
use crate::labels::{LabelledImage, open_label_set};
use crate::net::initial_weights;
use crate::partial::{Identity, Partial};
use crate::probe::first_guess;
use crate::run::Run;
use crate::sample::{TrainingItem, crowded, prepare};
use crate::seen::Seen;
use crate::shim::CudaLibrary;
use crate::start::{Parts, Start};
use crate::upright::Upright;
use crate::validate::Validator;
use course::{Course, End, Standing};
use material::Material;
use pixels::PixelContrast;
use rates::Rates;
use regulariser::Unlabelled;
use stage::Staged;

use record::{Origin, Record};

/// Trains and writes the package.
///
/// # Errors
/// Everything that [`fewlabel_contract::ErrorKind`] has a name for, but for what concerns hosts.
pub fn train(args: &TrainArgs, cuda: &CudaLibrary, run: &Run<'_>) -> Result<TrainResult> {
    let began = Instant::now();
    args.check()?;
    if args.find == Find::Kinds {
        return kinds::train(args, cuda, run, began);
    }
    let settings = Settings::new(args)?;
    let machine = Machine::choose(args.device, cuda)?;
    device::prepare(run.threads, &machine)?;
    run.info(format!("training on the {}, {} threads", machine.reason, run.threads));
    let start = Start::open(args.start.as_deref())?;
    // What is on record tells the planes, wherever they come from.
    let args = &TrainArgs { plane: args.plane.or_else(|| start.as_ref()?.plane()), ..args.clone() };
    run.phase("opening labels");
    let labels = open_label_set(args, &Limits::default(), run.token)?;
    if let Some(first) = labels.overlays.first() {
        let (files, first) = (labels.overlays.len(), first.display());
        run.info(format!("{files} of the labels are the outlines in an overlay, not the pixels below ({first} is the first)"));
    }
    let task = Task::new(args, &settings, &labels, start.as_ref())?;
    let mut weights = initial_weights(&task.network, args.seed);
    let parts = |start: &Start| match args.transfer {
        Transfer::All => Parts { decoder: true, head: start.means(task.find, &task.classes) },
        Transfer::Encoder => Parts { decoder: false, head: false },
    };
    let report = start.as_ref().map(|s| s.load_into(&mut weights, &task.network, parts(s))).transpose()?;
    match (&start, &report) {
        (Some(start), Some(report)) => run.log(
            if report.missing.is_empty() { Level::Info } else { Level::Warning },
            format!(
                "starting from {}: {} tensors matched, {} missing and drawn anew, {} unexpected and left out",
                start.path.display(),
                report.matched.len(),
                report.missing.len(),
                report.unexpected.len()
            ),
        ),
        _ => run.info("starting from none: the network knows nothing yet"),
    }

    let consistent = args.regularisation == Regularisation::Consistency;
    let unlabelled = consistent.then(|| Unlabelled::open(args, &labels, &task, run)).transpose()?;
    run.phase("preparing images");
    let upright = Upright::decide(args.upright, labels.images.iter().map(|image| image.image_path.as_path()), run);
    let aside = keep_aside(&labels.images, task.find);
    let items = |images: &[LabelledImage]| -> Result<Arc<Vec<TrainingItem>>> {
        let mut items = prepare(images, &task.size, &task.normalisation, &task.channels, &task.classes, run.token)?;
        if items.is_empty() {
            return Err(Error::new(ErrorKind::TooFewLabels, "train", "nothing is left to learn from")
                .hint("the labelled objects are smaller than a pixel of the working size: check object_diameter"));
        }
        if task.find == Find::Objects {
            items.extend(crowded(&items, args.seed));
        }
        Ok(Arc::new(items))
    };
    let all = items(&labels.images)?;
    let training = if aside.scoring.is_empty() { Arc::clone(&all) } else { items(&aside.training)? };
    let validator = (!aside.scoring.is_empty()).then(|| Validator {
        images: aside.scoring,
        recipe: task.recipe(),
        size: task.size.clone(),
        find: task.find,
    });

    let rates = Rates::new(args, report.as_ref(), &task.network);
    let seen = Seen::of(&labels)?.and_images(unlabelled.iter().flat_map(Unlabelled::paths))?;
    let identity = Identity::new(args, &seen)?;
    let partial = Partial::open(settings.save.partial(), identity.clone())?;
    let (of_stage, settings) = stage::shared(args, &settings);
    let staged = of_stage.as_ref().map(|of_stage| {
        let given = stage::Given {
            args,
            settings: of_stage,
            task: &task,
            rates: &rates,
            upright,
            machine: &machine,
            run,
            identity: &identity,
        };
        stage::go_through(&given, &mut weights, &training)
    });
    let staged = staged.transpose()?;

    let joint = args.contrast == Contrast::Joint;
    let augment = upright.augment(AugmentConfig::default());
    let subject = Material { training, all, validator, augment, marks: joint.then(|| pixels::marks(args)), unlabelled };
    if staged.is_some() || start.as_ref().is_some_and(|start| !parts(start).head) {
        run.phase("first guess");
        let (crops, unchanged) = (subject.source(&settings, false, args.seed), subject.unchanged(&settings, false, args.seed));
        first_guess(&task.network, &mut weights, &crops.labelled, &unchanged.labelled, &machine, run.token)?;
    }
    let contrast = joint.then(|| PixelContrast::new(args, &task.network, &machine)).transpose()?;
    let mut course = Course {
        run,
        settings: &settings,
        seed: args.seed,
        subject,
        student: Student::new(&task.network, &weights, contrast, Regulariser::new(args, upright), &machine, |name| {
            rates.of(name)
        })?,
        standing: Standing::default(),
        best_weights: None,
        partial,
        began,
    };
    let outcome = trained(&mut course, args, start.is_some() || staged.is_some());
    let done = outcome.and_then(|end| {
        let record = Record {
            task: &task,
            labels: &labels,
            staged: staged.as_ref(),
            origin: Origin { args, seen: &seen, start: start.as_ref().zip(report.as_ref()), early: end == End::Early },
        };
        finish::finish(&mut course, &record)
    });
    // A cancelled run leaves nothing behind; a failed one can be gone on with.
    if done.as_ref().map_or_else(|error| error.kind == ErrorKind::Cancelled, |_| true) {
        // The folder of the stage lies in that of the run.
        staged.into_iter().for_each(Staged::forget);
        course.partial.remove();
    }
    done
}

/// The steps, from the start or from where an interrupted run left off.
fn trained(course: &mut Course<'_, impl Subject>, args: &TrainArgs, scores_start: bool) -> Result<End> {
    if course.partial.goes_on(course.run, args.resume) {
        course.resume()?;
    }
    if course.standing.step == 0 && scores_start {
        course.score_start()?;
    }
    course.go()
}
