//! Does a trial: trains, predicts, scores.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use fewlabel_contract::{ClassifyResult, Entry, Error, EvaluateResult, Find, Result, SegmentResult, TrainResult};
use fewlabel_image::KindLabels;
use serde_json::{Value, json};

use super::guard::Scored;
use super::image_scores::{self, Groups, ImageScore};
use super::outlines::{Outlines, write_outlines};
use super::pretraining::{Given, Start};
use super::results::{Row, Scores};
use super::sets::Set;
use super::trial::{Labels, Places, Trial, as_flags, sha256};
use crate::demo::record::read_record;
use crate::process::{Measured, measured};
use crate::programs::{fewlabel, read_answer};

/// What all trials of a run have in common.
pub struct Conditions {
    /// Folder of all data.
    pub data: String,
    /// Folder of the programs.
    pub programs: PathBuf,
    /// Folder with a folder for each trial.
    pub out: PathBuf,
    /// Commit of the checkout.
    pub commit: String,
    /// SHA-256 of the learner program.
    pub learner: String,
}

/// A start that is there and may be started from.
pub struct Ready {
    /// As the program takes it.
    path: String,
    /// Wall time in which it was made, where the study made it.
    seconds: Option<f64>,
}

/// What a trial gave.
pub struct Done {
    /// The row.
    pub row: Row,
    /// The scores of its images.
    pub images: Vec<ImageScore>,
}

/// What a model made of the images of the part.
struct Predicted {
    images: usize,
    measured: Measured,
    evaluated: Scores,
    scores: Vec<ImageScore>,
}

impl Conditions {
    /// Makes a start of a set, unless it is there, and checks what it has seen.
    ///
    /// # Errors
    /// What the program says; those of [`Scored::check`].
    pub fn prepare(&self, start: &Start, set: &Set, scored: &Scored) -> Result<Ready> {
        let check = |path: &Path| {
            let run: Value = read_record(path)?;
            scored.check(&run).map_err(|error| error.file(path).with("set", set.name))?;
            Ok::<_, Error>(run["seconds"].as_f64())
        };
        let given = |given: &Given| if given.is_none() { Ok(None) } else { check(Path::new(&given.path)) };
        match start {
            Start::Given(model) => given(model).map(|_| Ready { path: model.path.clone(), seconds: None }),
            Start::Pretrained(pretraining) => {
                given(&pretraining.base)?;
                let package = pretraining.package(set, &self.data, &self.programs, &self.out)?;
                Ok(Ready { seconds: check(&package)?, path: package.to_string_lossy().into_owned() })
            }
        }
    }

    /// Does a trial in a folder of its own, in which model, logs, and what was predicted stay.
    ///
    /// # Errors
    /// What the programs say; `io` when something cannot be written.
    pub fn conduct(&self, trial: &Trial, start: &Ready) -> Result<Done> {
        let request = trial.request_hash()?;
        let folder = self.folder(trial, &request);
        // What an interrupted run left is not to be mistaken for what this one makes.
        if folder.exists() {
            fs::remove_dir_all(&folder).map_err(|error| Error::io("empty folder of a trial", &folder, &error))?;
        }
        let make =
            |folder: &Path| fs::create_dir_all(folder).map_err(|error| Error::io("make folder of a trial", folder, &error));
        make(&folder)?;
        let outlines = folder.join("outlines");
        if let Labels::Outlines(count) = trial.labels {
            make(&outlines)?;
            let drawn = Outlines { count, images: trial.labelled_images(), order: trial.order };
            write_outlines(trial.set()?, &self.data, drawn, &outlines)?;
        }
        let model = folder.join(MODEL);
        let places = Places {
            data: &self.data,
            outlines: &outlines.to_string_lossy(),
            start: &start.path,
            save: &model.to_string_lossy(),
        };
        let (trained, training) = self.train(trial, &folder, &places)?;
        let predicted = match trial.find {
            Find::Objects | Find::Areas => self.segment(trial, &folder, &model)?,
            Find::Kinds => self.classify(trial, &folder, &model)?,
        };
        let row = Row {
            trial: trial.clone(),
            request,
            commit: self.commit.clone(),
            learner: self.learner.clone(),
            model: trained.sha256,
            images: predicted.images,
            scores: predicted.evaluated,
            scores_kept_aside: trained.scores,
            labelled_objects: trained.labelled_objects,
            steps_done: trained.steps,
            start_seconds: start.seconds,
            train_seconds: training.seconds,
            segment_seconds: predicted.measured.seconds,
            train_peak_bytes: training.peak_bytes,
            segment_peak_bytes: predicted.measured.peak_bytes,
        };
        Ok(Done { row, images: predicted.scores })
    }

    fn folder(&self, trial: &Trial, request: &str) -> PathBuf {
        self.out.join(folder_name(trial, request))
    }

    fn train(&self, trial: &Trial, folder: &Path, places: &Places<'_>) -> Result<(TrainResult, Measured)> {
        let mut train = fewlabel(&self.programs, Entry::Train);
        train.arg("-v").args(as_flags(&trial.fields(places)?)).args(&trial.flags);
        ask(&mut train, Entry::Train, folder)
    }

