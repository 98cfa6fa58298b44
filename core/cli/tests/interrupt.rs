//! Ctrl-C while a learner trains: once keeps the best, twice stops now.
#![cfg(unix)]
#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]

use std::fs;
use std::io::{BufRead, BufReader, Read};
use std::os::unix::fs::PermissionsExt;
use std::process::{Child, Command, Stdio};

use tempfile::TempDir;

/// A learner that tells what it is asked; it ends when asked to finish, or `stubborn` only when asked to stop.
const LEARNER: &str = r#"#!/bin/sh
echo '{"hello": {"contract": 1, "version": "VERSION", "torch": "2.11.0", "devices": ["cpu"]}}'
read request
echo '{"event": "progress", "phase": "training", "step": 0}'
read wish
echo "{\"event\": \"log\", \"level\": \"warning\", \"message\": \"heard $(echo "$wish" | tr -d '{}":')\"}"
if [ "STUBBORN" = yes ]; then
    read wish
    echo '{"event": "ended", "status": "cancelled"}'
else
    echo '{"event": "ended", "status": "finished-early", "response": {"entry": "train", "result": {"model": "m.zip", "sha256": "0", "steps": 3, "labelled_images": 1, "labelled_objects": 2, "unlabelled_images": 0, "scores": {}, "start_scores": {}, "helped": true, "finished_early": true, "object_diameter": null, "seconds": 1.0}}}'
fi
"#;

fn training(folder: &TempDir, stubborn: bool) -> Child {
    let learner = folder.path().join("learner");
    let script = LEARNER.replace("VERSION", env!("CARGO_PKG_VERSION")).replace("STUBBORN", if stubborn { "yes" } else { "no" });
    fs::write(&learner, script).unwrap();
    fs::set_permissions(&learner, fs::Permissions::from_mode(0o755)).unwrap();
    Command::new(env!("CARGO_BIN_EXE_fewlabel"))
        .args(["train", "--images", "a.png", "--labels", "b.png", "--save", "m.zip", "--learner"])
        .arg(&learner)
        .env("FEWLABEL_HOME", folder.path().join("home"))
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap()
}

fn until(lines: &mut impl Iterator<Item = std::io::Result<String>>, words: &str) {
    for line in lines {
        if line.unwrap().contains(words) {
            return;
        }
    }
    panic!("nobody said {words:?}");
}

fn press_ctrl_c(child: &Child) {
    assert!(Command::new("kill").args(["-INT", &child.id().to_string()]).status().unwrap().success());
}

#[test]
fn once_keeps_the_best_so_far() {
    let folder = tempfile::tempdir().unwrap();
    let mut child = training(&folder, false);
    let mut lines = BufReader::new(child.stderr.take().unwrap()).lines();
    until(&mut lines, "training 0");
    press_ctrl_c(&child);
    until(&mut lines, "heard finish_earlytrue");
    let mut stdout = String::new();
    child.stdout.take().unwrap().read_to_string(&mut stdout).unwrap();
    assert_eq!(child.wait().unwrap().code(), Some(0));
    assert!(stdout.contains("3 steps on 1 labelled images with 2 objects in 1 s, stopped early"), "{stdout}");
}

#[test]
fn twice_stops_now() {
    let folder = tempfile::tempdir().unwrap();
    let mut child = training(&folder, true);
    let mut lines = BufReader::new(child.stderr.take().unwrap()).lines();
    until(&mut lines, "training 0");
    press_ctrl_c(&child);
    until(&mut lines, "heard finish_earlytrue");
    press_ctrl_c(&child);
    until(&mut lines, "cancelled");
    assert_eq!(child.wait().unwrap().code(), Some(130));
}
