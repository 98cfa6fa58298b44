//! The training step: our learner against PyTorch.

use std::path::{Path, PathBuf};

use fewlabel_contract::{Error, Result};
use serde_json::{Value, json};

use super::Bench;
use super::bench_program::{Profile, bench_program};
use super::contestant::{Ready, Server};
use super::environment::Peers;
use super::race::{Entrant, Race};
use crate::process::command;

/// How far two f32 losses of the same batch and weights may lie apart, relative to them.
const SAME_F32: f64 = 1e-4;
/// The same when one computes in bfloat16.
const SAME_BF16: f64 = 5e-2;

const OURS_F32: &str = "fewlabel f32";
const OURS_BF16: &str = "fewlabel bf16";
const TORCH_DEFAULT: &str = "PyTorch f32, default";
const TORCH_F32: &str = "PyTorch f32, channels last";
const TORCH_BF16: &str = "PyTorch bf16, channels last";

/// Same network, weights, batch, loss, optimiser and threads; ours is channels last in both precisions.
///
/// # Errors
/// `internal` when a program fails, or when PyTorch's network or loss is not ours.
pub fn training_step(bench: &Bench, peers: &Peers, folder: &Path) -> Result<Race> {
    let step = bench_program("fewlabel-learn", "step", Profile::Checkout)?;
    let start = folder.join("start.safetensors");
    let mut entrants = Vec::new();
    let mut ours = None;
    // The first writes the weights and the batch that all others begin with.
    for (name, precision) in [(OURS_F32, "f32"), (OURS_BF16, "bf16")] {
        let start = if ours.is_none() { start.clone() } else { PathBuf::new() };
        let mut settings = settings(bench, precision);
        settings["start"] = json!(start);
        let server = Server::start(&mut command(&step), &settings, &folder.join(format!("{name}.log")))?;
        ours.get_or_insert_with(|| server.ready.clone());
        entrants.push(Entrant { name: name.to_owned(), contestant: Box::new(server) });
    }
    for (name, precision, channels_last) in [(TORCH_DEFAULT, "f32", false), (TORCH_F32, "f32", true), (TORCH_BF16, "bf16", true)]
    {
        let mut settings = settings(bench, precision);
        settings["start"] = json!(start);
        settings["channels_last"] = json!(channels_last);
        let server = Server::start(&mut peers.script("training_step.py")?, &settings, &folder.join(format!("{name}.log")))?;
        if let Some(ours) = &ours {
            check_same(ours, &server.ready, name, if precision == "f32" { SAME_F32 } else { SAME_BF16 })?;
        }
        entrants.push(Entrant { name: name.to_owned(), contestant: Box::new(server) });
    }
    let bench_name = format!(
        "training step: U-Net of width {} and {} levels, {} crops of {} x {}, {} threads",
        bench.width,
        LEVELS,
        bench.batch,
        bench.crop,
        bench.crop,
        bench.threads()
    );
    let race = Race::run(bench_name, entrants, bench.rounds)?;
    Ok(race
        .compare(OURS_BF16, TORCH_BF16, Some(1.05))
        .compare(OURS_F32, TORCH_F32, Some(1.05))
        .compare(OURS_BF16, TORCH_DEFAULT, Some(0.5))
        .compare(OURS_F32, TORCH_DEFAULT, None))
}

/// Levels of the network.
const LEVELS: usize = 4;

fn settings(bench: &Bench, precision: &str) -> Value {
    json!({
        "precision": precision,
        "width": bench.width,
        "levels": LEVELS,
        "crop": bench.crop,
        "batch": bench.batch,
        "threads": bench.threads(),
        "steps": bench.steps,
    })
}

fn check_same(ours: &Ready, theirs: &Ready, name: &str, tolerance: f64) -> Result<()> {
    let apart = (ours.loss - theirs.loss).abs() / ours.loss.abs();
    if ours.parameters == theirs.parameters && apart <= tolerance {
        return Ok(());
    }
    Err(Error::internal(
        "compare networks",
        "PyTorch's network or loss is not ours any more: tests/bench/training_step.py must follow",
    )
    .with("program", name)
    .with("parameters", format!("{} and {}", ours.parameters, theirs.parameters))
    .with("loss", format!("{} and {}", ours.loss, theirs.loss)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn another_network_or_loss_is_refused() {
        let ready = |parameters, loss| Ready { version: "2".into(), parameters, loss, sum: 0 };
        let check = |theirs: &Ready| check_same(&ready(100, 2.0), theirs, "PyTorch", 1e-3);
        check(&ready(100, 2.001)).expect("the same");
        check(&ready(101, 2.0)).expect_err("another network");
        check(&ready(100, 2.01)).expect_err("another loss");
        check(&ready(100, f64::NAN)).expect_err("no loss");
    }
}
