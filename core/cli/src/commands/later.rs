//! Entries that this version does not have: the engine says so.

use std::ffi::OsString;
use std::process::ExitCode;

use clap::Args;
use fewlabel::contract::{CONTRACT, Entry, Request, Result};
use serde_json::json;

use crate::output::Output;
use crate::work::work;

/// Whatever flags a later version may have.
#[derive(Args)]
pub struct Later {
    #[arg(hide = true, trailing_var_arg = true, allow_hyphen_values = true)]
    flags: Vec<OsString>,
}

/// Asks the engine.
pub fn run(entry: Entry, output: &Output) -> Result<ExitCode> {
    work(Request { contract: CONTRACT, entry, args: json!({}) }, output, |_, _| Ok(()))
}
