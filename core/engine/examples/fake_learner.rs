//! A learner that misbehaves on request, for the engine's tests. Its behaviour is the stem of the name it is started by.

#![allow(clippy::print_stdout, reason = "the learner speaks on its standard output")]

use std::io::{self, Write};
use std::path::Path;

use fewlabel_contract::{
    CONTRACT, Entry, Error, ErrorKind, Event, Level, Outcome, PretrainArgs, PretrainResult, Progress, Request, Response, Result,
    TrainArgs, TrainResult,
};
use serde_json::{Value, json};

fn main() {
    let program = std::env::args().next().unwrap_or_default();
    let behaviour = Path::new(&program).file_stem().unwrap_or_default().to_string_lossy().into_owned();
    if behaviour == "dies-at-start" {
        eprintln!("error while loading shared libraries: libtorch_cpu.so: cannot open shared object file");
        std::process::exit(127);
    }
    if behaviour == "never-says-hello" {
        wait_for_the_end();
    }
    if behaviour == "not-a-learner" {
        println!("Usage: something else");
    }
    let version = if behaviour == "wrong-version" { "0.0.1" } else { env!("CARGO_PKG_VERSION") };
    let contract = if behaviour == "wrong-contract" { CONTRACT + 1 } else { CONTRACT };
    let torch = if behaviour == "wrong-libtorch" { "2.10.0" } else { "2.11.0" };
    say(&json!({"hello": {"contract": contract, "version": version, "torch": torch, "devices": ["cpu"]}}));
    let mut lines = io::stdin().lines();
    let Some(Ok(line)) = lines.next() else { return };
    let request: Value = serde_json::from_str(&line).unwrap_or_default();
    let request: Request = serde_json::from_value(request["request"].clone()).unwrap_or_else(|_| std::process::exit(3));
    let Ok(work) = Work::new(&request) else { std::process::exit(4) };

    event(&progress(0));
    match behaviour.as_str() {
        "dies-in-a-step" => {
            eprintln!("terminate called after throwing an instance of 'c10::Error'");
            std::process::abort();
        }
        "dies-while-writing" => {
            let _ = std::fs::write(format!("{}.part", work.save), b"half a pack");
            print!("{{\"event\": \"progress\", \"phase\": \"sav");
            let _ = io::stdout().flush();
            std::process::exit(9);
        }
        "prints-rubbish" => {
            println!("[W] some library prints here");
            let _ = io::stdout().write_all(b"\xff\xfe not even text\n");
        }
        "ignores-cancel" => {
            for _ in lines.by_ref() {}
            loop {
                std::thread::park();
            }
        }
        "obeys" => obey(&mut lines, work),
        "fails" => {
            let error = Error::new(ErrorKind::TooFewLabels, "train", "no labelled object").hint("label some");
            return event(&Event::Ended(Outcome::Failed { error }));
        }
        _ => {}
    }
    event(&Event::Log { level: Level::Info, message: format!("saving to {}", work.save) });
    event(&progress(1));
    event(&Event::Ended(Outcome::Done { response: work.response }));
}

/// What a request comes to.
struct Work {
    save: String,
    response: Response,
}

impl Work {
    /// # Errors
    /// When the arguments are not those of the entry.
    fn new(request: &Request) -> Result<Self> {
        let (sha256, steps, finished_early, seconds) = ("0".repeat(64), 1, false, 0.0);
        if request.entry == Entry::Pretrain {
            let args: PretrainArgs = request.parse_args()?;
            let result = PretrainResult {
                model: args.save.clone().into(),
                sha256,
                steps,
                images: args.images.len(),
                left_out: 0,
                restoration_error: None,
                retrieval_accuracy: None,
                effective_rank: None,
                finished_early,
                seconds,
            };
            return Ok(Self { save: args.save, response: Response::new(request.entry, &result)? });
        }
        let args: TrainArgs = request.parse_args()?;
        let result = TrainResult {
            model: args.save.clone().into(),
            sha256,
            steps,
            labelled_images: args.labels.len(),
            labelled_objects: 1,
            unlabelled_images: 0,
            scores: Default::default(),
            start_scores: Default::default(),
            helped: true,
            finished_early,
            object_diameter: None,
            seconds,
        };
        Ok(Self { save: args.save, response: Response::new(request.entry, &result)? })
    }
}

/// Does what the engine says and nothing else.
fn obey(lines: &mut impl Iterator<Item = io::Result<String>>, work: Work) -> ! {
    while let Some(Ok(line)) = lines.next() {
        let line: Value = serde_json::from_str(&line).unwrap_or_default();
        if line["cancel"] == true {
            event(&Event::Ended(Outcome::Cancelled));
            std::process::exit(0);
        }
        if line["finish_early"] == true {
            let mut response = work.response;
            response.result["finished_early"] = json!(true);
            event(&Event::Ended(Outcome::FinishedEarly { response }));
            std::process::exit(0);
        }
    }
    // The host is gone: the test sees this file.
    let _ = std::fs::write(format!("{}.host-gone", work.save), b"");
    std::process::exit(0);
}

fn wait_for_the_end() -> ! {
    for _ in io::stdin().lines() {}
    std::process::exit(0);
}

fn progress(step: u64) -> Event {
    Event::Progress(Progress { phase: "training".to_owned(), step, total: Some(1), metrics: Default::default(), remaining: None })
}

fn event(event: &Event) {
    say(&serde_json::to_value(event).unwrap_or_default());
}

fn say(line: &Value) {
    let mut stdout = io::stdout().lock();
    let _ = writeln!(stdout, "{line}").and_then(|()| stdout.flush());
}