    fn segment(&self, trial: &Trial, folder: &Path, model: &Path) -> Result<Predicted> {
        let predictions = folder.join("predictions");
        let (segmented, measured): (SegmentResult, _) = self.predict(Entry::Segment, trial, folder, model, &predictions)?;
        let set = trial.set()?;
        let list = format!("@{}", set.list(&self.data, &trial.part.to_string()));
        let labels = [set.folder(&self.data, set.labels), list];
        let evaluated = self.evaluate(trial, folder, &predictions, &labels, None)?;
        let on_grid = set.grid.map(|grid| self.evaluate(trial, folder, &predictions, &labels, Some(grid))).transpose()?;
        let scores = image_scores::of_pixels(&evaluated, &Groups::read(set, &self.data)?);
        let evaluated = Scores::of(&evaluated, on_grid.as_ref());
        Ok(Predicted { images: segmented.images.len(), measured, evaluated, scores })
    }

    fn classify(&self, trial: &Trial, folder: &Path, model: &Path) -> Result<Predicted> {
        let table = folder.join("predictions.csv");
        let (classified, measured): (ClassifyResult, _) = self.predict(Entry::Classify, trial, folder, model, &table)?;
        let set = trial.set()?;
        let labels = [set.folder(&self.data, set.labels)];
        let evaluated = Scores::of(&self.evaluate(trial, folder, &table, &labels, None)?, None);
        let scores = image_scores::of_kinds(&classified, &KindLabels::read(&labels)?, &Groups::read(set, &self.data)?)?;
        Ok(Predicted { images: classified.images.len(), measured, evaluated, scores })
    }

    /// Runs a model on the images of the part.
    fn predict<T: serde::de::DeserializeOwned>(
        &self,
        entry: Entry,
        trial: &Trial,
        folder: &Path,
        model: &Path,
        output: &Path,
    ) -> Result<(T, Measured)> {
        let set = trial.set()?;
        let mut predict = fewlabel(&self.programs, entry);
        predict.arg("--model").arg(model).arg(set.folder(&self.data, "images"));
        predict.arg(format!("@{}", set.list(&self.data, &trial.part.to_string())));
        predict.arg("--output").arg(output);
        if let Some(threads) = trial.threads {
            predict.args(["--threads", &threads.to_string()]);
        }
        ask(&mut predict, entry, folder)
    }

    fn evaluate(
        &self,
        trial: &Trial,
        folder: &Path,
        predictions: &Path,
        labels: &[String],
        grid: Option<usize>,
    ) -> Result<EvaluateResult> {
        let mut evaluate = fewlabel(&self.programs, Entry::Evaluate);
        evaluate.arg("--predictions").arg(predictions).arg("--labels").args(labels);
        evaluate.args(as_flags(&BTreeMap::from([("find", json!(trial.find))])));
        if let Some(grid) = grid {
            evaluate.args(["--grid", &grid.to_string()]);
        }
        ask(&mut evaluate, Entry::Evaluate, folder).map(|(evaluated, _)| evaluated)
    }
}

/// The package that a trial writes in its folder.
const MODEL: &str = "model.zip";

/// The package of a trial that was done in the folder `out`, as long as nobody tidied up.
pub fn model_of(row: &Row, out: &Path) -> PathBuf {
    out.join(folder_name(&row.trial, &row.request)).join(MODEL)
}

/// Runs a program with a log beside its outputs, and reads its answer.
///
/// # Errors
/// What the program says.
pub fn ask<T: serde::de::DeserializeOwned>(command: &mut Command, entry: Entry, folder: &Path) -> Result<(T, Measured)> {
    let done = measured(command, &folder.join(format!("{}.log", entry.name())))?;
    Ok((read_answer(&done.text, entry)?, done))
}

/// `fluorescence-k2-order0-val-1a2b3c4d`, with the variant behind it.
fn folder_name(trial: &Trial, request: &str) -> String {
    let labels = match trial.labels {
        Labels::K(k) => format!("k{k}"),
        Labels::Outlines(count) => format!("outlines{count}"),
    };
    let name = format!("{}-{labels}-order{}-{}-{}", trial.set, trial.order, trial.part, &request[..8]);
    let safe = |variant: &String| {
        let letters = variant.chars().map(|letter| if letter.is_alphanumeric() { letter } else { '-' });
        format!("{name}-{}", letters.collect::<String>())
    };
    trial.variant.as_ref().map_or_else(|| name.clone(), safe)
}

/// SHA-256 of the learner in a folder of programs.
///
/// # Errors
/// `not-found` when there is none.
pub fn learner_hash(programs: &Path) -> Result<String> {
    let learner = programs.join(format!("fewlabel-learn{}", std::env::consts::EXE_SUFFIX));
    file_hash(&learner)
}

/// SHA-256 of a file.
///
/// # Errors
/// `not-found` or `io` when it cannot be read.
pub fn file_hash(path: &Path) -> Result<String> {
    fs::read(path).map(|bytes| sha256(&bytes)).map_err(|error| Error::io("read file", path, &error))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_trial_has_a_folder_of_its_own() {
        let mut trial = crate::study::trial::tests::trial();
        assert_eq!(folder_name(&trial, "0123456789"), "fluorescence-k2-order1-val-01234567");
        trial.labels = Labels::Outlines(15);
        trial.variant = Some("width 24/µ".into());
        assert_eq!(folder_name(&trial, "0123456789"), "fluorescence-outlines15-order1-val-01234567-width-24-µ");
    }
}
