//! What the record in a package (`run.json`) says about the training.

use std::collections::BTreeMap;
use std::fs::File;
use std::path::Path;

use fewlabel_contract::{Error, Result};
use serde::Deserialize;
use serde::de::DeserializeOwned;

use super::curves::Curve;

/// The parts of the record that the page shows.
#[derive(Deserialize)]
pub struct Record {
    curves: Curves,
    /// What the start scored on the labels kept aside, before training.
    #[serde(default)]
    start_scores: Option<BTreeMap<String, f64>>,
    /// A sentence for a paper.
    pub methods: String,
}

#[derive(Deserialize)]
struct Curves {
    training_error_every_10_steps: Vec<f64>,
    validations: Vec<Validation>,
}

#[derive(Deserialize)]
struct Validation {
    step: f64,
    scores: BTreeMap<String, f64>,
}

impl Record {
    /// Reads the record of a package.
    ///
    /// # Errors
    /// Those of [`read_record`].
    pub fn of(model: &Path) -> Result<Self> {
        read_record(model)
    }

    /// The training error, and the scores on the labels that were kept aside.
    pub fn curves(&self) -> Vec<Curve> {
        let errors = self.curves.training_error_every_10_steps.iter().enumerate();
        let error = Curve {
            name: "training error (lower is better)".to_owned(),
            points: errors.map(|(i, &value)| (10.0 * (i + 1) as f64, value)).collect(),
        };
        let mut scores: BTreeMap<&str, Vec<(f64, f64)>> = BTreeMap::new();
        for validation in &self.curves.validations {
            for (name, &value) in &validation.scores {
                scores.entry(name).or_default().push((validation.step, value));
            }
        }
        let kept_aside = [("ap50", "AP50"), ("dice", "Dice")].into_iter().filter_map(|(key, shown)| {
            let points = scores.remove(key)?;
            Some(Curve { name: format!("{shown} on the labels kept aside"), points })
        });
        std::iter::once(error).chain(kept_aside).collect()
    }

    /// A score on the labels kept aside after so many steps; after none, where something was started from.
    pub fn validations(&self, score: &str) -> Vec<(f64, f64)> {
        let start = self.start_scores.iter().filter_map(|scores| Some((0.0, *scores.get(score)?)));
        let later = self.curves.validations.iter().filter_map(|at| Some((at.step, *at.scores.get(score)?)));
        start.chain(later).collect()
    }
}

/// `run.json` of a package, as far as `T` wants to know it.
///
/// # Errors
/// `not-found` or `io` when the package cannot be opened; `internal` when it has no record that can be read.
pub fn read_record<T: DeserializeOwned>(model: &Path) -> Result<T> {
    let operation = "read run.json";
    let damaged = |source: &(dyn std::error::Error + 'static)| {
        Error::internal(operation, "the package has no readable record").file(model).because(source)
    };
    let file = File::open(model).map_err(|error| Error::io(operation, model, &error))?;
    let mut package = zip::ZipArchive::new(file).map_err(|error| damaged(&error))?;
    let entry = package.by_name("run.json").map_err(|error| damaged(&error))?;
    serde_json::from_reader(entry).map_err(|error| damaged(&error))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn curves_are_read_with_their_steps() {
        let text = r#"{"seed": 0, "methods": "A U-Net was trained.", "curves": {"training_error_every_10_steps": [2.5, 0.5],
            "validations": [{"step": 10, "scores": {"ap50": 0.25, "dice": 0.5, "iou": 0.3}}, {"step": 20, "scores": {"ap50": 0.75, "dice": 0.9, "iou": 0.8}}]}}"#;
        let record: Record = serde_json::from_str(text).expect("a record");
        let curves = record.curves();
        assert_eq!(curves.len(), 3);
        assert_eq!(curves[0].points, [(10.0, 2.5), (20.0, 0.5)]);
        assert!(curves[1].name.starts_with("AP50"));
        assert_eq!(curves[1].points, [(10.0, 0.25), (20.0, 0.75)]);
        assert_eq!(record.validations("dice"), [(10.0, 0.5), (20.0, 0.9)]);
        let started: Record =
            serde_json::from_str(&text.replace("{\"seed\"", "{\"start_scores\": {\"dice\": 0.1}, \"seed\"")).expect("a record");
        assert_eq!(started.validations("dice")[..2], [(0.0, 0.1), (10.0, 0.5)]);
        assert!(record.validations("auc").is_empty());
    }
}
