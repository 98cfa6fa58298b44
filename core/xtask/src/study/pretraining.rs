//! What trials start from: a model that is there, or one that learns from the unlabelled training images of the set.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

use fewlabel_contract::{CONTRACT, Entry, Error, ErrorKind, Method, PretrainResult, Result};
use serde_json::{Value, json};

use super::conduct::{ask, file_hash};
use super::sets::Set;
use super::trial::{Budget, as_flags, sha256};
use crate::programs::fewlabel;

/// Characters of a hash that names have.
const SHORT: usize = 12;

/// A model that trials start from.
#[derive(Clone, Debug, PartialEq)]
pub enum Start {
    /// `none`, a model's name, or a file: as the program takes it, and as rows name it.
    Given {
        /// For the program.
        path: String,
        /// For rows: a file is its name and its hash, so that rows do not depend on places.
        name: String,
    },
    /// One that each set makes of its own training images.
    Pretrained(Pretraining),
}

/// How a start is made.
#[derive(Clone, Debug, PartialEq)]
pub struct Pretraining {
    /// How it learns.
    pub method: Method,
    /// How long it may take.
    pub budget: Budget,
    /// Seed of every random choice.
    pub seed: u64,
    /// Threads; all when absent.
    pub threads: Option<usize>,
    /// Further flags of `fewlabel pretrain`.
    pub flags: Vec<String>,
}

impl Start {
    /// From what a person gives.
    ///
    /// # Errors
    /// `io` when a file cannot be read.
    pub fn given(start: &str) -> Result<Self> {
        let path = Path::new(start);
        if !path.is_file() {
            return Ok(Self::Given { path: start.to_owned(), name: start.to_owned() });
        }
        let file = path.file_name().unwrap_or_default().to_string_lossy();
        let name = format!("{file} {}", &file_hash(path)?[..SHORT]);
        let path = std::path::absolute(path).map_err(|error| Error::io("find start", path, &error))?;
        Ok(Self::Given { path: path.to_string_lossy().into_owned(), name })
    }

    /// What rows of a set call it.
    pub fn name(&self, set: &Set) -> String {
        match self {
            Self::Given { name, .. } => name.clone(),
            Self::Pretrained(pretraining) => {
                format!("{} {} {}", pretraining.method.name(), pretraining.budget, &pretraining.request_hash(set)[..SHORT])
            }
        }
    }
}

impl Pretraining {
    /// The fields of the request, without those that keep their default. Only training images are learned from.
    fn fields(&self, set: &Set, data: &str, save: &str) -> BTreeMap<&'static str, Value> {
        let images = json!([set.folder(data, "images"), format!("@{}", set.list(data, "train"))]);
        let mut fields = BTreeMap::from([
            ("images", images),
            ("save", json!(save)),
            ("method", json!(self.method)),
            ("start", json!("none")),
            ("seed", json!(self.seed)),
        ]);
        match self.budget {
            Budget::Minutes(minutes) => fields.insert("minutes", json!(minutes)),
            Budget::Steps(steps) => fields.insert("steps", json!(steps)),
        };
        if let Some(threads) = self.threads {
            fields.insert("threads", json!(threads));
        }
        fields
    }

    /// SHA-256 of the request and the further flags, as [`super::trial::Trial::request_hash`] has it.
    pub fn request_hash(&self, set: &Set) -> String {
        let whole = BTreeMap::from([
            ("contract", json!(CONTRACT)),
            ("entry", json!(Entry::Pretrain)),
            ("args", json!(self.fields(set, ".", "model.zip"))),
            ("flags", json!(self.flags)),
        ]);
        sha256(json!(whole).to_string().as_bytes())
    }

    /// The package of a set below `out`; made unless it is there.
    ///
    /// # Errors
    /// What the program says; `io` when something cannot be written.
    pub fn package(&self, set: &Set, data: &str, programs: &Path, out: &Path) -> Result<PathBuf> {
        let folder = out.join("starts").join(format!("{}-{}-{}", set.name, self.method.name(), &self.request_hash(set)[..SHORT]));
        let package = folder.join("model.zip");
        if package.is_file() {
            return Ok(package);
        }
        fs::create_dir_all(&folder).map_err(|error| Error::io("make folder of a start", &folder, &error))?;
        let mut pretrain = fewlabel(programs, Entry::Pretrain);
        pretrain.arg("-v").args(as_flags(&self.fields(set, data, &package.to_string_lossy()))).args(&self.flags).arg("--resume");
        let (result, _): (PretrainResult, _) = ask(&mut pretrain, Entry::Pretrain, &folder)?;
        println!(
            "{} on {} images of {}: {} steps in {:.0} s",
            self.method.name(),
            result.images,
            set.name,
            result.steps,
            result.seconds
        );
        Ok(package)
    }
}

/// The methods that a person names; `none` stands for no pretraining.
///
/// # Errors
/// `invalid-request` for a name that is no method, with those that are.
pub fn methods(names: &[String]) -> Result<Vec<Option<Method>>> {
    let method = |name: &String| match name.as_str() {
        "none" => Ok(None),
        name => serde_json::from_value(json!(name)).map(Some).map_err(|_| {
            let known: BTreeSet<&str> = Method::ALL.iter().map(|method| method.name()).collect();
            Error::new(ErrorKind::InvalidRequest, "plan study", "there is no such method")
                .with("method", name)
                .with("methods", known.into_iter().chain(["none"]).collect::<Vec<_>>().join(", "))
        }),
    };
    names.iter().map(method).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::study::sets::set;

    fn pretraining() -> Pretraining {
        Pretraining { method: Method::Tower, budget: Budget::Steps(700), seed: 0, threads: None, flags: Vec::new() }
    }

    #[test]
    fn a_start_is_named_after_what_decides_it() {
        let name = |start: &Start, of: &str| start.name(set(of).expect("a set"));
        let tower = Start::Pretrained(pretraining());
        assert!(name(&tower, "usiigaci").starts_with("tower 700 steps "));
        assert_ne!(name(&tower, "usiigaci"), name(&tower, "fib25"));
        let longer = Pretraining { budget: Budget::Minutes(8.0), ..pretraining() };
        let wider = Pretraining { flags: vec!["--width".into(), "16".into()], ..pretraining() };
        for other in [longer, wider] {
            assert_ne!(name(&tower, "usiigaci"), name(&Start::Pretrained(other), "usiigaci"));
        }
        assert_eq!(name(&Start::given("none").expect("a name"), "usiigaci"), "none");
    }

    #[test]
    fn only_training_images_are_learned_from() {
        let flags = as_flags(&pretraining().fields(set("fluorescence").expect("a set"), "/data", "m.zip")).join(" ");
        assert_eq!(
            flags,
            "--images /data/dsb2018/images @/data/dsb2018/split_fluorescence.json#train --method tower --save m.zip --seed 0 \
             --start none --steps 700"
        );
    }

    #[test]
    fn methods_are_known_by_name() {
        let found = methods(&["none", "simclr"].map(str::to_owned)).expect("methods");
        assert_eq!(found, [None, Some(Method::Simclr)]);
        let error = methods(&["towel".to_owned()]).expect_err("no such method");
        assert!(error.to_string().contains("tower"), "{error}");
    }
}
