//! The subcommands.

mod bench;
mod classify;
mod computing;
mod describe;
mod evaluate;
mod export;
mod later;
mod learning;
mod pretrain;
mod run;
mod runtime;
mod segment;
mod train;

use std::process::ExitCode;

use clap::Subcommand;
use fewlabel::contract::{Entry, Result};

use crate::output::Output;

/// What can be done.
#[derive(Subcommand)]
pub enum Command {
    /// Learn from a few labelled images
    Train(train::Train),
    /// Learn from unlabelled images
    Pretrain(pretrain::Pretrain),
    /// Images to label images, maps and tables
    Segment(segment::Segment),
    /// The class of each image
    Classify(classify::Classify),
    /// Scores of predictions against labels
    Evaluate(evaluate::Evaluate),
    /// What to label next (not in this version)
    Suggest(later::Later),
    /// A model in another form
    Export(export::Export),
    /// What a model, an image or this installation is
    Describe(describe::Describe),
    /// How fast this machine runs a model
    Bench(bench::Bench),
    /// Any request of the contract, from a file or stdin; events as JSON lines on stdout
    Run(run::Run),
    /// The training add-on (libtorch)
    Runtime(runtime::Runtime),
}

/// Runs a subcommand; the code is that of the program.
pub fn run(command: Command, output: &Output) -> Result<ExitCode> {
    match command {
        Command::Train(train) => train.run(output),
        Command::Pretrain(pretrain) => pretrain.run(output),
        Command::Segment(segment) => segment.run(output),
        Command::Classify(classify) => classify.run(output),
        Command::Evaluate(evaluate) => evaluate.run(output),
        Command::Export(export) => export.run(output),
        Command::Describe(describe) => describe.run(output),
        Command::Bench(bench) => bench.run(output),
        Command::Run(run) => run.run(output),
        Command::Runtime(runtime) => runtime.run(output),
        Command::Suggest(_) => later::run(Entry::Suggest, output),
    }
}
