//! The engine and learners that misbehave: each ends as an error that says so, and the host lives on.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]

use std::path::{Path, PathBuf};
use std::sync::mpsc::{Receiver, channel};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use fewlabel::contract::{Entry, Error, ErrorKind, Event, Outcome, PretrainResult, Progress, Request, TrainResult};
use fewlabel::{Config, Engine, Running};
use serde_json::{Value, json};
use tempfile::TempDir;

/// A learner with one behaviour, in a folder of its own, with the engine that uses it.
struct Setup {
    folder: TempDir,
    config: Config,
}

impl Setup {
    fn new(behaviour: &str) -> Self {
        let folder = tempfile::Builder::new().prefix("Lerner µ ").tempdir_in(env!("CARGO_TARGET_TMPDIR")).unwrap();
        let learner = folder.path().join(format!("{behaviour}{}", std::env::consts::EXE_SUFFIX));
        std::fs::hard_link(fake_learner(), &learner).unwrap();
        let config = Config {
            home: Some(folder.path().join("home")),
            learner: Some(learner),
            // Long enough to start a program on a busy machine, except where the test is about waiting.
            hello_within: Duration::from_secs(if behaviour == "never-says-hello" { 0 } else { 100 }),
            cancel_within: Duration::from_secs(if behaviour == "ignores-cancel" { 0 } else { 100 }),
            ..Config::default()
        };
        Self { folder, config }
    }

    fn save(&self) -> PathBuf {
        self.folder.path().join("model.zip")
    }

    fn request(&self) -> Request {
        let args = json!({"images": ["a.png"], "labels": ["b.png"], "save": self.save(), "steps": 1});
        Request { contract: 1, entry: Entry::Train, args }
    }

    fn train(&self) -> (Running, Receiver<Event>) {
        self.submit(self.request())
    }

    fn pretrain(&self) -> (Running, Receiver<Event>) {
        let args = json!({"images": ["a.png", "b.png"], "save": self.save(), "method": "mae", "start": "none"});
        self.submit(Request { contract: 1, entry: Entry::Pretrain, args })
    }

    fn submit(&self, request: Request) -> (Running, Receiver<Event>) {
        let (send, receive) = channel();
        let send = Mutex::new(send);
        let sink = move |event: Event| send.lock().unwrap().send(event).unwrap();
        (Engine::new(self.config.clone()).submit(request, Vec::new(), Arc::new(sink)), receive)
    }

    fn error(&self) -> Error {
        match self.train().0.wait() {
            Outcome::Failed { error } => error,
            other => panic!("{other:?}"),
        }
    }

    fn log(&self) -> Vec<Value> {
        let jobs = self.folder.path().join("home").join("jobs");
        let job = std::fs::read_dir(jobs).unwrap().next().unwrap().unwrap().path();
        let text = std::fs::read_to_string(job.join("log.jsonl")).unwrap();
        text.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
    }
}

fn fake_learner() -> PathBuf {
    let test = std::env::current_exe().unwrap();
    let built = test
        .parent()
        .and_then(Path::parent)
        .unwrap()
        .join("examples")
        .join(format!("fake_learner{}", std::env::consts::EXE_SUFFIX));
    assert!(built.is_file(), "cargo test builds the example fake_learner; with --test NAME add --examples");
    built
}

fn value_of<'a>(error: &'a Error, name: &str) -> &'a str {
    error.context.iter().find(|(key, _)| key == name).map_or("", |(_, value)| value)
}

#[test]
fn a_learner_that_does_its_work_is_listened_to_until_the_end() {
    let setup = Setup::new("good");
    let (running, events) = setup.train();
    let Outcome::Done { response } = running.wait() else { panic!("{:?}", running.outcome()) };
    let result: TrainResult = response.parse_result().unwrap();
    assert_eq!((result.model, result.labelled_images), (setup.save(), 1));
    let events: Vec<Event> = events.try_iter().collect();
    let steps: Vec<u64> = events
        .iter()
        .filter_map(|event| match event {
            Event::Progress(Progress { step, .. }) => Some(*step),
            _ => None,
        })
        .collect();
    assert_eq!(steps, [0, 1]);
    assert_eq!(events.iter().filter(|event| matches!(event, Event::Ended(_))).count(), 1);
    assert!(matches!(events.last(), Some(Event::Ended(Outcome::Done { .. }))));
    assert!(setup.log().iter().any(|line| line["event"]["event"] == "ended"));
}

#[test]
fn a_learner_of_another_version_contract_or_libtorch_is_refused_and_named() {
    let error = Setup::new("wrong-version").error();
    assert_eq!((error.kind, value_of(&error, "learner")), (ErrorKind::LearnerMissing, "0.0.1"));
    let error = Setup::new("wrong-contract").error();
    assert_eq!((error.kind, value_of(&error, "engine")), (ErrorKind::LearnerMissing, "1"));
    let error = Setup::new("wrong-libtorch").error();
    assert_eq!((error.kind, value_of(&error, "learner")), (ErrorKind::LearnerMissing, "2.10.0"));
    assert_eq!(value_of(&error, "training add-on"), "2.11.0");
}

#[test]
fn another_program_is_no_learner() {
    let error = Setup::new("not-a-learner").error();
    assert_eq!((error.kind, value_of(&error, "it said")), (ErrorKind::LearnerMissing, "Usage: something else"));
}

#[test]
fn a_learner_that_cannot_start_is_missing_and_its_words_are_kept() {
    let setup = Setup::new("dies-at-start");
    let error = setup.error();
    assert_eq!(error.kind, ErrorKind::LearnerMissing);
    assert!(value_of(&error, "last words").contains("libtorch_cpu.so"), "{error}");
    assert_eq!(value_of(&error, "learner"), "exit code 127");
    assert!(error.hint.unwrap().contains("fewlabel runtime install"));
    assert!(setup.log().iter().any(|line| line["learner"].as_str().is_some_and(|words| words.contains("libtorch_cpu.so"))));
}

