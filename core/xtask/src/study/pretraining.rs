//! What trials start from: a model that is there, or one that learns from unlabelled images of the set.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

use fewlabel_contract::{CONTRACT, Entry, Error, ErrorKind, Method, PretrainResult, Result};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::conduct::{ask, file_hash};
use super::pool::Pool;
use super::sets::Set;
use super::trial::{Budget, as_flags, sha256};
use crate::programs::fewlabel;
use crate::workspace::{root, whole};

/// Characters of a hash that names have.
const SHORT: usize = 12;

/// A model that trials start from.
#[derive(Clone, Debug, PartialEq)]
pub enum Start {
    /// One that is there, or none.
    Given(Given),
    /// One that each set makes of unlabelled images.
    Pretrained(Pretraining),
}

/// A model that is there, or `none`.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(from = "String", into = "String")]
pub struct Given {
    /// As the programs take it.
    pub path: String,
    /// As rows name it: a file is its name and its hash, so that rows do not depend on places.
    pub name: String,
}

/// How a start is made.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Pretraining {
    /// How it learns.
    pub method: Method,
    /// How long it may take.
    #[serde(flatten)]
    pub budget: Budget,
    /// The images it learns from.
    #[serde(flatten)]
    pub pool: Pool,
    /// What it starts from itself.
    pub base: Given,
    /// Seed of every random choice.
    pub seed: u64,
    /// Threads; all when absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub threads: Option<usize>,
    /// Further flags of `fewlabel pretrain`.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub flags: Vec<String>,
}

impl Given {
    /// No model: random weights.
    pub fn none() -> Self {
        Self::from("none".to_owned())
    }

    /// From what a person gives: `none`, a file, or the name of a model of the checkout. What lies elsewhere is given as a file, so that
    /// rows can say its hash.
    ///
    /// # Errors
    /// `not-found` when there is no such model; `io` when it cannot be read.
    pub fn new(start: &str) -> Result<Self> {
        if start == "none" {
            return Ok(Self::none());
        }
        let shipped = root().join("models").join(format!("{start}.zip"));
        let path = [PathBuf::from(start), shipped].into_iter().find(|path| path.is_file()).ok_or_else(|| {
            Error::new(ErrorKind::NotFound, "find start", "there is no such model")
                .with("model", start)
                .hint("give a file, none, or the name of a model in the folder models of the checkout")
        })?;
        let file = path.file_name().unwrap_or_default().to_string_lossy();
        let name = format!("{file} {}", &file_hash(&path)?[..SHORT]);
        Ok(Self { path: whole(&path)?.to_string_lossy().into_owned(), name })
    }

    /// Whether there is no model.
    pub fn is_none(&self) -> bool {
        self.name == "none"
    }
}

/// A name in a row does not say where the file lies.
impl From<String> for Given {
    fn from(name: String) -> Self {
        Self { path: name.clone(), name }
    }
}

impl From<Given> for String {
    fn from(given: Given) -> Self {
        given.name
    }
}

/// Where it lies does not matter.
impl PartialEq for Given {
    fn eq(&self, other: &Self) -> bool {
        self.name == other.name
    }
}

impl Start {
    /// What rows of a set call it.
    pub fn name(&self, set: &Set) -> String {
        match self {
            Self::Given(given) => given.name.clone(),
            Self::Pretrained(pretraining) => {
                format!("{} {} {}", pretraining.method.name(), pretraining.budget, &pretraining.request_hash(set)[..SHORT])
            }
        }
    }

    /// How it is made, where the study makes it.
    pub fn pretraining(&self) -> Option<&Pretraining> {
        match self {
            Self::Given(_) => None,
            Self::Pretrained(pretraining) => Some(pretraining),
        }
    }
}

/// In a few words, for tables: what differs from the usual is said.
impl std::fmt::Display for Pretraining {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{} {}", self.method.name(), self.budget)?;
        if self.pool != Pool::default() {
            write!(f, " on {}", self.pool)?;
        }
        if !self.base.is_none() {
            write!(f, " from {}", self.base.name)?;
        }
        if !self.flags.is_empty() {
            write!(f, " {}", self.flags.join(" "))?;
        }
        Ok(())
    }
}

