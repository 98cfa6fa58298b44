//! Seconds of the contrast of pixels: value and gradient, without the network.
//!
//! It speaks as [`served`] says. `tests/bench/contrast.py` computes the same as one
//! writes it, with the whole matrix.

mod served;

use fewlabel_contract::Result;
use fewlabel_learn::device::{self, Machine, Precision};
use fewlabel_learn::loss::local::{LocalContrast, Picked, Positives, Sampling, pick};
use serde::Deserialize;
use tch::{Kind, Tensor};

/// Values of a pixel that are compared.
const CHANNELS: i64 = 128;

/// What is timed.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Settings {
    /// Side of an image.
    side: i64,
    /// Images, each in two views.
    images: i64,
    /// Of the rows and columns every so many-th is taken; 0: so many pixels of each class as `per_class` says.
    stride: usize,
    per_class: usize,
    /// Threads of libtorch.
    threads: usize,
    /// Passes in a block.
    passes: usize,
}

fn main() -> Result<()> {
    served::serve(|settings: Settings| {
        device::prepare(settings.threads, &Machine::cpu(Precision { bf16: false }))?;
        let (n, side) = (2 * settings.images, settings.side);
        let grid = |of: i64, by: i64| Tensor::arange(of, (Kind::Int64, tch::Device::Cpu)).floor_divide_scalar(by);
        let labels = (grid(side, 16).unsqueeze(1) + grid(side, 24).unsqueeze(0)).remainder(3).unsqueeze(0).repeat([n, 1, 1]);
        let sampling = match settings.stride {
            0 => Sampling::PerClass(settings.per_class),
            stride => Sampling::Stride(stride),
        };
        let picked = pick(&labels, sampling, Positives::SameLabel, 0)?;
        let rows = projections(&picked.rows(&planes(n, side))?);
        let (first, _) = pass(&rows, &picked)?;
        let ready = serde_json::json!({
            "version": fewlabel_learn::shim::torch_version(), "loss": first, "parameters": picked.anchors(),
        });
        Ok((ready, settings.passes, move || pass(&rows, &picked).map(drop)))
    })
}

/// The loss, and its gradient towards the rows.
fn pass(rows: &Tensor, picked: &Picked) -> Result<(f64, Tensor)> {
    let loss = LocalContrast::default().loss(rows, picked)?;
    let value = loss.double_value(&[]);
    Ok((value, Tensor::run_backward(&[loss], &[rows], false, false).remove(0)))
}

/// Maps `[n, 1, side, side]` that differ everywhere and are the same in every program: 0.11 y + 0.07 x + n.
fn planes(n: i64, side: i64) -> Tensor {
    let axis = |of: i64, step: f64| Tensor::arange(of, (Kind::Float, tch::Device::Cpu)) * step;
    axis(n, 1.0).view([-1, 1, 1, 1]) + axis(side, 0.11).view([-1, 1]) + axis(side, 0.07)
}

/// What stands for the projections of picked pixels, `[m, channels]`: the sine of their value and 0.37 times the channel. Of the pixels alone, so that memory
/// is that of the contrast.
fn projections(values: &Tensor) -> Tensor {
    (values + Tensor::arange(CHANNELS, (Kind::Float, tch::Device::Cpu)) * 0.37).sin().set_requires_grad(true)
}
