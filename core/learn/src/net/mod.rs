//! The network of [`fewlabel_model::Network`] in tch: the same blocks, the same names.

mod block;
mod initial;
mod parameters;

pub use initial::initial_weights;
pub use parameters::Parameters;
pub(crate) use parameters::{copy_into, to_model_tensor};

use std::collections::HashMap;

use fewlabel_contract::{Error, Result};
use fewlabel_model::{Activation, Block, Network, Weights};
use tch::{Kind, Tensor};

use crate::device::Machine;
use crate::shim::{self, Autocast};
use crate::torch_result::TorchResult;

/// What the batch normalisations do in a pass.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Mode {
    /// They normalise by the batch and move their running statistics by this share towards it.
    Train {
        /// Share of the way, 0 to 1; PyTorch's `momentum`.
        momentum: f64,
    },
    /// They normalise by their running statistics.
    Infer,
}

/// A network with weights on a device.
#[derive(Debug)]
pub struct Net {
    /// The blocks.
    pub network: Network,
    /// Weights, biases and running statistics by name.
    pub parameters: Parameters,
    machine: Machine,
}

impl Net {
    /// A network with these weights.
    ///
    /// # Errors
    /// `bad-model` when a weight is missing or has another shape.
    pub fn with_weights(network: Network, weights: &Weights, machine: &Machine) -> Result<Self> {
        let parameters = Parameters::from_weights(&network, weights, machine)?;
        Ok(Self { network, parameters, machine: machine.clone() })
    }

    /// Where its weights lie.
    pub fn device(&self) -> tch::Device {
        self.machine.device()
    }

    /// Values of the output channels before their activations, f32, `[n, outputs, h, w]`.
    ///
    /// `images` is `[n, inputs, h, w]`, f32, with sides that are multiples of the stride.
    ///
    /// # Errors
    /// What libtorch says.
    pub fn logits(&self, images: &Tensor, mode: Mode) -> Result<Tensor> {
        let mut maps = shim::channels_last(images)?;
        let mut kept: HashMap<&str, Tensor> = HashMap::new();
        let precision = self.machine.precision();
        let autocast = precision.bf16.then(|| Autocast::begin(self.machine.is_cuda())).transpose()?;
        for block in self.network.blocks() {
            match block {
                Block::Keep { skip } => {
                    kept.insert(skip, maps.shallow_clone());
                }
                Block::Concat { skip } => {
                    let other = kept.get(skip.as_str()).ok_or_else(|| {
                        Error::internal("run network", "a concatenation names maps that were not kept").with("skip", skip)
                    })?;
                    maps = Tensor::f_cat(&[&maps, other], 1).torch("concatenate")?;
                }
                Block::Activate { .. } => {}
                other => maps = block::forward(other, &maps, &self.parameters, mode)?,
            }
        }
        drop(autocast);
        maps.f_to_kind(Kind::Float).torch("run network")
    }

    /// What the packaged network gives: logits with the activations of the head.
    ///
    /// # Errors
    /// What libtorch says.
    pub fn maps(&self, images: &Tensor) -> Result<Tensor> {
        let logits = self.logits(images, Mode::Infer)?;
        let mut parts = Vec::new();
        let mut start = 0;
        for group in &self.network.head().groups {
            let channels = group.channels as i64;
            let part = logits.f_narrow(1, start, channels).torch("activate")?;
            parts.push(
                match group.activation {
                    Activation::Softmax => part.f_softmax(1, Kind::Float),
                    Activation::Sigmoid => part.f_sigmoid(),
                    Activation::None => Ok(part),
                }
                .torch("activate")?,
            );
            start += channels;
        }
        Tensor::f_cat(&parts, 1).torch("activate")
    }
}
