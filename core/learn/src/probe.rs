//! The head that the maps of a start allow, before anything is trained: a linear probe.

use fewlabel_contract::{CancelToken, Result};
use fewlabel_model::{Activation, Network, Weights};

use crate::device::Machine;
use crate::linear::{LinearHead, SharedRows, logistic};
use crate::loader::{Batches, Source};
use crate::loss::IGNORE;
use crate::net::{Mode, Net, to_model_tensor};
use crate::sample::Batch;
use crate::torch_result::TorchResult;
use crate::train::{Lesson, calibrate};

/// Batches whose pixels are regressed on. Their steps are far beyond any that training comes to, so that they are no steps of it.
const BATCHES: u64 = 6;
const FIRST: u64 = 1 << 40;
/// Rows and columns between two pixels that are regressed on.
const LATTICE: usize = 7;
/// Strength of the ridge on coefficients of features whose standard deviation is 1.
const RIDGE: f64 = 1e-3;

/// Puts the best linear head on the last maps of `weights`, by classes and soft targets of pixels of `crops`, and measures the running
/// statistics on `unchanged` ones.
///
/// Normalisations go by the batch while maps are looked at, as they do in training: the first step meets the maps that the head was
/// made for.
///
/// # Errors
/// `cancelled`; what making a batch says; what libtorch says; `bad-model` when weights are missing.
pub fn first_guess(
    network: &Network,
    weights: &mut Weights,
    crops: &Source,
    unchanged: &Source,
    machine: &Machine,
    token: &CancelToken,
) -> Result<()> {
    let Some((_, inputs, _)) = network.head_convolution() else { return Ok(()) };
    let net = Net::with_weights(network.clone(), weights, machine)?;
    calibrate(&net, unchanged, machine, token)?;
    let mut pixels = Pixels::default();
    for step in 0..BATCHES {
        token.check("train")?;
        pixels.add(&net, &crops.batch(FIRST + step)?, machine)?;
    }
    *weights = net.parameters.to_weights()?;
    pixels.head(network, inputs).put_into(network, weights);
    Ok(())
}

/// What a network's last maps look like at labelled pixels, and what the head is to make of them.
#[derive(Debug, Default)]
struct Pixels {
    /// `[n, inputs]`.
    features: Vec<f32>,
    /// `[n]`: class of the softmax group.
    class: Vec<u8>,
    /// `[n]` for each sigmoid channel: 0 to 1.
    values: Vec<Vec<f32>>,
    /// `[n]`.
    weights: Vec<f32>,
}

impl Pixels {
    /// What fits best, of each group of the network's head by itself.
    fn head(&self, network: &Network, inputs: usize) -> LinearHead {
        let fitted = |shares: &[f32], outputs| {
            logistic(&SharedRows { features: &self.features, shares, weights: &self.weights, inputs, outputs }, RIDGE)
        };
        let mut head = LinearHead::default();
        let mut values = self.values.iter();
        for group in &network.head().groups {
            match group.activation {
                Activation::Softmax => {
                    let of = |class: u8| (0..group.channels).map(move |k| f32::from(u8::from(usize::from(class) == k)));
                    let shares: Vec<f32> = self.class.iter().flat_map(|&class| of(class)).collect();
                    let LinearHead { weight, bias } = fitted(&shares, group.channels);
                    head.weight.extend(weight);
                    head.bias.extend(bias);
                }
                Activation::Sigmoid => {
                    for values in values.by_ref().take(group.channels) {
                        let shares: Vec<f32> = values.iter().flat_map(|&value| [1.0 - value, value]).collect();
                        let LinearHead { weight, bias } = fitted(&shares, 2);
                        head.weight.extend(weight[inputs..].iter().zip(&weight[..inputs]).map(|(is, is_not)| is - is_not));
                        head.bias.push(bias[1] - bias[0]);
                    }
                }
                Activation::None => {
                    head.weight.extend(vec![0.0; group.channels * inputs]);
                    head.bias.extend(vec![0.0; group.channels]);
                }
            }
        }
        head
    }

    fn add(&mut self, net: &Net, batch: &Batch, machine: &Machine) -> Result<()> {
        let _no_grad = tch::no_grad_guard();
        let maps = net.before_head(&batch.images(machine)?, Mode::Train { momentum: 0.0 })?;
        let rows = maps.f_permute([0, 2, 3, 1]).torch("read maps")?;
        let features = to_model_tensor(&rows)?.data;
        let inputs = maps.size()[1] as usize;
        let size = batch.size;
        let wanted: Vec<&Vec<f32>> = [&batch.distance, &batch.centre].into_iter().filter(|list| !list.is_empty()).collect();
        self.values.resize(wanted.len(), Vec::new());
        for index in 0..batch.count {
            // The lattice begins elsewhere in each crop, so that no row or column is never seen.
            for y in (index % LATTICE..size).step_by(LATTICE) {
                for x in (index / LATTICE % LATTICE..size).step_by(LATTICE) {
                    let place = (index * size + y) * size + x;
                    if batch.class[place] == IGNORE {
                        continue;
                    }
                    self.features.extend(&features[place * inputs..(place + 1) * inputs]);
                    self.class.push(batch.class[place]);
                    self.weights.push(batch.weight[place]);
                    self.values.iter_mut().zip(&wanted).for_each(|(values, wanted)| values.push(wanted[place]));
                }
            }
        }
        Ok(())
    }
}
