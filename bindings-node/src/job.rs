//! A job as JavaScript holds it.

use std::sync::Arc;

use fewlabel::Running;
use fewlabel::contract::JobStatus;
use napi::bindgen_prelude::{Env, Unknown};
use napi_derive::napi;
use serde_json::json;

use crate::buffers::copy_out;
use crate::guard::{Result, guard};
use crate::queue::Queue;

/// A submitted job.
#[napi]
pub struct Job {
    running: Running,
    queue: Arc<Queue>,
}

#[napi]
impl Job {
    pub(crate) fn new(running: Running, queue: Arc<Queue>) -> Self {
        Self { running, queue }
    }

    /// Its number, unique in this process.
    #[napi(getter)]
    pub fn id(&self) -> Result<f64> {
        guard("tell job", || Ok(self.running.id() as f64))
    }

    /// `queued`, `running` or `ended`.
    #[napi(getter)]
    pub fn status(&self) -> Result<&'static str> {
        guard("tell job", || {
            Ok(match self.running.status() {
                JobStatus::Queued => "queued",
                JobStatus::Running => "running",
                JobStatus::Ended => "ended",
            })
        })
    }

    /// Asks it to stop now.
    #[napi]
    pub fn cancel(&self) -> Result<()> {
        guard("cancel", || {
            self.running.cancel();
            Ok(())
        })
    }

    /// Asks it to stop and keep the best so far.
    #[napi]
    pub fn finish_early(&self) -> Result<()> {
        guard("finish early", || {
            self.running.finish_early();
            Ok(())
        })
    }

    /// The events that came since the last call, each as JSON, in order.
    #[napi]
    pub fn take_events(&self) -> Result<Vec<String>> {
        guard("take events", || Ok(self.queue.take().iter().map(|event| json!(event).to_string()).collect()))
    }

    /// The output buffers as typed arrays; none before the job has ended, and none the second time.
    #[napi(ts_return_type = "(Uint8Array | Uint16Array | Uint32Array | Float32Array)[]")]
    pub fn take_buffers<'env>(&self, env: &'env Env) -> Result<Vec<Unknown<'env>>> {
        guard("take buffers", || self.running.take_buffers().iter().map(|pixels| copy_out(env, pixels)).collect())
    }
}

/// JavaScript lets go of a job that still runs only when its whole environment ends: a window or a worker thread that closes.
impl Drop for Job {
    fn drop(&mut self) {
        if self.running.status() != JobStatus::Ended {
            self.running.cancel();
        }
    }
}
