//! `fewlabel-learn`: trains when a host asks it to, over JSON lines. It has no command line.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{Mutex, PoisonError};

use fewlabel_contract::{CancelToken, Error, ErrorKind, Event, Outcome, Sink};
use fewlabel_learn::protocol::{Host, listen};
use fewlabel_learn::{device, run, shim};

/// Where the last panic happened and what it said.
static LAST_PANIC: Mutex<Option<String>> = Mutex::new(None);

fn main() {
    let Ok(host) = Host::claim_stdout() else { shim::exit_now(1) };
    std::panic::set_hook(Box::new(|panic| {
        *LAST_PANIC.lock().unwrap_or_else(PoisonError::into_inner) = Some(panic.to_string());
    }));
    let token = CancelToken::new();
    let work = || {
        let cuda = shim::open_cuda();
        host.hello(&device::devices(&cuda));
        run(&listen(&token)?, &cuda, &token, &host)
    };
    let outcome = catch_unwind(AssertUnwindSafe(work)).unwrap_or_else(|_| Err(panicked()));
    host.event(Event::Ended(match outcome {
        Ok(outcome) => outcome,
        Err(error) if error.kind == ErrorKind::Cancelled => Outcome::Cancelled,
        Err(error) => Outcome::Failed { error },
    }));
    // All is said and written: do not wait for libtorch to take itself apart.
    shim::exit_now(0);
}

fn panicked() -> Error {
    let said = LAST_PANIC.lock().unwrap_or_else(PoisonError::into_inner).take();
    // libtorch's texts end in a C++ backtrace: the first lines say where and what.
    let text: Vec<String> = said.unwrap_or_default().lines().take(2).map(str::to_owned).collect();
    Error::internal("train", format!("panic: {}", text.join(" ")))
}
