//! Wheels brought by hand: what is unpacked, and what goes wrong.

use std::fs;

use fewlabel_contract::{CancelToken, Device, ErrorKind};

use super::small::{Bench, content, pack};
use crate::cache;
use crate::install::InstallOptions;
use crate::installed::{MARKER, library_paths, remove, status};

fn brought(bench: &Bench) -> InstallOptions {
    InstallOptions { from: Some(bench.brought()), ..InstallOptions::default() }
}

#[test]
fn the_learners_libraries_and_nothing_else_are_unpacked() {
    let bench = Bench::new();
    let mut phases = Vec::new();
    let result = bench
        .install_watched(&brought(&bench), &CancelToken::new(), &mut |p| phases.push((p.phase, p.step, p.total)))
        .expect("installed");

    assert!(result.installed && result.problem.is_none(), "{result:?}");
    assert_eq!(
        result.files.iter().map(|file| file.name.as_str()).collect::<Vec<_>>(),
        ["torch-2.11.0-x.whl", "nvidia_cuda_runtime-1-x.whl"]
    );
    let names: Vec<String> = content(&bench.folder()).into_keys().collect();
    let expected = [
        "nvidia/cu13/lib/libcudart.so.13",
        MARKER,
        "torch-2.11.0.dist-info/licenses/LICENSE",
        "torch/lib/libc10.so",
        "torch/lib/libgomp.so.1",
        "torch/lib/libshm.so",
        "torch/lib/libtorch_cpu.so",
        "torch/version.py",
    ];
    assert_eq!(names, expected);
    assert_eq!(library_paths(&bench.cache()), [bench.folder().join("torch/lib"), bench.folder().join("nvidia/cu13/lib")]);
    let last = phases.last().expect("reports");
    assert_eq!((last.0.as_str(), Some(last.1)), ("unpacking", last.2));
    assert!(phases.iter().any(|(phase, step, total)| phase == "checking files" && Some(*step) == *total));
}

#[test]
fn a_second_installation_has_nothing_to_do() {
    let bench = Bench::new();
    let first = bench.install(&brought(&bench)).expect("installed");
    let nothing = InstallOptions { from: Some(bench.root.path().join("no such folder")), ..InstallOptions::default() };
    assert_eq!(bench.install(&nothing).expect("still installed"), first);
}

#[cfg(unix)]
#[test]
fn developers_get_headers_and_a_link_folder_without_the_gpus_libraries() {
    let bench = Bench::new();
    bench.install(&brought(&bench)).expect("installed");
    bench.install(&InstallOptions { headers: true, device: Device::Cuda(0), ..brought(&bench) }).expect("installed");
    let link = bench.folder().join("link");
    assert_eq!(fs::read_to_string(link.join("include/ATen/ATen.h")).expect("a header"), "#pragma once");
    assert_eq!(fs::read_to_string(link.join("build-version")).expect("a version"), "2.11.0+cu130");
    assert_eq!(
        fs::canonicalize(link.join("lib/libtorch.so")).expect("a link"),
        fs::canonicalize(bench.folder().join("torch/lib/libtorch_cpu.so")).expect("a library")
    );
    assert!(!link.join("lib/libtorch_cuda.so").exists() && bench.folder().join("torch/lib/libtorch_cuda.so").exists());

    // The libraries look for each other relative to where they were opened.
    assert!(link.join("lib/../../nvidia/cu13/lib/libcudart.so.13").exists());
    assert_eq!(library_paths(&bench.cache()).len(), 3);
}

#[test]
fn what_was_installed_for_a_gpu_stays_so() {
    let bench = Bench::new();
    bench.install(&InstallOptions { device: Device::Cuda(0), ..brought(&bench) }).expect("installed");
    let result = bench.install(&InstallOptions { headers: true, ..brought(&bench) }).expect("installed");
    assert_eq!(result.files.len(), 3);
    assert!(bench.folder().join("nvidia/cudnn/lib/libcudnn.so.9").exists());
}

#[test]
fn a_damaged_addon_is_named_and_mended() {
    let bench = Bench::new();
    assert_eq!(status(&bench.cache()).problem.as_deref(), Some("it is not installed"));
    bench.install(&brought(&bench)).expect("installed");
    let library = bench.folder().join("torch/lib/libc10.so");
    fs::write(&library, "cut").expect("written");
    assert!(status(&bench.cache()).installed, "of the same size: only sizes are compared");
    fs::write(&library, "c").expect("written");
    let problem = status(&bench.cache()).problem.expect("a problem");
    assert!(problem.contains("torch/lib/libc10.so has 1 bytes instead of 3"), "{problem}");
    assert!(library_paths(&bench.cache()).is_empty());

    fs::remove_file(bench.folder().join(MARKER)).expect("removed");
    assert!(status(&bench.cache()).problem.expect("a problem").contains("not whole"));
    assert!(bench.install(&brought(&bench)).expect("mended").installed);
}

