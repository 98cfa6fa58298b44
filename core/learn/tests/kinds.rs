//! Whole runs that learn kinds of images.

#![allow(clippy::unwrap_used, reason = "a test may panic")]

mod common;

use std::fs;
use std::path::{Path, PathBuf};

use common::{Learner, killed, learned, result, run};
use fewlabel_contract::{Entry, Error, ErrorKind, Event, Find, Outcome, PretrainArgs, Request, TrainArgs};
use fewlabel_image::{Plane, encode_png_rgb};
use fewlabel_infer::verify;
use fewlabel_learn::net::initial_weights;
use fewlabel_model::Package;
use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;
use serde_json::{Value, json};
use tempfile::TempDir;

const KINDS: [&str; 3] = ["disc", "plain", "stripes µ"];

/// Eight images of each kind in folders called as the kinds, of many sizes and under many lights, with noise.
struct Images(TempDir);

impl Images {
    fn new() -> Self {
        let folder = tempfile::Builder::new().prefix("Zellen µ ").tempdir().unwrap();
        let mut random = ChaCha8Rng::seed_from_u64(4);
        for (kind, name) in KINDS.iter().enumerate() {
            let path = folder.path().join("images").join(name);
            fs::create_dir_all(&path).unwrap();
            for i in 0..8 {
                let (height, width) = (random.random_range(30..60), random.random_range(30..60));
                let (light, centre) = (random.random_range(60.0..160.0), random.random_range(12.0..18.0_f64));
                let pixel = |y: f64, x: f64, noise: f64| {
                    let shown = match kind {
                        0 => (y - centre).hypot(x - centre) < 9.0,
                        1 => false,
                        _ => (x + y) % 8.0 < 4.0,
                    };
                    (light + if shown { 70.0 } else { 0.0 } + noise) as u8
                };
                let data = (0..height * width).map(|p| {
                    let value = pixel((p / width) as f64, (p % width) as f64, random.random_range(0.0..25.0));
                    [value, value / 2, 255 - value]
                });
                let plane = Plane::new(height, width, data.collect());
                fs::write(path.join(format!("{i}.png")), encode_png_rgb(&plane).unwrap()).unwrap();
            }
        }
        Self(folder)
    }

