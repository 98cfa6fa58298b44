//! Contrast of pixels before and beside fine-tuning, on real images.

#![allow(clippy::unwrap_used, reason = "a test may panic")]

mod common;

use std::collections::BTreeSet;
use std::path::Path;

use common::place::{Place, own, says};
use common::{Learner, learned, result, run, small_request};
use fewlabel_contract::{ErrorKind, Event};
use fewlabel_infer::verify;
use fewlabel_model::{Block, Package, Weights};
use serde_json::{Value, json};

/// Trains with a stage; the phases that progress told, and the package.
fn trained(save: &Path, more: Value) -> (BTreeSet<String>, BTreeSet<String>, Package) {
    let mut learner = Learner::start();
    learner.ask(&small_request(save, more));
    let (mut phases, mut metrics) = (BTreeSet::new(), BTreeSet::new());
    let outcome = learner.until_end(|_, event| {
        if let Event::Progress(progress) = event {
            phases.insert(progress.phase.clone());
            metrics.extend(progress.metrics.keys().cloned());
        }
    });
    result(&outcome);
    let package = Package::read(save).unwrap();
    verify(&package).unwrap();
    (phases, metrics, package)
}

#[test]
fn each_way_to_contrast_pixels_runs_before_fine_tuning_and_is_written_down() {
    let folder = tempfile::tempdir().unwrap();
    for (index, more) in [
        json!({}),
        json!({"contrast_positives": "objects", "contrast_sampling": "stride", "contrast_pixels": 5}),
        json!({"contrast_positives": "views", "contrast_sampling": "block"}),
        json!({"contrast_positives": "regions"}),
        json!({"contrast_form": "ratio", "contrast_sampling": "stride"}),
        json!({"contrast_form": "ratio-mean", "contrast_temperature": 0.5}),
    ]
    .into_iter()
    .enumerate()
    {
        let mut asked = json!({"contrast": "local", "contrast_share": 0.75, "contrast_rate": 0.002, "steps": 40, "batch": 4});
        asked.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        let save = folder.path().join(format!("{index}.zip"));
        let (phases, _, package) = trained(&save, asked);
        assert!(phases.contains("contrast of pixels") && phases.contains("training"), "{phases:?}");
        let stage = &package.run["contrast"];
        assert_eq!((&stage["steps"], &package.run["steps"]), (&json!(30), &json!(10)));
        // A crop of nothing but background has nothing to ask about, but two are seldom so.
        let skipped = stage["steps_without_foreground"].as_u64().unwrap();
        assert!(skipped < 10 && stage["crops_in_two_views"] == 2, "{skipped}");
        let errors: Vec<f64> = serde_json::from_value(stage["error_every_10_steps"].clone()).unwrap();
        assert!(errors.last() < errors.first(), "{more}: nothing was learned: {errors:?}");
        assert!(package.run["methods"].as_str().unwrap().contains("after 30 steps of contrast"), "{}", package.run["methods"]);
        assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), index + 1, "nothing is left lying around");
    }
}

#[test]
fn a_stage_changes_what_fine_tuning_begins_with_and_is_the_same_each_time() {
    let folder = tempfile::tempdir().unwrap();
    let train = |name: &str, more: Value| {
        let save = folder.path().join(name);
        result(&run(&small_request(&save, more)));
        learned(&save)
    };
    let stage = || json!({"contrast": "local", "contrast_share": 0.5, "steps": 24});
    let first = train("a.zip", stage());
    assert_eq!(first, train("b.zip", stage()));
    assert_ne!(first, train("c.zip", json!({"steps": 12})));
    // The record says how to do it again.
    let request = Package::read(&folder.path().join("a.zip")).unwrap().run["request"]["args"].clone();
    assert_eq!((&request["steps"], &request["contrast_share"]), (&json!(24), &json!(0.5)));
}

