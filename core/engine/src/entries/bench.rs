//! How fast this machine runs a model.

use fewlabel_contract::{BenchArgs, Request, Response, Result};
use fewlabel_infer::{Forward, bench_forward};
use fewlabel_model::InputSize;

use super::model::{Model, refuse_otsu};
use crate::engine::Context;

const SIZE: usize = 512;
const RUNS: usize = 9;

pub(super) fn run(request: &Request, context: &Context) -> Result<Response> {
    let args: BenchArgs = request.parse_args()?;
    args.check()?;
    refuse_otsu(&args.model, "time network")?;
    let model = Model::open(&args.model, &context.config)?;
    let usual = match model.forward.input_size() {
        InputSize { min, step: 0 } => min,
        InputSize { .. } => SIZE,
    };
    let (size, threads) = (args.size.unwrap_or(usual), args.threads.unwrap_or(1));
    let result = bench_forward(&model.forward, size, threads, RUNS, &context.budget, &context.token)?;
    Response::new(request.entry, &result)
}
