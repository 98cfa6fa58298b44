//! The scores of each image of a trial, in a file of their own beside the rows: differences are judged over them.

use std::collections::BTreeMap;
use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};

use fewlabel_contract::{ClassifyResult, Error, ErrorKind, EvaluateResult, Result};
use fewlabel_image::{AtomicFile, KindLabels};
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::results::{Row, dice_of_image};
use super::sets::Set;
use super::trial::sha256;

const OPERATION: &str = "read scores of images";

/// What became of an image.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(untagged)]
pub enum Outcome {
    /// What was found in it was compared with its labels.
    Pixels {
        /// AP50, for objects.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        ap50: Option<f64>,
        /// AP 0.5 to 0.9, for objects.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        ap_50_90: Option<f64>,
        /// Foreground Dice.
        dice: f64,
    },
    /// It was classified.
    Kind {
        /// Number of the true class.
        truth: usize,
        /// Probability of each class.
        probabilities: Vec<f64>,
    },
}

/// An image and what became of it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ImageScore {
    /// As the set names it.
    pub name: String,
    /// What belongs together has one group: pieces of a mosaic, a well, a frame.
    pub group: String,
    /// What became of it.
    #[serde(flatten)]
    pub outcome: Outcome,
}

impl ImageScore {
    /// One image.
    pub fn of(name: &str, group: &str, outcome: Outcome) -> Self {
        Self { name: name.to_owned(), group: group.to_owned(), outcome }
    }
}

/// What belongs together in a set; an image of which `meta.json` says nothing is a group by itself.
#[derive(Debug, Default)]
pub struct Groups(BTreeMap<String, String>);

impl Groups {
    /// Reads `meta.json` of a set.
    ///
    /// # Errors
    /// `not-found`, `io`; `invalid-request` when it is no JSON.
    pub fn read(set: &Set, data: &str) -> Result<Self> {
        let path = set.folder(data, "meta.json");
        let text = fs::read(&path).map_err(|error| Error::io("read groups", &path, &error))?;
        let meta: Value = serde_json::from_slice(&text).map_err(|error| {
            Error::new(ErrorKind::InvalidRequest, "read groups", "this is not a JSON file").file(&path).because(&error)
        })?;
        let items = meta["items"].as_object().into_iter().flatten();
        let group = |(name, item): (&String, &Value)| Some((name.clone(), item["group"].as_str()?.to_owned()));
        Ok(Self(items.filter_map(group).collect()))
    }

    fn of<'a>(&'a self, name: &'a str) -> &'a str {
        self.0.get(name).map_or(name, String::as_str)
    }
}

/// Of objects and areas.
pub fn of_pixels(evaluated: &EvaluateResult, groups: &Groups) -> Vec<ImageScore> {
    let score = |image: &fewlabel_contract::ImageScores| {
        let objects = image.objects.as_ref();
        let outcome = Outcome::Pixels {
            ap50: objects.map(|objects| objects.ap50),
            ap_50_90: objects.map(|objects| objects.ap_50_90),
            dice: dice_of_image(image),
        };
        ImageScore::of(&image.name, groups.of(&image.name), outcome)
    };
    evaluated.images.iter().map(score).collect()
}

/// Of kinds; images without a true class are left out.
///
/// # Errors
/// Those of [`KindLabels::row_of`].
pub fn of_kinds(classified: &ClassifyResult, labels: &KindLabels, groups: &Groups) -> Result<Vec<ImageScore>> {
    // A class that the model does not know is never found: its number is behind those it knows.
    let number = |class: &str| classified.classes.iter().position(|known| known == class).unwrap_or(classified.classes.len());
    let mut scores = Vec::new();
    for image in &classified.images {
        let Some(row) = labels.row_of(&image.file)? else { continue };
        let truth = number(&labels.rows()[row].1);
        for plane in &image.planes {
            let outcome = Outcome::Kind { truth, probabilities: plane.probabilities.clone() };
            scores.push(ImageScore::of(&image.file, groups.of(&image.file), outcome));
        }
    }
    Ok(scores)
}

/// The file of a row in the folder of a study.
fn path(out: &Path, row: &Row) -> PathBuf {
    let variant = row.trial.variant.as_deref().unwrap_or_default();
    let name = sha256(format!("{} {} {variant}", row.request, row.trial.part).as_bytes());
    out.join("scores").join(format!("{}.json", &name[..16]))
}

/// Writes the scores of a row's images; those of an earlier run of the same trial go.
///
/// # Errors
/// `io` when they cannot be written.
pub fn write(out: &Path, row: &Row, images: &[ImageScore]) -> Result<()> {
    let path = path(out, row);
    let folder = path.parent().unwrap_or(out);
    fs::create_dir_all(folder).map_err(|error| Error::io("make folder of scores", folder, &error))?;
    let text = serde_json::to_string(images)
        .map_err(|error| Error::internal("write scores of images", "they cannot be written as JSON").because(&error))?;
    let mut file = AtomicFile::create(&path, true)?;
    file.write_all(text.as_bytes()).map_err(|error| file.error(&error))?;
    file.commit()
}

