//! Whole runs on real images.

#![allow(clippy::unwrap_used, reason = "a test may panic")]

mod common;

use std::path::Path;

use common::{Learner, killed, learned, result, run, small_request};
use fewlabel_contract::{ErrorKind, Event, Outcome};
use fewlabel_infer::verify;
use fewlabel_model::Package;
use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;
use serde_json::json;

#[test]
fn a_run_writes_a_package_that_holds_its_record() {
    let folder = tempfile::tempdir().unwrap();
    let save = folder.path().join("Zellen größer.zip");
    let mut learner = Learner::start();
    learner.ask(&small_request(&save, json!({"steps": 60})));
    let (mut previews, mut artifacts) = (Vec::new(), Vec::new());
    let outcome = learner.until_end(|_, event| match event {
        Event::Preview { path, .. } => previews.push(std::fs::read(path).unwrap()),
        Event::Artifact { path, sha256 } => artifacts.push((path.clone(), sha256.clone())),
        _ => {}
    });
    let result = result(&outcome);
    assert_eq!((result.steps, result.labelled_images, result.finished_early), (60, 2, false));
    assert_eq!(artifacts, [(save.clone(), result.sha256.clone())]);
    assert!(!previews.is_empty() && previews.iter().all(|png| png.starts_with(b"\x89PNG")));
    assert!(result.scores.contains_key("ap50") && result.start_scores.is_empty());

    let package = Package::read(&save).unwrap();
    verify(&package).unwrap();
    // Whoever segments images like these is to bring them to the size that was trained on.
    let (low, high) = package.meta.image_diameters.unwrap();
    assert!((0.5 * (low + high) - result.object_diameter.unwrap()).abs() < 1e-9, "{low} to {high}");
    assert!(package.meta.object_diameter.is_some());
    assert_eq!(package.run["seen"]["labels"].as_array().unwrap().len(), 2);
    assert_eq!(package.run["request"]["args"]["steps"], 60);
    assert!(package.run["methods"].as_str().unwrap().contains("U-Net"));
    let errors = package.run["curves"]["training_error_every_10_steps"].as_array().unwrap();
    assert!(errors.last().unwrap().as_f64() < errors[0].as_f64(), "nothing was learned: {errors:?}");
    let left: Vec<_> = std::fs::read_dir(folder.path()).unwrap().map(|entry| entry.unwrap().file_name()).collect();
    assert_eq!(left, ["Zellen größer.zip"]);
}

#[test]
fn the_same_request_gives_the_same_weights_and_another_seed_others() {
    let folder = tempfile::tempdir().unwrap();
    let path = |name: &str| folder.path().join(name);
    result(&run(&small_request(&path("a.zip"), json!({}))));
    result(&run(&small_request(&path("b.zip"), json!({}))));
    result(&run(&small_request(&path("c.zip"), json!({"seed": 1}))));
    assert_eq!(learned(&path("a.zip")), learned(&path("b.zip")));
    assert_ne!(learned(&path("a.zip")), learned(&path("c.zip")));
}

/// Killed at three random steps, the first before anything was saved; what comes out in the end is the unbroken run's.
#[test]
fn an_interrupted_run_goes_on_to_the_last_bit() {
    let folder = tempfile::tempdir().unwrap();
    let (unbroken, broken) = (folder.path().join("unbroken.zip"), folder.path().join("broken.zip"));
    let request = |save: &Path, resume: bool| small_request(save, json!({"steps": 180, "resume": resume}));
    result(&run(&request(&unbroken, false)));
    let mut random = ChaCha8Rng::seed_from_u64(7);
    for steps in [1..40, 50..90, 100..140] {
        let (kill_at, resume) = (random.random_range(steps.clone()), steps.start > 1);
        killed(&request(&broken, resume), |progress| progress.step >= kill_at);
        assert!(!broken.exists());
    }
    // Another request is not gone on with.
    match run(&small_request(&broken, json!({"steps": 180, "resume": true, "seed": 5}))) {
        Outcome::Failed { error } => {
            assert_eq!(error.kind, ErrorKind::InvalidRequest);
            assert!(error.to_string().contains("seed"), "{error}");
        }
        other => panic!("{other:?}"),
    }
    let mut learner = Learner::start();
    learner.ask(&request(&broken, true));
    let mut first = None;
    let outcome = learner.until_end(|_, event| {
        if let Event::Progress(progress) = event
            && progress.phase == "training"
            && first.is_none()
        {
            first = Some(progress.step);
        }
    });
    assert!(first.unwrap() > 50, "it began anew: step {first:?}");
    assert_eq!(result(&outcome).steps, 180);
    assert_eq!(learned(&broken), learned(&unbroken));
    assert!(!folder.path().join("broken.zip.partial").exists());
}

