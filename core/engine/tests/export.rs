//! Models as files for other programs: whole or not at all, and only what does what the model does.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]

#[path = "support/place.rs"]
mod place;

use std::fs;

use fewlabel::contract::{Entry, Error, ErrorKind, ExportResult, Request};
use fewlabel_model::Package;
use place::{Place, field, start, tiny};
use serde_json::{Value, json};

fn export(place: &Place, more: Value) -> Result<ExportResult, Error> {
    let mut args = json!({"model": tiny(), "as": "onnx", "output": place.path("out/model.onnx")});
    args.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    place.engine.call(Request { contract: 1, entry: Entry::Export, args })?.parse_result()
}

#[test]
fn every_model_of_ours_becomes_a_file() {
    let place = Place::new();
    for model in [tiny(), start(), tiny().with_file_name("kinds.zip")] {
        let result = export(&place, json!({"model": model, "existing": "overwrite"})).unwrap();
        assert!(result.verified && result.opset == 17, "{result:?}");
        assert_eq!(fs::read_dir(place.path("out")).unwrap().count(), 1, "nothing else is left");
    }
}

#[test]
fn a_file_that_is_there_is_kept_or_replaced_as_asked() {
    let place = Place::new();
    let first = export(&place, json!({})).unwrap();
    assert_eq!(export(&place, json!({})).unwrap_err().kind, ErrorKind::InvalidRequest);
    assert_eq!(export(&place, json!({"existing": "skip"})).unwrap(), first);
    let error = export(&place, json!({"existing": "skip", "opset": 13})).unwrap_err();
    assert_eq!((error.kind, field(&error)), (ErrorKind::InvalidRequest, "existing"));
    let other = export(&place, json!({"existing": "overwrite", "opset": 13})).unwrap();
    assert_ne!(other.sha256, first.sha256);
}

/// The graph is damaged, the test output is not: it must not leave.
#[test]
fn a_graph_that_does_not_give_the_test_output_is_refused() {
    let place = Place::new();
    let mut package = Package::read(&tiny()).unwrap();
    let steep = 20.0_f32.to_le_bytes();
    let at = package.onnx.windows(4).position(|window| window == steep).unwrap();
    package.onnx[at..at + 4].copy_from_slice(&(-20.0_f32).to_le_bytes());
    package.write(&place.path("changed.zip"), false).unwrap();
    let error = export(&place, json!({"model": place.path("changed.zip")})).unwrap_err();
    assert_eq!(error.kind, ErrorKind::BadModel);
    assert!(error.message.contains("does not give the test output"), "{error}");
    assert!(!place.path("out").exists());
}

#[test]
fn a_folder_below_a_file_is_refused() {
    let place = Place::new();
    let file = place.file("file", b"");
    let error = export(&place, json!({"output": file.join("model.onnx")})).unwrap_err();
    assert_eq!((error.kind, field(&error)), (ErrorKind::Io, "output"));
}
