//! Learning to tell kinds of whole images apart.

mod finish;
mod record;
mod task;
mod topic;

use std::sync::Arc;
use std::time::Instant;

use fewlabel_contract::{ErrorKind, Level, Result, TrainArgs, TrainResult};

use super::course::{Course, End, Standing};
use super::rates::Rates;
use super::record::Origin;
use super::settings::Settings;
use super::student::Student;
use super::trained;
use crate::device::{self, Machine};
use crate::kinds::{KindItem, KindValidator, augmentation, by_class, keep_aside, open_kind_set, prepare, probe};
use crate::net::initial_weights;
use crate::partial::{Identity, Partial};
use crate::run::Run;
use crate::seen::Seen;
use crate::shim::CudaLibrary;
use crate::start::{Parts, Report, Start};
use crate::upright::Upright;
use record::Record;
use task::Task;
use topic::Topic;

/// Trains a classifier and writes the package.
///
/// # Errors
/// As [`super::train`].
pub(super) fn train(args: &TrainArgs, cuda: &CudaLibrary, run: &Run<'_>, began: Instant) -> Result<TrainResult> {
    let mut settings = Settings::new(args)?;
    let machine = Machine::choose(args.device, cuda)?;
    device::prepare(run.threads, &machine)?;
    run.info(format!("training on the {}, {} threads", machine.reason, run.threads));
    let start = Start::open(args.start.as_deref())?;
    run.phase("opening labels");
    let set = open_kind_set(args)?;
    run.info(format!(
        "{} images of {} kinds, {} images without a label; {} labels of images that were not given",
        set.images.len(),
        set.classes.len(),
        set.unlabelled.len(),
        set.without_image
    ));
    let task = Task::new(args, &mut settings, &set, start.as_ref())?;
    let keeps_head = start.as_ref().is_some_and(|start| start.tells_apart(&set.classes));
    let mut weights = initial_weights(&task.network, args.seed);
    let report = start
        .as_ref()
        .map(|s| s.load_into(&mut weights, &task.network, Parts { decoder: false, head: keeps_head }))
        .transpose()?;
    say_start(run, start.as_ref().zip(report.as_ref()));

    run.phase("preparing images");
    let upright = Upright::decide(args.upright, set.images.iter().map(|image| image.path.as_path()), run);
    let items = prepare(&set, &args.channels, &task.channels, &task.normalisation, settings.crop, run.token)?;
    let aside = keep_aside(&set.images);
    let (scored, learned): (Vec<KindItem>, Vec<KindItem>) = items.iter().cloned().partition(|item| aside[item.of]);
    let topic = Topic {
        training: Arc::new(by_class(learned.iter(), set.classes.len())),
        all: Arc::new(by_class(items.iter(), set.classes.len())),
        augment: upright.augment(augmentation()),
        validator: (!scored.is_empty()).then_some(KindValidator { items: scored }),
    };
    let untrained = weights.clone();
    if !keeps_head {
        run.phase("first guess");
        probe(&task.network, &mut weights, &topic.training, (&topic.augment, args.seed), &machine, run.token)?;
    }

    let rates = Rates::new(args, report.as_ref(), &task.network);
    let seen =
        Seen::of_files(set.images.iter().map(|image| image.path.as_path()), set.tables.iter().map(|table| table.as_path()))?;
    let partial = Partial::open(settings.save.partial(), Identity::new(args, &seen)?)?;
    let mut course = Course {
        run,
        settings: &settings,
        seed: args.seed,
        subject: topic,
        student: Student::new(&task.network, &weights, None, None, &machine, |name| rates.of(name))?,
        standing: Standing::default(),
        best_weights: None,
        partial,
        began,
    };
    let done = trained(&mut course, args, true).and_then(|end| {
        let record = Record {
            task: &task,
            set: &set,
            aside: &aside,
            untrained: (!keeps_head).then_some(&untrained),
            origin: Origin { args, seen: &seen, start: start.as_ref().zip(report.as_ref()), early: end == End::Early },
        };
        finish::finish(&mut course, &record)
    });
    // A cancelled run leaves nothing behind; a failed one can be gone on with.
    if done.as_ref().map_or_else(|error| error.kind == ErrorKind::Cancelled, |_| true) {
        course.partial.remove();
    }
    done
}

fn say_start(run: &Run<'_>, start: Option<(&Start, &Report)>) {
    match start {
        Some((start, report)) => run.log(
            Level::Info,
            format!(
                "starting from the encoder of {}: {} tensors matched, {} missing (the new head), {} left out (its decoder)",
                start.path.display(),
                report.matched.len(),
                report.missing.len(),
                report.unexpected.len()
            ),
        ),
        None => run.info("starting from none: the network knows nothing yet"),
    }
}