#[test]
fn contrast_beside_fine_tuning_is_a_part_of_its_error() {
    let folder = tempfile::tempdir().unwrap();
    let (phases, metrics, package) = trained(&folder.path().join("joint.zip"), json!({"contrast": "joint", "steps": 20}));
    assert!(!phases.contains("contrast of pixels"));
    assert!(metrics.contains("contrast") && metrics.contains("cross_entropy"), "{metrics:?}");
    assert_eq!(package.run["contrast"], Value::Null);
    assert!(package.run["methods"].as_str().unwrap().contains("beside it"));
}

#[test]
fn a_frozen_encoder_stays_as_it_was() {
    let folder = tempfile::tempdir().unwrap();
    let start = folder.path().join("start.zip");
    let weights = |package: &Package| -> (Weights, Weights) {
        let (network, weights) = package.checkpoint().unwrap();
        let encoder: BTreeSet<String> = network.encoder().iter().flat_map(Block::parameters).map(|spec| spec.name).collect();
        weights
            .clone()
            .into_iter()
            .filter(|(name, _)| !name.ends_with(".mean") && !name.ends_with(".var"))
            .partition(|(name, _)| encoder.contains(name))
    };
    let (_, _, first) = trained(&start, json!({}));
    let (_, _, second) = trained(&folder.path().join("next.zip"), json!({"start": start, "freeze_encoder": true}));
    let ((encoder, rest), (same, other)) = (weights(&first), weights(&second));
    assert_eq!(encoder, same);
    assert_ne!(rest, other);
    // The stage before it teaches the encoder, too.
    let staged = json!({"start": start, "freeze_encoder": true, "contrast": "local"});
    let (_, _, third) = trained(&folder.path().join("third.zip"), staged);
    assert_ne!(weights(&third).0, encoder);
}

/// A stage of half the steps.
fn staged(more: Value) -> Value {
    let mut asked = json!({"contrast": "local", "contrast_share": 0.5, "steps": 8});
    asked.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    asked
}

#[test]
fn a_stage_whose_contrast_is_no_number_ends_the_run() {
    let place = Place::new();
    place.squares("a", 40, own);
    place.train(json!({})).unwrap();
    let mut package = place.package();
    for (name, tensor) in package.weights.as_mut().unwrap() {
        if name.starts_with("enc0.conv1") {
            tensor.data.fill(1e38);
        }
    }
    package.write(&place.path("start.zip"), false).unwrap();
    std::fs::remove_file(place.path("model.zip")).unwrap();
    let error = place.train(staged(json!({"start": place.path("start.zip"), "width": null, "levels": null}))).unwrap_err();
    says(&error, ErrorKind::Internal, &["no number", "step: 0", "smaller learning rate"]);
    assert!(!place.path("model.zip").exists(), "a broken model was written");
}

#[test]
fn a_stage_takes_labels_that_say_little() {
    let unlabelled = 9;
    for find in ["objects", "areas"] {
        let place = Place::new();
        // Two objects, of which one is a pixel and of a class of its own; nothing but background; nothing but what is not labelled; no label at all.
        let mark = |y, x| if (y, x) == (2, 2) { 7.0 } else { f32::from(y > 20 && x > 20) };
        place
            .squares("a", 40, |y, x, _| mark(y, x))
            .squares("b", 40, |_, _, _| 0.0)
            .squares("c", 40, |_, _, _| unlabelled as f32);
        place.floats("images/d.tif", 40, 40, |y, x| (y * x) as f32);
        let result = place
            .train(staged(json!({"find": find, "unlabelled": unlabelled})))
            .unwrap_or_else(|error| panic!("{find}: {error}"));
        assert_eq!((result.steps, result.unlabelled_images), (8, 2), "{find}");
        let package = place.package();
        assert!(package.weights.as_ref().unwrap().values().all(|tensor| tensor.data.iter().all(|value| value.is_finite())));
        assert_eq!(package.run["contrast"]["steps"], 4, "{find}");
    }
    for label in [0.0, unlabelled as f32] {
        let place = Place::new();
        place.squares("a", 40, |_, _, _| label);
        says(&place.refused(staged(json!({"unlabelled": unlabelled}))), ErrorKind::TooFewLabels, &["labels"]);
    }
}
