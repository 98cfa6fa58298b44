//! `cargo xtask bench`: speed side by side with PyTorch, onnxruntime and tifffile.
//!
//! `core/docs/bench.md` says what is timed and why it is fair.

mod bench_program;
mod contestant;
mod contrast;
mod environment;
mod inference;
mod race;
mod reading;
mod tiles;
mod training;

use std::path::{Path, PathBuf};

use clap::Args;
use fewlabel_contract::{Entry, Error, Result};
use serde_json::json;

use crate::process::run;
use crate::programs::{build, fewlabel};
use crate::workspace::{commit, programs, root, target, whole};
use environment::Peers;
use race::Race;

/// Real images that the timed model is trained on, relative to the root of the checkout.
const DATA: &str = "tests/data/bbbc039";

/// Flags of `bench`.
#[derive(Args)]
pub struct Bench {
    /// Only these: training, contrast, inference, tiles, reading
    #[arg(long, value_name = "BENCH", value_delimiter = ',', value_parser = ["training", "contrast", "inference", "tiles", "reading"])]
    only: Vec<String>,
    /// Rounds that count; everybody does one block a round
    #[arg(long, value_name = "N", default_value_t = 9)]
    rounds: usize,
    /// Threads [default: all that the machine or its limits allow]
    #[arg(long, value_name = "N")]
    threads: Option<usize>,
    /// Training steps in a block
    #[arg(long, value_name = "N", default_value_t = 3)]
    steps: usize,
    /// Channels of the first level of the network that is trained
    #[arg(long, value_name = "N", default_value_t = 32)]
    width: usize,
    /// Side of a training crop
    #[arg(long, value_name = "PX", default_value_t = 160)]
    crop: usize,
    /// Crops a training step
    #[arg(long, value_name = "N", default_value_t = 8)]
    batch: usize,
    /// Side of the input for inference
    #[arg(long, value_name = "PX", default_value_t = 512)]
    size: usize,
    /// Side of the image for tiles
    #[arg(long, value_name = "PX", default_value_t = 2048)]
    side: usize,
    /// Model for inference and tiles [default: one that is trained for this]
    #[arg(long, value_name = "FILE")]
    model: Option<PathBuf>,
    /// Steps of the training of that model
    #[arg(long, value_name = "N", default_value_t = 40)]
    model_steps: u64,
}

/// Installs what the benches compare with.
///
/// # Errors
/// As [`Peers::set_up`].
pub fn set_up() -> Result<()> {
    Peers::set_up().map(|_| println!("PyTorch, onnxruntime and tifffile for `cargo xtask bench` are there"))
}

impl Bench {
    /// Runs the benches, prints their tables and writes `target/bench/results.json`.
    ///
    /// # Errors
    /// `internal` when a program fails; `io` when something cannot be written.
    pub fn run(self) -> Result<()> {
        // The reading bench builds its own program, which needs no libtorch.
        if ["training", "contrast", "inference", "tiles"].iter().any(|bench| self.wants(bench)) {
            build()?;
        }
        let peers = Peers::set_up()?;
        let folder = target("bench")?;
        std::fs::create_dir_all(&folder).map_err(|error| Error::io("make bench folder", &folder, &error))?;
        let mut report = Report { bench: &self, path: folder.join("results.json"), races: Vec::new() };
        if self.wants("training") {
            report.add([training::training_step(&self, &peers, &folder)?])?;
        }
        if self.wants("contrast") {
            report.add(contrast::contrast(&self, &peers, &folder)?)?;
        }
        if self.wants("inference") || self.wants("tiles") {
            let model = self.model(&folder)?;
            if self.wants("inference") {
                report.add(inference::inference(&self, &peers, &model, &folder)?)?;
            }
            if self.wants("tiles") {
                report.add([tiles::tiles(&self, &model, &folder)?])?;
            }
        }
        if self.wants("reading") {
            report.add(reading::reading(&self, &peers, &folder)?)?;
        }
        println!();
        for race in &report.races {
            println!("{}", race.table());
        }
        println!("written to {}", report.path.strip_prefix(root()).unwrap_or(&report.path).display());
        Ok(())
    }

    fn wants(&self, bench: &str) -> bool {
        self.only.is_empty() || self.only.iter().any(|only| only == bench)
    }

    /// Threads of everybody.
    fn threads(&self) -> usize {
        self.threads.unwrap_or_else(|| std::thread::available_parallelism().map_or(1, std::num::NonZero::get))
    }

    /// The model that is timed: the one given, or one trained for a moment, so that it finds some objects.
    fn model(&self, folder: &Path) -> Result<PathBuf> {
        if let Some(model) = &self.model {
            return whole(model);
        }
        let model = folder.join("model.zip");
        let mut train = fewlabel(&programs()?, Entry::Train);
        train.args(["--images", &format!("{DATA}/images"), "--labels", &format!("{DATA}/labels"), "--start", "none"]);
        train.args(["--steps", &self.model_steps.to_string(), "--existing", "overwrite", "--save"]).arg(&model);
        run(&mut train)?;
        Ok(model)
    }
}

/// What was measured so far; written after each bench, so that one that fails does not take the others along.
struct Report<'a> {
    bench: &'a Bench,
    path: PathBuf,
    races: Vec<Race>,
}

impl Report<'_> {
    fn add(&mut self, races: impl IntoIterator<Item = Race>) -> Result<()> {
        self.races.extend(races);
        let results = json!({
            "commit": commit()?,
            "processor": processor(),
            "threads": self.bench.threads(),
            "rounds": self.bench.rounds,
            "benches": self.races,
        });
        std::fs::write(&self.path, format!("{results:#}\n")).map_err(|error| Error::io("write results", &self.path, &error))
    }
}

/// What the processor calls itself, where the system tells.
fn processor() -> Option<String> {
    let text = std::fs::read_to_string("/proc/cpuinfo").ok()?;
    let line = text.lines().find_map(|line| line.strip_prefix("model name"))?;
    Some(line.trim_start_matches([' ', '\t', ':']).to_owned())
}
