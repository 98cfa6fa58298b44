//! A job's events on their way to the sink and the log.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{Arc, Mutex, PoisonError};

use fewlabel_contract::{Event, Level, Sink};
use serde_json::json;

use crate::job_log::JobLog;

/// Serialises the events of one job: one at a time, none after [`Event::Ended`].
pub(crate) struct Events {
    sink: Arc<dyn Sink>,
    log: Option<JobLog>,
    ended: Mutex<bool>,
}

impl Events {
    pub fn new(sink: Arc<dyn Sink>, log: Option<JobLog>) -> Self {
        Self { sink, log, ended: Mutex::new(false) }
    }

    /// Sends an event to the log and the sink. A sink that panics loses its event; the job goes on.
    pub fn send(&self, event: Event) {
        let mut ended = self.ended.lock().unwrap_or_else(PoisonError::into_inner);
        if *ended {
            return;
        }
        *ended = matches!(event, Event::Ended(_));
        if let Some(log) = &self.log {
            log.write(json!({ "event": event }));
        }
        if catch_unwind(AssertUnwindSafe(|| self.sink.event(event))).is_err()
            && let Some(log) = &self.log
        {
            log.write(json!({ "note": "the receiver of events panicked" }));
        }
    }

    /// Something a person should know.
    pub fn warn(&self, message: impl Into<String>) {
        self.send(Event::Log { level: Level::Warning, message: message.into() });
    }

    /// Something for whoever reads the log.
    pub fn info(&self, message: impl Into<String>) {
        self.send(Event::Log { level: Level::Info, message: message.into() });
    }

    /// A line that the learner printed: for the log file alone.
    pub fn learner_printed(&self, line: &str) {
        if let Some(log) = &self.log {
            log.write(json!({ "learner": line }));
        }
    }
}
