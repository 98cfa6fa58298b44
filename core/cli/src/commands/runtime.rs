//! `fewlabel runtime`.

use std::io::{BufRead, IsTerminal, Write};
use std::path::PathBuf;
use std::process::ExitCode;

use clap::Args;
use fewlabel::contract::{Device, Entry, Error, Request, Result, RuntimeAction, RuntimeArgs, RuntimeResult};

use crate::output::Output;
use crate::show;
use crate::values::action;
use crate::work::{engine, work};

/// Flags of `runtime`.
#[derive(Args)]
pub struct Runtime {
    /// What to do
    #[arg(value_parser = action())]
    action: RuntimeAction,
    /// For which device: auto (the processor), cpu or cuda
    #[arg(long, default_value = "auto")]
    device: Device,
    /// Folder with files that were brought by hand, instead of fetching
    #[arg(long, value_name = "DIR")]
    from: Option<PathBuf>,
    /// Package index, instead of the one the machine is configured for
    #[arg(long, value_name = "URL")]
    index: Option<String>,
    /// Do not ask before fetching
    #[arg(long)]
    yes: bool,
}

impl Runtime {
    /// Does it; before an installation a person at a terminal is told the size and asked.
    pub fn run(self, output: &Output) -> Result<ExitCode> {
        let args = RuntimeArgs { action: self.action, device: self.device, from: self.from, index: self.index };
        args.check()?;
        let ask = args.action == RuntimeAction::Install && args.from.is_none() && !self.yes;
        if ask && std::io::stdin().is_terminal() && !agreed(self.device)? {
            return Err(Error::cancelled("install training add-on"));
        }
        work(Request::new(Entry::Runtime, &args)?, output, |response, out| {
            show::runtime(args.action, &response.parse_result()?, out)
        })
    }
}

fn agreed(device: Device) -> Result<bool> {
    let args = RuntimeArgs { action: RuntimeAction::Plan, device, from: None, index: None };
    let plan: RuntimeResult = engine().call(Request::new(Entry::Runtime, &args)?)?.parse_result()?;
    let megabytes = plan.files.iter().map(|file| file.bytes).sum::<u64>() / 1_000_000;
    let mut stderr = std::io::stderr().lock();
    let _ = write!(stderr, "This fetches {megabytes} MB in {} files. Go on? [y/N] ", plan.files.len());
    let _ = stderr.flush();
    let mut answer = String::new();
    let _ = std::io::stdin().lock().read_line(&mut answer);
    Ok(matches!(answer.trim(), "y" | "Y" | "yes"))
}
