//! `fewlabel bench`.

use std::process::ExitCode;

use clap::Args;
use fewlabel::contract::{BenchArgs, Entry, Request, Result};

use crate::output::Output;
use crate::show;
use crate::work::work;

/// Flags of `bench`.
#[derive(Args)]
pub struct Bench {
    /// Name or file of the model
    #[arg(long, value_name = "MODEL")]
    model: String,
    /// Side of the square network input in pixels, a multiple of the network's stride [default: 512, or the one size that it takes]
    #[arg(long, value_name = "N")]
    size: Option<usize>,
    /// Tiles in flight at once [default: 1]
    #[arg(long, value_name = "N")]
    threads: Option<usize>,
}

impl Bench {
    /// Measures.
    pub fn run(self, output: &Output) -> Result<ExitCode> {
        let args = BenchArgs { model: self.model, size: self.size, threads: self.threads };
        work(Request::new(Entry::Bench, &args)?, output, |response, out| show::bench(&response.parse_result()?, out))
    }
}
