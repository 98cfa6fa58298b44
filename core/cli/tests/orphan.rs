//! When the program is killed, the learner goes with it.
#![cfg(unix)]
#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]

use std::fs;
use std::io::{BufRead, BufReader, Read};
use std::os::unix::fs::PermissionsExt;
use std::process::{Command, Stdio};

/// Holds a pipe open as long as it lives, and ends when its standard input does, as the real one (its own tests show it).
const LEARNER: &str = r#"#!/bin/sh
exec 3> "$(dirname "$0")/alive"
echo '{"hello": {"contract": 1, "version": "VERSION", "torch": "2.11.0", "devices": ["cpu"]}}'
read request
echo '{"event": "progress", "phase": "training", "step": 1}'
while read wish; do :; done
"#;

#[test]
fn a_killed_program_leaves_no_learner() {
    let folder = tempfile::tempdir().unwrap();
    let (learner, alive) = (folder.path().join("learner"), folder.path().join("alive"));
    fs::write(&learner, LEARNER.replace("VERSION", env!("CARGO_PKG_VERSION"))).unwrap();
    fs::set_permissions(&learner, fs::Permissions::from_mode(0o755)).unwrap();
    assert!(Command::new("mkfifo").arg(&alive).status().unwrap().success());
    let mut program = Command::new(env!("CARGO_BIN_EXE_fewlabel"))
        .args(["train", "--images", "a.png", "--labels", "b.png", "--save", "m.zip", "--learner"])
        .arg(&learner)
        .env("FEWLABEL_HOME", folder.path().join("home"))
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    // Opens when the learner opens its end.
    let mut alive = fs::File::open(alive).unwrap();
    let lines = BufReader::new(program.stderr.take().unwrap()).lines();
    assert!(lines.map_while(Result::ok).any(|line| line.contains("training 1")), "the learner never trained");
    program.kill().unwrap();
    program.wait().unwrap();
    // The end of the pipe is the end of the learner; it hangs here while there is one.
    assert_eq!(alive.read_to_end(&mut Vec::new()).unwrap(), 0);
}
