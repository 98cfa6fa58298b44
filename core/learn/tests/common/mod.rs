//! A host in miniature: starts the learner and speaks its protocol.

#![allow(dead_code, clippy::unwrap_used, reason = "each test program takes a part of it, and a test may panic")]

pub mod place;

use std::io::{BufRead, BufReader, Lines, Read, Write};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};

use fewlabel_contract::{Entry, Event, Outcome, Progress, Request, TrainArgs, TrainResult};
use serde_json::{Value, json};

/// The real images of the checkout.
pub fn data() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/data")
}

/// A request that takes seconds: two real images, a thin network, small crops.
pub fn small_request(save: &Path, more: Value) -> Request {
    let folder = data().join("fluorescence");
    let mut args = json!({
        "images": [folder.join("images")], "labels": [folder.join("labels")], "save": save, "start": "none", "device": "cpu",
        "first": 2, "order": format!("{}#fewlabel_order.0", folder.join("split.json").display()),
        "steps": 12, "width": 4, "levels": 3, "crop": 64, "batch": 2, "threads": 2,
    });
    for (name, value) in more.as_object().into_iter().flatten() {
        args[name] = value.clone();
    }
    let args: TrainArgs = serde_json::from_value(args).unwrap();
    Request::new(Entry::Train, &args).unwrap()
}

/// A started learner.
pub struct Learner {
    pub child: Child,
    pub stdin: Option<ChildStdin>,
    lines: Lines<BufReader<ChildStdout>>,
}

impl Learner {
    pub fn start() -> Self {
        let mut child = Command::new(env!("CARGO_BIN_EXE_fewlabel-learn"))
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::inherit())
            .spawn()
            .unwrap();
        let stdin = child.stdin.take();
        let lines = BufReader::new(child.stdout.take().unwrap()).lines();
        let mut learner = Self { child, stdin, lines };
        let hello = learner.line().unwrap();
        assert!(hello.starts_with("{\"hello\":"), "{hello}");
        learner
    }

    pub fn line(&mut self) -> Option<String> {
        self.lines.next().map(Result::unwrap)
    }

    pub fn say(&mut self, line: &Value) {
        let stdin = self.stdin.as_mut().unwrap();
        writeln!(stdin, "{line}").unwrap();
        stdin.flush().unwrap();
    }

    pub fn ask(&mut self, request: &Request) {
        self.say(&json!({ "request": request }));
    }

    pub fn event(&mut self) -> Option<Event> {
        self.line().map(|line| serde_json::from_str(&line).unwrap_or_else(|error| panic!("{error}: {line}")))
    }

    /// All events up to the end; nothing may follow it, and the learner must go.
    pub fn until_end(&mut self, mut each: impl FnMut(&mut Self, &Event)) -> Outcome {
        while let Some(event) = self.event() {
            if let Event::Ended(outcome) = event {
                assert_eq!(self.line(), None);
                assert!(self.child.wait().unwrap().success());
                return outcome;
            }
            each(self, &event);
        }
        panic!("the learner ended without a word");
    }
}

/// Does a request from beginning to end.
pub fn run(request: &Request) -> Outcome {
    let mut learner = Learner::start();
    learner.ask(request);
    learner.until_end(|_, _| {})
}

/// Begins with a request, and kills the learner when its progress has come so far; it must not have ended by then.
pub fn killed(request: &Request, far_enough: impl Fn(&Progress) -> bool) {
    let mut learner = Learner::start();
    learner.ask(request);
    while let Some(event) = learner.event() {
        match event {
            Event::Progress(progress) if far_enough(&progress) => learner.child.kill().unwrap(),
            Event::Ended(outcome) => panic!("ended before it was killed: {outcome:?}"),
            _ => {}
        }
    }
    learner.child.wait().unwrap();
}

/// The result of a run that ended well.
pub fn result(outcome: &Outcome) -> TrainResult {
    match outcome {
        Outcome::Done { response } | Outcome::FinishedEarly { response } => response.parse_result().unwrap(),
        other => panic!("{other:?}"),
    }
}

/// What must be equal to the last bit: the files of the graph and of the weights that training goes on from.
pub fn learned(path: &Path) -> [Vec<u8>; 2] {
    let mut package = zip::ZipArchive::new(std::fs::File::open(path).unwrap()).unwrap();
    ["weights.onnx", "checkpoint.safetensors"].map(|name| {
        let mut bytes = Vec::new();
        package.by_name(name).unwrap().read_to_end(&mut bytes).unwrap();
        assert!(bytes.len() > 1000, "{name}");
        bytes
    })
}
