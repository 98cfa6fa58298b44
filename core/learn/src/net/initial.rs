//! The weights a network starts with when there is no model to start from.

use fewlabel_model::{Network, ParameterKind, ParameterSpec, Tensor, Weights};
use rand::{Rng, SeedableRng};
use rand_chacha::ChaCha8Rng;

/// The random stream that initial weights are drawn from; samplers use others of the same seed.
const STREAM: u64 = 1;

/// He normal weights (He et al. 2015, equation 10, fan in), biases zero, normalisations the identity.
///
/// Each parameter has its own place in the stream, so adding a block changes no other weight.
pub fn initial_weights(network: &Network, seed: u64) -> Weights {
    initial_weights_of(&network.parameters(), seed)
}

/// As [`initial_weights`], for what is no network: matrices `[outputs, inputs]` and biases.
pub fn initial_weights_of(specs: &[ParameterSpec], seed: u64) -> Weights {
    specs.iter().map(|spec| (spec.name.clone(), initial(spec, seed))).collect()
}

fn initial(spec: &ParameterSpec, seed: u64) -> Tensor {
    let count = spec.shape.iter().product();
    let data = match spec.kind {
        ParameterKind::Weight => he_normal(spec, seed, count),
        ParameterKind::NormWeight | ParameterKind::RunningVar => vec![1.0; count],
        ParameterKind::Bias | ParameterKind::NormBias | ParameterKind::RunningMean => vec![0.0; count],
    };
    Tensor::new(spec.shape.clone(), data)
}

fn he_normal(spec: &ParameterSpec, seed: u64, count: usize) -> Vec<f32> {
    let fan_in: usize = match spec.shape[..] {
        // A 2×2 transposed convolution with stride 2 reads one pixel of each input channel.
        [inputs, _, 2, 2] => inputs,
        _ => spec.shape[1..].iter().product(),
    };
    let sigma = (2.0 / fan_in.max(1) as f64).sqrt();
    let mut random = ChaCha8Rng::seed_from_u64(seed ^ name_hash(&spec.name));
    random.set_stream(STREAM);
    (0..count).map(|_| (sigma * standard_normal(&mut random)) as f32).collect()
}

/// Box and Muller's transform of two uniform numbers.
fn standard_normal(random: &mut impl Rng) -> f64 {
    let unit = |bits: u64| (bits >> 11) as f64 / (1u64 << 53) as f64;
    let (a, b) = (1.0 - unit(random.next_u64()), unit(random.next_u64()));
    (-2.0 * a.ln()).sqrt() * (std::f64::consts::TAU * b).cos()
}

/// FNV-1a.
fn name_hash(name: &str) -> u64 {
    name.bytes().fold(0xcbf2_9ce4_8422_2325, |hash, byte| (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3))
}
