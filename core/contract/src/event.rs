//! What a job tells while it runs.

use std::collections::BTreeMap;
use std::path::PathBuf;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::{Error, Response};

/// How far a phase has come.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Progress {
    /// What is being done, in words for a person: `training`, `segmenting`.
    pub phase: String,
    /// Steps done.
    pub step: u64,
    /// Steps in all, as far as is known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub total: Option<u64>,
    /// Named numbers: `training_error`, `ap50`, `steps_per_second`.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub metrics: BTreeMap<String, f64>,
    /// Seconds that remain, as far as can be told.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub remaining: Option<f64>,
}

/// How loud a log line is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Level {
    /// For developers.
    Debug,
    /// For whoever reads the log.
    Info,
    /// Something a person should know.
    Warning,
}

/// How a job ended.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case", tag = "status")]
pub enum Outcome {
    /// All was done.
    Done {
        /// What came out.
        response: Response,
    },
    /// Somebody asked to stop; the best so far was kept.
    FinishedEarly {
        /// What came out.
        response: Response,
    },
    /// Somebody asked to stop now.
    Cancelled,
    /// It went wrong.
    Failed {
        /// What went wrong.
        error: Error,
    },
}

/// Something a job tells. Events of one job are serialised and never re-entrant; the last one is
/// [`Event::Ended`], exactly once.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case", tag = "event")]
pub enum Event {
    /// How far it has come.
    Progress(Progress),
    /// A picture to look at while waiting, as a PNG file that lives as long as the job.
    Preview {
        /// The step the picture belongs to.
        step: u64,
        /// Where the PNG lies.
        path: PathBuf,
    },
    /// A line for the log.
    Log {
        /// How loud.
        level: Level,
        /// The line.
        message: String,
    },
    /// A file was written and is final.
    Artifact {
        /// Where it lies.
        path: PathBuf,
        /// Lower-case hexadecimal SHA-256 of its bytes.
        sha256: String,
    },
    /// The job ended. Nothing follows.
    Ended(Outcome),
}

/// Where a job's events go.
pub trait Sink: Send + Sync {
    /// Takes one event. Must not block for long: the job waits.
    fn event(&self, event: Event);
}

impl<F: Fn(Event) + Send + Sync> Sink for F {
    fn event(&self, event: Event) {
        self(event);
    }
}
