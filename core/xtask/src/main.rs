//! Developer tasks: `cargo xtask setup`, `demo`, `test`, `study`, `models`, `imagenet`, `mmwhs`, `bench`.
//!
//! They run the programs as a person would, and look at what comes out.
#![allow(clippy::print_stdout)] // A program for developers: what it has to say goes to the terminal.

mod bench;
mod demo;
mod imagenet;
mod memory;
mod mmwhs;
mod models;
mod process;
mod programs;
mod python;
mod setup;
mod study;
mod test;
mod workspace;

use std::process::ExitCode;

use clap::{Parser, Subcommand};
use fewlabel_contract::Result;

/// Developer tasks of Fewlabel.
#[derive(Parser)]
#[command(name = "cargo xtask", bin_name = "cargo xtask")]
struct Tasks {
    #[command(subcommand)]
    task: Task,
}

#[derive(Subcommand)]
enum Task {
    /// Fetch libtorch into the cache and link it, so that plain `cargo build --workspace` works
    Setup(setup::Setup),
    /// Train on five labelled images, segment twelve others, score them, write a report
    Demo(demo::Demo),
    /// Check everything
    Test(test::Test),
    /// Label efficiency: train on few labels of real sets, segment the others, score them
    Study(Box<study::Study>),
    /// Make the shipped models anew
    Models(models::Models),
    /// Make a start whose encoder learned on ImageNet, for studies
    Imagenet(imagenet::Imagenet),
    /// Make a set of the volumes of MM-WHS that a person has, for studies
    Mmwhs(mmwhs::Mmwhs),
    /// Speed side by side with PyTorch, onnxruntime and tifffile; `setup --bench` first
    Bench(bench::Bench),
}

fn main() -> ExitCode {
    match run(Tasks::parse().task) {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(error) => {
            eprintln!("error: {error:?}");
            ExitCode::FAILURE
        }
    }
}

/// Whether all was well.
fn run(task: Task) -> Result<bool> {
    match task {
        Task::Setup(setup) => setup.run().map(|()| true),
        Task::Demo(demo) => demo.run().map(|_| true),
        Task::Test(test) => test.run(),
        Task::Study(study) => study.run(),
        Task::Models(models) => models.run().map(|()| true),
        Task::Imagenet(imagenet) => imagenet.run().map(|()| true),
        Task::Mmwhs(mmwhs) => mmwhs.run().map(|()| true),
        Task::Bench(bench) => bench.run().map(|()| true),
    }
}
