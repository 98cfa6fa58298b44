//! Training on what people may give by mistake, through the engine and the real learner.

#![allow(clippy::unwrap_used, reason = "a test may panic")]

mod common;

use std::fs;

use common::data;
use common::place::{Place, own, says};
use fewlabel::contract::{ErrorKind, Find};
use fewlabel::{Config, Engine};
use serde_json::json;

#[test]
fn files_that_cannot_be_read_are_named() {
    let png = fs::read(data().join("bbbc039/images/C02_s4.png")).unwrap();
    let cut = &png[..png.len() / 2];
    let mut huge = png.clone();
    huge[16..24].copy_from_slice(&[0, 1, 0x86, 0xa0, 0, 1, 0x86, 0xa0]);
    for (folder, bytes, kind, word) in [
        ("images", cut, ErrorKind::UnreadableImage, "cut short"),
        ("labels", cut, ErrorKind::UnreadableImage, "cut short"),
        ("labels", b"", ErrorKind::UnreadableImage, "empty"),
        ("labels", b"1,2,3", ErrorKind::UnreadableImage, "not an image"),
        ("images", &huge, ErrorKind::LimitExceeded, "100000"),
    ] {
        let place = Place::new();
        place.squares("a", 40, own).file(&format!("{folder}/a.tif"), bytes);
        says(&place.refused(json!({})), kind, &["a.tif", folder, word]);
    }
}

#[test]
fn labels_that_do_not_fit_their_image_are_named() {
    let place = Place::new();
    place.squares("a", 40, own).floats("labels/b_mask.tif", 40, 41, |_, _| 1.0).floats("images/b.tif", 40, 40, |_, _| 1.0);
    says(&place.refused(json!({})), ErrorKind::InvalidRequest, &["b_mask.tif", "40 x 40 pixels", "41 x 40 pixels"]);
    for (value, word) in [(0.5, "whole numbers"), (-1.0, "negative"), (f32::NAN, "finite")] {
        let place = Place::new();
        place.squares("a", 40, |y, x, square| if (y, x) == (3, 9) { value } else { square as f32 });
        says(&place.refused(json!({})), ErrorKind::UnreadableImage, &["labels", "a.tif", word, "x: 9", "y: 3"]);
    }
}

#[test]
fn labels_without_image_and_two_candidates_are_named() {
    let place = Place::new();
    place.squares("a", 40, own).floats("labels/b_mask.tif", 40, 40, |_, _| 1.0);
    says(&place.refused(json!({})), ErrorKind::InvalidRequest, &["b_mask.tif"]);
    let place = Place::new();
    place.squares("a", 40, own).floats("labels/a_mask.tif", 40, 40, |_, _| 1.0);
    says(&place.refused(json!({})), ErrorKind::InvalidRequest, &["a.tif", "a_mask.tif"]);
}

#[test]
fn labels_that_teach_nothing_are_too_few() {
    let empty = Place::new();
    empty.floats("images/a.tif", 40, 40, |_, _| 1.0);
    says(&empty.refused(json!({})), ErrorKind::NotFound, &["labels"]);
    for (label, more, word) in [
        (0.0, json!({}), "no object"),
        (9.0, json!({"unlabelled": 9}), "no object"),
        (9.0, json!({}), "no background"),
        (9.0, json!({"find": "areas"}), "one class"),
    ] {
        let place = Place::new();
        place.squares("a", 40, |_, _, _| label);
        says(&place.refused(more), ErrorKind::TooFewLabels, &[word, "labels"]);
    }
    // Outlines side by side: the band around one is the other, and nothing is left for background.
    let place = Place::new();
    place.squares("a", 40, |y, _, _| if y < 20 { 1.0 } else { 2.0 });
    says(&place.refused(json!({"unlabelled": 9})), ErrorKind::TooFewLabels, &["no background"]);
}

#[test]
fn a_class_that_no_crop_shows_keeps_its_channel() {
    let place = Place::new();
    // One pixel of 160 x 160, in the one image of two whose labels are kept aside or not: four steps see other places.
    place.squares("a", 160, |y, x, square| if (y, x) == (0, 0) { 7.0 } else { f32::from(square > 0) });
    place.squares("b", 160, |_, _, square| f32::from(square > 0));
    let result = place.train(json!({"find": "areas", "batch": 1, "steps": 1})).unwrap();
    assert_eq!(result.steps, 1);
    let package = place.package();
    assert_eq!((package.meta.find, package.meta.classes.keys().copied().collect::<Vec<_>>()), (Some(Find::Areas), vec![1, 7]));
    assert_eq!(package.meta.output_channels.len(), 3);
    assert!(package.weights.unwrap().values().all(|tensor| tensor.data.iter().all(|value| value.is_finite())));
}