impl Pretraining {
    /// The fields of the request, without those that keep their default.
    fn fields(&self, set: &Set, images: Vec<String>, base: &str, save: &str) -> BTreeMap<&'static str, Value> {
        let mut fields = BTreeMap::from([
            ("images", json!(images)),
            ("save", json!(save)),
            ("method", json!(self.method)),
            ("start", json!(base)),
            ("seed", json!(self.seed)),
        ]);
        match self.budget {
            Budget::Minutes(minutes) => fields.insert("minutes", json!(minutes)),
            Budget::Steps(steps) => fields.insert("steps", json!(steps)),
        };
        if let Some(threads) = self.threads {
            fields.insert("threads", json!(threads));
        }
        if let Some(diameter) = set.object_diameter {
            fields.insert("object_diameter", json!(diameter));
        }
        fields
    }

    /// SHA-256 of the request and the further flags, as [`super::trial::Trial::request_hash`] has it.
    pub fn request_hash(&self, set: &Set) -> String {
        let args = self.fields(set, self.pool.described(set), &self.base.name, "model.zip");
        let whole = BTreeMap::from([
            ("contract", json!(CONTRACT)),
            ("entry", json!(Entry::Pretrain)),
            ("args", json!(args)),
            ("flags", json!(self.flags)),
        ]);
        sha256(json!(whole).to_string().as_bytes())
    }

    /// The folder that a start of a set is made in, below `out`.
    fn folder(&self, set: &Set, out: &Path) -> PathBuf {
        out.join("starts").join(format!("{}-{}-{}", set.name, self.method.name(), &self.request_hash(set)[..SHORT]))
    }

    /// The package of a set below `out`; made unless it is there.
    ///
    /// # Errors
    /// Those of [`Pool::files`]; what the program says; `io` when something cannot be written.
    pub fn package(&self, set: &Set, data: &str, programs: &Path, out: &Path) -> Result<PathBuf> {
        let folder = self.folder(set, out);
        let package = folder.join("model.zip");
        if package.is_file() {
            return Ok(package);
        }
        fs::create_dir_all(&folder).map_err(|error| Error::io("make folder of a start", &folder, &error))?;
        let pool = folder.join("pool.txt");
        write_list(&pool, &self.pool.files(set, data)?)?;
        let images = vec![format!("@{}", pool.display())];
        let mut pretrain = fewlabel(programs, Entry::Pretrain);
        pretrain.arg("-v").args(as_flags(&self.fields(set, images, &self.base.path, &package.to_string_lossy())));
        pretrain.args(&self.flags).arg("--resume");
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

/// Writes a list of files, one a line, as programs take it behind `@`.
///
/// # Errors
/// `io` when it cannot be written.
pub fn write_list(path: &Path, files: &[PathBuf]) -> Result<()> {
    let lines: String = files.iter().map(|file| format!("{}\n", file.display())).collect();
    fs::write(path, lines).map_err(|error| Error::io("write list of images", path, &error))
}

/// The methods that a person names; `none` stands for no pretraining.
///
/// # Errors
/// `invalid-request` for a name that is no method, with those that are.
pub fn methods<S: AsRef<str>>(names: &[S]) -> Result<Vec<Option<Method>>> {
    let method = |name: &S| match name.as_ref() {
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
pub mod tests {
    use super::*;
    use crate::study::pool::Sources;
    use crate::study::sets::set;

    /// 700 steps of TOWER on the set's own images.
    pub fn pretraining() -> Pretraining {
        Pretraining {
            method: Method::Tower,
            budget: Budget::Steps(700),
            pool: Pool::default(),
            base: Given::none(),
            seed: 0,
            threads: None,
            flags: Vec::new(),
        }
    }

    #[test]
    fn a_start_is_named_after_what_decides_it() {
        let name = |start: &Start, of: &str| start.name(set(of).expect("a set"));
        let tower = Start::Pretrained(pretraining());
        assert!(name(&tower, "usiigaci").starts_with("tower 700 steps "));
        assert_ne!(name(&tower, "usiigaci"), name(&tower, "fib25"));
        let pool = |sources, size| Pretraining { pool: Pool { sources, size }, ..pretraining() };
        let mut names = vec![name(&tower, "usiigaci")];
        for other in [
            Pretraining { budget: Budget::Minutes(8.0), ..pretraining() },
            Pretraining { flags: vec!["--width".into(), "16".into()], ..pretraining() },
            Pretraining { base: Given { path: "m.zip".into(), name: "m.zip 12".into() }, ..pretraining() },
            pool(Sources::OwnAndPools, None),
            pool(Sources::Own, Some(50)),
        ] {
            names.push(name(&Start::Pretrained(other), "usiigaci"));
        }
        let count = names.len();
        names.sort();
        names.dedup();
        assert_eq!(names.len(), count);
        assert_eq!(Start::Given(Given::none()).name(set("usiigaci").expect("a set")), "none");
    }

    #[test]
    fn the_size_of_objects_is_told_as_a_person_would() {
        let flags = |of: &str| {
            let images = vec!["@pool.txt".to_owned()];
            as_flags(&pretraining().fields(set(of).expect("a set"), images, "none", "m.zip")).join(" ")
        };
        assert_eq!(
            flags("usiigaci"),
            "--images @pool.txt --method tower --object-diameter 49.0 --save m.zip --seed 0 --start none --steps 700"
        );
        assert!(!flags("pbc").contains("diameter"));
    }

    #[test]
    fn where_a_model_lies_is_not_in_rows() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("m.zip");
        fs::write(&path, "a model").expect("written");
        let given = Given::new(&path.to_string_lossy()).expect("a file");
        let text = serde_json::to_string(&Pretraining { base: given, ..pretraining() }).expect("JSON");
        assert!(text.contains("\"base\":\"m.zip ") && !text.contains(&*folder.path().to_string_lossy()), "{text}");
        assert_eq!(Given::new("no such model").expect_err("none").kind, ErrorKind::NotFound);
    }

    #[test]
    fn a_row_says_how_its_start_was_made() {
        let pool = Pool { sources: Sources::OwnAndPools, size: Some(50) };
        let made = Pretraining { pool, threads: Some(1), ..pretraining() };
        let text = serde_json::to_string(&made).expect("JSON");
        assert_eq!(serde_json::from_str::<Pretraining>(&text).expect("as it was"), made);
        assert!(text.contains("\"pool\":\"own+pools\",\"pool_size\":50") && text.contains("\"steps\":700"), "{text}");
        assert_eq!(made.to_string(), "tower 700 steps on 50 of own+pools");
    }

    #[test]
    fn methods_are_known_by_name() {
        assert_eq!(methods(&["none", "simclr"]).expect("methods"), [None, Some(Method::Simclr)]);
        let error = methods(&["towel"]).expect_err("no such method");
        assert!(error.to_string().contains("tower"), "{error}");
    }
}
