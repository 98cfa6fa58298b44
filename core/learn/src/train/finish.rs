//! From trained weights to a package that was checked.

use fewlabel_contract::{Find, Level, Result, TrainResult};
use fewlabel_image::Maps;
use fewlabel_infer::Decoder;
use fewlabel_model::{PackageMeta, PixelSize, match_channels};

use super::course::Course;
use super::material::Material;
use super::record::Record;
use super::stage::Staged;
use super::subject::{Subject, Validate};
use super::task::Task;
use crate::augment::AugmentConfig;
use crate::labels::{LabelSet, LabelledImage};
use crate::net::Net;
use crate::pictures;
use crate::publish::Learned;
use crate::separable::separable;
use crate::validate::Scores;

/// Chooses what is kept, tunes the decoder, writes the package and says how it went.
///
/// # Errors
/// `bad-model` when tract gives other maps than libtorch; `io`; `cancelled`.
pub(super) fn finish(course: &mut Course<'_, Material>, about: &Record<'_>) -> Result<TrainResult> {
    let Record { task, labels, staged, origin } = *about;
    let run = course.run;
    run.phase("choosing and saving");
    let (decoder, scores) = tuned_decoder(course, task)?;
    let helped = course.helped();
    if !helped {
        run.log(Level::Warning, "training did not help: on the labels kept aside the start was as good");
    }
    course.keep_best()?;
    let save = &course.settings.save;
    let first = &labels.images[0];
    let learned = Learned {
        network: &task.network,
        normalisation: &task.normalisation,
        weights: course.student.average.parameters.to_weights()?,
        meta: PackageMeta {
            data: origin.data(),
            plane: origin.args.plane,
            ..describe(task, labels, &decoder, &save.model_name())
        },
        plane: first_plane(first, task)?,
        cover: pictures::cover(first)?,
        record: about.json(course, &scores)?,
    };
    let sha256 = learned.publish(save, run, "train")?;
    Ok(TrainResult {
        model: save.path.clone(),
        sha256,
        steps: staged.map_or(0, Staged::steps) + course.standing.step,
        labelled_images: labels.images.len(),
        labelled_objects: labels.objects,
        unlabelled_images: labels.unlabelled.len(),
        scores: scores.0,
        start_scores: course.standing.start_scores.clone().unwrap_or_default().0,
        helped,
        finished_early: origin.early,
        object_diameter: task.size.object_diameter,
        seconds: course.seconds(),
    })
}

/// The image's first labelled plane, in the network's channels.
fn first_plane(labelled: &LabelledImage, task: &Task) -> Result<Maps> {
    let image = &labelled.image;
    let matched = match_channels(&task.channels, image.shape.c, image.rgb)?;
    let (t, z) = labelled.planes.first().map_or((0, 0), |plane| (plane.t, plane.z));
    Ok(matched.apply(image.plane(t, z)))
}

/// The decoder that does best on the labels kept aside with the best weights of that time, and its scores.
fn tuned_decoder(course: &Course<'_, Material>, task: &Task) -> Result<(Decoder, Scores)> {
    let (Some(validator), Some(weights)) = (course.subject.validator(), &course.best_weights) else {
        return Ok((task.recipe().decoder, Scores::default()));
    };
    let mut net = Net::with_weights(task.network.clone(), weights, course.student.machine())?;
    let (untuned, seen) = validator.score(&mut net, course.run.token)?;
    let splits = match (&validator.recipe.decoder, task.size.working_diameter) {
        (Decoder::Objects(now), Some(diameter)) => separable(&course.subject.all, now.splits(diameter))?,
        _ => Vec::new(),
    };
    let (decoder, tuned) = validator.tune(&seen, &splits, course.run.token)?;
    Ok((decoder, tuned.unwrap_or(untuned)))
}

fn describe(task: &Task, labels: &LabelSet, decoder: &Decoder, name: &str) -> PackageMeta {
    let what = match task.find {
        Find::Areas => "areas",
        _ => "separate objects",
    };
    let scales = AugmentConfig::default().scale;
    let diameter = task.size.working_diameter;
    let pixel_size = pixel_size(task);
    PackageMeta {
        description: format!(
            "Finds {what}; learned from {} labelled images with {} labels.",
            labels.images.len(),
            labels.objects
        ),
        classes: task.class_names(),
        channels: task.channels.clone(),
        output_channels: task.output_channels(),
        decoder: match decoder {
            Decoder::Objects(parameters) => serde_json::to_value(parameters).unwrap_or_default(),
            Decoder::Areas(_) => serde_json::Value::Null,
        },
        object_diameter: diameter,
        size_range: diameter.map(|d| (d * f64::from(scales.0), d * f64::from(scales.1))),
        image_diameters: task.size.image_diameters.filter(|_| pixel_size.is_none()),
        pixel_size,
        ..PackageMeta::new(name, task.find, task.network.clone(), task.normalisation.clone())
    }
}

/// Size of a pixel of the network's input, when the images are calibrated in a unit that the zoo knows.
fn pixel_size(task: &Task) -> Option<PixelSize> {
    PixelSize::new(task.size.object_diameter? / task.size.working_diameter?, task.size.unit.as_deref()?)
}
