//! Every input that is kept, through its target: seeds, what the fuzzer found of interest, and what once went wrong.

use std::panic::catch_unwind;
use std::path::{Path, PathBuf};

use fewlabel_contract::{Request, Result};
use fewlabel_fuzz::{LIMITS, TARGETS, files};
use fewlabel_image::{open_labels, open_source, read_outlines};
use fewlabel_model::Package;

/// A way to read a file.
type Reads<'a> = &'a dyn Fn(&Path) -> Result<()>;

fn folder(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join(name)
}

/// The files of a target's corpus, in order of their names.
fn inputs(target: &str) -> Vec<PathBuf> {
    let folder = folder("corpus").join(target);
    let entries = std::fs::read_dir(&folder).unwrap_or_else(|error| panic!("{}: {error}", folder.display()));
    let mut files: Vec<PathBuf> = entries.map(|entry| entry.expect("an entry").path()).collect();
    files.sort();
    files
}

/// One test for all, for memory is counted for the whole process.
#[test]
fn nothing_goes_wrong_with_the_corpus() {
    let mut wrong = Vec::new();
    for (name, target) in TARGETS {
        let inputs = inputs(name);
        assert!(inputs.len() >= 5, "the corpus of {name} has {} files", inputs.len());
        for path in inputs {
            let data = std::fs::read(&path).expect("an input");
            if catch_unwind(|| target(&data)).is_err() {
                wrong.push(path);
            }
        }
    }
    assert!(wrong.is_empty(), "these inputs go wrong: {wrong:#?}");
}

#[test]
fn every_target_has_its_program() {
    for (name, _) in TARGETS {
        let program = folder("fuzz_targets").join(name).with_extension("rs");
        let text = std::fs::read_to_string(&program).unwrap_or_else(|error| panic!("{}: {error}", program.display()));
        assert!(text.contains(&format!("fewlabel_fuzz::{name}(data)")), "{text}");
    }
    let programs = std::fs::read_dir(folder("fuzz_targets")).expect("programs").count();
    assert_eq!(programs, TARGETS.len() + 1, "one for each and one for all");
}

/// A fuzzer that begins with files which are refused at once finds little.
#[test]
fn most_seeds_are_accepted() {
    let image = |path: &Path| open_source(path, &LIMITS).map(drop);
    let outlines = |path: &Path| read_outlines(path, &LIMITS).map(drop);
    let labels = |path: &Path| open_labels(path, &LIMITS).map(drop);
    let request = |path: &Path| Request::from_json(&std::fs::read_to_string(path).expect("a text")).map(drop);
    let zarr = |path: &Path| {
        let folder = tempfile::tempdir().expect("a folder");
        for (name, content) in files::split(&std::fs::read(path).expect("a seed")) {
            let file = folder.path().join(name);
            std::fs::create_dir_all(file.parent().expect("a folder")).expect("made");
            std::fs::write(file, content).expect("written");
        }
        open_source(folder.path(), &LIMITS).map(drop)
    };
    let accepted: [(&str, Reads<'_>); 8] = [
        ("tiff", &image),
        ("nifti", &image),
        ("png_jpeg", &image),
        ("zarr", &zarr),
        ("roi", &outlines),
        ("geojson", &outlines),
        ("cellpose_npy", &labels),
        ("request", &request),
    ];
    for (name, accept) in accepted {
        let seeds: Vec<PathBuf> = inputs(name).into_iter().filter(|path| path.to_string_lossy().contains("seed-")).collect();
        let refused: Vec<_> = seeds.iter().filter_map(|path| accept(path).err().map(|error| (path, error))).collect();
        assert!(
            refused.len() * 5 < seeds.len(),
            "{} of {} seeds of {name} are refused: {refused:#?}",
            refused.len(),
            seeds.len()
        );
    }
    assert!(Package::read(&folder("corpus/package/seed-fewlabel.zip")).is_ok());
}
