//! Takes requests, runs each on a thread of its own, and tells how it goes.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::thread;

use fewlabel_contract::{CancelToken, Entry, Error, ErrorKind, Event, Job, Outcome, Request, Response, Sink};
use fewlabel_image::Pixels;
use fewlabel_infer::MemoryBudget;

use crate::events::Events;
use crate::job_log::JobLog;
use crate::{Config, Running, entries};

/// The version of Fewlabel.
pub const VERSION: &str = env!("CARGO_PKG_VERSION");

/// Runs jobs. One engine per host process is enough: its jobs share one memory budget.
#[derive(Debug)]
pub struct Engine {
    config: Arc<Config>,
    budget: MemoryBudget,
    next: AtomicU64,
}

/// What an entry point is given beside its arguments.
pub(crate) struct Context {
    pub config: Arc<Config>,
    pub budget: MemoryBudget,
    pub token: CancelToken,
    pub events: Arc<Events>,
    /// Buffers that came beside the request.
    pub buffers: Vec<Pixels>,
    /// Buffers that go back.
    pub outputs: Vec<Pixels>,
}

impl Context {
    /// The budget of a request that asks for so many megabytes: its own, or else the one that all jobs share.
    pub fn budget_of(&self, megabytes: Option<u64>) -> MemoryBudget {
        megabytes.map_or_else(|| self.budget.clone(), |megabytes| MemoryBudget::new(megabytes.saturating_mul(1_000_000)))
    }
}

impl Engine {
    /// An engine without jobs.
    pub fn new(config: Config) -> Self {
        Self { config: Arc::new(config), budget: MemoryBudget::default(), next: AtomicU64::new(1) }
    }

    /// Starts a job and comes back at once. Errors of every kind, a bad request among them, end the job.
    ///
    /// `buffers` are the pixels that the request refers to by number. The events of the job reach `sink` one at a
    /// time, from threads of the engine; the last one is [`Event::Ended`], and only then [`Job::wait`] returns.
    /// A sink must not wait for the job.
    pub fn submit(&self, request: Request, buffers: Vec<Pixels>, sink: Arc<dyn Sink>) -> Running {
        let id = self.next.fetch_add(1, Ordering::Relaxed);
        let token = CancelToken::new();
        let running = Running::new(Job::queued(id, token.clone()));
        let log = self.config.home.as_deref().map(|home| JobLog::begin(home, id, &request));
        let no_log = log.as_ref().and_then(|log| log.as_ref().err().map(ToString::to_string));
        let events = Arc::new(Events::new(sink, log.and_then(Result::ok)));
        if let Some(reason) = no_log {
            events.info(format!("this job keeps no log: {reason}"));
        }
        let mut context = Context {
            config: Arc::clone(&self.config),
            budget: self.budget.clone(),
            token,
            events: Arc::clone(&events),
            buffers,
            outputs: Vec::new(),
        };
        let worker = running.clone();
        let started = thread::Builder::new().name(format!("fewlabel-job-{id}")).spawn(move || {
            worker.begin();
            let outcome = catch_unwind(AssertUnwindSafe(|| entries::run(&request, &mut context)))
                .unwrap_or_else(|panic| Outcome::Failed { error: panicked(request.entry, panic.as_ref()) });
            worker.give_buffers(context.outputs);
            context.events.send(Event::Ended(outcome.clone()));
            worker.end(outcome);
        });
        if let Err(error) = started {
            let error = Error::new(ErrorKind::OutOfMemory, "start job", "the system gives no thread").because(&error);
            let outcome = Outcome::Failed { error };
            events.send(Event::Ended(outcome.clone()));
            running.end(outcome);
        }
        running
    }

    /// Submits a request without buffers, waits, and gives its response. For callers that need no events.
    ///
    /// # Errors
    /// Whatever ended the job; [`ErrorKind::Cancelled`] when it was cancelled.
    pub fn call(&self, request: Request) -> fewlabel_contract::Result<Response> {
        let operation = request.entry.name();
        match self.submit(request, Vec::new(), Arc::new(|_: Event| {})).wait() {
            Outcome::Done { response } | Outcome::FinishedEarly { response } => Ok(response),
            Outcome::Cancelled => Err(Error::cancelled(operation)),
            Outcome::Failed { error } => Err(error),
        }
    }
}

/// A panic is a fault of Fewlabel; it ends the job, never the host.
fn panicked(entry: Entry, panic: &(dyn std::any::Any + Send)) -> Error {
    let message = panic
        .downcast_ref::<&str>()
        .map(|text| (*text).to_owned())
        .or_else(|| panic.downcast_ref::<String>().cloned())
        .unwrap_or_else(|| "a panic without words".to_owned());
    Error::internal(entry.name(), message)
}
