//! Mixup and consistency, on real images and on squares.

#![allow(clippy::unwrap_used, reason = "a test may panic")]

mod common;

use std::collections::BTreeSet;
use std::path::Path;

use common::place::{Place, own, says};
use common::{Learner, killed, learned, result, run, small_request};
use fewlabel_contract::{CancelToken, ErrorKind, Event};
use fewlabel_infer::verify;
use fewlabel_learn::{Run, shim, train::train};
use fewlabel_model::Package;
use serde_json::{Value, json};

const KINDS: [&str; 2] = ["mixup", "consistency"];

/// Trains; the numbers that progress told, and the package.
fn trained(save: &Path, more: Value) -> (BTreeSet<String>, Package) {
    let mut learner = Learner::start();
    learner.ask(&small_request(save, more));
    let mut metrics = BTreeSet::new();
    let outcome = learner.until_end(|_, event| {
        if let Event::Progress(progress) = event {
            metrics.extend(progress.metrics.keys().cloned());
        }
    });
    assert!(result(&outcome).unlabelled_images > 0);
    let package = Package::read(save).unwrap();
    verify(&package).unwrap();
    (metrics, package)
}

/// Two images of squares, labelled by `label`, and one that nobody has labelled.
fn place(label: fn(usize, usize, u32) -> f32) -> Place {
    let place = Place::new();
    place.squares("a", 60, label).squares("b", 60, label);
    place.floats("images/c.tif", 70, 50, |y, x| if (y + 3) % 20 < 12 && x % 20 < 12 { 180.0 } else { (x % 13) as f32 });
    place
}

/// All squares are of one class.
fn one_class(_: usize, _: usize, square: u32) -> f32 {
    f32::from(u8::from(square > 0))
}

#[test]
fn a_package_says_how_it_was_regularised_and_by_which_images() {
    let folder = tempfile::tempdir().unwrap();
    let more = |more: Value| {
        let mut all = json!({"steps": 40, "threads": 1});
        all.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        all
    };
    let (metrics, package) = trained(&folder.path().join("plain.zip"), more(json!({})));
    assert_eq!((package.run["regularisation"].clone(), metrics.contains("consistency")), (Value::Null, false));

    let (metrics, package) = trained(&folder.path().join("mixup.zip"), more(json!({"regularisation": "mixup"})));
    assert_eq!(package.run["regularisation"], json!({"kind": "mixup", "alpha": 0.2}));
    assert_eq!(package.run["seen"]["images"].as_array().unwrap().len(), 2);
    assert!(metrics.contains("cross_entropy") && !metrics.contains("consistency"), "{metrics:?}");
    assert!(package.run["methods"].as_str().unwrap().contains("mixup with alpha 0.2"), "{}", package.run["methods"]);

    let asked = json!({"regularisation": "consistency", "consistency_weight": 2.5});
    let (metrics, package) = trained(&folder.path().join("consistency.zip"), more(asked));
    let images = package.run["labelled"]["unlabelled_images"].clone();
    let recorded = json!({"kind": "consistency", "weight": 2.5, "turns": true, "images": images, "left_out": 0});
    assert_eq!(package.run["regularisation"], recorded);
    assert_eq!(package.run["seen"]["images"].as_array().unwrap().len() as u64, 2 + images.as_u64().unwrap());
    assert_eq!(package.run["seen"]["labels"].as_array().unwrap().len(), 2);
    assert!(metrics.contains("cross_entropy") && metrics.contains("consistency"), "{metrics:?}");
    assert!(package.run["methods"].as_str().unwrap().contains("consistency of weight 2.5"), "{}", package.run["methods"]);

    for name in KINDS {
        let package = Package::read(&folder.path().join(format!("{name}.zip"))).unwrap();
        let errors: Vec<f64> = serde_json::from_value(package.run["curves"]["training_error_every_10_steps"].clone()).unwrap();
        assert!(errors.last() < errors.first(), "{name}: nothing was learned: {errors:?}");
    }
}

