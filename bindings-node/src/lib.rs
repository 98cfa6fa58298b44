//! The native half of `@fewlabel/core`: a narrow door to the engine. What JavaScript programs see is made of it in
//! `index.cjs` and `lib`.
//!
//! Nothing here belongs to one thread: the main thread and any number of worker threads load the same addon, and no
//! environment outlives a call. Jobs run on threads of the engine, never in libuv's pool. No native lets a panic out
//! (`guard.rs`). Errors are thrown as the JSON of a [`fewlabel::contract::Error`], with its one line as `line`.

mod buffers;
mod engine;
mod error;
mod guard;
mod job;
mod queue;
mod sink;

use fewlabel::contract::{Error, ErrorKind, Outcome};
use napi_derive::napi;

use crate::guard::{Result, guard};

/// The version of Fewlabel.
#[napi]
pub fn version() -> Result<String> {
    guard("tell version", || Ok(fewlabel::VERSION.to_owned()))
}

/// The form of a response that is the same on every machine and through every face, made of the outcome of its job as `end`
/// of `Engine.submit` was given it. Not of what JavaScript parsed: its numbers do not know 1.0 from 1.
#[napi]
pub fn canonical(outcome: String) -> Result<String> {
    const OPERATION: &str = "make canonical";
    guard(OPERATION, || match serde_json::from_str(&outcome) {
        Ok(Outcome::Done { response } | Outcome::FinishedEarly { response }) => Ok(fewlabel::contract::canonical(&response)),
        Ok(_) => Err(Error::new(ErrorKind::InvalidRequest, OPERATION, "this job has no response")),
        Err(error) => Err(Error::new(ErrorKind::InvalidRequest, OPERATION, "this is no outcome of a job").because(&error)),
    })
}

/// Panics, so that a test can see what becomes of it.
#[napi]
pub fn panic_for_tests() -> Result<()> {
    guard("panic for tests", || panic!("provoked by a test"))
}