#[test]
fn images_without_contrast_or_with_samples_that_are_no_numbers_train() {
    for (name, sample) in [("one value", 5.0), ("NaN", f32::NAN)] {
        let place = Place::new();
        place.squares("a", 40, own).floats("images/b.tif", 40, 40, |_, _| sample);
        place.floats("labels/b.tif", 40, 40, |y, x| f32::from(y > 30 && x > 30));
        place.train(json!({})).unwrap_or_else(|error| panic!("{name}: {error}"));
        assert!(place.package().weights.unwrap().values().all(|tensor| tensor.data.iter().all(|value| value.is_finite())));
    }
    let place = Place::new();
    place.squares("a", 40, own).floats("images/b.tif", 40, 40, |y, x| match (y, x) {
        (0, 0) => f32::NAN,
        (5, 35) => f32::INFINITY,
        _ => (x % 13) as f32,
    });
    place.floats("labels/b.tif", 40, 40, |y, x| f32::from(y > 30 && x > 30));
    place.train(json!({})).unwrap();
    assert!(place.package().weights.unwrap().values().all(|tensor| tensor.data.iter().all(|value| value.is_finite())));
}

#[test]
fn a_training_error_that_is_no_number_ends_the_run() {
    let place = Place::new();
    place.squares("a", 40, own);
    place.train(json!({})).unwrap();
    let mut package = place.package();
    for (name, tensor) in package.weights.as_mut().unwrap() {
        if name.starts_with("head") {
            tensor.data.fill(1e38);
        }
    }
    package.write(&place.path("start.zip"), false).unwrap();
    fs::remove_file(place.path("model.zip")).unwrap();
    let error = place.train(json!({"start": place.path("start.zip")})).unwrap_err();
    says(&error, ErrorKind::Internal, &["training error is no number", "step: 0", "smaller learning rate"]);
    assert!(!place.path("model.zip").exists(), "a broken model was written");
}

#[test]
fn images_smaller_than_a_crop_train() {
    for side in [1, 7, 20] {
        let place = Place::new();
        place.squares("a", 40, own).squares("small", side, |y, x, _| f32::from(y == 0 && x == 0));
        let result = place.train(json!({"crop": 64})).unwrap_or_else(|error| panic!("{side}: {error}"));
        assert_eq!(result.labelled_images, 2);
    }
}

#[test]
fn numbers_out_of_range_never_reach_the_learner() {
    for (more, field) in [
        (json!({"steps": 0}), "steps"),
        (json!({"steps": null, "minutes": 0.0}), "minutes"),
        (json!({"learning_rate": 0.0}), "learning_rate"),
        (json!({"object_diameter": -2.0}), "object_diameter"),
        (json!({"threads": 0}), "threads"),
    ] {
        let mut place = Place::new();
        place.engine = Engine::new(Config { learner: Some(place.path("nobody")), home: None, ..Config::default() });
        place.squares("a", 40, own);
        says(&place.refused(more), ErrorKind::InvalidRequest, &[field]);
    }
}

#[test]
fn a_model_that_cannot_be_started_from_or_written_is_named_before_the_first_step() {
    let place = Place::new();
    place.squares("a", 40, own);
    let tiny = fs::read(data().join("../contract/tiny.zip")).unwrap();
    place.file("half.zip", &tiny[..tiny.len() / 2]).file("taken.zip", b"mine");
    says(&place.refused(json!({"start": place.path("half.zip")})), ErrorKind::BadModel, &["half.zip", "only a part of one"]);
    says(&place.refused(json!({"save": place.path("taken.zip")})), ErrorKind::InvalidRequest, &["taken.zip", "overwrite"]);
    says(&place.refused(json!({"save": place.path("taken.zip/below/m.zip")})), ErrorKind::Io, &["taken.zip"]);
    // Read-only whoever asks, root included.
    #[cfg(target_os = "linux")]
    for folder in ["/proc", "/sys"] {
        says(&place.refused(json!({"save": format!("{folder}/fewlabel/m.zip")})), ErrorKind::Io, &[folder]);
    }
    assert_eq!(fs::read(place.path("taken.zip")).unwrap(), b"mine");
}
