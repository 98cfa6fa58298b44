//! From threads of the engine to the thread of JavaScript.

use std::sync::{Arc, Mutex, PoisonError};

use fewlabel::contract::{Event, Sink};
use napi::Status;
use napi::bindgen_prelude::{Error, Function};
use napi::threadsafe_function::{ThreadsafeFunction, ThreadsafeFunctionCallMode};

use crate::error::outcome_to_json;
use crate::queue::Queue;

/// Tells that events wait. Weak: it does not keep the process alive. One call under way is enough.
type Wake = ThreadsafeFunction<(), (), (), Status, false, true, 1>;

/// Tells how the job ended. Strong: whoever waits for a job is waited for.
type End = ThreadsafeFunction<String, (), String, Status, false, false, 0>;

/// Where a job's events go.
pub struct ToJavaScript {
    queue: Arc<Queue>,
    wake: Wake,
    /// Taken at the end: dropping it lets the process go.
    end: Mutex<Option<End>>,
}

impl ToJavaScript {
    /// `wake` is called without arguments after events came, `end` once with the JSON of the outcome.
    ///
    /// # Errors
    /// Those of Node, which is about to stop.
    pub fn new(queue: Arc<Queue>, wake: &Function<'_, (), ()>, end: &Function<'_, String, ()>) -> Result<Self, Error> {
        let wake = wake.build_threadsafe_function::<()>().weak::<true>().max_queue_size::<1>().build()?;
        let end = end.build_threadsafe_function::<String>().build()?;
        Ok(Self { queue, wake, end: Mutex::new(Some(end)) })
    }
}

impl Sink for ToJavaScript {
    fn event(&self, event: Event) {
        match event {
            Event::Ended(outcome) => {
                let end = self.end.lock().unwrap_or_else(PoisonError::into_inner).take();
                if let Some(end) = end {
                    // Fails only when the environment is gone, and then nobody waits.
                    let _ = end.call(outcome_to_json(&outcome).to_string(), ThreadsafeFunctionCallMode::NonBlocking);
                }
            }
            event => {
                self.queue.push(event);
                // A full queue means that a call is under way, which will find this event as well.
                let _ = self.wake.call((), ThreadsafeFunctionCallMode::NonBlocking);
            }
        }
    }
}
