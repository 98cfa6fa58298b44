//! The conversation with one learner, from hello to goodbye.

use std::collections::VecDeque;
use std::io::{BufRead, BufReader, Read, Write};
use std::path::Path;
use std::process::{Child, ChildStdin};
use std::sync::mpsc::{Receiver, RecvTimeoutError, channel};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

use fewlabel_contract::{Error, ErrorKind, Event, Outcome, Request, Result};
use fewlabel_runtime::{library_paths, status};

use super::line::{Hello, ToLearner, parse_hello};
use super::{find, process};
use crate::Config;
use crate::engine::Context;
use crate::events::Events;

/// How often a waiting engine looks whether somebody wants to cancel.
const LOOK_AGAIN: Duration = Duration::from_millis(50);
/// How many of the learner's last words go into an error.
const LAST_WORDS: usize = 8;

/// Starts a learner and reads its hello, for those who only want to know what it can do.
pub(crate) fn greet(config: &Config, events: &Arc<Events>) -> Result<Hello> {
    let mut learner = Learner::start(&find(None, config)?, config, events)?;
    learner.hello(config.hello_within, || Ok(()))
}

/// Has a learner do `request` and forwards what it tells.
pub(crate) fn run(request: &Request, asked: Option<&Path>, context: &Context) -> Result<Outcome> {
    let mut learner = Learner::start(&find(asked, &context.config)?, &context.config, &context.events)?;
    let hello = learner.hello(context.config.hello_within, || context.token.check(request.entry.name()))?;
    context.events.info(format!("learner {} with libtorch {} on {}", hello.version, hello.torch, hello.devices.join(", ")));
    learner.say(&ToLearner::Request(request));
    let mut asked_to_finish = false;
    let mut kill_at = None;
    loop {
        if context.token.is_cancelled() && kill_at.is_none() {
            learner.say(&ToLearner::Cancel(true));
            kill_at = Some(Instant::now() + context.config.cancel_within);
        } else if context.token.wants_to_finish() && !asked_to_finish {
            learner.say(&ToLearner::FinishEarly(true));
            asked_to_finish = true;
        }
        if kill_at.is_some_and(|time| Instant::now() >= time) {
            context.events.info("the learner did not end when asked to: it was killed");
            return Ok(Outcome::Cancelled);
        }
        match learner.lines.recv_timeout(LOOK_AGAIN) {
            Ok(line) => match serde_json::from_str(&line) {
                Ok(Event::Ended(outcome)) => return Ok(outcome),
                Ok(event) => context.events.send(event),
                // A library that prints past the learner's redirection must not end a training.
                Err(_) => context.events.learner_printed(&line),
            },
            Err(RecvTimeoutError::Timeout) => {}
            Err(RecvTimeoutError::Disconnected) if kill_at.is_some() => return Ok(Outcome::Cancelled),
            Err(RecvTimeoutError::Disconnected) => return Err(learner.lost(request.entry.name())),
        }
    }
}

/// A started learner. Dropping it closes its stdin, which ends it, and kills it when it will not.
struct Learner {
    child: Child,
    stdin: Option<ChildStdin>,
    lines: Receiver<String>,
    last_words: Arc<Mutex<VecDeque<String>>>,
    stderr_ended: Receiver<()>,
}

impl Learner {
    fn start(program: &Path, config: &Config, events: &Arc<Events>) -> Result<Self> {
        let mut child = process::start(program, &library_paths(), config.beside.as_deref()).map_err(|error| {
            Error::new(ErrorKind::LearnerMissing, "start learner", "the program cannot be started")
                .file(program)
                .hint("check that it is a program for this machine and may be executed")
                .because(&error)
        })?;
        let no_pipe = || Error::internal("start learner", "a pipe to the learner is missing");
        let stdin = child.stdin.take();
        let stdout = child.stdout.take().ok_or_else(no_pipe)?;
        let stderr = child.stderr.take().ok_or_else(no_pipe)?;
        let (send, lines) = channel();
        thread::spawn(move || each_line(stdout, |line| send.send(line).is_ok()));
        let last_words = Arc::new(Mutex::new(VecDeque::new()));
        let (ended, stderr_ended) = channel();
        let (words, events) = (Arc::clone(&last_words), Arc::clone(events));
        thread::spawn(move || {
            each_line(stderr, |line| {
                events.learner_printed(&line);
                let mut words = words.lock().unwrap_or_else(PoisonError::into_inner);
                words.push_back(line);
                if words.len() > LAST_WORDS {
                    words.pop_front();
                }
                true
            });
            let _ = ended.send(());
        });
        Ok(Self { child, stdin, lines, last_words, stderr_ended })
    }

