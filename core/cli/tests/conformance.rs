//! The conformance vectors through `fewlabel run`. Buffers cannot be handed over on the command line.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]

#[path = "../../../tests/contract/vectors.rs"]
mod vectors;

use std::process::Command;

use fewlabel::contract::{Event, Outcome};

fn outcome(vector: &vectors::Vector) -> (Outcome, i32) {
    let folder = tempfile::tempdir().unwrap();
    let request = folder.path().join("request.json");
    std::fs::write(&request, vector.request(&folder.path().join("out"))).unwrap();
    let output = Command::new(env!("CARGO_BIN_EXE_fewlabel"))
        .arg("run")
        .arg(&request)
        .env("FEWLABEL_HOME", folder.path().join("home"))
        .env_remove("FEWLABEL_LEARN")
        .output()
        .unwrap();
    let last = String::from_utf8(output.stdout).unwrap().lines().last().map(str::to_owned);
    let Ok(Event::Ended(outcome)) = serde_json::from_str(&last.unwrap()) else { panic!("{}", vector.name) };
    // While the labels are still there.
    vector.check(&outcome, &[]);
    (outcome, output.status.code().unwrap())
}

#[test]
fn vectors_through_the_command_line() {
    let mut run = 0;
    for file in vectors::FILES {
        for vector in vectors::read(file).iter().filter(|vector| vector.buffers.is_empty()) {
            let (outcome, code) = outcome(vector);
            assert_eq!(code == 0 || code == 3, matches!(outcome, Outcome::Done { .. }), "{}: exit code {code}", vector.name);
            run += 1;
        }
    }
    assert!(run > 40, "{run} vectors");
}
