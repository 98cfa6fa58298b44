//! A running piece of work, as its owner sees it.

use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::{CancelToken, Outcome};

/// What a job is doing.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum JobStatus {
    /// It waits for its turn.
    Queued,
    /// It works.
    Running,
    /// It ended: see the outcome.
    Ended,
}

/// A handle to a job; clones are the same job. Dropping it changes nothing: the job goes on.
#[derive(Clone, Debug)]
pub struct Job(Arc<Shared>);

#[derive(Debug)]
struct Shared {
    id: u64,
    token: CancelToken,
    state: Mutex<(JobStatus, Option<Outcome>)>,
    ended: Condvar,
}

impl Job {
    /// A queued job with this number.
    pub fn queued(id: u64, token: CancelToken) -> Self {
        Self(Arc::new(Shared { id, token, state: Mutex::new((JobStatus::Queued, None)), ended: Condvar::new() }))
    }

    /// Its number, unique within an engine.
    pub fn id(&self) -> u64 {
        self.0.id
    }

    /// What it is doing.
    pub fn status(&self) -> JobStatus {
        self.lock().0
    }

    /// Asks it to stop now.
    pub fn cancel(&self) {
        self.0.token.cancel();
    }

    /// Asks it to stop and keep the best so far.
    pub fn finish_early(&self) {
        self.0.token.finish_early();
    }

    /// Waits until it has ended. Every waiter sees the same outcome.
    pub fn wait(&self) -> Outcome {
        let mut state = self.lock();
        loop {
            if let Some(outcome) = &state.1 {
                return outcome.clone();
            }
            state = self.0.ended.wait(state).unwrap_or_else(PoisonError::into_inner);
        }
    }

    /// The outcome, when it has ended.
    pub fn outcome(&self) -> Option<Outcome> {
        self.lock().1.clone()
    }

    /// For the engine: the job begins.
    pub fn begin(&self) {
        self.lock().0 = JobStatus::Running;
    }

    /// For the engine: the job ended. Only the first call counts.
    pub fn end(&self, outcome: Outcome) {
        let mut state = self.lock();
        if state.1.is_none() {
            *state = (JobStatus::Ended, Some(outcome));
            self.0.ended.notify_all();
        }
    }

    fn lock(&self) -> MutexGuard<'_, (JobStatus, Option<Outcome>)> {
        self.0.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
