//! A training add-on that is not the one that is needed, or not whole: which part is said.
#![cfg(unix)]
#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::process::{Command, Stdio};

use serde_json::{Value, json};

/// Trains with a learner that the loader cannot start, beside an add-on with this `runtime.json`; gives the exit code and
/// what people read.
fn trained(runtime: &Value) -> (Option<i32>, String) {
    let folder = tempfile::Builder::new().prefix("Zellen µ ").tempdir().unwrap();
    let add_on = folder.path().join("cache").join("libtorch").join("2.11.0");
    fs::create_dir_all(&add_on).unwrap();
    fs::write(add_on.join("runtime.json"), runtime.to_string()).unwrap();
    let learner = folder.path().join("learner");
    let words = "fewlabel-learn: error while loading shared libraries: libc10.so: cannot open shared object file";
    fs::write(&learner, format!("#!/bin/sh\necho '{words}' >&2\nexit 127\n")).unwrap();
    fs::set_permissions(&learner, fs::Permissions::from_mode(0o755)).unwrap();
    let output = Command::new(env!("CARGO_BIN_EXE_fewlabel"))
        .args(["train", "--images", "a.png", "--labels", "b.png", "--save", "m.zip", "--learner"])
        .arg(&learner)
        .env("FEWLABEL_HOME", folder.path().join("home"))
        .env("FEWLABEL_CACHE", folder.path().join("cache"))
        .stdin(Stdio::null())
        .output()
        .unwrap();
    (output.status.code(), String::from_utf8(output.stderr).unwrap())
}

#[test]
fn the_version_that_is_there_and_the_one_that_is_needed_are_said() {
    let runtime = json!({"version": "2.10.0", "device": "cpu", "headers": false, "files": [], "libraries": []});
    let (code, said) = trained(&runtime);
    assert_eq!(code, Some(4), "{said}");
    assert!(said.contains("it is version 2.10.0, and 2.11.0 is needed"), "{said}");
    assert!(said.contains("hint: run `fewlabel runtime install`"), "{said}");
}

#[test]
fn the_library_that_is_missing_is_said() {
    let libraries = json!([{"path": "torch/lib/libc10.so", "bytes": 1_498_969}]);
    let runtime = json!({"version": "2.11.0", "device": "cpu", "headers": false, "files": [], "libraries": libraries});
    let (code, said) = trained(&runtime);
    assert_eq!(code, Some(4), "{said}");
    assert!(said.contains("torch/lib/libc10.so cannot be read"), "{said}");
    assert!(said.contains("libc10.so: cannot open shared object file"), "the loader's own words are kept: {said}");
}
