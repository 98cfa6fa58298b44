//! Models that are cut, changed, hostile, of a newer format or with unknown parts, as a request meets them.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]

#[path = "support/place.rs"]
mod place;

use std::fs;
use std::io::{Cursor, Read, Write};
use std::path::{Path, PathBuf};

use fewlabel::contract::{BenchResult, DescribeResult, Entry, Error, ErrorKind, Request};
use fewlabel_model::Package;
use place::{NUCLEI, Place, data, start, tiny, value_of};
use serde_json::json;
use zip::write::SimpleFileOptions;

/// The tiny model with each of its files changed, and one file more.
fn changed(change: impl Fn(&str, Vec<u8>) -> Vec<u8>, more: &[&str]) -> Vec<u8> {
    let mut source = zip::ZipArchive::new(fs::File::open(tiny()).unwrap()).unwrap();
    let mut target = zip::ZipWriter::new(Cursor::new(Vec::new()));
    for index in 0..source.len() {
        let mut entry = source.by_index(index).unwrap();
        let name = entry.name().unwrap().into_owned();
        let mut bytes = Vec::new();
        entry.read_to_end(&mut bytes).unwrap();
        target.start_file(&name, SimpleFileOptions::default()).unwrap();
        target.write_all(&change(&name, bytes)).unwrap();
    }
    for name in more {
        target.start_file(*name, SimpleFileOptions::default()).unwrap();
    }
    target.finish().unwrap().into_inner()
}

/// The tiny model with a part of its description exchanged.
fn described(from: &str, to: &str) -> Vec<u8> {
    changed(
        |name, bytes| {
            if name != "bioimageio.yaml" {
                return bytes;
            }
            let text = String::from_utf8(bytes).unwrap();
            assert!(text.contains(from), "{from} in\n{text}");
            text.replacen(from, to, 1).into_bytes()
        },
        &[],
    )
}

/// A whole package, hashes and all, whose graph has an operator that nobody knows.
fn with_unknown_operator(path: &Path) -> PathBuf {
    let mut package = Package::read(&tiny()).unwrap();
    let places: Vec<usize> = package.onnx.windows(7).enumerate().filter(|(_, w)| w == b"MaxPool").map(|(i, _)| i).collect();
    assert!(!places.is_empty());
    places.iter().for_each(|&at| package.onnx[at..at + 7].copy_from_slice(b"MaxPuul"));
    package.write(path, false).unwrap();
    path.to_owned()
}

/// The errors of every entry of the host that reads the weights; describe reads the description alone.
fn refusals(place: &Place, model: &Path) -> [Error; 2] {
    let segment = place.segment(&[data(NUCLEI)], json!({"model": model})).unwrap_err();
    assert!(!place.path("out").exists(), "nothing is written for a model that does not work");
    let args = json!({"model": model, "size": 64});
    [segment, place.engine.call(Request { contract: 1, entry: Entry::Bench, args }).unwrap_err()]
}

#[test]
fn a_damaged_or_hostile_model_is_refused_by_name_and_reason() {
    let place = Place::new();
    let whole = fs::read(tiny()).unwrap();
    let spoilt = |spoil: &'static str| {
        move |name: &str, mut bytes: Vec<u8>| {
            if name == spoil {
                let middle = bytes.len() / 2;
                bytes[middle] ^= 1;
            }
            bytes
        }
    };
    let cases = [
        ("cut in half", whole[..whole.len() / 2].to_vec(), "not a model package, or only a part of one"),
        ("empty", Vec::new(), "not a model package"),
        ("other weights", changed(spoilt("weights.onnx"), &[]), "its hash is another"),
        ("other checkpoint", changed(spoilt("checkpoint.safetensors"), &[]), "its hash is another"),
        ("above itself", changed(|_, bytes| bytes, &["../weights.onnx"]), "names a file outside of itself"),
        ("absolute", changed(|_, bytes| bytes, &["/tmp/weights.onnx"]), "names a file outside of itself"),
        ("newer zoo", described("format_version: \"0.5.7\"", "format_version: \"0.9.0\""), "newer format"),
        ("newer", described("    format: 1\n", "    format: 3\n"), "newer format"),
    ];
    for (name, bytes, says) in cases {
        let model = place.file(&format!("{name}.zip"), &bytes);
        for error in refusals(&place, &model) {
            assert_eq!(error.kind, ErrorKind::BadModel, "{name}: {error}");
            assert!(error.to_string().contains(says), "{name}: {error}");
            assert_eq!(value_of(&error, "file"), model.display().to_string(), "{error}");
            assert!(error.hint.is_some(), "{name}: nobody says what to do: {error}");
        }
    }
}

#[test]
fn an_unknown_operator_is_named() {
    let place = Place::new();
    let model = with_unknown_operator(&place.path("fremd.zip"));
    for error in refusals(&place, &model) {
        assert_eq!((error.kind, value_of(&error, "operator")), (ErrorKind::BadModel, "MaxPuul"), "{error}");
        assert_eq!(value_of(&error, "file"), model.display().to_string(), "{error}");
    }
}

/// A start for training has no objects to show, yet is a model in every other way.
#[test]
fn a_model_that_finds_nothing_yet_does_not_segment() {
    let place = Place::new();
    let error = place.segment(&[data(NUCLEI)], json!({"model": start()})).unwrap_err();
    assert_eq!((error.kind, value_of(&error, "model")), (ErrorKind::Unsupported, "tiny start"), "{error}");
    assert!(error.message.contains("finds nothing yet"), "{error}");
    assert!(error.hint.unwrap().contains("fewlabel train --start MODEL"));
    assert!(!place.path("out").exists(), "nothing is written for a model that finds nothing");

    let call = |entry, args| place.engine.call(Request { contract: 1, entry, args }).unwrap();
    let described: DescribeResult = call(Entry::Describe, json!({"path": start()})).parse_result().unwrap();
    let card = described.model.unwrap();
    assert_eq!((card.find, card.trainable), (None, true));
    let timed: BenchResult = call(Entry::Bench, json!({"model": start(), "size": 64})).parse_result().unwrap();
    assert!(timed.seconds_per_tile > 0.0);
}
