//! The contrast of pixels: some rows at a time against the whole matrix in PyTorch, and alone where no matrix fits.

use std::path::Path;

use fewlabel_contract::{Error, Result};
use serde_json::{Value, json};

use super::Bench;
use super::bench_program::{Profile, bench_program};
use super::contestant::Server;
use super::environment::Peers;
use super::race::{Entrant, Race};
use crate::process::command;

/// How far both losses may lie apart, relative to them.
const SAME: f64 = 1e-4;

const OURS: &str = "fewlabel, some rows at a time";
const TORCH: &str = "PyTorch, the whole matrix";

/// Where the matrix fits (160², four images in two views, every fourth row and column: 12,800 pixels); then alone at 512² (131,072 pixels,
/// 64 GiB a matrix), and there with the pixels that training draws by default.
///
/// # Errors
/// `internal` when a program fails, or when PyTorch's loss is not ours.
pub fn contrast(bench: &Bench, peers: &Peers, folder: &Path) -> Result<Vec<Race>> {
    let program = bench_program("fewlabel-learn", "contrast", Profile::Checkout)?;
    let ours = |settings: &Value| Server::start(&mut command(&program), settings, &folder.join("contrast.log"));
    let settings = |side: usize, stride: usize| json!({"side": side, "images": 4, "stride": stride, "per_class": 256, "threads": bench.threads(), "passes": 1});
    let (first, second) = (
        ours(&settings(160, 4))?,
        Server::start(&mut peers.script("contrast.py")?, &settings(160, 4), &folder.join("contrast-torch.log"))?,
    );
    let (a, b) = (first.ready.loss, second.ready.loss);
    let are_same = first.ready.parameters == second.ready.parameters && (a - b).abs() <= SAME * a.abs();
    if !are_same {
        return Err(Error::internal(
            "compare losses",
            "PyTorch's contrast is not ours any more: tests/bench/contrast.py must follow",
        )
        .with("loss", format!("{a} and {b}"))
        .with("pixels", format!("{} and {}", first.ready.parameters, second.ready.parameters)));
    }
    let named = |name: &str, server| Entrant { name: name.to_owned(), contestant: Box::new(server) };
    let fits = Race::run(
        format!("contrast of pixels: 12,800 pixels of 160 x 160, {} threads", bench.threads()),
        vec![named(OURS, first), named(TORCH, second)],
        bench.rounds,
    )?;
    let alone = |what: &str, settings: Value, rounds| {
        Race::run(format!("contrast of pixels: {what}, {} threads", bench.threads()), vec![named(OURS, ours(&settings)?)], rounds)
    };
    Ok(vec![
        fits.compare(OURS, TORCH, Some(1.0)),
        alone("131,072 pixels of 512 x 512", settings(512, 4), 1)?,
        alone("256 of each class of 512 x 512", settings(512, 0), bench.rounds)?,
    ])
}
