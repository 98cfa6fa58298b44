//! Programs that are timed in turns.

use std::fs::File;
use std::io::{BufRead, BufReader, Write};
use std::path::Path;
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};

use fewlabel_contract::{Error, ErrorKind, Result};
use serde::Deserialize;
use serde_json::Value;

use crate::memory;

/// Something that is timed.
pub trait Contestant {
    /// Seconds of one more block.
    ///
    /// # Errors
    /// What its program says.
    fn sample(&mut self) -> Result<f64>;

    /// Most memory that it held at once so far, in bytes; where the system tells.
    fn peak_bytes(&self) -> Option<u64>;
}

/// What a server says of itself when it is ready.
#[derive(Clone, Debug, Deserialize)]
pub struct Ready {
    /// Version of the library that is timed.
    pub version: String,
    /// Parameters of its network.
    #[serde(default)]
    pub parameters: usize,
    /// Loss before the first step.
    #[serde(default)]
    pub loss: f64,
    /// All samples that it reads together.
    #[serde(default)]
    pub sum: u64,
}

/// A program that lives through the whole race and does a block for each line that it is sent.
pub struct Server {
    child: Child,
    stdin: Option<ChildStdin>,
    lines: BufReader<ChildStdout>,
    what: String,
    /// What it said when it was ready.
    pub ready: Ready,
}

impl Server {
    /// Starts a program, sends it its settings and waits until it is ready. What it says besides goes to `log`.
    ///
    /// # Errors
    /// `not-found` when it cannot be started; `internal` when it ends or says something else.
    pub fn start(command: &mut Command, settings: &Value, log: &Path) -> Result<Self> {
        let what = log.file_stem().unwrap_or_default().to_string_lossy().into_owned();
        let io_error = |error: std::io::Error| Error::io("start program", &what, &error);
        let log = File::create(log).map_err(|error| Error::io("write log", log, &error))?;
        let mut child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(log).spawn().map_err(io_error)?;
        let pipes = child.stdin.take().zip(child.stdout.take());
        let (stdin, stdout) = pipes.ok_or_else(|| Error::internal("start program", "it has no pipes"))?;
        let ready = Ready { version: String::new(), parameters: 0, loss: 0.0, sum: 0 };
        let mut server = Self { child, stdin: Some(stdin), lines: BufReader::new(stdout), what, ready };
        server.ready = server.ask(&settings.to_string())?;
        Ok(server)
    }

    fn ask<T: for<'a> Deserialize<'a>>(&mut self, line: &str) -> Result<T> {
        let mut answer = String::new();
        let sent = self.stdin.as_mut().map_or(Ok(()), |stdin| writeln!(stdin, "{line}").and_then(|()| stdin.flush()));
        sent.and_then(|()| self.lines.read_line(&mut answer)).map_err(|error| Error::io("time program", &self.what, &error))?;
        serde_json::from_str(&answer).map_err(|error| {
            Error::new(ErrorKind::Internal, "time program", "it did not answer as it should; its log says more")
                .with("program", &self.what)
                .with("answer", answer.trim())
                .because(&error)
        })
    }
}

impl Contestant for Server {
    fn sample(&mut self) -> Result<f64> {
        #[derive(Deserialize)]
        struct Took {
            seconds: f64,
        }
        self.ask::<Took>("").map(|took| took.seconds)
    }

    fn peak_bytes(&self) -> Option<u64> {
        memory::peak_of_tree(self.child.id())
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // It ends when its input does.
        self.stdin = None;
        let _ = self.child.wait();
    }
}