/// The scores of a row's images; `None` where nobody kept them.
///
/// # Errors
/// `io`; `invalid-request` when the file holds something else.
pub fn read(out: &Path, row: &Row) -> Result<Option<Vec<ImageScore>>> {
    let path = path(out, row);
    let text = match fs::read(&path) {
        Ok(text) => text,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(Error::io(OPERATION, &path, &error)),
    };
    let images = serde_json::from_slice(&text).map_err(|error| {
        Error::new(ErrorKind::InvalidRequest, OPERATION, "these are no scores of images").file(&path).because(&error)
    })?;
    Ok(Some(images))
}

#[cfg(test)]
mod tests {
    use fewlabel_contract::{ClassifiedImage, ClassifiedPlane, Status};

    use super::*;
    use crate::study::results::tests::row;
    use crate::study::sets::{set, tests::data};
    use crate::study::trial::{Part, Trial, tests::trial};

    #[test]
    fn each_row_has_scores_of_its_own() {
        let folder = tempfile::tempdir().expect("a folder");
        let out = folder.path();
        let images = |dice| {
            vec![
                ImageScore::of("a", "one", Outcome::Pixels { ap50: Some(0.5), ap_50_90: Some(0.25), dice }),
                ImageScore::of("b", "two", Outcome::Kind { truth: 1, probabilities: vec![0.25, 0.75] }),
            ]
        };
        let val = row(trial(), 0.5);
        let others = [
            row(Trial { part: Part::Test, ..trial() }, 0.5),
            row(Trial { variant: Some("b".into()), ..trial() }, 0.5),
            row(Trial { order: 2, ..trial() }, 0.5),
        ];
        write(out, &val, &images(0.1)).expect("written");
        for (n, other) in others.iter().enumerate() {
            assert_eq!(read(out, other).expect("no file"), None);
            write(out, other, &images(n as f64)).expect("written");
        }
        write(out, &val, &images(0.75)).expect("written again");
        assert_eq!(read(out, &val).expect("a file"), Some(images(0.75)));
        assert_eq!(read(out, &others[2]).expect("a file"), Some(images(2.0)));
        let damaged = fs::read_dir(out.join("scores")).expect("a folder").next().expect("a file").expect("a file").path();
        fs::write(damaged, "[{}]").expect("written");
        assert!([&val].into_iter().chain(&others).any(|row| read(out, row).is_err()));
    }

    #[test]
    fn classes_are_numbered_as_the_model_has_them() {
        let folder = data();
        let data = folder.path().to_string_lossy();
        let set = set("pbc").expect("a set");
        let labels = KindLabels::read(&[set.folder(&data, set.labels)]).expect("a table");
        fs::write(folder.path().join("pbc/meta.json"), r#"{"items": {"a/3.jpg": {"group": "slide 7"}, "b/3.jpg": {}}}"#)
            .expect("written");
        let groups = Groups::read(set, &data).expect("groups");
        let image = |file: &str, probabilities: &[f64]| ClassifiedImage {
            file: file.to_owned(),
            status: Status::Done,
            planes: vec![ClassifiedPlane {
                t: 1,
                z: 1,
                class: "a".into(),
                probability: 0.5,
                probabilities: probabilities.to_vec(),
            }],
            error: None,
        };
        let mut classified = ClassifyResult {
            images: vec![image("a/3.jpg", &[0.25, 0.75]), image("b/3.jpg", &[0.5, 0.5]), image("c/9.jpg", &[0.1, 0.9])],
            classes: vec!["b".into(), "a".into()],
            counts: vec![1, 1],
            failed: 0,
            output: None,
            seconds: 1.0,
        };
        let expected = [("a/3.jpg", "slide 7", 1), ("b/3.jpg", "b/3.jpg", 0)];
        let scores = of_kinds(&classified, &labels, &groups).expect("scores");
        assert_eq!(scores.len(), 2);
        for (score, (name, group, class)) in scores.iter().zip(expected) {
            assert_eq!((score.name.as_str(), score.group.as_str()), (name, group));
            assert!(matches!(score.outcome, Outcome::Kind { truth, .. } if truth == class), "{score:?}");
        }
        classified.classes = vec!["a".into(), "z".into()];
        let unknown = of_kinds(&classified, &labels, &groups).expect("scores");
        assert!(matches!(unknown[1].outcome, Outcome::Kind { truth: 2, .. }));
    }
}
