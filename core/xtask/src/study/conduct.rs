//! Does a trial: trains, segments, scores.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use fewlabel_contract::{Entry, Error, EvaluateResult, Result, SegmentResult, TrainResult};

use serde_json::json;

use super::outlines::write_outlines;
use super::pretraining::Start;
use super::results::{Row, Scores};
use super::trial::{Labels, Places, Trial, as_flags, sha256};
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

impl Conditions {
    /// Does a trial in a folder of its own, in which model, logs, and label images stay.
    ///
    /// # Errors
    /// What the programs say; `io` when something cannot be written.
    pub fn conduct(&self, trial: &Trial, start: &Start) -> Result<Row> {
        let request = trial.request_hash()?;
        let folder = self.out.join(folder_name(trial, &request));
        // What an interrupted run left is not to be mistaken for what this one makes.
        if folder.exists() {
            fs::remove_dir_all(&folder).map_err(|error| Error::io("empty folder of a trial", &folder, &error))?;
        }
        let make =
            |folder: &Path| fs::create_dir_all(folder).map_err(|error| Error::io("make folder of a trial", folder, &error));
        make(&folder)?;
        let outlines = folder.join("outlines");
        if let Labels::Outlines(_) = trial.labels {
            make(&outlines)?;
            write_outlines(trial.set()?, &self.data, trial.order, &outlines)?;
        }
        let model = folder.join("model.zip");
        let start = match start {
            Start::Given { path, .. } => path.clone(),
            Start::Pretrained(pretraining) => {
                pretraining.package(trial.set()?, &self.data, &self.programs, &self.out)?.to_string_lossy().into_owned()
            }
        };
        let places =
            Places { data: &self.data, outlines: &outlines.to_string_lossy(), start: &start, save: &model.to_string_lossy() };
        let (trained, training) = self.train(trial, &folder, &places)?;
        let predictions = folder.join("predictions");
        let (segmented, segmenting) = self.segment(trial, &folder, &model, &predictions)?;
        let evaluated = self.evaluate(trial, &folder, &predictions)?;
        Ok(Row {
            trial: trial.clone(),
            request,
            commit: self.commit.clone(),
            learner: self.learner.clone(),
            model: trained.sha256,
            images: segmented.images.len(),
            scores: Scores::of(&evaluated),
            scores_kept_aside: trained.scores,
            labelled_objects: trained.labelled_objects,
            steps_done: trained.steps,
            train_seconds: training.seconds,
            segment_seconds: segmenting.seconds,
            train_peak_bytes: training.peak_bytes,
            segment_peak_bytes: segmenting.peak_bytes,
        })
    }

    fn train(&self, trial: &Trial, folder: &Path, places: &Places<'_>) -> Result<(TrainResult, Measured)> {
        let mut train = fewlabel(&self.programs, Entry::Train);
        train.arg("-v").args(as_flags(&trial.fields(places)?)).args(&trial.flags);
        ask(&mut train, Entry::Train, folder)
    }

    fn segment(&self, trial: &Trial, folder: &Path, model: &Path, predictions: &Path) -> Result<(SegmentResult, Measured)> {
        let set = trial.set()?;
        let mut segment = fewlabel(&self.programs, Entry::Segment);
        segment.arg("--model").arg(model).arg(set.folder(&self.data, "images"));
        segment.arg(format!("@{}", set.list(&self.data, &trial.part.to_string())));
        segment.arg("--output").arg(predictions);
        if let Some(threads) = trial.threads {
            segment.args(["--threads", &threads.to_string()]);
        }
        ask(&mut segment, Entry::Segment, folder)
    }

    fn evaluate(&self, trial: &Trial, folder: &Path, predictions: &Path) -> Result<EvaluateResult> {
        let set = trial.set()?;
        let mut evaluate = fewlabel(&self.programs, Entry::Evaluate);
        evaluate.arg("--predictions").arg(predictions).arg("--labels").arg(set.folder(&self.data, set.labels));
        evaluate.arg(format!("@{}", set.list(&self.data, &trial.part.to_string())));
        evaluate.args(as_flags(&BTreeMap::from([("find", json!(trial.find))])));
        ask(&mut evaluate, Entry::Evaluate, folder).map(|(evaluated, _)| evaluated)
    }
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
