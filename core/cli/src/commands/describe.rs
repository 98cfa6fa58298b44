//! `fewlabel describe`.

use std::process::ExitCode;

use clap::Args;
use fewlabel::contract::{DescribeArgs, Entry, Request, Result};

use crate::output::Output;
use crate::show;
use crate::work::work;

/// Flags of `describe`.
#[derive(Args)]
pub struct Describe {
    /// Name or file of a model or an image [default: this installation]
    path: Option<String>,
    /// List what can compute here
    #[arg(long)]
    devices: bool,
    /// List the environment variables that are understood
    #[arg(long)]
    knobs: bool,
}

impl Describe {
    /// Describes.
    pub fn run(self, output: &Output) -> Result<ExitCode> {
        let args = DescribeArgs { path: self.path, devices: self.devices, knobs: self.knobs };
        work(Request::new(Entry::Describe, &args)?, output, |response, out| show::describe(&response.parse_result()?, out))
    }
}
