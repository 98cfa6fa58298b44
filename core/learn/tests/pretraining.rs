//! Whole runs without labels, on real images.

#![allow(clippy::unwrap_used, reason = "a test may panic")]

mod common;

use std::path::Path;

use common::{Learner, data, killed, learned, run, small_request};
use fewlabel_contract::{Entry, ErrorKind, Event, Method, Outcome, PretrainArgs, PretrainResult, Request};
use fewlabel_infer::verify;
use fewlabel_model::Package;
use serde_json::{Value, json};

/// A request that takes seconds.
fn request(save: &Path, more: Value) -> Request {
    let mut args = json!({
        "images": [data().join("fluorescence/images"), data().join("bbbc039/images")], "save": save, "start": "none",
        "device": "cpu", "steps": 12, "width": 4, "levels": 3, "crop": 48, "batch": 6, "threads": 2,
    });
    for (name, value) in more.as_object().into_iter().flatten() {
        args[name] = value.clone();
    }
    let args: PretrainArgs = serde_json::from_value(args).unwrap();
    Request::new(Entry::Pretrain, &args).unwrap()
}

fn result(outcome: &Outcome) -> PretrainResult {
    match outcome {
        Outcome::Done { response } | Outcome::FinishedEarly { response } => response.parse_result().unwrap(),
        other => panic!("{other:?}"),
    }
}

#[test]
fn each_method_learns_and_says_what_it_has_learned() {
    let folder = tempfile::tempdir().unwrap();
    for method in Method::ALL {
        let save = folder.path().join(format!("{}.zip", method.name()));
        let mut learner = Learner::start();
        learner.ask(&request(&save, json!({"method": method, "steps": 40})));
        let (mut previews, mut phases) = (Vec::new(), Vec::new());
        let outcome = learner.until_end(|_, event| match event {
            Event::Preview { path, .. } => previews.push(std::fs::read(path).unwrap()),
            Event::Progress(progress) => phases.push(progress.clone()),
            _ => {}
        });
        let result = result(&outcome);
        assert_eq!((result.steps, result.left_out, result.finished_early), (40, 0, false), "{method:?}");
        let contrasts = !matches!(method, Method::Restore | Method::Mae);
        let restores = matches!(method, Method::Tower | Method::Restore | Method::Mae | Method::Uncorrelated);
        assert_eq!(result.retrieval_accuracy.is_some(), contrasts, "{method:?}");
        assert_eq!((result.restoration_error.is_some(), !previews.is_empty()), (restores, restores), "{method:?}");
        assert!(previews.iter().all(|png| png.starts_with(b"\x89PNG")));
        assert!(phases.iter().any(|progress| progress.remaining.is_some() && progress.total == Some(40)));

        let package = Package::read(&save).unwrap();
        verify(&package).unwrap();
        assert_eq!((package.meta.find, package.meta.output_channels.len()), (None, 1));
        assert_eq!(package.run["seen"]["images"].as_array().unwrap().len(), result.images);
        assert_eq!(package.run["seen"]["labels"], json!([]));
        assert_eq!(package.run["request"]["args"]["steps"], 40);
        assert!(package.run["methods"].as_str().unwrap().contains(method.name()));
        for errors in package.run["curves"]["every_10_steps"].as_object().unwrap().values() {
            let errors: Vec<f64> = serde_json::from_value(errors.clone()).unwrap();
            assert!(errors[3] < errors[0], "{method:?} learned nothing: {errors:?}");
        }
    }
}

#[test]
fn the_published_network_learns_and_can_be_started_from() {
    let folder = tempfile::tempdir().unwrap();
    let save = folder.path().join("paper.zip");
    let open = json!({"preset": "tower-paper", "width": 16, "levels": null, "crop": 128, "batch": 4, "steps": 3});
    let result = result(&run(&request(&save, open.clone())));
    assert_eq!(result.steps, 3);
    let package = Package::read(&save).unwrap();
    verify(&package).unwrap();
    let args = &package.run["request"]["args"];
    assert_eq!((&args["contrast"], &args["batch"]), (&json!("same-crops"), &json!(4)));
    assert!(package.run["methods"].as_str().unwrap().contains("(Adam, "), "{}", package.run["methods"]);
    let (network, _) = package.checkpoint().unwrap();
    assert_eq!((network.stride(), network.shapes()[0].channels), (32, 16));
    // A model like any other: it is segmented with as soon as it was trained.
    let trained = folder.path().join("trained.zip");
    let start = json!({"start": save, "width": null, "levels": null, "crop": 64, "steps": 2});
    let outcome = run(&small_request(&trained, start));
    assert!(matches!(outcome, Outcome::Done { .. }), "{outcome:?}");
    let again = request(&save, json!({"preset": "tower-paper", "existing": "overwrite"}));
    let Outcome::Failed { error } = run(&again) else { panic!("levels with a preset") };
    assert!(error.to_string().contains("levels"), "{error}");
}

