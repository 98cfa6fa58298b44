//! The engine of this process.

use std::collections::HashMap;
use std::path::PathBuf;
use std::sync::{Arc, LazyLock, Mutex, PoisonError, Weak};

use fewlabel::Config;
use fewlabel::contract::{self, Error, Request};
use napi::bindgen_prelude::{Function, TypedArray};
use napi_derive::napi;

use crate::buffers::copy_in;
use crate::guard::{Result, guard};
use crate::job::Job;
use crate::queue::Queue;
use crate::sink::ToJavaScript;

/// What JavaScript may say about its surroundings; see [`Config`].
#[napi(object)]
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct EngineConfig {
    /// The learner program.
    pub learner: Option<String>,
    /// The folder of the native library.
    pub beside: Option<String>,
}

/// All threads of JavaScript that want the same configuration share one engine: its jobs share one memory budget.
static ENGINES: LazyLock<Mutex<HashMap<EngineConfig, Weak<fewlabel::Engine>>>> = LazyLock::new(Mutex::default);

/// Starts jobs.
#[napi]
pub struct Engine(Arc<fewlabel::Engine>);

#[napi]
impl Engine {
    /// The engine with this configuration.
    #[napi(constructor)]
    pub fn new(config: EngineConfig) -> Result<Self> {
        guard("start engine", || Ok(Self(shared(config))))
    }

    /// Starts a job, or that of a record (`run.json`) again, and comes back at once. `wake` is called when events can be taken; `end` once, with the outcome as JSON,
    /// after the last of them came and when the output buffers can be taken. The job keeps the process alive until then.
    #[napi]
    pub fn submit(
        &self,
        request: String,
        buffers: Vec<TypedArray<'_>>,
        wake: Function<'_, (), ()>,
        end: Function<'_, String, ()>,
    ) -> Result<Job> {
        guard("submit", || {
            let request = Request::from_json_or_record(&request)?;
            let buffers = buffers.iter().map(copy_in).collect::<contract::Result<Vec<_>>>()?;
            let queue = Arc::new(Queue::default());
            let sink = ToJavaScript::new(Arc::clone(&queue), &wake, &end)
                .map_err(|error| Error::internal("submit", "Node gives no way back to its thread").because(&error))?;
            Ok(Job::new(self.0.submit(request, buffers, Arc::new(sink)), queue))
        })
    }
}

fn shared(config: EngineConfig) -> Arc<fewlabel::Engine> {
    let mut engines = ENGINES.lock().unwrap_or_else(PoisonError::into_inner);
    if let Some(engine) = engines.get(&config).and_then(Weak::upgrade) {
        return engine;
    }
    engines.retain(|_, engine| engine.strong_count() > 0);
    let engine = Arc::new(fewlabel::Engine::new(Config {
        learner: config.learner.as_ref().map(PathBuf::from),
        beside: config.beside.as_ref().map(PathBuf::from),
        ..Config::default()
    }));
    engines.insert(config, Arc::downgrade(&engine));
    engine
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_same_configuration_is_the_same_engine() {
        let config = |learner: &str| EngineConfig { learner: Some(learner.to_owned()), beside: None };
        let one = shared(config("a"));
        assert!(Arc::ptr_eq(&one, &shared(config("a"))));
        assert!(!Arc::ptr_eq(&one, &shared(config("b"))));
    }
}