#[test]
fn a_silent_learner_is_not_waited_for_without_end() {
    let error = Setup::new("never-says-hello").error();
    assert_eq!((error.kind, error.message.as_str()), (ErrorKind::LearnerMissing, "the learner says nothing"));
}

#[test]
fn a_learner_that_is_not_there_is_missing() {
    let mut setup = Setup::new("good");
    setup.config.learner = Some(setup.folder.path().join("nobody"));
    let error = setup.error();
    assert_eq!(error.kind, ErrorKind::LearnerMissing);
    assert!(value_of(&error, "file").ends_with("nobody"), "{error}");
}

#[test]
fn a_learner_that_dies_in_a_step_is_lost() {
    let error = Setup::new("dies-in-a-step").error();
    assert_eq!(error.kind, ErrorKind::LearnerLost);
    assert!(value_of(&error, "last words").contains("c10::Error"), "{error}");
    assert!(cfg!(not(unix)) || value_of(&error, "learner") == "ended by signal 6", "{error}");
}

#[test]
fn a_learner_that_dies_while_writing_is_lost() {
    let setup = Setup::new("dies-while-writing");
    let error = setup.error();
    assert_eq!((error.kind, value_of(&error, "learner")), (ErrorKind::LearnerLost, "exit code 9"));
    assert!(!setup.save().exists());
}

#[test]
fn rubbish_between_the_lines_is_logged_and_nothing_else() {
    let setup = Setup::new("prints-rubbish");
    let (running, events) = setup.train();
    assert!(matches!(running.wait(), Outcome::Done { .. }));
    assert!(!events.try_iter().any(|event| matches!(event, Event::Log { message, .. } if message.contains("library"))));
    assert!(setup.log().iter().any(|line| line["learner"] == "[W] some library prints here"));
}

#[test]
fn what_the_learner_refuses_is_refused_in_its_words() {
    let error = Setup::new("fails").error();
    assert_eq!((error.kind, error.hint.as_deref()), (ErrorKind::TooFewLabels, Some("label some")));
}

#[test]
fn wishes_reach_the_learner() {
    let setup = Setup::new("obeys");
    let (running, events) = setup.train();
    until_it_trains(&events);
    running.finish_early();
    let Outcome::FinishedEarly { response } = running.wait() else { panic!("{:?}", running.outcome()) };
    assert!(response.parse_result::<TrainResult>().unwrap().finished_early);

    let (running, events) = setup.train();
    until_it_trains(&events);
    running.cancel();
    assert_eq!(running.wait(), Outcome::Cancelled);
    assert!(matches!(events.try_iter().last(), Some(Event::Ended(Outcome::Cancelled))));
}

#[test]
fn pretraining_takes_the_same_way() {
    let setup = Setup::new("good");
    let (running, events) = setup.pretrain();
    let Outcome::Done { response } = running.wait() else { panic!("{:?}", running.outcome()) };
    assert_eq!(response.entry, Entry::Pretrain);
    let result: PretrainResult = response.parse_result().unwrap();
    assert_eq!((result.model, result.images), (setup.save(), 2));
    assert_eq!(events.try_iter().filter(|event| matches!(event, Event::Progress(_))).count(), 2);

    let setup = Setup::new("obeys");
    let (running, events) = setup.pretrain();
    until_it_trains(&events);
    running.finish_early();
    let Outcome::FinishedEarly { response } = running.wait() else { panic!("{:?}", running.outcome()) };
    assert!(response.parse_result::<PretrainResult>().unwrap().finished_early);
    let (running, events) = setup.pretrain();
    until_it_trains(&events);
    running.cancel();
    assert_eq!(running.wait(), Outcome::Cancelled);

    let Outcome::Failed { error } = Setup::new("dies-in-a-step").pretrain().0.wait() else { panic!("it died") };
    assert_eq!((error.kind, error.operation.as_str()), (ErrorKind::LearnerLost, "pretrain"), "{error}");
}

#[test]
fn a_learner_that_ignores_a_cancel_is_killed() {
    let setup = Setup::new("ignores-cancel");
    let (running, events) = setup.train();
    until_it_trains(&events);
    running.cancel();
    assert_eq!(running.wait(), Outcome::Cancelled);
}

#[test]
fn a_cancel_before_the_hello_ends_the_job() {
    let mut setup = Setup::new("never-says-hello");
    setup.config.hello_within = Duration::from_secs(100);
    let (running, _events) = setup.train();
    running.cancel();
    assert_eq!(running.wait(), Outcome::Cancelled);
}

#[test]
fn a_request_out_of_range_never_starts_a_learner() {
    let setup = Setup::new("good");
    let mut request = setup.request();
    request.args["steps"] = json!(0);
    let engine = Engine::new(setup.config.clone());
    let error = engine.call(request).unwrap_err();
    assert_eq!((error.kind, value_of(&error, "field")), (ErrorKind::InvalidRequest, "steps"));
    let args = json!({"images": ["a.png"], "save": setup.save(), "batch": 1});
    let error = engine.call(Request { contract: 1, entry: Entry::Pretrain, args }).unwrap_err();
    assert_eq!((error.kind, value_of(&error, "field")), (ErrorKind::InvalidRequest, "batch"));
}

fn until_it_trains(events: &Receiver<Event>) {
    while !matches!(events.recv().unwrap(), Event::Progress(_)) {}
}
