//! Packages that are damaged, lie, or want too much.

#![allow(clippy::unwrap_used, reason = "a test may fail loudly")]

mod reference;
mod support;

use std::io::{Cursor, Write};
use std::path::{Path, PathBuf};

use fewlabel_contract::{Error, ErrorKind};
use fewlabel_model::{Package, PackageMeta};
use prost::Message;
use support::{Entries, entries, foreign, package, rewrite, sha256, zip_of};
use tract_onnx::pb;
use zip::write::SimpleFileOptions;

fn written() -> (tempfile::TempDir, PathBuf) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("model.zip");
    package().write(&path, false).unwrap();
    (folder, path)
}

/// The error of reading a file of these bytes; it always names the file.
fn refused(bytes: &[u8]) -> Error {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("bad.zip");
    std::fs::write(&path, bytes).unwrap();
    refused_at(&path)
}

fn refused_at(path: &Path) -> Error {
    let error = Package::read(path).unwrap_err();
    assert!(error.context.iter().any(|(name, _)| name == "file"), "{error}");
    error
}

fn bad(bytes: &[u8], message: &str) {
    let error = refused(bytes);
    assert_eq!(error.kind, ErrorKind::BadModel, "{error}");
    assert!(error.to_string().contains(message), "{error}");
}

/// A package of this program whose description was changed.
fn bad_description(from: &str, to: &str, message: &str) {
    let (_folder, path) = written();
    let changed = rewrite(&path, |name, bytes| {
        if name != "bioimageio.yaml" {
            return bytes;
        }
        let text = String::from_utf8(bytes).unwrap();
        assert!(text.contains(from), "{from} in\n{text}");
        text.replacen(from, to, 1).into_bytes()
    });
    let error = refused_at(&changed);
    assert_eq!(error.kind, ErrorKind::BadModel, "{error}");
    assert!(error.to_string().contains(message), "{error}");
}

#[test]
fn a_file_that_is_not_there() {
    assert_eq!(Package::read(Path::new("no such file.zip")).unwrap_err().kind, ErrorKind::NotFound);
}

#[test]
fn a_package_cut_anywhere() {
    let (_folder, path) = written();
    let bytes = std::fs::read(path).unwrap();
    for part in [0, 1, bytes.len() / 3, bytes.len() / 2, bytes.len() - 1] {
        bad(&bytes[..part], "not a model package, or only a part of one");
    }
}

#[test]
fn a_byte_changed_anywhere_is_noticed_or_changes_nothing() {
    let (_folder, path) = written();
    let bytes = std::fs::read(&path).unwrap();
    let whole = Package::read(&path).unwrap();
    for at in (0..bytes.len()).step_by(97) {
        let mut changed = bytes.clone();
        changed[at] ^= 0x55;
        let other = path.with_file_name("changed.zip");
        std::fs::write(&other, &changed).unwrap();
        if let Ok(read) = Package::read(&other) {
            assert!(read == whole, "byte {at}");
        }
    }
}

#[test]
fn names_outside_of_the_package() {
    for name in ["../weights.onnx", "a/../../b", "/etc/passwd", "C:\\model", "a\\..\\b"] {
        let file = (name.to_owned(), b"x".to_vec());
        let mut files: Entries = entries(&written().1);
        files.push(file);
        bad(&zip_of(&files), "names a file outside of itself");
    }
}

#[test]
fn files_that_grow_beyond_reason() {
    let mut files: Entries = entries(&written().1);
    files.push(("zeros.bin".into(), vec![0; 20 << 20]));
    bad(&zip_of(&files), "grows beyond reason");
}

/// A few megabytes of zip, which would be gigabytes as numbers in memory.
#[test]
fn a_record_that_is_too_long() {
    let (_folder, path) = written();
    // Digits that do not shrink beyond reason.
    let digits = (0..17_u64 << 20).map(|n| (n.wrapping_mul(0x9e37_79b9_7f4a_7c15) >> 40) as u8 % 10);
    let numbers: Vec<u8> = digits.flat_map(|digit| [b'0' + digit, b',']).collect();
    let long = [b"[", &numbers[..], b"0]"].concat();
    let before = entries(&path).into_iter().find(|(name, _)| name == "run.json").map(|(_, bytes)| sha256(&bytes)).unwrap();
    let changed = rewrite(&path, |name, bytes| match name {
        "run.json" => long.clone(),
        "bioimageio.yaml" => String::from_utf8(bytes).unwrap().replace(&before, &sha256(&long)).into_bytes(),
        _ => bytes,
    });
    let error = refused_at(&changed);
    assert!(error.kind == ErrorKind::BadModel && error.to_string().contains("longer than allowed"), "{error}");
}

/// The table of contents claims 10 bytes; the file unpacks to more.
#[test]
fn sizes_that_are_lies() {
    let mut zip = zip::ZipWriter::new(Cursor::new(Vec::new()));
    zip.start_file("bioimageio.yaml", SimpleFileOptions::default()).unwrap();
    zip.write_all(&vec![b' '; 1 << 20]).unwrap();
    let mut bytes = zip.finish().unwrap().into_inner();
    let claim = (1u32 << 20).to_le_bytes();
    let places: Vec<usize> = (0..bytes.len() - 4).filter(|&at| bytes[at..at + 4] == claim).collect();
    assert!(!places.is_empty());
    places.into_iter().for_each(|at| bytes[at..at + 4].copy_from_slice(&10u32.to_le_bytes()));
    assert_eq!(refused(&bytes).kind, ErrorKind::BadModel);
}