#[test]
fn the_same_request_gives_the_same_weights_and_each_kind_its_own() {
    let place = place(own);
    let train = |more: Value| {
        let mut asked = json!({"steps": 12, "existing": "overwrite"});
        asked.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        place.train(asked).unwrap();
        learned(&place.path("model.zip"))
    };
    let asked = [
        json!({}),
        json!({"regularisation": "mixup"}),
        json!({"regularisation": "mixup", "mixup_alpha": 8}),
        json!({"regularisation": "consistency"}),
        json!({"regularisation": "consistency", "consistency_weight": 50}),
    ];
    let all = asked.clone().map(train);
    assert!((0..all.len()).all(|i| (0..i).all(|j| all[i] != all[j])));
    for (once, again) in all.iter().zip(asked.map(train)) {
        assert!(*once == again);
    }
    // What weighs nothing changes nothing: crops without labels are drawn beside those with labels, not in their place.
    assert!(all[0] == train(json!({"regularisation": "consistency", "consistency_weight": 0})));
}

#[test]
fn the_number_of_loading_threads_changes_no_byte() {
    let with = |loader_threads: usize, kind: &str| {
        let (place, token, previews) = (place(own), CancelToken::new(), tempfile::tempdir().unwrap());
        let run = Run { token: &token, sink: &|_: Event| {}, threads: 1, loader_threads, previews: previews.path() };
        let args = place.request(json!({"steps": 12, "regularisation": kind})).parse_args().unwrap();
        train(&args, &shim::open_cuda(), &run).unwrap();
        learned(&place.path("model.zip"))
    };
    for kind in KINDS {
        assert!(with(1, kind) == with(3, kind), "{kind}");
    }
}

/// Killed before and after anything was saved; what comes out in the end is the unbroken run's.
#[test]
fn an_interrupted_run_goes_on_to_the_last_bit() {
    for kind in KINDS {
        let place = place(own);
        let request = |name: &str, resume: bool| {
            place.request(json!({"save": place.path(name), "steps": 90, "regularisation": kind, "resume": resume}))
        };
        result(&run(&request("unbroken.zip", false)));
        for (kill_at, resume) in [(20, false), (60, true)] {
            killed(&request("broken.zip", resume), |progress| progress.step >= kill_at);
        }
        assert!(place.path("broken.zip.partial/state.safetensors").exists());
        result(&run(&request("broken.zip", true)));
        assert!(learned(&place.path("broken.zip")) == learned(&place.path("unbroken.zip")), "{kind}");
    }
}

#[test]
fn areas_and_what_follows_a_contrast_stage_are_regularised_too() {
    let (objects, areas) = (place(own), place(one_class));
    for kind in KINDS {
        let asked = json!({"regularisation": kind, "find": "areas", "existing": "overwrite"});
        assert_eq!(areas.train(asked).unwrap().unlabelled_images, 1);
        verify(&areas.package()).unwrap();
        let staged =
            json!({"regularisation": kind, "contrast": "local", "contrast_share": 0.5, "steps": 8, "existing": "overwrite"});
        objects.train(staged).unwrap();
        let run = objects.package().run;
        assert_eq!((&run["contrast"]["steps"], &run["regularisation"]["kind"]), (&json!(4), &json!(kind)));
        assert!(run["methods"].as_str().unwrap().contains("of contrast"), "{}", run["methods"]);
    }
}

#[test]
fn what_lies_one_way_round_is_not_turned() {
    let place = place(own);
    for upright in [false, true] {
        place.train(json!({"regularisation": "consistency", "upright": upright, "existing": "overwrite"})).unwrap();
        assert_eq!(place.package().run["regularisation"]["turns"], json!(!upright));
    }
}

#[test]
fn a_broken_image_without_labels_is_left_out_and_none_at_all_refused() {
    let place = place(own);
    place.file("images/broken.tif", b"II*\0nothing");
    place.train(json!({"regularisation": "consistency"})).unwrap();
    let regularisation = place.package().run["regularisation"].clone();
    assert_eq!((&regularisation["images"], &regularisation["left_out"]), (&json!(1), &json!(1)));

    let place = Place::new();
    place.squares("a", 60, own).squares("b", 60, own);
    let error = place.refused(json!({"regularisation": "consistency"}));
    says(&error, ErrorKind::InvalidRequest, &["regularisation", "without labels", "first"]);
    assert!(error.context.contains(&("field".into(), "regularisation".into())), "{error}");
    place.train(json!({"regularisation": "mixup"})).unwrap();
}
