//! Passes of a packaged model: ours against onnxruntime.

use std::path::{Path, PathBuf};

use fewlabel_contract::{BenchResult, Entry, Result};
use serde_json::json;

use super::Bench;
use super::contestant::{Contestant, Server};
use super::environment::Peers;
use super::race::{Entrant, Race};
use crate::process::measured;
use crate::programs::{fewlabel, read_answer};
use crate::workspace::programs;

/// Passes in a block of onnxruntime, as many as `fewlabel bench` does after one that it does not count.
const PASSES: usize = 9;

/// One square input with each number of threads. We run a tile on each thread, onnxruntime one tile on all.
///
/// # Errors
/// `internal` when a program fails.
pub fn inference(bench: &Bench, peers: &Peers, model: &Path, folder: &Path) -> Result<Vec<Race>> {
    let mut numbers = vec![1, bench.threads()];
    numbers.dedup();
    numbers.into_iter().map(|threads| with_threads(bench, peers, model, folder, threads)).collect()
}

fn with_threads(bench: &Bench, peers: &Peers, model: &Path, folder: &Path, threads: usize) -> Result<Race> {
    let log = |name: &str| folder.join(format!("{name} {threads}.log"));
    let ours = Ours { model: model.to_owned(), size: bench.size, threads, log: log("fewlabel bench"), peak_bytes: None };
    let settings = json!({"model": model, "size": bench.size, "threads": threads, "passes": PASSES});
    let theirs = Server::start(&mut peers.script("onnx_forward.py")?, &settings, &log("onnxruntime"))?;
    let version = format!("onnxruntime {}", theirs.ready.version);
    let entrants = vec![
        Entrant { name: "fewlabel".to_owned(), contestant: Box::new(ours) },
        Entrant { name: version.clone(), contestant: Box::new(theirs) },
    ];
    let name = format!("inference: {0} x {0}, threads: {threads}", bench.size);
    Ok(Race::run(name, entrants, bench.rounds)?.compare("fewlabel", &version, None))
}

/// `fewlabel bench`, started anew for each block.
struct Ours {
    model: PathBuf,
    size: usize,
    threads: usize,
    log: PathBuf,
    peak_bytes: Option<u64>,
}

impl Contestant for Ours {
    fn sample(&mut self) -> Result<f64> {
        let mut command = fewlabel(&programs()?, Entry::Bench);
        command.arg("--model").arg(&self.model);
        command.args(["--size", &self.size.to_string(), "--threads", &self.threads.to_string()]);
        let done = measured(&mut command, &self.log)?;
        self.peak_bytes = self.peak_bytes.max(done.peak_bytes);
        read_answer(&done.text, Entry::Bench).map(|result: BenchResult| result.seconds_per_tile)
    }

    fn peak_bytes(&self) -> Option<u64> {
        self.peak_bytes
    }
}
