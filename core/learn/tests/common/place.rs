//! Images, labels and an engine with the real learner.

#![allow(dead_code, clippy::unwrap_used, reason = "each test program takes a part of it, and a test may panic")]

use std::fs;
use std::path::PathBuf;

use fewlabel::contract::{Entry, Error, ErrorKind, Request, TrainResult};
use fewlabel::{Config, Engine};
use fewlabel_image::{Calibration, MapStack, Maps, write_maps};
use fewlabel_model::Package;
use serde_json::{Value, json};
use tempfile::TempDir;

/// Images, labels and an engine with the real learner, below a name with a blank and letters of more than one byte.
pub struct Place {
    pub folder: TempDir,
    pub engine: Engine,
}

impl Place {
    pub fn new() -> Self {
        let folder = tempfile::Builder::new().prefix("Zellen µ 細胞 ").tempdir().unwrap();
        for name in ["images", "labels"] {
            fs::create_dir(folder.path().join(name)).unwrap();
        }
        let learner = Some(PathBuf::from(env!("CARGO_BIN_EXE_fewlabel-learn")));
        let engine = Engine::new(Config { home: Some(folder.path().join("home")), learner, ..Config::default() });
        Self { folder, engine }
    }

    pub fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// Writes numbers as a float TIFF, which holds any.
    pub fn floats(&self, name: &str, height: usize, width: usize, value: impl Fn(usize, usize) -> f32) -> &Self {
        let maps = Maps::new(1, height, width, (0..height * width).map(|i| value(i / width, i % width)).collect());
        write_maps(&self.path(name), &MapStack::slices(&[maps], &Calibration::default()), &[], false).unwrap();
        self
    }

    /// An image of bright squares, and their labels by `label`: row, column, number of the square or 0.
    pub fn squares(&self, name: &str, side: usize, label: impl Fn(usize, usize, u32) -> f32) -> &Self {
        let square = move |y: usize, x: usize| if y % 20 < 12 && x % 20 < 12 { 1 + (y / 20 * 50 + x / 20) as u32 } else { 0 };
        self.floats(&format!("images/{name}.tif"), side, side, |y, x| {
            if square(y, x) > 0 { 200.0 } else { 10.0 + ((x * 7 + y * 3) % 11) as f32 }
        })
        .floats(&format!("labels/{name}.tif"), side, side, |y, x| label(y, x, square(y, x)))
    }

    pub fn file(&self, name: &str, bytes: &[u8]) -> &Self {
        fs::write(self.path(name), bytes).unwrap();
        self
    }

    /// A few steps of a thin network.
    pub fn request(&self, more: Value) -> Request {
        let mut args = json!({
            "images": [self.path("images")], "labels": [self.path("labels")], "save": self.path("model.zip"), "start": "none",
            "device": "cpu", "steps": 4, "width": 4, "levels": 2, "crop": 32, "batch": 2, "threads": 1,
        });
        args.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        Request { contract: 1, entry: Entry::Train, args }
    }

    pub fn train(&self, more: Value) -> Result<TrainResult, Error> {
        self.engine.call(self.request(more))?.parse_result()
    }

    /// Has a shell do `before`, in which `$here` is this folder, and become the real learner in the end.
    #[cfg(unix)]
    pub fn learner_after(&mut self, before: &str) {
        use std::os::unix::fs::PermissionsExt;
        let path = self.path("learner");
        let real = env!("CARGO_BIN_EXE_fewlabel-learn");
        fs::write(&path, format!("#!/bin/sh\nhere=$(dirname \"$0\")\n{before}\nexec '{real}'\n")).unwrap();
        fs::set_permissions(&path, fs::Permissions::from_mode(0o755)).unwrap();
        self.engine = Engine::new(Config { home: Some(self.path("home")), learner: Some(path), ..Config::default() });
    }

    /// The error of a training that must be refused, and leave nothing.
    pub fn refused(&self, more: Value) -> Error {
        let error = self.train(more).unwrap_err();
        let left = |name: &str| self.path(name).exists();
        assert!(!left("model.zip") && !left("model.zip.partial"), "{error}");
        error
    }

    pub fn package(&self) -> Package {
        Package::read(&self.path("model.zip")).unwrap()
    }
}

/// An error of this kind that holds all these words.
pub fn says(error: &Error, kind: ErrorKind, words: &[&str]) {
    assert_eq!(error.kind, kind, "{error}");
    for word in words {
        assert!(error.to_string().contains(word), "{word:?} is not in: {error}");
    }
}

/// Each square is an object.
pub fn own(_: usize, _: usize, square: u32) -> f32 {
    square as f32
}
