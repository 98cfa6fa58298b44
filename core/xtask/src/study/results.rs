//! The rows of a study: a JSON line for each trial that was done.

use std::collections::BTreeMap;
use std::fs::OpenOptions;
use std::io::Write;
use std::path::{Path, PathBuf};

use fewlabel_contract::{Error, ErrorKind, EvaluateResult, ImageScores, OverlapScores, Result};
use serde::{Deserialize, Serialize};

use super::trial::Trial;

/// Scores on the images of the part.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Scores {
    /// Mean AP50 over the images, for objects.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ap50: Option<f64>,
    /// Mean AP 0.5 to 0.9 over the images, for objects.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ap_50_90: Option<f64>,
    /// Mean over the images or volumes of their Dice: for objects that of the foreground, for areas the mean of the classes that they have.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub dice: Option<f64>,
    /// Dice of each class with its pixels accumulated over the images, for areas.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub dice_of_class: BTreeMap<u32, f64>,
    /// The same where planes are brought to the grid of the set first.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub dice_on_grid: BTreeMap<u32, f64>,
    /// Mean Dice of each class over the images or volumes that have it, for areas.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub dice_of_class_in_images: BTreeMap<u32, f64>,
    /// Share of the images whose class was found, for kinds.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub accuracy: Option<f64>,
    /// Mean over the classes of the area under the ROC curve, for kinds.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub auc: Option<f64>,
}

impl Scores {
    /// What a row keeps of an evaluation, and of one on the grid of the set where it has one.
    pub fn of(evaluated: &EvaluateResult, on_grid: Option<&EvaluateResult>) -> Self {
        let objects = evaluated.objects.as_ref();
        let kinds = evaluated.kinds.as_ref();
        let dice = |classes: &[(u32, OverlapScores)]| classes.iter().map(|&(class, overlap)| (class, overlap.dice)).collect();
        let of_images = evaluated.images.iter().map(dice_of_image);
        Self {
            ap50: objects.map(|objects| objects.ap50),
            ap_50_90: objects.map(|objects| objects.ap_50_90),
            dice: (kinds.is_none() && !evaluated.images.is_empty())
                .then(|| of_images.sum::<f64>() / evaluated.images.len() as f64),
            dice_of_class: if objects.is_some() { BTreeMap::new() } else { dice(&evaluated.per_class) },
            dice_on_grid: on_grid.map_or_else(BTreeMap::new, |evaluated| dice(&evaluated.per_class)),
            dice_of_class_in_images: dice(&evaluated.mean_per_class),
            accuracy: kinds.map(|kinds| kinds.accuracy),
            auc: kinds.and_then(|kinds| kinds.auc),
        }
    }
}

/// Dice of an image: of areas the mean of the classes that it has; where it has none, and of objects, that of the foreground.
pub fn dice_of_image(image: &ImageScores) -> f64 {
    match image.per_class.len() {
        0 => image.overlap.dice,
        classes => image.per_class.iter().map(|(_, overlap)| overlap.dice).sum::<f64>() / classes as f64,
    }
}

/// A trial that was done.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Row {
    /// What was done.
    #[serde(flatten)]
    pub trial: Trial,
    /// SHA-256 of its training request; see [`Trial::request_hash`].
    pub request: String,
    /// Commit of the checkout, with `-dirty` when something in it was changed.
    pub commit: String,
    /// SHA-256 of the learner program.
    pub learner: String,
    /// SHA-256 of the model package.
    pub model: String,
    /// Images that were scored.
    pub images: usize,
    /// Scores on them.
    pub scores: Scores,
    /// What training itself reported on its labels kept aside.
    pub scores_kept_aside: BTreeMap<String, f64>,
    /// Objects that were learned from.
    pub labelled_objects: usize,
    /// Optimisation steps that were done.
    pub steps_done: u64,
    /// Wall time in which the start was made, where the study made it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub start_seconds: Option<f64>,
    /// Wall time of the training program.
    pub train_seconds: f64,
    /// Wall time of segmenting or classifying all images.
    pub segment_seconds: f64,
    /// Most memory that a process of the training held at once, in bytes; where the system tells.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub train_peak_bytes: Option<u64>,
    /// The same of segmenting.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub segment_peak_bytes: Option<u64>,
}

/// The file that holds the rows.
pub struct Results {
    path: PathBuf,
    /// What it holds, in the order in which it was done.
    pub rows: Vec<Row>,
}

