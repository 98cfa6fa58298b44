//! From trained weights to a package that was checked.

use fewlabel_contract::{Find, Level, Result, TrainResult};
use fewlabel_image::Maps;
use fewlabel_infer::whole_image;
use fewlabel_model::{InputSize, PackageMeta, match_channels};

use super::record::Record;
use super::task::numbered;
use super::topic::Topic;
use crate::kinds::{open_image, probe};
use crate::pictures;
use crate::publish::Learned;
use crate::train::course::Course;

/// Kinds that the cover shows an image of, at most.
const ON_COVER: usize = 4;

/// Chooses what is kept, writes the package and says how it went.
///
/// # Errors
/// `bad-model` when tract gives other values than libtorch; `io`; `cancelled`.
pub(super) fn finish(course: &mut Course<'_, Topic>, about: &Record<'_>) -> Result<TrainResult> {
    let Record { task, set, untrained, origin, .. } = *about;
    let run = course.run;
    run.phase("choosing and saving");
    let scores = course.standing.best.clone().unwrap_or_default().scores;
    let helped = course.helped();
    let weights = match untrained {
        // The head of the start knows the images kept aside too now.
        Some(untrained) if course.keeps_start() => {
            let mut weights = untrained.clone();
            probe(
                &task.network,
                &mut weights,
                &course.subject.all,
                (&course.subject.augment, course.seed),
                course.student.machine(),
                run.token,
            )?;
            weights
        }
        _ => {
            course.keep_best()?;
            course.student.average.parameters.to_weights()?
        }
    };
    if !helped {
        run.log(Level::Warning, "training did not help: on the images kept aside a head on what the start knows was as good");
    }
    let (save, side) = (&course.settings.save, course.settings.crop);
    let meta = PackageMeta {
        description: format!(
            "Tells {} kinds of whole images apart; learned from {} labelled images.",
            set.classes.len(),
            set.images.len()
        ),
        classes: numbered(&set.classes),
        channels: task.channels.clone(),
        output_channels: set.classes.clone(),
        data: origin.data(),
        input_size: InputSize { min: side, step: 0 },
        ..PackageMeta::new(&save.model_name(), Find::Kinds, task.network.clone(), task.normalisation.clone())
    };
    let learned = Learned {
        network: &task.network,
        normalisation: &task.normalisation,
        weights,
        meta,
        plane: first_image(about, side)?,
        cover: cover(course)?,
        record: about.json(course, &scores)?,
    };
    let sha256 = learned.publish(save, run, "train")?;
    Ok(TrainResult {
        model: save.path.clone(),
        sha256,
        steps: course.standing.step,
        labelled_images: set.images.len(),
        labelled_objects: 0,
        unlabelled_images: set.unlabelled.len(),
        scores: scores.0,
        start_scores: course.standing.start_scores.clone().unwrap_or_default().0,
        helped,
        finished_early: origin.early,
        object_diameter: None,
        seconds: course.seconds(),
    })
}

/// The first plane of the first image as a square, in the network's channels and with its own intensities.
fn first_image(about: &Record<'_>, side: usize) -> Result<Maps> {
    let first = &about.set.images[0].path;
    let image = open_image(first, &about.origin.args.channels)?;
    let matched = match_channels(&about.task.channels, image.shape.c, image.rgb).map_err(|error| error.file(first))?;
    Ok(whole_image(&matched.apply(image.plane(0, 0)), side))
}

/// An image each of the first kinds.
fn cover(course: &Course<'_, Topic>) -> Result<Vec<u8>> {
    let images = course.subject.all.iter().filter_map(|of_class| of_class.first());
    pictures::in_rows(&[images.take(ON_COVER).map(|image| Maps::clone(image)).collect()])
}
