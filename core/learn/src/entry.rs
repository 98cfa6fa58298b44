//! From a request to its outcome.

use fewlabel_contract::{
    CancelToken, Entry, Error, ErrorKind, Outcome, PretrainArgs, Request, Response, Result, Sink, TrainArgs,
};
use serde::Serialize;

use crate::device;
use crate::pretrain::pretrain;
use crate::run::Run;
use crate::shim::CudaLibrary;
use crate::train::train;

/// Does what a request asks for.
///
/// # Errors
/// `unsupported` for entries that do not run here; those of the entry.
pub fn run(request: &Request, cuda: &CudaLibrary, token: &CancelToken, sink: &dyn Sink) -> Result<Outcome> {
    let previews = tempfile::tempdir().map_err(|error| Error::io("learn", std::env::temp_dir(), &error))?;
    let run = |threads: Option<usize>| {
        let threads = threads.unwrap_or_else(device::available_threads);
        Run { token, sink, threads, loader_threads: loader_threads(threads), previews: previews.path() }
    };
    match request.entry {
        Entry::Train => {
            let args: TrainArgs = request.parse_args()?;
            let result = train(&args, cuda, &run(args.threads))?;
            outcome(request.entry, &result, result.finished_early)
        }
        Entry::Pretrain => {
            let args: PretrainArgs = request.parse_args()?;
            let result = pretrain(&args, cuda, &run(args.threads))?;
            outcome(request.entry, &result, result.finished_early)
        }
        other => {
            Err(Error::new(ErrorKind::Unsupported, "learn", "this entry does not run in the learner").with("entry", other.name()))
        }
    }
}

fn outcome(entry: Entry, result: &impl Serialize, early: bool) -> Result<Outcome> {
    let response = Response::new(entry, result)?;
    Ok(if early { Outcome::FinishedEarly { response } } else { Outcome::Done { response } })
}

/// A batch takes a few per cent of a step on the processor, so one thread is ahead; a GPU machine has many cores.
fn loader_threads(threads: usize) -> usize {
    (threads / 4).clamp(1, 8)
}
