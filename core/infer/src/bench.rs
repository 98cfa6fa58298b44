//! How fast a network runs here.

use std::time::Instant;

use fewlabel_contract::{BenchResult, CancelToken, Error, ErrorKind, Result};
use fewlabel_image::Maps;

use crate::tiles::fit;
use crate::{Forward, MemoryBudget};

const OPERATION: &str = "time network";

/// Times passes over a square input of `size` pixels, `threads` of them at once: the median of `runs`
/// rounds after one that is not counted. No halo, reading or decoding.
///
/// # Errors
/// `invalid-request` when the network does not take that size or a number is 0; `limit-exceeded` when the
/// passes do not fit the budget; `cancelled`; those of [`Forward::run`].
pub fn bench_forward(
    forward: &dyn Forward,
    size: usize,
    threads: usize,
    runs: usize,
    budget: &MemoryBudget,
    token: &CancelToken,
) -> Result<BenchResult> {
    let wrong = |message: &str| Error::new(ErrorKind::InvalidRequest, OPERATION, message);
    if threads == 0 || runs == 0 {
        return Err(wrong("there is at least one thread and one run").with("threads", threads).with("runs", runs));
    }
    let sizes = forward.input_size();
    if size == 0 || fit(sizes, size) != Some(size) {
        return Err(wrong("the network does not take an input of this size").with("size", size).hint(match sizes.step {
            0 => format!("use {}", sizes.min),
            step => format!("use {} or a multiple of {step} more", sizes.min),
        }));
    }
    let bytes = forward.peak_bytes(size, size).saturating_mul(threads as u64);
    let _lease = budget.take(bytes, token)?;
    // Any values do: the time of a pass does not depend on them.
    let values = (0..forward.input_channels() * size * size).map(|i| (i % 255) as f32 / 255.0).collect();
    let input = Maps::new(forward.input_channels(), size, size, values);
    let mut seconds = Vec::with_capacity(runs);
    for round in 0..=runs {
        token.check(OPERATION)?;
        let start = Instant::now();
        pass(forward, &input, threads)?;
        if round > 0 {
            seconds.push(start.elapsed().as_secs_f64() / threads as f64);
        }
    }
    seconds.sort_by(f64::total_cmp);
    let seconds_per_tile = (seconds[(runs - 1) / 2] + seconds[runs / 2]) / 2.0;
    Ok(BenchResult { size, threads, seconds_per_tile, pixels_per_second: (size * size) as f64 / seconds_per_tile, runs })
}

/// One pass on each of `threads` threads.
fn pass(forward: &dyn Forward, input: &Maps, threads: usize) -> Result<()> {
    crate::in_order::in_order(threads, threads, |_| forward.run(input), |_, _| Ok(()))
}
