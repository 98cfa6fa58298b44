//! Results as a person reads them.

use std::io::Write;
use std::path::Path;

use fewlabel::contract::{
    BenchResult, ClassifyResult, DescribeResult, Error, EvaluateResult, ExportResult, KindsScores, ObjectScores, OverlapScores,
    PretrainResult, Result, RuntimeAction, RuntimeResult, SegmentResult, Status, TrainResult,
};

use crate::progress::duration;

type Out<'a> = &'a mut dyn Write;

fn put(out: Out<'_>, text: std::fmt::Arguments<'_>) -> Result<()> {
    writeln!(out, "{text}").map_err(|error| Error::io("print result", "stdout", &error))
}

/// A saved model and whether training helped.
pub fn train(result: &TrainResult, out: Out<'_>) -> Result<()> {
    put(out, format_args!("saved {}", result.model.display()))?;
    put(
        out,
        format_args!(
            "{} steps on {} labelled images with {} objects in {}{}",
            result.steps,
            result.labelled_images,
            result.labelled_objects,
            duration(result.seconds),
            if result.finished_early { ", stopped early" } else { "" }
        ),
    )?;
    for (name, score) in &result.scores {
        let before = result.start_scores.get(name).map(|start| format!(" (at the start {start:.3})")).unwrap_or_default();
        put(out, format_args!("{name} {score:.3}{before} on labels kept aside"))?;
    }
    if !result.helped {
        put(out, format_args!("training did not make it better than the start"))?;
    }
    Ok(())
}

/// A saved model, what it learned from and how well.
pub fn pretrain(result: &PretrainResult, out: Out<'_>) -> Result<()> {
    put(out, format_args!("saved {}", result.model.display()))?;
    put(
        out,
        format_args!(
            "{} steps on {} images in {}{}",
            result.steps,
            result.images,
            duration(result.seconds),
            if result.finished_early { ", ended early" } else { "" }
        ),
    )?;
    if result.left_out > 0 {
        put(out, format_args!("{} images left out: they cannot be read or have other channels", result.left_out))?;
    }
    if let Some(error) = result.restoration_error {
        put(out, format_args!("restoration error {error:.3} (of 1) on images kept aside"))?;
    }
    if let Some(accuracy) = result.retrieval_accuracy {
        let rank = result.effective_rank.map(|rank| format!(", effective rank {rank:.1}")).unwrap_or_default();
        put(out, format_args!("retrieval accuracy {accuracy:.3}{rank} on images kept aside"))?;
    }
    Ok(())
}

/// How many images, how many objects, what failed.
pub fn segment(result: &SegmentResult, folder: Option<&Path>, out: Out<'_>) -> Result<()> {
    let with = |status: Status| result.images.iter().filter(move |image| image.status == status);
    let objects: usize = result.images.iter().map(|image| image.objects).sum();
    let (done, skipped) = (with(Status::Done).count(), with(Status::Skipped).count());
    let skipped = if skipped > 0 { format!(", {skipped} kept as they were") } else { String::new() };
    let place = folder.map(|folder| format!(" in {}", folder.display())).unwrap_or_default();
    put(out, format_args!("{done} images segmented{skipped}, {objects} objects{place}"))?;
    for image in with(Status::Failed) {
        let why = image.error.as_ref().map_or_else(|| "no reason given".to_owned(), ToString::to_string);
        put(out, format_args!("failed: {}: {why}", image.name))?;
    }
    Ok(())
}

/// How many images of each class, what failed.
pub fn classify(result: &ClassifyResult, out: Out<'_>) -> Result<()> {
    let kept = result.images.iter().filter(|image| image.status == Status::Skipped).count();
    let kept = if kept > 0 { format!(", {kept} kept as they were") } else { String::new() };
    let place = result.output.as_ref().map(|table| format!(" in {}", table.display())).unwrap_or_default();
    let done = result.images.iter().filter(|image| image.status == Status::Done).count();
    put(out, format_args!("{done} images classified in {}{kept}{place}", duration(result.seconds)))?;
    for (class, count) in result.classes.iter().zip(&result.counts) {
        put(out, format_args!("{count:>7} {class}"))?;
    }
    for image in result.images.iter().filter(|image| image.status == Status::Failed) {
        let why = image.error.as_ref().map_or_else(|| "no reason given".to_owned(), ToString::to_string);
        put(out, format_args!("failed: {}: {why}", image.file))?;
    }
    Ok(())
}