#[test]
fn contrast_alone_leaves_the_decoder_as_it_was() {
    let folder = tempfile::tempdir().unwrap();
    let weights = |name: &str, more: Value| {
        let save = folder.path().join(name);
        result(&run(&request(&save, more)));
        Package::read(&save).unwrap().weights.unwrap()
    };
    let first = weights("a.zip", json!({"method": "simclr", "steps": 2}));
    let second = weights("b.zip", json!({"method": "simclr", "steps": 9}));
    for (name, tensor) in &first {
        let is_statistic = name.ends_with(".mean") || name.ends_with(".var");
        let is_encoder = name.starts_with("enc");
        if is_encoder && name.ends_with("weight") {
            assert_ne!(tensor, &second[name], "{name}");
        } else if !is_encoder && !is_statistic {
            assert_eq!(tensor, &second[name], "{name}");
        }
    }
}

/// Killed after its first state was saved; what comes out in the end is the unbroken run's.
#[test]
fn an_interrupted_run_goes_on_to_the_last_bit() {
    let folder = tempfile::tempdir().unwrap();
    for method in [Method::Tower, Method::Byol] {
        let path = |name: &str| folder.path().join(format!("{} {name}.zip", method.name()));
        let ask = |save: &Path, resume: bool| request(save, json!({"method": method, "steps": 60, "resume": resume}));
        result(&run(&ask(&path("unbroken"), false)));
        killed(&ask(&path("broken"), false), |progress| progress.step >= 30);
        assert!(!path("broken").exists());
        match run(&request(&path("broken"), json!({"method": method, "steps": 60, "resume": true, "temperature": 0.2}))) {
            Outcome::Failed { error } => {
                assert_eq!(error.kind, ErrorKind::InvalidRequest);
                assert!(error.to_string().contains("temperature"), "{error}");
            }
            other => panic!("{other:?}"),
        }
        result(&run(&ask(&path("broken"), true)));
        assert_eq!(learned(&path("broken")), learned(&path("unbroken")), "{method:?}");
    }
}

#[test]
fn training_starts_from_what_was_learned_without_labels() {
    let folder = tempfile::tempdir().unwrap();
    let pretrained = folder.path().join("pretrained.zip");
    result(&run(&request(&pretrained, json!({}))));
    let save = folder.path().join("trained.zip");
    let mut learner = Learner::start();
    learner.ask(&small_request(&save, json!({"start": pretrained, "width": null, "levels": null})));
    let mut said = Vec::new();
    let outcome = learner.until_end(|_, event| {
        if let Event::Log { message, .. } = event {
            said.push(message.clone());
        }
    });
    assert!(matches!(outcome, Outcome::Done { .. }), "{outcome:?}");
    // The head is another; all the rest is taken over.
    assert!(said.iter().any(|line| line.contains(" 2 missing and drawn anew, 0 unexpected")), "{said:?}");
    let package = Package::read(&save).unwrap();
    assert_eq!(package.run["seen"]["inherited"]["labels"], json!([]));
    assert!(!package.run["seen"]["inherited"]["images"].as_array().unwrap().is_empty());

    // And from there it goes on without labels, with its restoration.
    let further = folder.path().join("further.zip");
    let from = |start: &Path| request(&further, json!({"start": start, "width": null, "levels": null, "existing": "overwrite"}));
    result(&run(&from(&pretrained)));
    let tensors = Package::read(&further).unwrap().run["start"]["tensors"].clone();
    assert_eq!(tensors["missing"], json!([]));
    result(&run(&from(&save)));
    let tensors = Package::read(&further).unwrap().run["start"]["tensors"].clone();
    assert_eq!(tensors["missing"].as_array().unwrap().len(), 2, "a head that finds objects restores nothing");
}

#[test]
fn finishing_early_keeps_what_was_learned_and_cancelling_nothing() {
    let folder = tempfile::tempdir().unwrap();
    for (wish, is_kept) in [("finish_early", true), ("cancel", false)] {
        let save = folder.path().join(format!("{wish}.zip"));
        let mut learner = Learner::start();
        learner.ask(&request(&save, json!({"steps": 100_000})));
        let outcome = learner.until_end(|learner, event| {
            if matches!(event, Event::Progress(progress) if progress.step >= 3) {
                learner.say(&json!({wish: true}));
            }
        });
        match is_kept {
            true => assert!(result(&outcome).finished_early),
            false => assert!(matches!(outcome, Outcome::Cancelled), "{outcome:?}"),
        }
        assert_eq!(save.exists(), is_kept);
        assert!(!folder.path().join(format!("{wish}.zip.partial")).exists());
    }
}

/// A learning rate at which the head dies: all projections become one.
#[test]
fn a_collapse_is_an_error_that_says_so() {
    let folder = tempfile::tempdir().unwrap();
    let more = json!({"method": "simclr", "steps": 200, "learning_rate": 1, "width": 2, "levels": 2, "crop": 16, "batch": 4});
    match run(&request(&folder.path().join("m.zip"), more)) {
        Outcome::Failed { error } => assert!(error.to_string().contains("collapsed"), "{error}"),
        other => panic!("{other:?}"),
    }
    assert!(!folder.path().join("m.zip").exists());
}
