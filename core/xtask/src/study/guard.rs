//! Nobody starts from what has seen the labels that are scored, or the images that are kept for scores.

use std::collections::HashMap;

use fewlabel_contract::{Entry, Error, ErrorKind, Find, Result};
use fewlabel_image::list;
use serde_json::{Value, json};

use super::conduct::file_hash;
use super::sets::Set;

const OPERATION: &str = "check start";

/// The files of a set, by their SHA-256.
#[derive(Debug, Default)]
pub struct Scored {
    /// Labels, of whatever part.
    labels: HashMap<String, String>,
    /// Images that may be learned from without labels.
    training: HashMap<String, String>,
    /// Images that may not be learned from at all.
    kept: HashMap<String, String>,
}

impl Scored {
    /// Hashes all files of a set.
    ///
    /// # Errors
    /// Those of reading lists and files.
    pub fn of(set: &Set, data: &str) -> Result<Self> {
        let mut scored = Self::default();
        for part in ["train", "val", "test"] {
            let named = format!("@{}", set.list(data, part));
            let files = |folder: &str| hashes(&[set.folder(data, folder), named.clone()]);
            let images = if part == "train" { &mut scored.training } else { &mut scored.kept };
            images.extend(files("images")?);
            match set.find {
                Find::Kinds => scored.labels.extend(hashes(&[set.folder(data, set.labels)])?),
                // Membranes tell of bodies, and bodies of membranes.
                Find::Objects | Find::Areas => {
                    for folder in ["labels", set.labels] {
                        scored.labels.extend(files(folder)?);
                    }
                }
            }
        }
        Ok(scored)
    }

    /// Checks a model that trials of the set would start from, by what its record says was seen: by the run itself and by those it went
    /// on from.
    ///
    /// # Errors
    /// `invalid-request` when it has seen what it should not, or does not say what it has seen.
    pub fn check(&self, run: &Value) -> Result<()> {
        let mut seen = &run["seen"];
        // Classes may be told by folders: then there are no files of labels.
        let mut has_labels = run["request"]["entry"] == json!(Entry::Train);
        loop {
            let hashes = |key: &str| -> Result<Vec<&str>> {
                let listed = seen[key].as_array().ok_or_else(|| {
                    refused("the start does not say what it has learned from").hint("start from a model that Fewlabel has made")
                })?;
                Ok(listed.iter().filter_map(|file| file["sha256"].as_str()).collect())
            };
            let (images, labels) = (hashes("images")?, hashes("labels")?);
            if let Some(label) = labels.iter().find_map(|hash| self.labels.get(*hash)) {
                return Err(refused("the start has seen labels of the set that is scored").with("first", label));
            }
            if let Some(image) = images.iter().find_map(|hash| self.kept.get(*hash)) {
                return Err(refused("the start has seen images that are kept for scores").with("first", image));
            }
            // Labels may have been drawn anew, as outlines are: whoever learned from labels had one for each image.
            if (has_labels || !labels.is_empty())
                && let Some(image) = images.iter().find_map(|hash| self.training.get(*hash))
            {
                return Err(refused("the start has learned from labels of images of the set that is scored").with("first", image));
            }
            match &seen["inherited"] {
                Value::Null => return Ok(()),
                earlier => (seen, has_labels) = (earlier, false),
            }
        }
    }
}

fn refused(message: &str) -> Error {
    Error::new(ErrorKind::InvalidRequest, OPERATION, message)
}

/// Files and what was in them.
fn hashes(paths: &[String]) -> Result<Vec<(String, String)>> {
    list(paths, false)?.into_iter().map(|found| Ok((file_hash(&found.path)?, found.from_folder()))).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::study::sets::{set, tests::data};
    use crate::study::trial::sha256;

    fn seen(images: &[&str], labels: &[&str], inherited: &Value) -> Value {
        let files = |texts: &[&str]| -> Vec<Value> {
            texts.iter().map(|text| json!({"file": "somewhere", "sha256": sha256(text.as_bytes())})).collect()
        };
        json!({"images": files(images), "labels": files(labels), "inherited": inherited})
    }

    #[test]
    fn what_a_start_may_have_seen() {
        let folder = data();
        let scored = Scored::of(set("pbc").expect("a set"), &folder.path().to_string_lossy()).expect("files");
        let table = std::fs::read_to_string(folder.path().join("pbc/labels.csv")).expect("a table");
        let check = |seen: Value| scored.check(&json!({"seen": seen})).map_err(|error| error.to_string());
        let nothing = Value::Null;
        assert_eq!(check(seen(&["image a/1.jpg", "pbc/x.jpg"], &[], &nothing)), Ok(()));
        assert_eq!(check(seen(&["another image"], &["another label"], &nothing)), Ok(()));
        let by_folders = json!({"request": {"entry": "train"}, "seen": seen(&["image a/1.jpg"], &[], &nothing)});
        assert!(scored.check(&by_folders).expect_err("refused").to_string().contains("learned from labels"));
        for (record, says) in [
            (seen(&["another image"], &[&table], &nothing), "seen labels"),
            (seen(&["image a/3.jpg"], &[], &nothing), "kept for scores"),
            (seen(&["image b/3.jpg"], &[], &nothing), "kept for scores"),
            (seen(&["image a/1.jpg"], &["a drawn outline"], &nothing), "learned from labels"),
            (json!({"images": []}), "does not say"),
            (nothing.clone(), "does not say"),
        ] {
            let direct = check(record.clone()).expect_err("refused");
            assert!(direct.contains(says), "{direct}");
            if !record.is_null() {
                let inherited = check(seen(&[], &[], &seen(&["another image"], &[], &record))).expect_err("refused");
                assert!(inherited.contains(says), "{inherited}");
            }
        }
    }
}
