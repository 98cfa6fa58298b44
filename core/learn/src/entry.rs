//! From a request to its outcome.

use fewlabel_contract::{CancelToken, Entry, Error, ErrorKind, Outcome, Request, Response, Result, Sink, TrainArgs};

use crate::device;
use crate::shim::CudaLibrary;
use crate::train::{Run, train};

/// Does what a request asks for.
///
/// # Errors
/// `unsupported` for entries that do not run here; those of the entry.
pub fn run(request: &Request, cuda: &CudaLibrary, token: &CancelToken, sink: &dyn Sink) -> Result<Outcome> {
    if request.entry != Entry::Train {
        return Err(Error::new(ErrorKind::Unsupported, "learn", "this entry does not run in the learner")
            .with("entry", request.entry.name()));
    }
    let args: TrainArgs = request.parse_args()?;
    let previews = tempfile::tempdir().map_err(|error| Error::io("train", std::env::temp_dir(), &error))?;
    let threads = args.threads.unwrap_or_else(device::available_threads);
    let run = Run { token, sink, threads, loader_threads: loader_threads(threads), previews: previews.path() };
    let result = train(&args, cuda, &run)?;
    let early = result.finished_early;
    let response = Response::new(Entry::Train, &result)?;
    Ok(if early { Outcome::FinishedEarly { response } } else { Outcome::Done { response } })
}

/// A batch takes a few per cent of a step on the processor, so one thread is ahead; a GPU machine has many cores.
fn loader_threads(threads: usize) -> usize {
    (threads / 4).clamp(1, 8)
}
