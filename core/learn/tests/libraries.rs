//! What the learner needs of libtorch, and what is said when a part of it is missing or another.
#![cfg(target_os = "linux")]
#![allow(clippy::unwrap_used, reason = "a test may panic")]

mod common;

use std::fs;
use std::os::unix::fs::symlink;
use std::path::PathBuf;
use std::process::Command;

use common::Learner;
use common::place::{Place, own, says};
use fewlabel::contract::ErrorKind;
use serde_json::json;

/// Libraries that the loader must find before the learner can start.
fn needed() -> Vec<String> {
    let output = Command::new("readelf").args(["--dynamic", env!("CARGO_BIN_EXE_fewlabel-learn")]).output().unwrap();
    let text = String::from_utf8(output.stdout).unwrap();
    let names = text.lines().filter(|line| line.contains("(NEEDED)")).filter_map(|line| line.split(['[', ']']).nth(1));
    names.map(str::to_owned).collect()
}

/// The folder of the libtorch that a learner runs with.
fn torch_lib() -> PathBuf {
    let learner = Learner::start();
    let maps = fs::read_to_string(format!("/proc/{}/maps", learner.child.id())).unwrap();
    let line = maps.lines().find(|line| line.ends_with("/libtorch_cpu.so")).unwrap();
    PathBuf::from(&line[line.find('/').unwrap()..]).parent().unwrap().to_owned()
}

#[test]
fn the_learner_starts_without_the_libraries_of_a_gpu() {
    let needed = needed();
    assert!(needed.iter().any(|name| name == "libtorch_cpu.so"), "{needed:?}");
    // libtorch.so would bring libtorch_cuda; libcudart is libtorch_cpu's own wish.
    for name in ["libtorch.so", "libtorch_cuda", "libc10_cuda", "libcu", "libnv"] {
        assert!(!needed.iter().any(|library| library.starts_with(name)), "{needed:?}");
    }
}

#[test]
fn a_library_that_cannot_be_loaded_is_named() {
    let mut place = Place::new();
    place.squares("a", 40, own);
    fs::create_dir(place.path("broken")).unwrap();
    place.file("broken/libc10.so", b"not a library");
    place.learner_after("export LD_LIBRARY_PATH=\"$here/broken\"");
    let error = place.refused(json!({}));
    says(&error, ErrorKind::LearnerMissing, &["libc10.so", "exit code 127", "fewlabel runtime install"]);
}

/// The library of a GPU is there, and one that it needs is not: the processor serves, a GPU is refused by that name.
#[test]
fn a_gpu_library_that_lacks_another_is_told_by_its_name() {
    let (mut place, lib) = (Place::new(), torch_lib());
    place.squares("a", 40, own);
    let beside = place.path("gpu");
    fs::create_dir(&beside).unwrap();
    symlink(lib.join("libtorch_cpu.so"), beside.join("libtorch_cpu.so")).unwrap();
    let mut library = fs::read(lib.join("libshm.so")).unwrap();
    let name = library.windows(12).position(|bytes| bytes == b"libgomp.so.1").unwrap();
    library[name..name + 12].copy_from_slice(b"libgone.so.1");
    fs::write(beside.join("libtorch_cuda.so"), library).unwrap();
    place.learner_after("export LD_LIBRARY_PATH=\"$here/gpu:$LD_LIBRARY_PATH\"");
    let error = place.refused(json!({"device": "cuda:0"}));
    says(&error, ErrorKind::NotFound, &["libgone.so.1", "cuda:0", "--device cpu"]);
    place.train(json!({"device": "auto"})).unwrap();
}
