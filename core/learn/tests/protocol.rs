//! The conversation with the host, and what the host must never see.

#![allow(clippy::unwrap_used, reason = "a test may panic")]

mod common;

use common::{Learner, run, small_request};
use fewlabel_contract::{ErrorKind, Event, Outcome};
use serde_json::json;

#[test]
fn a_host_that_goes_takes_the_learner_with_it() {
    // Before any request, and in the middle of the steps.
    let mut idle = Learner::start();
    drop(idle.stdin.take());
    assert_eq!(idle.child.wait().unwrap().code(), Some(3));

    let folder = tempfile::tempdir().unwrap();
    let mut busy = Learner::start();
    busy.ask(&small_request(&folder.path().join("m.zip"), json!({"steps": 100_000})));
    while !matches!(busy.event(), Some(Event::Progress(progress)) if progress.phase == "training") {}
    drop(busy.stdin.take());
    while busy.line().is_some() {}
    assert_eq!(busy.child.wait().unwrap().code(), Some(3));
}

#[test]
fn cancelling_ends_the_run_and_leaves_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let mut learner = Learner::start();
    learner.ask(&small_request(&folder.path().join("m.zip"), json!({"steps": 100_000})));
    let outcome = learner.until_end(|learner, event| {
        if matches!(event, Event::Progress(progress) if progress.phase == "training" && progress.step < 60) {
            learner.say(&json!({"cancel": true}));
        }
    });
    assert_eq!(outcome, Outcome::Cancelled);
    assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 0);
}

#[test]
fn a_line_that_is_no_request_is_refused() {
    for (line, kind) in [
        (json!({"request": {"contract": 1, "entry": "segment", "args": {}}}), ErrorKind::Unsupported),
        (json!({"request": {"contract": 2, "entry": "train", "args": {}}}), ErrorKind::Unsupported),
        (json!({"request": {"contract": 1, "entry": "train", "args": {"imagse": []}}}), ErrorKind::InvalidRequest),
        (json!({"hello": "you"}), ErrorKind::InvalidRequest),
    ] {
        let mut learner = Learner::start();
        learner.say(&line);
        match learner.until_end(|_, _| {}) {
            Outcome::Failed { error } => assert_eq!(error.kind, kind, "{line}: {error}"),
            other => panic!("{line}: {other:?}"),
        }
    }
}

#[test]
fn wishes_that_cannot_be_fulfilled_fail_with_a_kind_and_a_hint() {
    let folder = tempfile::tempdir().unwrap();
    let taken = folder.path().join("taken.zip");
    std::fs::write(&taken, b"mine").unwrap();
    let cases = [
        ("taken.zip", json!({}), ErrorKind::InvalidRequest, "overwrite"),
        ("m.zip", json!({"crop": 90}), ErrorKind::InvalidRequest, "use 92"),
        ("m.zip", json!({"device": "cuda:7"}), ErrorKind::NotFound, "--device cpu"),
        ("m.zip", json!({"start": "no such model"}), ErrorKind::NotFound, ""),
        ("taken.zip/m.zip", json!({}), ErrorKind::Io, ""),
        ("m.zip", json!({"steps": 0}), ErrorKind::InvalidRequest, ""),
    ];
    for (save, more, kind, hint) in cases {
        match run(&small_request(&folder.path().join(save), more.clone())) {
            Outcome::Failed { error } => {
                assert_eq!(error.kind, kind, "{more}: {error}");
                assert!(error.to_string().contains(hint), "{more}: {error}");
                assert!(!error.message.contains('\n'), "{error}");
            }
            other => panic!("{more}: {other:?}"),
        }
    }
    assert_eq!(std::fs::read(&taken).unwrap(), b"mine");
}
