//! The learner's side of the conversation with its host: JSON lines.
//!
//! The first line out is `hello`; then [`Event`]s, the last of which says how the job ended. The lines in are the
//! request, and later perhaps a wish to cancel or to finish early. When the host's end closes, the
//! learner ends at once: it must not outlive whoever waits for it.

use std::fs::File;
use std::io::{BufRead, Write};
use std::sync::mpsc::{Receiver, channel};
use std::sync::{Mutex, PoisonError};

use fewlabel_contract::{CONTRACT, CancelToken, Error, ErrorKind, Event, Request, Result, Sink};
use serde::Deserialize;

use crate::shim;

/// The exit code of a learner whose host is gone.
const ORPHAN: i32 = 3;

/// What the host may write.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "snake_case")]
enum FromHost {
    Request(serde_json::Value),
    Cancel(bool),
    FinishEarly(bool),
}

/// Where the host listens: the standard output that the process was started with.
#[derive(Debug)]
pub struct Host(Mutex<File>);

impl Host {
    /// Takes the standard output for the protocol. Whatever else prints there (libtorch may) goes to the
    /// standard error from now on.
    ///
    /// # Errors
    /// `io` when the descriptor cannot be duplicated.
    pub fn claim_stdout() -> Result<Self> {
        let file = shim::claim_stdout().map_err(|error| Error::io("talk to the host", "standard output", &error))?;
        Ok(Self(Mutex::new(file)))
    }

    /// Writes the first line.
    pub fn hello(&self, devices: &[String]) {
        self.line(&serde_json::json!({"hello": {
            "contract": CONTRACT,
            "version": env!("CARGO_PKG_VERSION"),
            "torch": shim::torch_version(),
            "devices": devices,
        }}));
    }

    /// Writes one line. A host that does not listen any more is gone, and so is the learner.
    fn line(&self, line: &impl serde::Serialize) {
        let mut file = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let written = serde_json::to_vec(line).map_err(std::io::Error::other).and_then(|mut bytes| {
            bytes.push(b'\n');
            file.write_all(&bytes)
        });
        if written.is_err() {
            shim::exit_now(ORPHAN);
        }
    }
}

impl Sink for Host {
    fn event(&self, event: Event) {
        self.line(&event);
    }
}

/// Waits for the request; from then on a thread listens to the host's wishes, which reach `token`.
///
/// # Errors
/// `invalid-request` when the first line is no request, `unsupported` for another contract.
pub fn listen(token: &CancelToken) -> Result<Request> {
    let (send, receive) = channel();
    let wishes = token.clone();
    std::thread::spawn(move || {
        for line in std::io::stdin().lock().lines() {
            match line.map(|line| serde_json::from_str(&line)) {
                Ok(Ok(FromHost::Cancel(true))) => wishes.cancel(),
                Ok(Ok(FromHost::FinishEarly(true))) => wishes.finish_early(),
                Ok(Ok(FromHost::Cancel(false) | FromHost::FinishEarly(false))) => {}
                Ok(Ok(FromHost::Request(request))) => drop(send.send(Ok(request))),
                Ok(Err(error)) => drop(send.send(Err(error))),
                Err(_) => break,
            }
        }
        shim::exit_now(ORPHAN);
    });
    first_request(&receive)
}

fn first_request(receive: &Receiver<Result<serde_json::Value, serde_json::Error>>) -> Result<Request> {
    let line = receive.recv().map_err(|_| Error::internal("talk to the host", "the listening thread ended"))?;
    let value = line.map_err(|error| {
        Error::new(ErrorKind::InvalidRequest, "talk to the host", "a line is no message of the protocol")
            .because(&error)
            .hint("the learner is started by the engine; use the program `fewlabel`")
    })?;
    Request::from_json(&value.to_string())
}
