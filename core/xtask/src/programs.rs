//! The programs that people use, run as they would run them.

use std::path::Path;
use std::process::Command;

use fewlabel_contract::{Entry, Error, Response, Result};

use crate::process::{cargo, command, output, run};
use crate::setup::Setup;

/// Sets up what is missing and builds every program of the checkout.
///
/// # Errors
/// Those of the setup; `internal` when something does not build.
pub fn build() -> Result<()> {
    Setup::default().run()?;
    run(cargo().args(["build", "--workspace", "--bins"]))
}

/// The program `fewlabel` of a folder, asked to answer an entry as JSON.
pub fn fewlabel(programs: &Path, entry: Entry) -> Command {
    let mut command = command(programs.join(format!("fewlabel{}", std::env::consts::EXE_SUFFIX)));
    command.args([entry.name(), "--json"]);
    command
}

/// Runs a command of [`fewlabel`] and reads what it answers.
///
/// # Errors
/// Those of [`output`]; `internal` when it does not print a response.
pub fn answer<T: serde::de::DeserializeOwned>(command: &mut Command, entry: Entry) -> Result<T> {
    read_answer(&output(command)?, entry)
}

/// The result in the text of a response.
///
/// # Errors
/// `internal` when it is none.
pub fn read_answer<T: serde::de::DeserializeOwned>(text: &str, entry: Entry) -> Result<T> {
    let response: Response = serde_json::from_str(text).map_err(|error| {
        Error::internal("read answer", "the program did not print a response").because(&error).with("entry", entry.name())
    })?;
    response.parse_result()
}
