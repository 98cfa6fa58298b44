//! From a request to the program's exit code.

use std::io::Write;
use std::process::ExitCode;
use std::sync::Arc;

use fewlabel::contract::{Error, Outcome, Request, Response, Result};
use fewlabel::{Config, Engine};

use crate::output::Output;
use crate::progress::Reporter;
use crate::{exit, interrupt, output};

/// The engine of this program.
pub fn engine() -> Engine {
    Engine::new(Config::default())
}

/// Runs a request, shows how it goes on stderr and what came out on stdout: as JSON when asked to, else through `show`.
pub fn work(request: Request, output: &Output, show: impl FnOnce(&Response, &mut dyn Write) -> Result<()>) -> Result<ExitCode> {
    let entry = request.entry;
    let reporter = Arc::new(Reporter::new(output));
    let running = engine().submit(request, Vec::new(), Arc::clone(&reporter) as Arc<_>);
    interrupt::attach(entry, &running);
    let outcome = running.wait();
    reporter.close();
    match &outcome {
        Outcome::Done { response } | Outcome::FinishedEarly { response } => print(response, output, show)?,
        Outcome::Failed { error } => output::error_line(error),
        Outcome::Cancelled => output::line("cancelled"),
    }
    Ok(exit::code_of_outcome(&outcome))
}

fn print(response: &Response, output: &Output, show: impl FnOnce(&Response, &mut dyn Write) -> Result<()>) -> Result<()> {
    let mut text = Vec::new();
    if output.json {
        serde_json::to_writer(&mut text, response).map_err(|error| Error::internal("write result", error.to_string()))?;
        text.push(b'\n');
    } else {
        show(response, &mut text)?;
    }
    // A closed pipe (`| head`) is no error of ours.
    let _ = std::io::stdout().lock().write_all(&text);
    Ok(())
}
