//! What a run shares with its host: wishes, events, threads.

use std::io::Write;
use std::path::Path;

use fewlabel_contract::{CancelToken, Event, Level, Progress, Result, Sink};
use fewlabel_image::AtomicFile;

/// What a run shares with its host.
pub struct Run<'a> {
    /// The host's wishes.
    pub token: &'a CancelToken,
    /// Where events go.
    pub sink: &'a dyn Sink,
    /// Threads inside a libtorch operation.
    pub threads: usize,
    /// Threads that make batches.
    pub loader_threads: usize,
    /// Folder for previews; lives as long as the job.
    pub previews: &'a Path,
}

impl std::fmt::Debug for Run<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Run").field("threads", &self.threads).finish_non_exhaustive()
    }
}

impl Run<'_> {
    /// A line for the log.
    pub fn log(&self, level: Level, message: impl Into<String>) {
        self.sink.event(Event::Log { level, message: message.into() });
    }

    /// A line for whoever reads the log.
    pub fn info(&self, message: impl Into<String>) {
        self.log(Level::Info, message);
    }

    /// A picture to look at, of step `step`. A temporary folder without room costs the picture, not the run.
    pub fn preview(&self, step: u64, png: &[u8]) {
        let path = self.previews.join(format!("step-{step:06}.png"));
        let write = || -> Result<()> {
            let mut file = AtomicFile::create(&path, true)?;
            file.write_all(png).map_err(|error| file.error(&error))?;
            file.commit()
        };
        match write() {
            Ok(()) => self.sink.event(Event::Preview { step, path }),
            Err(error) => self.log(Level::Warning, format!("there is no preview: {error}")),
        }
    }

    /// A phase that is too short to be counted begins.
    pub fn phase(&self, phase: &str) {
        self.sink.event(Event::Progress(Progress {
            phase: phase.to_owned(),
            step: 0,
            total: None,
            metrics: std::collections::BTreeMap::new(),
            remaining: None,
        }));
    }
}
