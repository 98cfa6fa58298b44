//! The real learner killed, or stopped by a full disk, under the engine: an error with a way out, and nothing half-written.
#![cfg(unix)]
#![allow(clippy::unwrap_used, reason = "a test may panic")]

mod common;

use std::fs;
use std::path::Path;
use std::process::Command;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use common::learned;
use common::place::{Place, own, says};
use fewlabel::contract::{Error, ErrorKind, Event, Outcome};
use serde_json::{Value, json};

/// Trains and kills the learner at the first event that is `fatal`.
fn killed(place: &Place, more: Value, fatal: fn(&Event) -> bool) -> Error {
    let pid = place.path("pid");
    let done = AtomicBool::new(false);
    let sink = move |event: Event| {
        if fatal(&event) && !done.swap(true, Ordering::Relaxed) {
            let pid = fs::read_to_string(&pid).unwrap();
            assert!(Command::new("kill").args(["-KILL", pid.trim()]).status().unwrap().success());
        }
    };
    match place.engine.submit(place.request(more), Vec::new(), Arc::new(sink)).wait() {
        Outcome::Failed { error } => error,
        other => panic!("{other:?}"),
    }
}

fn in_phase(event: &Event, name: &str) -> bool {
    matches!(event, Event::Progress(progress) if progress.phase == name)
}

/// The files in a folder that a run may have left, but for the learner's own.
fn left(folder: &Path) -> Vec<String> {
    let mut names: Vec<String> = fs::read_dir(folder).unwrap().map(|e| e.unwrap().file_name().into_string().unwrap()).collect();
    names.retain(|name| name.starts_with("model") || name.starts_with('.'));
    names.sort();
    names
}

#[test]
fn a_learner_killed_at_any_time_is_lost_and_the_run_can_be_gone_on_with() {
    let mut place = Place::new();
    // Large enough that choosing and saving take longer than a kill.
    place.squares("a", 160, own).squares("b", 160, own);
    place.learner_after("echo $$ > \"$here/pid\"");
    place.train(json!({"save": place.path("unbroken.zip")})).unwrap();
    let fatal: [fn(&Event) -> bool; 3] = [
        |event| in_phase(event, "opening labels"),
        |event| in_phase(event, "training"),
        |event| in_phase(event, "choosing and saving"),
    ];
    for (index, fatal) in fatal.into_iter().enumerate() {
        let error = killed(&place, json!({"resume": index > 0}), fatal);
        says(&error, ErrorKind::LearnerLost, &["ended by signal 9", "--resume"]);
        assert!(!place.path("model.zip").exists());
    }
    place.train(json!({"resume": true})).unwrap();
    assert!(learned(&place.path("model.zip")) == learned(&place.path("unbroken.zip")));
    assert_eq!(left(place.folder.path()), ["model.zip"]);
}

#[test]
fn a_run_is_gone_on_with_in_its_contrast_stage_and_behind_it() {
    let mut place = Place::new();
    place.squares("a", 160, own).squares("b", 160, own);
    place.learner_after("echo $$ > \"$here/pid\"");
    let contrast = |more: Value| {
        let mut all = json!({"contrast": "local", "contrast_share": 0.5});
        all.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        all
    };
    place.train(contrast(json!({"save": place.path("unbroken.zip")}))).unwrap();
    let fatal: [fn(&Event) -> bool; 3] = [
        |event| in_phase(event, "contrast of pixels"),
        |event| in_phase(event, "training"),
        |event| in_phase(event, "choosing and saving"),
    ];
    for (index, fatal) in fatal.into_iter().enumerate() {
        let error = killed(&place, contrast(json!({"resume": index > 0})), fatal);
        says(&error, ErrorKind::LearnerLost, &["ended by signal 9", "--resume"]);
        // What was finished of the stage stays until the run has ended.
        assert_eq!(place.path("model.zip.partial/contrast/state.safetensors").exists(), index > 0);
    }
    place.train(contrast(json!({"resume": true}))).unwrap();
    assert!(learned(&place.path("model.zip")) == learned(&place.path("unbroken.zip")));
    assert_eq!(left(place.folder.path()), ["model.zip"]);
}

#[test]
fn a_learner_killed_before_it_says_hello_is_missing() {
    let mut place = Place::new();
    place.squares("a", 40, own);
    place.learner_after("kill -KILL $$");
    says(&place.refused(json!({})), ErrorKind::LearnerMissing, &["ended by signal 9", "fewlabel runtime install"]);
}

/// A full disk, as a limit on the size of files: the package is larger than 4 KB.
#[test]
fn a_full_disk_is_told_with_the_file_and_leaves_nothing_half_written() {
    let mut place = Place::new();
    place.squares("a", 60, own).squares("b", 60, own);
    place.learner_after("trap '' XFSZ; ulimit -f 8");
    let error = place.train(json!({})).unwrap_err();
    says(&error, ErrorKind::Io, &["model.zip"]);
    assert!(error.hint.is_some(), "{error}");
    assert!(left(place.folder.path()).iter().all(|name| name == "model.zip.partial"), "{:?}", left(place.folder.path()));
    // With room again the same request ends well.
    place.learner_after(":");
    place.train(json!({"resume": true})).unwrap();
    assert_eq!(left(place.folder.path()), ["model.zip"]);
}