#[test]
fn finishing_early_keeps_what_was_learned() {
    let folder = tempfile::tempdir().unwrap();
    let save = folder.path().join("m.zip");
    let mut learner = Learner::start();
    learner.ask(&small_request(&save, json!({"steps": 100_000})));
    let outcome = learner.until_end(|learner, event| {
        if matches!(event, Event::Progress(progress) if progress.step >= 10) {
            learner.say(&json!({"finish_early": true}));
        }
    });
    assert!(matches!(outcome, Outcome::FinishedEarly { .. }), "{outcome:?}");
    let result = result(&outcome);
    assert!(result.finished_early && result.steps < 1000);
    verify(&Package::read(&save).unwrap()).unwrap();
}

#[test]
fn a_start_is_taken_over_scored_and_never_silently_mismatched() {
    let folder = tempfile::tempdir().unwrap();
    let path = |name: &str| folder.path().join(name);
    result(&run(&small_request(&path("first.zip"), json!({"steps": 60}))));
    let mut learner = Learner::start();
    learner.ask(&small_request(&path("second.zip"), json!({"start": path("first.zip"), "width": null, "levels": null})));
    let mut said = Vec::new();
    let outcome = learner.until_end(|_, event| {
        if let Event::Log { message, .. } = event {
            said.push(message.clone());
        }
    });
    let scored = result(&outcome);
    assert!(scored.start_scores.contains_key("ap50"));
    assert!(said.iter().any(|line| line.contains(" 0 missing") && line.contains(" 0 unexpected")), "{said:?}");
    let package = Package::read(&path("second.zip")).unwrap();
    assert!(package.run["seen"]["inherited"]["labels"].is_array());

    match run(&small_request(&path("third.zip"), json!({"start": path("first.zip"), "width": 8}))) {
        Outcome::Failed { error } => assert_eq!(error.kind, ErrorKind::InvalidRequest, "{error}"),
        other => panic!("{other:?}"),
    }
}

#[test]
fn a_network_with_instance_normalisation_sees_whole_planes_and_hands_that_on() {
    let folder = tempfile::tempdir().unwrap();
    let path = |name: &str| folder.path().join(name);
    let network = |name: &str| Package::read(&path(name)).unwrap().checkpoint().unwrap().0.clone();
    result(&run(&small_request(&path("first.zip"), json!({"norm": "instance"}))));
    verify(&Package::read(&path("first.zip")).unwrap()).unwrap();
    assert!(network("first.zip").has_instance_norm() && !network("first.zip").is_local());
    let from = |norm: Option<&str>| json!({"start": path("first.zip"), "width": null, "levels": null, "norm": norm});
    result(&run(&small_request(&path("second.zip"), from(None))));
    assert_eq!(network("second.zip"), network("first.zip"));
    match run(&small_request(&path("third.zip"), from(Some("batch")))) {
        Outcome::Failed { error } => {
            assert_eq!(error.kind, ErrorKind::InvalidRequest, "{error}");
            assert!(error.to_string().contains("norm") && error.to_string().contains("instance"), "{error}");
        }
        other => panic!("{other:?}"),
    }
}

#[test]
fn memory_stays_flat_over_steps() {
    let folder = tempfile::tempdir().unwrap();
    let mut learner = Learner::start();
    learner.ask(&small_request(&folder.path().join("m.zip"), json!({"steps": 400})));
    let status = format!("/proc/{}/status", learner.child.id());
    let resident = || -> u64 {
        let text = std::fs::read_to_string(&status).unwrap();
        let line = text.lines().find(|line| line.starts_with("VmRSS:")).unwrap();
        line.split_whitespace().nth(1).unwrap().parse().unwrap()
    };
    let mut kilobytes = Vec::new();
    learner.until_end(|_, event| {
        if matches!(event, Event::Progress(progress) if progress.phase == "training" && progress.step >= 60) {
            kilobytes.push(resident());
        }
    });
    let (first, last) = (kilobytes[0], kilobytes[kilobytes.len() - 1]);
    assert!(last < first + 60_000, "grew from {first} to {last} kB");
}