    fn path(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    /// A request that takes seconds.
    fn request(&self, save: &str, more: Value) -> Request {
        let mut args = json!({
            "images": [self.path("images")], "labels": [self.path("images")], "save": self.path(save), "find": "kinds", "start": "none",
            "device": "cpu", "steps": 40, "width": 4, "levels": 3, "crop": 32, "batch": 9, "threads": 1,
        });
        args.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        let args: TrainArgs = serde_json::from_value(args).unwrap();
        Request::new(Entry::Train, &args).unwrap()
    }

    fn refused(&self, more: Value) -> Error {
        let outcome = run(&self.request("refused.zip", more));
        assert!(!self.path("refused.zip").exists() && !self.path("refused.zip.partial").exists());
        match outcome {
            Outcome::Failed { error } => error,
            other => panic!("{other:?}"),
        }
    }

    fn package(&self, save: &str) -> Package {
        Package::read(&self.path(save)).unwrap()
    }
}

fn names(of: &Value) -> Vec<&str> {
    of.as_array().unwrap().iter().map(|name| name.as_str().unwrap()).collect()
}

#[test]
fn kinds_are_learned_from_folders_and_the_package_says_how() {
    let images = Images::new();
    let mut learner = Learner::start();
    learner.ask(&images.request("kinds.zip", json!({})));
    let mut told = Vec::new();
    let outcome = learner.until_end(|_, event| {
        if let Event::Progress(progress) = event {
            told.extend(progress.metrics.get("accuracy").copied());
        }
    });
    let result = result(&outcome);
    assert_eq!((result.labelled_images, result.unlabelled_images, result.finished_early), (24, 0, false));
    // By chance it is a third.
    assert!(result.start_scores["accuracy"] >= 0.6, "the first head tells nothing apart: {:?}", result.start_scores);
    assert!(result.scores["accuracy"] >= 0.8 && result.scores["auc"] >= 0.9, "{:?}", result.scores);
    assert!(!told.is_empty());

    let package = images.package("kinds.zip");
    verify(&package).unwrap();
    assert_eq!((package.meta.find, &package.meta.output_channels), (Some(Find::Kinds), &KINDS.map(str::to_owned).to_vec()));
    assert_eq!(package.meta.channels, ["red", "green", "blue"]);
    assert_eq!((package.meta.input_size.min, package.meta.input_size.step, package.meta.halo), (32, 0, 0));
    let (input, output) = package.test.as_ref().unwrap();
    assert_eq!((input.height, input.width, output.channels, output.height, output.width), (32, 32, 3, 1, 1));
    assert!((output.data.iter().sum::<f32>() - 1.0).abs() < 1e-5);
    assert!(package.cover_png.as_ref().unwrap().starts_with(b"\x89PNG"));
    let record = &package.run;
    assert_eq!(names(&record["labelled"]["kinds"]), KINDS);
    assert_eq!(names(&record["kept_aside"]), KINDS.map(|kind| [3, 7].map(|i| format!("{kind}/{i}"))).concat());
    assert_eq!((record["seen"]["images"].as_array().unwrap().len(), &record["seen"]["labels"]), (24, &json!([])));
    assert_eq!(record["request"]["args"]["find"], "kinds");
    assert!(record["methods"].as_str().unwrap().contains("classifier of whole images"));
}

#[test]
fn a_table_and_an_order_choose_the_images() {
    let images = Images::new();
    let rows: Vec<String> = KINDS.iter().flat_map(|kind| (0..8).map(move |i| format!("{kind}/{i}.png,{kind}"))).collect();
    fs::write(images.path("labels.csv"), format!("file,class\n{}\n", rows.join("\n"))).unwrap();
    let order: Vec<String> = (0..8).flat_map(|i| KINDS.iter().map(move |kind| format!("{kind}/{i}.png"))).collect();
    fs::write(images.path("split.json"), json!({"order": {"0": order}}).to_string()).unwrap();
    let chosen = json!({
        "labels": [images.path("labels.csv")], "order": format!("{}#order.0", images.path("split.json").display()), "first": 6, "steps": 3,
    });
    let result = result(&run(&images.request("m.zip", chosen)));
    assert_eq!((result.labelled_images, result.unlabelled_images), (6, 18));
    assert!(result.scores.is_empty(), "two of a kind are too few to keep one aside");
    let package = images.package("m.zip");
    assert_eq!(names(&package.run["labelled"]["images"])[..3], KINDS.map(|kind| format!("{kind}/0")));
    assert_eq!(package.run["seen"]["labels"].as_array().unwrap().len(), 1);

    let error = images.refused(json!({"labels": [images.path("images").join("disc")]}));
    assert_eq!(error.kind, ErrorKind::InvalidRequest, "{error}");
    assert_eq!(images.refused(json!({"crop": 30})).kind, ErrorKind::InvalidRequest);
    fs::write(images.path("images/disc/0.png"), b"no image").unwrap();
    assert!(images.refused(json!({})).to_string().contains("0.png"));
}

/// Killed at a random step; what comes out in the end is the unbroken run's. Another seed gives something else.
#[test]
fn an_interrupted_run_goes_on_to_the_last_bit() {
    let images = Images::new();
    let request =
        |save: &str, resume: bool, seed: u64| images.request(save, json!({"steps": 130, "resume": resume, "seed": seed}));
    result(&run(&request("unbroken.zip", false, 0)));
    let kill_at = ChaCha8Rng::seed_from_u64(7).random_range(55..90);
    killed(&request("broken.zip", false, 0), |progress| progress.phase == "training" && progress.step >= kill_at);
    result(&run(&request("broken.zip", true, 0)));
    let learned = |save: &str| learned(&images.path(save));
    assert_eq!(learned("broken.zip"), learned("unbroken.zip"));
    result(&run(&request("other.zip", false, 1)));
    assert_ne!(learned("other.zip"), learned("unbroken.zip"));
}

#[test]
fn finishing_early_keeps_what_was_learned_and_cancelling_leaves_nothing() {
    let images = Images::new();
    for (word, save) in [("finish_early", "early.zip"), ("cancel", "cancelled.zip")] {
        let mut learner = Learner::start();
        learner.ask(&images.request(save, json!({"steps": 100_000})));
        let outcome = learner.until_end(|learner, event| {
            if matches!(event, Event::Progress(progress) if progress.phase == "training" && progress.step >= 5) {
                learner.say(&json!({ word: true }));
            }
        });
        match outcome {
            Outcome::FinishedEarly { .. } => verify(&images.package("early.zip")).unwrap(),
            Outcome::Cancelled => assert_eq!(word, "cancel"),
            other => panic!("{other:?}"),
        }
        assert_eq!(images.path(save).exists(), word == "finish_early");
        assert!(!images.path(&format!("{save}.partial")).exists());
    }
}

/// With steps that destroy what was there, the head on the features of the start is kept, and knows all labels.
#[test]
fn what_training_makes_worse_is_not_kept() {
    let images = Images::new();
    let result = result(&run(&images.request("m.zip", json!({"learning_rate": 1.0, "steps": 8}))));
    assert!(!result.helped);
    assert_eq!((result.steps, &result.scores), (6, &result.start_scores));
    let package = images.package("m.zip");
    assert_eq!(package.run["head_in_closed_form"], true);
    let (network, weights) = package.checkpoint().unwrap();
    let initial = initial_weights(network, 0);
    let far = |name: &str| weights[name].data.iter().zip(&initial[name].data).map(|(a, b)| (a - b).abs()).fold(0.0, f32::max);
    assert!(far("enc0.conv1.weight") < 1e-3 && far("enc2.conv2.weight") < 1e-3, "but for rounding to 16 bit");
    assert!(far("head.bias") > 1e-2);
}

#[test]
fn a_start_gives_its_encoder_and_a_start_of_the_same_kinds_its_head() {
    let images = Images::new();
    let pretrained = json!({
        "images": [images.path("images")], "recursive": true, "save": images.path("start.zip"), "start": "none", "method": "restore",
        "device": "cpu", "steps": 3, "width": 4, "levels": 3, "crop": 24, "batch": 4, "threads": 1,
    });
    let pretrained: PretrainArgs = serde_json::from_value(pretrained).unwrap();
    assert!(matches!(run(&Request::new(Entry::Pretrain, &pretrained).unwrap()), Outcome::Done { .. }));
    let from = |start: &Path| json!({"start": start, "width": null, "levels": null, "steps": 4});
    let mut learner = Learner::start();
    learner.ask(&images.request("first.zip", from(&images.path("start.zip"))));
    let mut said = Vec::new();
    let outcome = learner.until_end(|_, event| {
        if let Event::Log { message, .. } = event {
            said.push(message.clone());
        }
    });
    let first = result(&outcome);
    assert!(
        said.iter().any(|line| line.contains("starting from the encoder") && line.contains("left out (its decoder)")),
        "{said:?}"
    );
    let tensors = images.package("first.zip").run["start"]["tensors"].clone();
    assert!(names(&tensors["matched"]).contains(&"enc2.norm2.mean"));
    assert_eq!(names(&tensors["missing"]), ["head.bias", "head.weight"]);
    let left_out = names(&tensors["unexpected"]);
    assert!(left_out.contains(&"dec0.conv1.weight") && left_out.contains(&"up1.bias"), "{left_out:?}");
    assert!(left_out.iter().all(|name| name.starts_with("dec") || name.starts_with("up")), "{left_out:?}");

    let second = result(&run(&images.request("second.zip", from(&images.path("first.zip")))));
    let tensors = images.package("second.zip").run["start"]["tensors"].clone();
    assert_eq!((names(&tensors["missing"]), names(&tensors["unexpected"])), (Vec::new(), Vec::new()));
    assert!(names(&tensors["matched"]).contains(&"head.weight"));
    // It has seen the images that are kept aside, all of them.
    assert!(second.start_scores["accuracy"] >= first.scores["accuracy"] - 0.2, "{:?}", second.start_scores);

    // Of other kinds the encoder is taken, and a new head.
    fs::rename(images.path("images/plain"), images.path("images/smooth")).unwrap();
    result(&run(&images.request("third.zip", from(&images.path("first.zip")))));
    let tensors = images.package("third.zip").run["start"]["tensors"].clone();
    assert_eq!(names(&tensors["missing"]), ["head.bias", "head.weight"]);

    // One that has seen grey images reads colours, too.
    fs::create_dir(images.path("grey")).unwrap();
    for i in 0..5 {
        let grey = image::GrayImage::from_fn(40, 40, |x, y| image::Luma([((y * 40 + x) * (i + 3) % 251) as u8]));
        grey.save(images.path(&format!("grey/{i}.png"))).unwrap();
    }
    let of_grey = PretrainArgs {
        images: vec![images.path("grey").to_string_lossy().into_owned()],
        save: images.path("grey.zip").to_string_lossy().into_owned(),
        ..pretrained
    };
    assert!(matches!(run(&Request::new(Entry::Pretrain, &of_grey).unwrap()), Outcome::Done { .. }));
    result(&run(&images.request("fourth.zip", from(&images.path("grey.zip")))));
    let fourth = images.package("fourth.zip");
    assert_eq!(fourth.meta.channels, ["red", "green", "blue"]);
    assert_eq!(names(&fourth.run["start"]["tensors"]["adapted"]), ["enc0.conv1.weight"]);

    let error = images.refused(json!({"start": images.path("start.zip"), "width": 8}));
    assert_eq!(error.kind, ErrorKind::InvalidRequest, "{error}");
    let error = match run(&common::small_request(&images.path("o.zip"), from(&images.path("first.zip")))) {
        Outcome::Failed { error } => error,
        other => panic!("{other:?}"),
    };
    assert_eq!(error.kind, ErrorKind::Unsupported, "{error}");
    assert!(error.to_string().contains("no decoder"), "{error}");
}
