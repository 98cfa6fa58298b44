//! `fewlabel run`: any request, events as JSON lines.

use std::io::{Read, Write};
use std::process::ExitCode;
use std::sync::Arc;

use clap::Args;
use fewlabel::contract::{Error, ErrorKind, Event, Outcome, Request, Result};

use crate::output::Output;
use crate::{exit, interrupt, work};

/// Flags of `run`.
#[derive(Args)]
pub struct Run {
    /// A request as JSON, or the run.json of an earlier one; - reads stdin
    #[arg(value_name = "REQUEST.json|-")]
    request: String,
}

impl Run {
    /// Runs the request and prints its events. What is no request ends as a job that failed.
    pub fn run(self, _: &Output) -> Result<ExitCode> {
        let request = match self.read().and_then(|text| Request::from_json_or_record(&text)) {
            Ok(request) => request,
            Err(error) => {
                let code = exit::code_of(&error);
                tell(Event::Ended(Outcome::Failed { error }));
                return Ok(code);
            }
        };
        let entry = request.entry;
        let running = work::engine().submit(request, Vec::new(), Arc::new(tell));
        interrupt::attach(entry, &running);
        Ok(exit::code_of_outcome(&running.wait()))
    }

    fn read(&self) -> Result<String> {
        if self.request != "-" {
            return std::fs::read_to_string(&self.request).map_err(|error| Error::io("read request", &self.request, &error));
        }
        let mut text = String::new();
        std::io::stdin()
            .read_to_string(&mut text)
            .map_err(|error| Error::new(ErrorKind::Io, "read request", "stdin cannot be read as text").because(&error))?;
        Ok(text)
    }
}

/// Prints an event. Whoever closed the pipe has heard enough; the job goes on.
fn tell(event: Event) {
    if let Ok(line) = serde_json::to_string(&event) {
        let _ = writeln!(std::io::stdout().lock(), "{line}");
    }
}
