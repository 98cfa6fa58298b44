//! `pretrain` from flags to a summary, with a learner that only tells.
#![cfg(unix)]
#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::process::{Command, Stdio};

use serde_json::{Value, json};

/// A learner that keeps the request and answers.
const LEARNER: &str = r#"#!/bin/sh
echo '{"hello": {"contract": 1, "version": "VERSION", "torch": "2.11.0", "devices": ["cpu"]}}'
read -r request
echo "$request" > "$(dirname "$0")/request.json"
echo '{"event": "ended", "status": "done", "response": {"entry": "pretrain", "result": RESULT}}'
"#;

/// What reached the learner and what people read.
fn pretrained(flags: &[&str], result: &Value) -> (Value, String) {
    let folder = tempfile::Builder::new().prefix("Zellen µ ").tempdir().unwrap();
    let learner = folder.path().join("learner");
    let script = LEARNER.replace("VERSION", env!("CARGO_PKG_VERSION")).replace("RESULT", &result.to_string());
    fs::write(&learner, script).unwrap();
    fs::set_permissions(&learner, fs::Permissions::from_mode(0o755)).unwrap();
    let output = Command::new(env!("CARGO_BIN_EXE_fewlabel"))
        .args(["pretrain", "--images", "a.png", "b.png", "--save", "m.zip"])
        .args(flags)
        .env("FEWLABEL_LEARN", &learner)
        .env("FEWLABEL_HOME", folder.path().join("home"))
        .stdin(Stdio::null())
        .output()
        .unwrap();
    assert_eq!(output.status.code(), Some(0), "{}", String::from_utf8_lossy(&output.stderr));
    let request: Value = serde_json::from_slice(&fs::read(folder.path().join("request.json")).unwrap()).unwrap();
    (request["request"].clone(), String::from_utf8(output.stdout).unwrap())
}

fn result() -> Value {
    json!({
        "model": "m.zip", "sha256": "0", "steps": 300, "images": 40, "left_out": 0, "restoration_error": null,
        "retrieval_accuracy": null, "effective_rank": null, "finished_early": false, "seconds": 75.0,
    })
}

#[test]
fn flags_reach_the_learner_under_the_names_of_their_fields() {
    let flags = "--channels DAPI,2 --method mae --start none --steps 300 --resume --object-diameter 12.5 --mask-ratio 0.6 \
        --temperature 0.2 --contrast crops --contrast-weight 2 --same-image ignored --restoration-weight 3 --micro-batch 4 --device cpu --threads 2 --seed 7 --existing overwrite --recursive --width 16 \
        --levels 3 --crop 64 --batch 8 --learning-rate 0.01";
    let (request, _) = pretrained(&flags.split_whitespace().collect::<Vec<_>>(), &result());
    let args = json!({
        "images": ["a.png", "b.png"], "save": "m.zip", "channels": ["DAPI", "2"], "method": "mae", "start": "none", "steps": 300,
        "resume": true, "object_diameter": 12.5, "mask_ratio": 0.6, "temperature": 0.2, "contrast": "crops",
        "contrast_weight": 2.0, "same_image": "ignored", "restoration_weight": 3.0, "micro_batch": 4, "device": "cpu",
        "threads": 2, "seed": 7, "existing": "overwrite", "recursive": true, "width": 16, "levels": 3, "crop": 64, "batch": 8,
        "learning_rate": 0.01,
    });
    assert_eq!(request, json!({"contract": 1, "entry": "pretrain", "args": args}));
    let (request, _) = pretrained(&[], &result());
    assert_eq!((&request["args"]["method"], &request["args"]["seed"]), (&json!("tower"), &json!(0)));
    let (request, _) = pretrained(&["--preset", "tower-paper"], &result());
    assert_eq!((&request["args"]["preset"], request["args"].get("contrast")), (&json!("tower-paper"), None));
}

#[test]
fn a_person_reads_what_was_saved_and_how_well_it_learned() {
    let (_, said) = pretrained(&[], &result());
    assert_eq!(said, "saved m.zip\n300 steps on 40 images in 1 min 15 s\n");

    let mut all = result();
    let more = json!({
        "left_out": 2, "restoration_error": 0.0312, "retrieval_accuracy": 0.875, "effective_rank": 41.26, "finished_early": true,
    });
    all.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    let (_, said) = pretrained(&[], &all);
    let lines: Vec<&str> = said.lines().collect();
    assert_eq!(
        lines,
        [
            "saved m.zip",
            "300 steps on 40 images in 1 min 15 s, ended early",
            "2 images left out: they cannot be read or have other channels",
            "restoration error 0.031 (of 1) on images kept aside",
            "retrieval accuracy 0.875, effective rank 41.3 on images kept aside",
        ]
    );
}
