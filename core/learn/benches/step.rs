//! Seconds of one training step: `cargo bench -p fewlabel-learn -- [width] [crop] [batch] [threads]`.
//!
//! Prints one JSON line for each precision: the median of nine blocks of steps, interleaved.

#![allow(clippy::print_stdout, reason = "a bench reports on its standard output")]

use std::time::Instant;

use fewlabel_contract::Result;
use fewlabel_learn::device::{self, Machine, Precision};
use fewlabel_learn::loss::{Target, loss};
use fewlabel_learn::net::{Mode, Net, initial_weights};
use fewlabel_learn::optim::Optimiser;
use fewlabel_model::{Activation, Head, HeadGroup, Network};
use tch::{Kind, Tensor};

const BLOCKS: usize = 9;
const STEPS: usize = 3;

fn main() -> Result<()> {
    let numbers: Vec<usize> = std::env::args().skip(1).filter_map(|word| word.parse().ok()).collect();
    let pick = |place: usize, default: usize| numbers.get(place).copied().unwrap_or(default);
    let (width, crop, batch, threads) = (pick(0, 32), pick(1, 160), pick(2, 8), pick(3, device::available_threads()));
    device::prepare(threads, &Machine::cpu(Precision { bf16: false }))?;
    let head = Head {
        groups: vec![
            HeadGroup { activation: Activation::Softmax, channels: 3 },
            HeadGroup { activation: Activation::Sigmoid, channels: 2 },
        ],
    };
    let network = Network::unet(1, width, 4, &head)?;
    let (n, side) = (batch as i64, crop as i64);
    let images = Tensor::rand([n, 1, side, side], (Kind::Float, tch::Device::Cpu));
    let target = Target {
        class: Tensor::randint(3, [n, side, side], (Kind::Uint8, tch::Device::Cpu)),
        values: Tensor::rand([n, side, side, 2], (Kind::Float, tch::Device::Cpu)).permute([0, 3, 1, 2]),
        weight: Tensor::ones([n, side, side], (Kind::Float, tch::Device::Cpu)),
    };
    let mut runs = Vec::new();
    for bf16 in [false, true] {
        let machine = Machine::cpu(Precision { bf16 });
        let net = Net::with_weights(network.clone(), &initial_weights(&network, 0), &machine)?;
        let optimiser = Optimiser::new(&net.parameters)?;
        runs.push((bf16, net, optimiser, Vec::new()));
    }
    for block in 0..=BLOCKS {
        for (_, net, optimiser, seconds) in &mut runs {
            let start = Instant::now();
            for _ in 0..STEPS {
                let logits = net.logits(&images, Mode::Train { momentum: 0.1 })?;
                optimiser.step(&loss(&logits, &target, &head)?.total, 1e-3)?;
            }
            // The first block warms up: kernels are chosen and memory is taken.
            if block > 0 {
                seconds.push(start.elapsed().as_secs_f64() / STEPS as f64);
            }
        }
    }
    for (bf16, _, _, mut seconds) in runs {
        seconds.sort_by(f64::total_cmp);
        let line = serde_json::json!({
            "bench": "training step", "precision": if bf16 { "bf16" } else { "f32" }, "width": width, "crop": crop, "batch": batch,
            "threads": threads, "median_seconds": seconds[BLOCKS / 2], "fastest_seconds": seconds[0],
        });
        println!("{line}");
    }
    Ok(())
}
