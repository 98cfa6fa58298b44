//! Seconds of one training step: network, loss, gradients, optimiser.
//!
//! It speaks as [`served`] says; `tests/bench/training_step.py` speaks the same with PyTorch; `cargo xtask bench` lets them take turns.
//! By hand:
//!
//! ```text
//! (echo '{"precision": "bf16", "start": "/tmp/start.safetensors"}'; yes '' | head -9) | cargo bench -p fewlabel-learn
//! ```

mod served;

use std::path::{Path, PathBuf};

use fewlabel_contract::{Error, ErrorKind, Result};
use fewlabel_learn::device::{self, Machine, Precision};
use fewlabel_learn::loss::{Target, loss};
use fewlabel_learn::net::{Mode, Net, initial_weights};
use fewlabel_learn::optim::Optimiser;
use fewlabel_model::{Activation, Head, HeadGroup, Network};
use serde::Deserialize;
use tch::{Kind, Tensor};

/// What is timed.
#[derive(Deserialize)]
#[serde(deny_unknown_fields, default)]
struct Settings {
    /// `f32` or `bf16`; both channels last.
    precision: String,
    /// Channels of the network's first level.
    width: usize,
    /// Levels of the network.
    levels: usize,
    /// Side of a crop.
    crop: i64,
    /// Crops a step.
    batch: i64,
    /// Threads of libtorch.
    threads: usize,
    /// Steps in a block.
    steps: usize,
    /// File (safetensors) for weights and batch, so that others start from the same.
    start: PathBuf,
}

impl Default for Settings {
    fn default() -> Self {
        let start = PathBuf::new();
        let threads = device::available_threads();
        Self { precision: "f32".into(), width: 32, levels: 4, crop: 160, batch: 8, threads, steps: 3, start }
    }
}

fn main() -> Result<()> {
    served::serve(|settings: Settings| {
        let machine = Machine::cpu(Precision { bf16: settings.precision == "bf16" });
        device::prepare(settings.threads, &machine)?;
        let head = Head {
            groups: vec![
                HeadGroup { activation: Activation::Softmax, channels: 3 },
                HeadGroup { activation: Activation::Sigmoid, channels: 2 },
            ],
        };
        let network = Network::unet(1, settings.width, settings.levels, &head)?;
        let net = Net::with_weights(network.clone(), &initial_weights(&network, 0), &machine)?;
        let optimiser = Optimiser::new(&[&net.parameters], true, |_| 1.0)?;
        let (images, target) = batch(&settings);
        write_start(&settings.start, &net, &images, &target)?;
        let error = move || loss(&net.logits(&images, Mode::Train { momentum: 0.1 })?, &target, &head);
        let ready = serde_json::json!({
            "version": fewlabel_learn::shim::torch_version(),
            "parameters": network.parameter_count(),
            "loss": error()?.total.double_value(&[]),
        });
        Ok((ready, settings.steps, move || optimiser.step(&error()?.total, 1e-3).map(drop)))
    })
}

/// Any values do: the time of a step does not depend on them.
fn batch(settings: &Settings) -> (Tensor, Target) {
    tch::manual_seed(0);
    let (n, side, cpu) = (settings.batch, settings.crop, tch::Device::Cpu);
    let target = Target {
        class: Tensor::randint(3, [n, side, side], (Kind::Uint8, cpu)),
        values: Tensor::rand([n, side, side, 2], (Kind::Float, cpu)).permute([0, 3, 1, 2]),
        weight: Tensor::ones([n, side, side], (Kind::Float, cpu)),
    };
    (Tensor::rand([n, 1, side, side], (Kind::Float, cpu)), target)
}

fn write_start(path: &Path, net: &Net, images: &Tensor, target: &Target) -> Result<()> {
    if path.as_os_str().is_empty() {
        return Ok(());
    }
    let mut tensors: Vec<_> = net.parameters.listed().map(|(name, _, tensor)| (name, tensor.detach().contiguous())).collect();
    let batch = [
        ("batch.images", images),
        ("batch.class", &target.class),
        ("batch.values", &target.values),
        ("batch.weight", &target.weight),
    ];
    tensors.extend(batch.map(|(name, tensor)| (name, tensor.contiguous())));
    Tensor::write_safetensors(&tensors, path).map_err(|error| {
        Error::new(ErrorKind::Io, "write start", "weights and batch cannot be written").file(path).because(&error)
    })
}
