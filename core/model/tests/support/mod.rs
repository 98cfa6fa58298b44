//! Packages to write, to damage and to pretend that others wrote.

#![allow(dead_code, reason = "each test file uses its own part")]

use std::io::{Cursor, Read, Write};
use std::path::{Path, PathBuf};

use fewlabel_contract::Find;
use fewlabel_image::{Maps, Plane};
use fewlabel_model::{Activation, InputSize, Network, Normalisation, Package, PackageMeta, write_onnx};
use sha2::{Digest, Sha256};
use tempfile::TempDir;
use zip::write::SimpleFileOptions;

use crate::reference::{Field, forward, head, objects_head, random_maps, random_weights};

pub type Entries = Vec<(String, Vec<u8>)>;

/// A small random model of one channel.
pub fn package() -> Package {
    package_of(1)
}

/// A small random model.
pub fn package_of(channels: usize) -> Package {
    let network = Network::unet(channels, 2, 2, &objects_head()).unwrap();
    let weights = random_weights(&network, 5);
    let normalisation = Normalisation::default();
    let input = random_maps(channels, 8, 12, 6);
    let mut normal = input.clone();
    normalisation.apply(&mut normal, &normalisation.limits(|| [input.clone()].into_iter()).unwrap());
    let output = forward(&network, &weights, &Field::of(&normal));
    let output = Maps::new(5, 8, 12, output.data.iter().map(|&value| value as f32).collect());
    let onnx = write_onnx(&network, &weights).unwrap();
    let mut meta = PackageMeta::new("random nuclei", Find::Objects, network, normalisation);
    meta.output_channels = ["background", "interior", "boundary", "distance", "centre"].map(str::to_owned).to_vec();
    meta.decoder = serde_json::json!({"seed_height": 0.35, "min_area": 12, "weights": [0.5, -1.25], "hole": null});
    Package {
        meta,
        onnx,
        test: Some((input, output)),
        weights: Some(weights),
        run: serde_json::json!({"seed": 7, "curves": {"loss": [1.5, 0.25]}, "seen": {"images": []}}),
        cover_png: Some(fewlabel_image::encode_png_rgb(&Plane::filled(4, 8, [10, 20, 30])).unwrap()),
    }
}

/// A small random model of kinds: images of two channels and 8 × 8 pixels, three classes.
pub fn package_of_kinds() -> Package {
    let network = Network::classifier(2, 2, 2, &head(Activation::Softmax, 3)).unwrap();
    let weights = random_weights(&network, 5);
    let normalisation = Normalisation::default();
    let input = random_maps(2, 8, 8, 6);
    let mut normal = input.clone();
    normalisation.apply(&mut normal, &normalisation.limits(|| [input.clone()].into_iter()).unwrap());
    let output = forward(&network, &weights, &Field::of(&normal));
    let output = Maps::new(3, 1, 1, output.data.iter().map(|&value| value as f32).collect());
    let names = ["long, thin", "round", "µ"].map(str::to_owned);
    let onnx = write_onnx(&network, &weights).unwrap();
    Package {
        onnx,
        test: Some((input, output)),
        weights: Some(weights),
        meta: PackageMeta {
            classes: (1..).zip(names.clone()).collect(),
            output_channels: names.to_vec(),
            input_size: InputSize { min: 8, step: 0 },
            ..PackageMeta::new("random kinds", Find::Kinds, network, normalisation)
        },
        run: serde_json::Value::Null,
        cover_png: None,
    }
}

pub fn sha256(bytes: &[u8]) -> String {
    Sha256::digest(bytes).iter().map(|byte| format!("{byte:02x}")).collect()
}

/// Every file of a zip, in its order.
pub fn entries(path: &Path) -> Entries {
    let mut zip = zip::ZipArchive::new(std::fs::File::open(path).unwrap()).unwrap();
    (0..zip.len())
        .map(|index| {
            let mut entry = zip.by_index(index).unwrap();
            let mut bytes = Vec::new();
            entry.read_to_end(&mut bytes).unwrap();
            (entry.name().unwrap().into_owned(), bytes)
        })
        .collect()
}

/// A zip of these files.
pub fn zip_of(entries: &[(String, Vec<u8>)]) -> Vec<u8> {
    let mut zip = zip::ZipWriter::new(Cursor::new(Vec::new()));
    for (name, bytes) in entries {
        zip.start_file(name, SimpleFileOptions::default()).unwrap();
        zip.write_all(bytes).unwrap();
    }
    zip.finish().unwrap().into_inner()
}

/// The same package with changed files, beside it.
pub fn rewrite(path: &Path, change: impl Fn(&str, Vec<u8>) -> Vec<u8>) -> PathBuf {
    let changed: Entries = entries(path).into_iter().map(|(name, bytes)| (name.clone(), change(&name, bytes))).collect();
    let other = path.with_file_name("changed.zip");
    std::fs::write(&other, zip_of(&changed)).unwrap();
    other
}

/// A description without what this program added: `config` is its last part.
pub fn without_own_config(yaml: &[u8]) -> Vec<u8> {
    let text = std::str::from_utf8(yaml).unwrap();
    text.split_once("\nconfig:").unwrap().0.as_bytes().to_vec()
}

/// A package as others write them, of one channel in and five out, with `steps` before the network and the
/// description changed at will.
pub fn foreign(steps: &str, change: impl Fn(String) -> String) -> (TempDir, PathBuf) {
    let package = package();
    let yaml = format!(
        "format_version: 0.5.4
type: model
name: a foreign model
description: from elsewhere
authors: [{{name: A. Nother, affiliation: Elsewhere}}]
license: MIT
documentation: doc.md
covers: [cover.png]
attachments: [{{source: notes.txt}}]
inputs:
- id: raw
  axes:
  - {{type: batch}}
  - {{type: channel, channel_names: [phase]}}
  - {{type: space, id: y, size: {{min: 64, step: 16}}, unit: micrometer, scale: 0.5}}
  - {{type: space, id: x, size: {{min: 64, step: 16}}, unit: micrometer, scale: 0.5}}
  data: {{type: float32, range: [null, null]}}
  preprocessing: {steps}
outputs:
- id: probability
  axes:
  - {{type: batch}}
  - {{type: channel, channel_names: [a, b, c, d, e]}}
  - {{type: space, id: y, halo: 16, size: {{tensor_id: raw, axis_id: y}}, unit: micrometer, scale: 0.5}}
  - {{type: space, id: x, halo: 16, size: {{tensor_id: raw, axis_id: x, offset: 0}}, unit: micrometer, scale: 0.5}}
weights:
  torchscript: {{source: weights.pt, pytorch_version: '2.0'}}
  onnx: {{source: ./model.onnx, opset_version: 15, sha256: {}}}
config:
  deepimagej: {{allow_tiling: true}}
",
        sha256(&package.onnx)
    );
    let files = vec![
        ("rdf.yaml".to_owned(), change(yaml).into_bytes()),
        ("model.onnx".to_owned(), package.onnx),
        ("doc.md".to_owned(), b"# Validation".to_vec()),
        ("notes.txt".to_owned(), b"notes".to_vec()),
    ];
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("foreign.zip");
    std::fs::write(&path, zip_of(&files)).unwrap();
    (folder, path)
}
