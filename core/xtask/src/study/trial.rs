//! One training of a study: what it learns from and what it is scored on.

use std::collections::BTreeMap;

use fewlabel_contract::{CONTRACT, Entry, Find, Result};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

use super::outlines::{UNLABELLED, images};
use super::pretraining::Pretraining;
use super::sets::{Set, set};

/// What of the training images is labelled.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Labels {
    /// The first so many images of the order, wholly; of kinds so many of each class.
    K(usize),
    /// So many objects in the first images of the order; nothing else.
    Outlines(usize),
}

impl std::fmt::Display for Labels {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::K(k) => write!(f, "k={k}"),
            Self::Outlines(count) => write!(f, "{count} outlines"),
        }
    }
}

/// The images that are scored.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, clap::ValueEnum)]
#[serde(rename_all = "lowercase")]
pub enum Part {
    /// For every choice.
    Val,
    /// For reported numbers; each run on it is logged.
    Test,
}

impl std::fmt::Display for Part {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::Val => "val",
            Self::Test => "test",
        })
    }
}

/// How long a training may take.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Budget {
    /// Minutes of wall time, loading and saving included.
    Minutes(f64),
    /// Optimisation steps.
    Steps(u64),
}

impl std::fmt::Display for Budget {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Minutes(minutes) => write!(f, "{minutes} min"),
            Self::Steps(steps) => write!(f, "{steps} steps"),
        }
    }
}

/// One training: everything that decides what comes out, but for the code.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Trial {
    /// Name of the set.
    pub set: String,
    /// File with its parts and orders, below the folder of all data.
    pub split: String,
    /// What is looked for.
    pub find: Find,
    /// What is labelled.
    #[serde(flatten)]
    pub labels: Labels,
    /// How many names of the order have labels, where that is not what `labels` says by itself: of kinds `k` for each class, and of
    /// outlines where the images run out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub first: Option<usize>,
    /// Which order of the training images.
    pub order: u32,
    /// What is scored.
    pub part: Part,
    /// Model to start from: `none`, a file's name and SHA-256, or what was made by pretraining and the hash of that.
    pub start: String,
    /// How the start was made, where the study made it. The hash in `start` says the same.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub pretraining: Option<Pretraining>,
    /// Seed of every random choice of the training.
    pub seed: u64,
    /// How long it may take.
    #[serde(flatten)]
    pub budget: Budget,
    /// Threads of the training; absent: all.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub threads: Option<usize>,
    /// Further flags of the training.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub flags: Vec<String>,
    /// What the flags are called in tables.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub variant: Option<String>,
}

/// Where the files of a training lie.
pub struct Places<'a> {
    /// Folder of all data.
    pub data: &'a str,
    /// Folder of the drawn outlines.
    pub outlines: &'a str,
    /// Model to start from, as the program takes it.
    pub start: &'a str,
    /// The package to write.
    pub save: &'a str,
}

impl Trial {
    /// The set.
    ///
    /// # Errors
    /// `invalid-request` when this version does not know it.
    pub fn set(&self) -> Result<&'static Set> {
        set(&self.set)
    }

    /// How many names of the order have labels.
    pub fn labelled_images(&self) -> usize {
        self.first.unwrap_or(match self.labels {
            Labels::K(k) => k,
            Labels::Outlines(count) => images(count),
        })
    }

    /// The fields of the training request, without those that keep their default.
    ///
    /// # Errors
    /// As [`Trial::set`].
    pub fn fields(&self, places: &Places<'_>) -> Result<BTreeMap<&'static str, Value>> {
        let set = self.set()?;
        let mut fields = BTreeMap::from([
            ("images", json!([set.folder(places.data, "images")])),
            ("order", json!(set.order(places.data, self.order))),
            ("save", json!(places.save)),
            ("find", json!(self.find)),
            ("start", json!(places.start)),
            ("seed", json!(self.seed)),
        ]);
        fields.insert("first", json!(self.labelled_images()));
        match self.labels {
            Labels::K(_) => {
                fields.insert("labels", json!([set.folder(places.data, set.labels)]));
            }
            Labels::Outlines(_) => {
                fields.insert("labels", json!([places.outlines]));
                fields.insert("unlabelled", json!(UNLABELLED));
            }
        }
        match self.budget {
            Budget::Minutes(minutes) => fields.insert("minutes", json!(minutes)),
            Budget::Steps(steps) => fields.insert("steps", json!(steps)),
        };
        if let Some(threads) = self.threads {
            fields.insert("threads", json!(threads));
        }
        Ok(fields)
    }

    /// SHA-256 of the training request and the further flags, as compact JSON with sorted keys, in which every
    /// path is seen from the folder of all data: it is the same wherever that folder lies.
    ///
    /// # Errors
    /// As [`Trial::set`].
    pub fn request_hash(&self) -> Result<String> {
        let outlines = match self.labels {
            Labels::K(_) => String::new(),
            Labels::Outlines(count) => format!("{count} outlines, order {}", self.order),
        };
        let args = self.fields(&Places { data: ".", outlines: &outlines, start: &self.start, save: "model.zip" })?;
        let whole = BTreeMap::from([
            ("contract", json!(CONTRACT)),
            ("entry", json!(Entry::Train)),
            ("args", json!(args)),
            ("flags", json!(self.flags)),
        ]);
        Ok(sha256(json!(whole).to_string().as_bytes()))
    }
}

