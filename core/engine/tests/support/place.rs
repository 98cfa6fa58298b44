//! A folder to work in, with an engine that keeps its logs there.

#![allow(dead_code, reason = "each test program takes a part of it")]

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};

use fewlabel::contract::{Entry, Error, EvaluateResult, Event, Outcome, Request, SegmentResult};
use fewlabel::{Config, Engine};
use serde_json::{Value, json};
use tempfile::TempDir;

pub const NUCLEI: &str = "bbbc039/images/C02_s4.png";
pub const MORE_NUCLEI: &str = "bbbc039/images/E19_s2.png";

/// A real file of the checkout.
pub fn data(path: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/data").join(path).canonicalize().unwrap()
}

/// The tiny model of the conformance vectors.
pub fn tiny() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/contract/tiny.zip").canonicalize().unwrap()
}

/// The same network as a model that finds nothing yet.
pub fn start() -> PathBuf {
    tiny().with_file_name("start.zip")
}

/// The folder has a blank and letters of more than one byte in its name.
pub struct Place {
    pub folder: TempDir,
    pub engine: Engine,
}

impl Place {
    pub fn new() -> Self {
        let folder = tempfile::Builder::new().prefix("Zellen µm ").tempdir().unwrap();
        let engine = Engine::new(Config { home: Some(folder.path().join("home")), ..Config::default() });
        Self { folder, engine }
    }

    pub fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// Writes a file below the folder and gives its path.
    pub fn file(&self, name: &str, bytes: &[u8]) -> PathBuf {
        let path = self.path(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(&path, bytes).unwrap();
        path
    }

    /// By the baseline into the folder `out`, unless `more` says otherwise.
    pub fn request(&self, images: &[PathBuf], more: Value) -> Request {
        let mut args = json!({"model": "otsu", "images": images, "output": self.path("out")});
        args.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        args.as_object_mut().unwrap().retain(|_, value| !value.is_null());
        Request { contract: 1, entry: Entry::Segment, args }
    }

    pub fn segment(&self, images: &[PathBuf], more: Value) -> Result<SegmentResult, Error> {
        self.engine.call(self.request(images, more))?.parse_result()
    }

    /// As [`Self::segment`], with what was told on the way.
    pub fn told(&self, images: &[PathBuf], more: Value) -> (SegmentResult, Vec<String>) {
        let said: Arc<Mutex<Vec<String>>> = Arc::default();
        let hears = Arc::clone(&said);
        let sink = move |event: Event| {
            if let Event::Log { message, .. } = event {
                hears.lock().unwrap().push(message);
            }
        };
        let outcome = self.engine.submit(self.request(images, more), Vec::new(), Arc::new(sink)).wait();
        let Outcome::Done { response } = outcome else { panic!("{outcome:?}") };
        let said = said.lock().unwrap().clone();
        (response.parse_result().unwrap(), said)
    }

    pub fn evaluate(&self, predictions: &Path, labels: &Path) -> Result<EvaluateResult, Error> {
        let args = json!({"predictions": [predictions], "labels": [labels]});
        self.engine.call(Request { contract: 1, entry: Entry::Evaluate, args })?.parse_result()
    }

    /// The images under names of one's own, below `in`.
    pub fn images(&self, names: &[(&str, &str)]) -> PathBuf {
        let folder = self.path("in");
        for (name, from) in names {
            let to = folder.join(name);
            fs::create_dir_all(to.parent().unwrap()).unwrap();
            fs::copy(data(from), to).unwrap();
        }
        folder
    }

    pub fn lines(&self, table: &str) -> Vec<String> {
        fs::read_to_string(self.path("out").join(table)).unwrap().lines().map(str::to_owned).collect()
    }
}

/// What an error says about `name`.
pub fn value_of<'a>(error: &'a Error, name: &str) -> &'a str {
    error.context.iter().find(|(key, _)| key == name).map_or("", |(_, value)| value)
}

/// The field of the request that an error names.
pub fn field(error: &Error) -> &str {
    value_of(error, "field")
}
