//! `fewlabel evaluate`.

use std::process::ExitCode;

use clap::Args;
use fewlabel::contract::{Entry, EvaluateArgs, Find, Request, Result};

use crate::output::Output;
use crate::show;
use crate::values::find;
use crate::work::work;

/// Flags of `evaluate`.
#[derive(Args)]
pub struct Evaluate {
    /// Predictions, label images or outlines: files, folders or @list.txt; for kinds the table that classify wrote
    #[arg(long, required = true, num_args = 1.., value_name = "PATH")]
    predictions: Vec<String>,
    /// True labels, label images or outlines, partnered by stem; for kinds labels.csv or a folder of class folders
    #[arg(long, required = true, num_args = 1.., value_name = "PATH")]
    labels: Vec<String>,
    /// What the labels mean
    #[arg(long, value_parser = find(), default_value = "objects")]
    find: Find,
    /// Label value that means "not labelled": such pixels are left out
    #[arg(long, value_name = "VALUE")]
    unlabelled: Option<u32>,
    /// True outlines are all there is in their images: what nobody drew is background
    #[arg(long)]
    dense: bool,
    /// Rows and columns at which planes of areas are compared, instead of their own (nearest pixels)
    #[arg(long, value_name = "PX")]
    grid: Option<usize>,
    /// Look into folders below those given
    #[arg(long)]
    recursive: bool,
}

impl Evaluate {
    /// Scores, and prints a table.
    pub fn run(self, output: &Output) -> Result<ExitCode> {
        let args = EvaluateArgs {
            predictions: self.predictions,
            labels: self.labels,
            find: self.find,
            unlabelled: self.unlabelled,
            dense: self.dense,
            grid: self.grid,
            recursive: self.recursive,
        };
        work(Request::new(Entry::Evaluate, &args)?, output, |response, out| show::evaluate(&response.parse_result()?, out))
    }
}