#[test]
fn too_many_files() {
    let files: Entries = (0..1001).map(|i| (format!("{i}"), Vec::new())).collect();
    bad(&zip_of(&files), "too many files");
}

#[test]
fn a_zip_that_is_no_package() {
    bad(&zip_of(&[("notes.txt".into(), b"hello".to_vec())]), "has no bioimageio.yaml");
    bad(&zip_of(&[("bioimageio.yaml".into(), b"[1, 2".to_vec())]), "bioimageio.yaml is damaged");
    bad(&zip_of(&[("bioimageio.yaml".into(), vec![0xff; 9])]), "bioimageio.yaml is damaged");
    bad(&zip_of(&[("bioimageio.yaml".into(), b"type: model".to_vec())]), "does not say its format");
    // Nine levels of lists of nine: a "billion laughs".
    let mut laughs = "format_version: 0.5.4\na0: &a0 [x, x, x, x, x, x, x, x, x]\n".to_owned();
    for level in 1..10 {
        let below = vec![format!("*a{}", level - 1); 9].join(", ");
        laughs += &format!("a{level}: &a{level} [{below}]\n");
    }
    bad(&zip_of(&[("bioimageio.yaml".into(), laughs.into_bytes())]), "bioimageio.yaml is damaged");
}

#[test]
fn every_file_that_is_listed_must_be_there_and_be_the_one_that_was_listed() {
    let (_folder, path) = written();
    for name in ["weights.onnx", "checkpoint.safetensors", "run.json", "cover.png", "test_input.npy", "test_output.npy"] {
        let without: Entries = entries(&path).into_iter().filter(|(entry, _)| entry != name).collect();
        bad(&zip_of(&without), "a file of the package is missing");
        let changed = rewrite(&path, |entry, mut bytes| {
            if entry == name {
                let middle = bytes.len() / 2;
                bytes[middle] ^= 1;
            }
            bytes
        });
        let error = refused_at(&changed);
        assert!(error.kind == ErrorKind::BadModel && error.to_string().contains("its hash is another"), "{error}");
    }
}

#[test]
fn newer_formats() {
    bad_description("format_version: \"0.5.7\"", "format_version: \"0.6.0\"", "newer format than this program knows");
    bad_description("format_version: \"0.5.7\"", "format_version: 1", "newer format than this program knows");
    bad_description("    format: 1\n", "    format: 3\n    unheard_of: 3\n", "newer format than this program knows");
    bad_description("    format: 1\n", "    format: one\n", "does not say its format");
    bad_description("    format: 1\n", "    format: 0\n", "does not say its format");
}

#[test]
fn descriptions_that_do_not_fit() {
    bad_description("find: objects", "find: everything", "config.fewlabel is damaged");
    bad_description("input_channels: 1", "input_channels: 3", "another number of channels");
    bad_description("low: 1.0", "low: 99.9", "percentiles are out of range");
    bad_description("    halo: 8\n    name", "    halo: x\n    name", "is damaged");
    bad_description("channel_names:\n    - channel0", "channel_names: [a, b]", "channels are not those of the network");
    bad_description("scope: stack", "scope:\n        dataset: [[0.0, 1.0], [0.0, 1.0]]", "limits of intensity");
}

#[test]
fn an_older_foreign_format_is_not_ours_to_read() {
    let (_folder, path) = foreign("[]", |yaml| yaml.replace("format_version: 0.5.4", "format_version: 0.4.10"));
    let error = refused_at(&path);
    assert_eq!(error.kind, ErrorKind::Unsupported);
    assert!(error.to_string().contains("bioimageio update-format"), "{error}");
}

/// Such a path would let a model read any file of the machine into its weights.
#[test]
fn weights_outside_of_the_graph() {
    let (_folder, path) = written();
    let mut model = pb::ModelProto::decode(&*package().onnx).unwrap();
    let weight = &mut model.graph.as_mut().unwrap().initializer[0];
    weight.data_location = Some(pb::tensor_proto::DataLocation::External as i32);
    weight.external_data.push(pb::StringStringEntryProto { key: "location".into(), value: "/etc/passwd".into() });
    let evil = model.encode_to_vec();
    let hash = sha256(&evil);
    let before = sha256(&package().onnx);
    let changed = rewrite(&path, |name, bytes| match name {
        "weights.onnx" => evil.clone(),
        "bioimageio.yaml" => String::from_utf8(bytes).unwrap().replace(&before, &hash).into_bytes(),
        _ => bytes,
    });
    let error = refused_at(&changed);
    assert!(error.kind == ErrorKind::BadModel && error.to_string().contains("outside of the file"), "{error}");
}

#[test]
fn a_description_alone_is_read_without_the_weights() {
    let (_folder, path) = written();
    let without = entries(&path).into_iter().filter(|(name, _)| name == "bioimageio.yaml").collect::<Entries>();
    let other = path.with_file_name("thin.zip");
    std::fs::write(&other, zip_of(&without)).unwrap();
    assert_eq!(PackageMeta::read(&other).unwrap(), package().meta);
}
