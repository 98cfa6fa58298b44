//! The conformance vectors through Rust. The same run through the command line, Java and Node.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]

#[path = "support/tiny.rs"]
mod tiny;
#[path = "../../../tests/contract/vectors.rs"]
mod vectors;

use std::path::Path;
use std::sync::Arc;

use fewlabel::contract::{Event, Outcome, Request};
use fewlabel::{Config, Engine, Pixels};
use fewlabel_model::Package;
use tempfile::TempDir;

fn outcome(vector: &vectors::Vector, folder: &Path) -> (Outcome, Vec<Pixels>) {
    let engine = Engine::new(Config { home: Some(folder.join("home")), ..Config::default() });
    let request = match Request::from_json(&vector.request(&folder.join("out"))) {
        Ok(request) => request,
        Err(error) => return (Outcome::Failed { error }, Vec::new()),
    };
    let running = engine.submit(request, vector.buffers.clone(), Arc::new(|_: Event| {}));
    let outcome = running.wait();
    (outcome, running.take_buffers())
}

/// The tiny models first: the vectors need them.
#[test]
fn vectors_through_rust() {
    let update = std::env::var_os("UPDATE_VECTORS").is_some();
    is_fresh(&tiny::package(1), &tiny::path(), update);
    is_fresh(&tiny::start(), &tiny::start_path(), update);
    is_fresh(&tiny::kinds(), &tiny::kinds_path(), update);
    for file in vectors::FILES {
        let vectors = vectors::read(file);
        assert!(!vectors.is_empty());
        let folders: Vec<TempDir> = vectors.iter().map(|_| tempfile::tempdir().unwrap()).collect();
        let outcomes: Vec<_> = vectors.iter().zip(&folders).map(|(vector, folder)| outcome(vector, folder.path())).collect();
        if update {
            vectors::update(file, &outcomes);
        }
        for (vector, (outcome, buffers)) in vectors::read(file).iter().zip(&outcomes) {
            vector.check(outcome, buffers);
        }
    }
}

/// What is checked in is what `tiny.rs` makes. Its test output may differ in the last digits on another processor.
fn is_fresh(fresh: &Package, path: &Path, update: bool) {
    if update {
        fresh.write(path, true).unwrap();
    }
    let kept = Package::read(path).expect("run UPDATE_VECTORS=1 cargo test -p fewlabel --test conformance");
    assert!((kept.onnx == fresh.onnx) && kept.meta == fresh.meta && kept.weights == fresh.weights, "{} is stale", path.display());
}
