//! The one door for hosts: the command line, Fiji and Node call [`Engine::submit`] and nothing else.
//!
//! ```
//! use std::sync::Arc;
//! use fewlabel::contract::{DescribeArgs, Entry, Event, Outcome, Request};
//! use fewlabel::{Config, Engine};
//!
//! let folder = tempfile::tempdir()?;
//! let engine = Engine::new(Config { home: Some(folder.path().to_owned()), ..Config::default() });
//! let request = Request::new(Entry::Describe, &DescribeArgs { knobs: true, ..DescribeArgs::default() })?;
//! let running = engine.submit(request, Vec::new(), Arc::new(|_: Event| {}));
//! assert!(matches!(running.wait(), Outcome::Done { .. }));
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

mod config;
mod engine;
mod entries;
mod events;
mod job_log;
mod learner;
mod running;

pub use config::Config;
pub use engine::{Engine, VERSION};
pub use fewlabel_contract as contract;
pub use fewlabel_image::Pixels;
pub use running::Running;