/// Fields as flags of the command line: `--first 2`.
pub fn as_flags(fields: &BTreeMap<&str, Value>) -> Vec<String> {
    let text = |value: &Value| value.as_str().map_or_else(|| value.to_string(), str::to_owned);
    let mut flags = Vec::new();
    for (name, value) in fields {
        flags.push(format!("--{}", name.replace('_', "-")));
        match value {
            Value::Array(values) => flags.extend(values.iter().map(text)),
            value => flags.push(text(value)),
        }
    }
    flags
}

/// Lower-case hexadecimal SHA-256.
pub fn sha256(bytes: &[u8]) -> String {
    Sha256::digest(bytes).iter().map(|byte| format!("{byte:02x}")).collect()
}

#[cfg(test)]
pub mod tests {
    use super::*;

    /// Two labels of the fluorescence set.
    pub fn trial() -> Trial {
        Trial {
            set: "fluorescence".into(),
            split: "dsb2018/split_fluorescence.json".into(),
            find: Find::Objects,
            labels: Labels::K(2),
            first: None,
            order: 1,
            part: Part::Val,
            start: "none".into(),
            pretraining: None,
            seed: 0,
            budget: Budget::Minutes(6.0),
            threads: None,
            flags: Vec::new(),
            variant: None,
        }
    }

    #[test]
    fn the_hash_is_stable() {
        // Rows of earlier studies are found by it: when it changes, they are all computed again.
        assert_eq!(trial().request_hash().expect("a hash"), "a2133ca07cf5ce36df074266cc65d3ede9d6c63c898f82b73fc6fdaa8fec0b8f");
    }

    #[test]
    fn rows_that_are_kept_have_the_hashes_that_they_had() {
        let path = crate::workspace::root().join("core/docs/studies/foundation.jsonl");
        let text = std::fs::read_to_string(path).expect("rows");
        assert!(text.lines().count() >= 33);
        for line in text.lines() {
            let row: crate::study::results::Row = serde_json::from_str(line).expect("a row");
            assert_eq!(row.trial.request_hash().expect("a hash"), row.request, "{line}");
            assert_eq!(serde_json::to_string(&row).expect("JSON"), line);
        }
    }

    #[test]
    fn of_kinds_the_first_names_are_some_of_each_class() {
        let kinds = Trial { set: "pbc".into(), find: Find::Kinds, first: Some(16), ..trial() };
        let places = Places { data: "/data", outlines: "out", start: "none", save: "m.zip" };
        assert_eq!(
            as_flags(&kinds.fields(&places).expect("fields")).join(" "),
            "--find kinds --first 16 --images /data/pbc/images --labels /data/pbc/labels.csv --minutes 6.0 \
             --order /data/pbc/split.json#fewlabel_order.1 --save m.zip --seed 0 --start none"
        );
    }

    #[test]
    fn the_hash_tells_apart_what_decides_the_training_and_nothing_else() {
        let hash = |change: &dyn Fn(&mut Trial)| {
            let mut changed = trial();
            change(&mut changed);
            changed.request_hash().expect("a hash")
        };
        let own = hash(&|_| {});
        let changes: [&dyn Fn(&mut Trial); 10] = [
            &|t| t.labels = Labels::K(3),
            &|t| t.labels = Labels::Outlines(15),
            &|t| t.first = Some(16),
            &|t| t.order = 2,
            &|t| t.seed = 1,
            &|t| t.budget = Budget::Minutes(2.0),
            &|t| t.budget = Budget::Steps(6),
            &|t| t.threads = Some(1),
            &|t| t.flags = vec!["--width".into(), "24".into()],
            &|t| t.set = "mixed".into(),
        ];
        let mut hashes: Vec<String> = changes.iter().map(|change| hash(*change)).collect();
        hashes.push(own.clone());
        hashes.sort();
        hashes.dedup();
        assert_eq!(hashes.len(), changes.len() + 1);
        assert_eq!(hash(&|t| t.part = Part::Test), own);
        assert_eq!(hash(&|t| t.variant = Some("narrow".into())), own);
    }

    #[test]
    fn fields_become_flags() {
        let places = Places { data: "/data", outlines: "out", start: "none", save: "m.zip" };
        let mut sparse = trial();
        sparse.labels = Labels::Outlines(15);
        let flags = as_flags(&sparse.fields(&places).expect("fields")).join(" ");
        assert_eq!(
            flags,
            "--find objects --first 3 --images /data/dsb2018/images --labels out --minutes 6.0 \
             --order /data/dsb2018/split_fluorescence.json#fewlabel_order.1 --save m.zip --seed 0 --start none --unlabelled 65535"
        );
    }

    #[test]
    fn a_trial_is_read_back_as_it_was_written() {
        let text = serde_json::to_string(&trial()).expect("JSON");
        assert!(text.contains("\"k\":2") && text.contains("\"minutes\":6.0"), "{text}");
        assert_eq!(serde_json::from_str::<Trial>(&text).expect("a trial"), trial());
    }
}