#[test]
fn a_wrong_file_leaves_nothing_behind() {
    for (spoil, message) in [
        (Box::new(|bytes: &mut Vec<u8>| bytes.truncate(bytes.len() / 2)) as Box<dyn Fn(&mut Vec<u8>)>, "cut short"),
        (Box::new(|bytes: &mut Vec<u8>| bytes.push(0)), "longer than it should be"),
        (Box::new(|bytes: &mut Vec<u8>| bytes[100] ^= 1), "not the one that is pinned"),
    ] {
        let mut bench = Bench::new();
        spoil(&mut bench.small[1].bytes);
        let error = bench.install(&brought(&bench)).expect_err("a wrong file");
        assert_eq!(error.kind, ErrorKind::Io);
        assert!(error.to_string().contains(message) && error.to_string().contains("nvidia_cuda_runtime-1-x.whl"), "{error}");
        assert!(!bench.folder().exists());
        assert_eq!(content(&bench.cache()).into_keys().collect::<Vec<_>>(), ["libtorch/.lock"]);
    }
}

#[test]
fn missing_files_are_named() {
    let bench = Bench::new();
    let options = brought(&bench);
    fs::remove_file(bench.brought().join("torch-2.11.0-x.whl")).expect("removed");
    let error = bench.install(&options).expect_err("a missing file");
    assert_eq!(error.kind, ErrorKind::NotFound);
    assert!(error.to_string().contains("torch-2.11.0-x.whl"), "{error}");
}

#[test]
fn a_wheel_cannot_write_outside() {
    let mut bench = Bench::new();
    bench.small[1] =
        pack("nvidia-cuda-runtime", "nvidia_cuda_runtime-1-x.whl", &[("nvidia/../../../../lib/libevil.so", b"evil")]);
    let error = bench.install(&brought(&bench)).expect_err("a path that leads out");
    assert!(error.to_string().contains("leads out"), "{error}");
    assert!(content(bench.root.path()).keys().all(|path| !path.contains("libevil")));
}

#[test]
fn another_version_in_the_wheel_is_a_fault() {
    let mut bench = Bench::new();
    bench.small[0] = pack("torch", "torch-2.11.0-x.whl", &[("torch/version.py", b"__version__ = '2.12.0'\n")]);
    let error = bench.install(&brought(&bench)).expect_err("another version");
    assert!(error.to_string().contains("2.12.0"), "{error}");
    assert!(!bench.folder().exists());
}

#[test]
fn one_installation_at_a_time_and_the_killed_ones_are_swept_away() {
    let bench = Bench::new();
    let home = cache::libtorch(&bench.cache());
    fs::create_dir_all(home.join(".partial-killed/torch/lib")).expect("a folder");
    let lock = fs::File::create(home.join(".lock")).expect("a lock file");
    lock.lock().expect("locked");
    let error = bench.install(&brought(&bench)).expect_err("locked");
    assert!(error.to_string().contains("another installation is under way"), "{error}");
    drop(lock);
    bench.install(&brought(&bench)).expect("installed");
    let mut left: Vec<String> = fs::read_dir(&home)
        .expect("a folder")
        .map(|entry| entry.expect("an entry").file_name().to_string_lossy().into_owned())
        .collect();
    left.sort();
    assert_eq!(left, [".lock", crate::VERSION]);
}

#[test]
fn a_cancelled_installation_leaves_nothing() {
    let bench = Bench::new();
    let token = CancelToken::new();
    let error = bench
        .install_watched(&brought(&bench), &token, &mut |progress| {
            if progress.phase == "unpacking" {
                token.cancel();
            }
        })
        .expect_err("cancelled");
    assert_eq!(error.kind, ErrorKind::Cancelled);
    assert_eq!(content(&bench.cache()).into_keys().collect::<Vec<_>>(), ["libtorch/.lock"]);
}

#[test]
fn removal_takes_everything_and_is_content_with_nothing() {
    let bench = Bench::new();
    bench.install(&brought(&bench)).expect("installed");
    remove(&bench.cache()).expect("removed");
    remove(&bench.cache()).expect("nothing to remove");
    assert!(content(&bench.cache()).is_empty());
}