    fn hello(&mut self, within: Duration, check: impl Fn() -> Result<()>) -> Result<Hello> {
        let until = Instant::now() + within;
        loop {
            check()?;
            match self.lines.recv_timeout(LOOK_AGAIN) {
                Ok(line) => return parse_hello(&line),
                Err(RecvTimeoutError::Timeout) if Instant::now() < until => {}
                Err(RecvTimeoutError::Timeout) => {
                    return Err(Error::new(ErrorKind::LearnerMissing, "greet learner", "the learner says nothing")
                        .with("waited", format!("{} s", within.as_secs()))
                        .hint("look into the log of this job"));
                }
                Err(RecvTimeoutError::Disconnected) => return Err(self.not_started()),
            }
        }
    }

    /// Writes a line. A learner that is gone shows at the next read.
    fn say(&mut self, line: &ToLearner<'_>) {
        if let (Some(stdin), Ok(mut text)) = (&mut self.stdin, serde_json::to_string(line)) {
            text.push('\n');
            let _ = stdin.write_all(text.as_bytes()).and_then(|()| stdin.flush());
        }
    }

    fn not_started(&mut self) -> Error {
        let error = Error::new(ErrorKind::LearnerMissing, "start learner", "the learner cannot start");
        let error = self.explain(error);
        let runtime = status();
        match runtime.problem {
            Some(problem) if !runtime.installed => error.with("training add-on", problem),
            _ => error,
        }
        .hint("run `fewlabel runtime install`: it brings libtorch, which training needs")
    }

    fn lost(&mut self, operation: &str) -> Error {
        let error = Error::new(ErrorKind::LearnerLost, operation, "the learner ended in the middle of its work");
        let error = self.explain(error);
        match self.child.try_wait() {
            Ok(Some(status)) if process::was_killed(status) => error.hint(
                "the system may have run out of memory: use smaller crops or batches; --resume goes on from what was saved",
            ),
            _ => error.hint("--resume goes on from what was saved; the log of this job has all that the learner printed"),
        }
    }

    /// Adds how the learner ended and its last words.
    fn explain(&mut self, error: Error) -> Error {
        self.stdin = None;
        self.end(Duration::from_secs(2));
        // The last words may still be on their way; a grandchild that holds the pipe must not hold us.
        let _ = self.stderr_ended.recv_timeout(Duration::from_secs(2));
        let words = self.last_words.lock().unwrap_or_else(PoisonError::into_inner);
        let error = match self.child.try_wait() {
            Ok(Some(status)) => error.with("learner", process::ending(status)),
            _ => error,
        };
        if words.is_empty() { error } else { error.with("last words", words.iter().cloned().collect::<Vec<_>>().join(" | ")) }
    }

    /// Waits until the learner has ended; kills it when that takes longer than `within`.
    fn end(&mut self, within: Duration) {
        let until = Instant::now() + within;
        while let Ok(None) = self.child.try_wait() {
            if Instant::now() >= until {
                let _ = self.child.kill();
                let _ = self.child.wait();
                return;
            }
            thread::sleep(Duration::from_millis(5));
        }
    }
}

impl Drop for Learner {
    fn drop(&mut self) {
        self.stdin = None;
        self.end(Duration::from_millis(500));
    }
}

/// Hands over line by line, whatever bytes they hold, until the end or until `take` has had enough.
fn each_line(source: impl Read, mut take: impl FnMut(String) -> bool) {
    let mut source = BufReader::new(source);
    let mut bytes = Vec::new();
    while matches!(source.read_until(b'\n', &mut bytes), Ok(1..)) {
        if !take(String::from_utf8_lossy(&bytes).trim_end().to_owned()) {
            return;
        }
        bytes.clear();
    }
}
