//! `fewlabel classify`.

use std::path::PathBuf;
use std::process::ExitCode;

use clap::Args;
use fewlabel::contract::{ClassifyArgs, Entry, Existing, ImageInput, Request, Result};

use super::computing::Computing;
use crate::output::Output;
use crate::show;
use crate::values::existing;
use crate::work::work;

/// Flags of `classify`.
#[derive(Args)]
pub struct Classify {
    /// Images: files, folders or @list.txt
    #[arg(required = true, value_name = "PATH")]
    paths: Vec<String>,
    /// Name or file of a model of kinds
    #[arg(long, value_name = "MODEL")]
    model: String,
    /// Channels that the model reads, in its order: names, or numbers from 1 [default: all, or those of its training by name]
    #[arg(long, value_name = "NAME,NAME", value_delimiter = ',')]
    channels: Vec<String>,
    /// The table to write; FILE.run.json comes beside it
    #[arg(long, value_name = "FILE.csv")]
    output: Option<PathBuf>,
    #[command(flatten)]
    computing: Computing,
    /// What to do when the table is there already; skip keeps the rows of images that have not changed
    #[arg(long, value_parser = existing(), default_value = "error")]
    existing: Existing,
    /// Look into folders below those given
    #[arg(long)]
    recursive: bool,
}

impl Classify {
    /// Classifies, and says how many of each class there are.
    pub fn run(self, output: &Output) -> Result<ExitCode> {
        let args = ClassifyArgs {
            model: self.model,
            images: self.paths.into_iter().map(ImageInput::Path).collect(),
            channels: self.channels,
            output: self.output,
            device: self.computing.device,
            threads: self.computing.threads,
            memory: self.computing.memory,
            existing: self.existing,
            recursive: self.recursive,
        };
        args.check()?;
        work(Request::new(Entry::Classify, &args)?, output, |response, out| show::classify(&response.parse_result()?, out))
    }
}