/// Where the model lies in its new form.
pub fn export(result: &ExportResult, out: Out<'_>) -> Result<()> {
    put(out, format_args!("wrote {}, sha256 {}", result.output.display(), result.sha256))?;
    put(out, format_args!("opset {}, operators {}", result.opset, result.operators.join(", ")))?;
    match result.verified {
        true => put(out, format_args!("it gives the model's test output")),
        false => put(out, format_args!("the model has no test output to compare with")),
    }
}

/// Found, missed, invented for each image, and in all.
pub fn evaluate(result: &EvaluateResult, out: Out<'_>) -> Result<()> {
    if let Some(kinds) = &result.kinds {
        return evaluate_kinds(kinds, out);
    }
    let (mean_overlap, micro): (OverlapScores, OverlapScores) =
        (result.mean.unwrap_or_default(), result.micro.unwrap_or_default());
    let width = result.images.iter().map(|image| image.name.chars().count()).max().unwrap_or(0).clamp(5, 40);
    let objects = |scores: &ObjectScores| {
        format!("{:>7} {:>7} {:>9} {:>6.3} {:>9.3}", scores.found, scores.missed, scores.invented, scores.ap50, scores.ap_50_90)
    };
    match &result.objects_pooled {
        Some(_) => put(out, format_args!("{:<width$}   found  missed  invented   AP50  AP50-90   Dice", "image"))?,
        None => put(out, format_args!("{:<width$}   Dice    IoU", "image"))?,
    }
    for image in &result.images {
        let name: String = image.name.chars().take(width).collect();
        match &image.objects {
            Some(scores) => put(out, format_args!("{name:<width$} {} {:>6.3}", objects(scores), image.overlap.dice))?,
            None => put(out, format_args!("{name:<width$} {:>6.3} {:>6.3}", image.overlap.dice, image.overlap.iou))?,
        }
    }
    if let (Some(mean), Some(pooled)) = (&result.objects, &result.objects_pooled) {
        put(out, format_args!("{:<width$} {} {:>6.3}", "mean", objects(mean), mean_overlap.dice))?;
        put(out, format_args!("{:<width$} {} {:>6.3}", "all", objects(pooled), micro.dice))?;
    } else {
        put(out, format_args!("{:<width$} {:>6.3} {:>6.3}", "mean", mean_overlap.dice, mean_overlap.iou))?;
        put(out, format_args!("{:<width$} {:>6.3} {:>6.3}", "all", micro.dice, micro.iou))?;
        for (what, classes) in [("mean of class", &result.mean_per_class), ("all of class", &result.per_class)] {
            for (class, overlap) in classes {
                put(out, format_args!("{:<width$} {:>6.3} {:>6.3}", format!("{what} {class}"), overlap.dice, overlap.iou))?;
            }
        }
    }
    Ok(())
}

