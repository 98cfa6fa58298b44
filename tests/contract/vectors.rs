//! The conformance vectors, for the runners that are written in Rust.

use std::fs;
use std::path::{Path, PathBuf};

use fewlabel::Pixels;
use fewlabel::contract::{ErrorKind, Outcome, SegmentResult, canonical};
use fewlabel_image::{Limits, open_labels};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

/// The files of vectors.
pub const FILES: [&str; 6] = ["errors.json", "describe.json", "evaluate.json", "segment.json", "classify.json", "export.json"];

/// One request and what must come of it.
pub struct Vector {
    pub name: String,
    pub buffers: Vec<Pixels>,
    request: Value,
    expect: Value,
}

/// The folder of the vectors.
pub fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/contract").canonicalize().unwrap()
}

/// The vectors of a file.
pub fn read(file: &str) -> Vec<Vector> {
    let text = fs::read_to_string(folder().join(file)).unwrap();
    let list: Vec<Value> = serde_json::from_str(&text).unwrap();
    list.iter().map(Vector::new).collect()
}

impl Vector {
    fn new(value: &Value) -> Self {
        let buffers = value["buffers"].as_array().into_iter().flatten().map(buffer).collect();
        Self {
            name: value["name"].as_str().unwrap().to_owned(),
            buffers,
            request: value["request"].clone(),
            expect: value["expect"].clone(),
        }
    }

    /// The text of the request, with the places that it names filled in. A request may be text that is no JSON.
    pub fn request(&self, output: &Path) -> String {
        let text = self.request.as_str().map_or_else(|| self.request.to_string(), str::to_owned);
        let data = folder().join("../data").canonicalize().unwrap();
        [("{data}", data.as_path()), ("{contract}", &folder()), ("{output}", output)].iter().fold(text, |text, (word, path)| {
            // As it stands inside a JSON string.
            let quoted = Value::from(path.to_str().unwrap()).to_string();
            text.replace(word, quoted.trim_matches('"'))
        })
    }

    /// Panics when the outcome is not the one expected.
    pub fn check(&self, outcome: &Outcome, buffers: &[Pixels]) {
        assert_eq!(shown(outcome, buffers, &self.expect), self.expect, "{}", self.name);
    }
}

/// The outcome in the form of the vectors. Of an error only what is stable; its field where one is expected.
fn shown(outcome: &Outcome, buffers: &[Pixels], expect: &Value) -> Value {
    match outcome {
        Outcome::Done { response } => {
            let mut shown = json!({ "response": canonical(response) });
            let labels = response.parse_result::<SegmentResult>().map(|result| labels(&result, buffers)).unwrap_or_default();
            if !labels.is_empty() {
                shown["labels"] = json!(labels);
            }
            shown
        }
        Outcome::Failed { error } => {
            assert_ne!(error.kind, ErrorKind::Internal, "{error:?}");
            let mut shown = json!({ "kind": error.kind });
            if expect["error"].get("field").is_some() {
                shown["field"] =
                    error.context.iter().find(|(name, _)| name == "field").map_or(Value::Null, |(_, field)| json!(field));
            }
            json!({ "error": shown })
        }
        other => panic!("{other:?}"),
    }
}

/// SHA-256 of the labels of each image that was segmented, in order: 32-bit numbers, little-endian, in order `t z y x`.
fn labels(result: &SegmentResult, buffers: &[Pixels]) -> Vec<String> {
    let of = |ids: &[u32]| {
        let bytes: Vec<u8> = ids.iter().flat_map(|id| id.to_le_bytes()).collect();
        Sha256::digest(bytes).iter().map(|byte| format!("{byte:02x}")).collect()
    };
    let images = result.images.iter().filter_map(|image| match (&image.labels, image.buffer) {
        (Some(path), _) => Some(of(&open_labels(path, &Limits::default()).unwrap().ids)),
        (None, Some(buffer)) => match &buffers[buffer] {
            Pixels::U32(ids) => Some(of(ids)),
            other => panic!("labels are u32, not {other:?}"),
        },
        (None, None) => None,
    });
    images.collect()
}

fn buffer(value: &Value) -> Pixels {
    fn numbers<T: std::str::FromStr<Err: std::fmt::Debug>>(value: &Value) -> Vec<T> {
        value["values"].as_str().unwrap().split(' ').map(|number| number.parse().unwrap()).collect()
    }
    match value["type"].as_str().unwrap() {
        "u8" => Pixels::U8(numbers(value)),
        "u16" => Pixels::U16(numbers(value)),
        "u32" => Pixels::U32(numbers(value)),
        "f32" => Pixels::F32(numbers(value)),
        other => panic!("{other}"),
    }
}

/// Writes what came out as what is expected, where a response is expected: `UPDATE_VECTORS=1`, then read the difference.
#[allow(dead_code, reason = "one of the runners does it")]
pub fn update(file: &str, outcomes: &[(Outcome, Vec<Pixels>)]) {
    let path = folder().join(file);
    let mut list: Vec<Value> = serde_json::from_str(&fs::read_to_string(&path).unwrap()).unwrap();
    for (vector, (outcome, buffers)) in list.iter_mut().zip(outcomes) {
        if vector["expect"].get("response").is_some() {
            assert!(matches!(outcome, Outcome::Done { .. }), "{}: {outcome:?}", vector["name"]);
            vector["expect"] = shown(outcome, buffers, &vector["expect"]);
        }
    }
    fs::write(&path, serde_json::to_string_pretty(&list).unwrap() + "\n").unwrap();
}