impl Results {
    /// Reads `results.jsonl` in `folder`; none is as good as an empty one.
    ///
    /// # Errors
    /// `io` when it cannot be read; `invalid-request` for a line that is no row, with its number.
    pub fn open(folder: &Path) -> Result<Self> {
        let path = folder.join("results.jsonl");
        let text = match std::fs::read_to_string(&path) {
            Ok(text) => text,
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => String::new(),
            Err(error) => return Err(Error::io("read results", &path, &error)),
        };
        let row = |(number, line): (usize, &str)| {
            serde_json::from_str(line).map_err(|error| {
                Error::new(ErrorKind::InvalidRequest, "read results", "a line is no row of a study")
                    .file(&path)
                    .with("line", number + 1)
                    .because(&error)
                    .hint("take the line out, or choose another folder")
            })
        };
        let rows = text.lines().enumerate().filter(|(_, line)| !line.trim().is_empty()).map(row).collect::<Result<_>>()?;
        Ok(Self { path, rows })
    }

    /// Adds a row behind the others.
    ///
    /// # Errors
    /// `io` when it cannot be written.
    pub fn add(&mut self, row: Row) -> Result<()> {
        let mut line = serde_json::to_string(&row)
            .map_err(|error| Error::internal("write results", "a row cannot be written as JSON").because(&error))?;
        line.push('\n');
        let written =
            OpenOptions::new().create(true).append(true).open(&self.path).and_then(|mut f| f.write_all(line.as_bytes()));
        written.map_err(|error| Error::io("write results", &self.path, &error))?;
        self.rows.push(row);
        Ok(())
    }

    /// Whether this trial is among the rows, by whatever code.
    ///
    /// # Errors
    /// Those of [`Trial::request_hash`].
    pub fn has(&self, trial: &Trial) -> Result<bool> {
        let request = trial.request_hash()?;
        let is_same = |row: &Row| row.request == request && row.trial.part == trial.part && row.trial.variant == trial.variant;
        Ok(self.rows.iter().any(is_same))
    }
}

#[cfg(test)]
pub mod tests {
    use super::*;
    use crate::study::trial::{Budget, Part};

    /// A row of a trial with this AP50.
    pub fn row(trial: Trial, ap50: f64) -> Row {
        Row {
            request: trial.request_hash().expect("a hash"),
            trial,
            commit: "0123".into(),
            learner: "4567".into(),
            model: "89ab".into(),
            images: 90,
            scores: Scores {
                ap50: Some(ap50),
                ap_50_90: Some(ap50 / 2.0),
                dice: Some(0.5 + ap50 / 2.0),
                dice_of_class: BTreeMap::new(),
                dice_on_grid: BTreeMap::new(),
                dice_of_class_in_images: BTreeMap::new(),
                accuracy: None,
                auc: None,
            },
            scores_kept_aside: BTreeMap::from([("ap50".to_owned(), 0.9)]),
            labelled_objects: 40,
            steps_done: 400,
            start_seconds: None,
            train_seconds: 359.5,
            segment_seconds: 20.25,
            train_peak_bytes: Some(1 << 30),
            segment_peak_bytes: None,
        }
    }

    #[test]
    fn a_trial_that_is_there_is_not_done_again() {
        let folder = tempfile::tempdir().expect("a folder");
        let trial = crate::study::trial::tests::trial();
        let in_steps = Trial { budget: Budget::Steps(5), ..trial.clone() };
        let mut results = Results::open(folder.path()).expect("no file yet");
        for trial in [&trial, &in_steps] {
            assert!(!results.has(trial).expect("known"));
            results.add(row(trial.clone(), 0.75)).expect("written");
        }
        let again = Results::open(folder.path()).expect("the file");
        assert_eq!(again.rows, [row(trial.clone(), 0.75), row(in_steps.clone(), 0.75)]);
        assert!(again.has(&trial).expect("known") && again.has(&in_steps).expect("known"));
        for changed in [
            Trial { part: Part::Test, ..trial.clone() },
            Trial { order: 0, ..trial.clone() },
            Trial { variant: Some("b".into()), ..trial.clone() },
            Trial { flags: vec!["--width".into(), "16".into()], ..trial },
        ] {
            assert!(!again.has(&changed).expect("known"), "{changed:?}");
        }
    }

    #[test]
    fn a_damaged_line_is_named() {
        let folder = tempfile::tempdir().expect("a folder");
        let mut results = Results::open(folder.path()).expect("no file yet");
        results.add(row(crate::study::trial::tests::trial(), 0.75)).expect("written");
        let path = folder.path().join("results.jsonl");
        let text = std::fs::read_to_string(&path).expect("the file");
        std::fs::write(&path, format!("{text}{{\"set\"")).expect("written");
        assert!(Results::open(folder.path()).err().expect("damaged").to_string().contains("line: 2"));
    }
}