/// Accuracy and areas under the curve, a row a class, and what was taken for what.
fn evaluate_kinds(kinds: &KindsScores, out: Out<'_>) -> Result<()> {
    let shown = |score: Option<f64>| score.map_or_else(|| "-".to_owned(), |score| format!("{score:.3}"));
    let width = kinds.classes.iter().map(|class| class.class.chars().count()).max().unwrap_or(0).clamp(5, 40);
    let name = |name: &str| name.chars().take(width).collect::<String>();
    put(out, format_args!("{} images, accuracy {:.3}, AUC {}", kinds.images, kinds.accuracy, shown(kinds.auc)))?;
    put(out, format_args!("{:<width$}  images  recall  precision     AUC", "class"))?;
    for class in &kinds.classes {
        let scores = [class.recall, class.precision, class.auc].map(shown);
        let [recall, precision, auc] = &scores;
        put(out, format_args!("{:<width$} {:>7} {recall:>7} {precision:>10} {auc:>7}", name(&class.class), class.images))?;
    }
    put(out, format_args!("true class in rows, taken for the class in columns:"))?;
    for (class, row) in kinds.classes.iter().zip(&kinds.confusion) {
        let counts: String = row.iter().map(|count| format!(" {count:>7}")).collect();
        put(out, format_args!("{:<width$}{counts}", name(&class.class)))?;
    }
    Ok(())
}

/// A model, an image, or this installation.
pub fn describe(result: &DescribeResult, out: Out<'_>) -> Result<()> {
    if let Some(image) = &result.image {
        put(out, format_args!("{image}"))?;
    }
    if let Some(model) = &result.model {
        put(out, format_args!("{}: {}", model.name, model.description))?;
        let finds =
            model.find.map_or_else(|| "nothing yet: a start for training".to_owned(), |f| format!("{f:?}").to_lowercase());
        put(out, format_args!("finds {finds}, channels {}", model.channels.join(", ")))?;
        for (number, class) in &model.classes {
            put(out, format_args!("class {number}: {class}"))?;
        }
        if let Some(plane) = model.plane {
            put(out, format_args!("cuts volumes into {} planes", plane.name()))?;
        }
        if let Some(diameter) = model.object_diameter {
            put(out, format_args!("objects of about {diameter:.1} px"))?;
        }
        let trainable = if model.trainable { "training can go on from it" } else { "training cannot go on from it" };
        put(out, format_args!("{} parameters, {trainable}, weights {}", model.parameters, model.sha256))?;
    }
    for device in &result.devices {
        put(out, format_args!("{device}"))?;
    }
    for (name, meaning, value) in &result.knobs {
        put(out, format_args!("{name} = {}: {meaning}", value.as_deref().unwrap_or("(not set)")))?;
    }
    if !result.entries.is_empty() {
        put(out, format_args!("fewlabel {}", result.version))?;
    }
    for entry in &result.entries {
        let state = match (entry.built, entry.ready) {
            (false, _) => "not in this version".to_owned(),
            (true, true) => "ready".to_owned(),
            (true, false) => entry.missing.clone().unwrap_or_else(|| "not ready".to_owned()),
        };
        put(out, format_args!("{:<9} {} ({state})", entry.entry, entry.does))?;
    }
    Ok(())
}

/// Seconds of a tile.
pub fn bench(result: &BenchResult, out: Out<'_>) -> Result<()> {
    put(
        out,
        format_args!(
            "{:.4} s for {} x {} pixels ({:.2} megapixels a second), {} at once, median of {}",
            result.seconds_per_tile,
            result.size,
            result.size,
            result.pixels_per_second / 1e6,
            result.threads,
            result.runs
        ),
    )
}

/// What is there, or what would be fetched.
pub fn runtime(action: RuntimeAction, result: &RuntimeResult, out: Out<'_>) -> Result<()> {
    for file in &result.files {
        put(out, format_args!("{} {} {} bytes sha256 {}", file.name, file.version, file.bytes, file.sha256))?;
    }
    if action == RuntimeAction::Plan {
        let bytes: u64 = result.files.iter().map(|file| file.bytes).sum();
        return put(out, format_args!("{} MB to fetch for libtorch {}", bytes / 1_000_000, result.version));
    }
    match (&result.folder, result.installed) {
        (Some(folder), true) => put(out, format_args!("libtorch {} is installed in {}", result.version, folder.display())),
        _ => put(out, format_args!("libtorch {} is not installed", result.version)),
    }?;
    match &result.problem {
        Some(problem) => put(out, format_args!("{problem}")),
        None => Ok(()),
    }
}
