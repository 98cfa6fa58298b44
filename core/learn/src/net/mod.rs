//! The network of [`fewlabel_model::Network`] in tch: the same blocks, the same names.

mod block;
mod initial;
mod parameters;
mod projection;

pub use initial::{initial_weights, initial_weights_of};
pub use parameters::Parameters;
pub(crate) use parameters::{copy_into, to_model_tensor};
pub use projection::{Projection, pooled};

use std::collections::{BTreeSet, HashMap};

use fewlabel_contract::{Error, Result};
use fewlabel_model::{Activation, Block, Head, Network, Weights};
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
        let parameters = Parameters::from_weights(network.parameters(), weights, machine)?;
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
        let mut walk = Walk::new(self, images, mode)?;
        walk.through(self.network.blocks())?;
        walk.end()
    }

    /// Maps behind the encoder, its coarsest, f32, `[n, channels, h / stride, w / stride]`. Decoder and head do not run.
    ///
    /// # Errors
    /// What libtorch says.
    pub fn encoded(&self, images: &Tensor, mode: Mode) -> Result<Tensor> {
        let mut walk = Walk::new(self, images, mode)?;
        walk.through(self.network.encoder())?;
        walk.end()
    }

    /// Both: the encoder's coarsest maps and the values of the output channels. With `apart` the decoder sees what the encoder
    /// found, but no gradient of its goes back into the encoder.
    ///
    /// # Errors
    /// What libtorch says.
    pub fn encoded_and_logits(&self, images: &Tensor, mode: Mode, apart: bool) -> Result<(Tensor, Tensor)> {
        let mut walk = Walk::new(self, images, mode)?;
        let encoder = self.network.encoder();
        walk.through(encoder)?;
        let encoded = walk.maps.f_to_kind(Kind::Float).torch("run network")?;
        if apart {
            walk.detach()?;
        }
        walk.through(&self.network.blocks()[encoder.len()..])?;
        Ok((encoded, walk.end()?))
    }

    /// The maps that the head reads, f32, `[n, channels, h, w]`; h and w are 1 where the network pools.
    ///
    /// # Errors
    /// What libtorch says.
    pub fn before_head(&self, images: &Tensor, mode: Mode) -> Result<Tensor> {
        let mut walk = Walk::new(self, images, mode)?;
        let blocks = self.network.blocks();
        walk.through(&blocks[..blocks.len().saturating_sub(2)])?;
        walk.end()
    }

    /// Both: the maps that the head reads and the values of the output channels.
    ///
    /// # Errors
    /// What libtorch says.
    pub fn before_head_and_logits(&self, images: &Tensor, mode: Mode) -> Result<(Tensor, Tensor)> {
        let mut walk = Walk::new(self, images, mode)?;
        let blocks = self.network.blocks();
        let (body, head) = blocks.split_at(blocks.len().saturating_sub(2));
        walk.through(body)?;
        let maps = walk.maps.f_to_kind(Kind::Float).torch("run network")?;
        walk.through(head)?;
        Ok((maps, walk.end()?))
    }

    /// Channels of the encoder's coarsest maps.
    pub fn encoded_channels(&self) -> usize {
        let last = self.network.encoder().len().checked_sub(1);
        last.map_or(self.network.input_channels(), |last| self.network.shapes()[last].channels)
    }

    /// Names of the parameters behind the encoder: of decoder and head.
    pub fn decoder_parameters(&self) -> BTreeSet<String> {
        let decoder = &self.network.blocks()[self.network.encoder().len()..];
        decoder.iter().flat_map(Block::parameters).map(|spec| spec.name).collect()
    }

    /// Measures the running statistics of the normalisations anew, as means over batches of unchanged images, each
    /// `[n, inputs, h, w]`.
    ///
    /// # Errors
    /// What making a batch says; what libtorch says.
    pub fn recalibrate(&self, batches: impl Iterator<Item = Result<Tensor>>) -> Result<()> {
        let _no_grad = tch::no_grad_guard();
        for (done, images) in batches.enumerate() {
            drop(self.logits(&images?, Mode::Train { momentum: 1.0 / (done + 1) as f64 })?);
        }
        Ok(())
    }

    /// What the packaged network gives: logits with the activations of the head.
    ///
    /// # Errors
    /// What libtorch says.
    pub fn maps(&self, images: &Tensor) -> Result<Tensor> {
        activated(&self.logits(images, Mode::Infer)?, self.network.head())
    }
}

/// Logits `[n, outputs, h, w]` with the activations of a head.
///
/// # Errors
/// What libtorch says.
pub fn activated(logits: &Tensor, head: &Head) -> Result<Tensor> {
    let mut parts = Vec::new();
    let mut start = 0;
    for group in &head.groups {
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

/// Images on their way through the blocks.
struct Walk<'a> {
    net: &'a Net,
    mode: Mode,
    maps: Tensor,
    kept: HashMap<&'a str, Tensor>,
}

impl<'a> Walk<'a> {
    fn new(net: &'a Net, images: &Tensor, mode: Mode) -> Result<Self> {
        Ok(Self { net, mode, maps: shim::channels_last(images)?, kept: HashMap::new() })
    }

    fn through(&mut self, blocks: &'a [Block]) -> Result<()> {
        let machine = &self.net.machine;
        let _autocast = machine.precision().bf16.then(|| Autocast::begin(machine.is_cuda())).transpose()?;
        for block in blocks {
            match block {
                Block::Keep { skip } => {
                    self.kept.insert(skip, self.maps.shallow_clone());
                }
                Block::Concat { skip } => {
                    self.maps = Tensor::f_cat(&[&self.maps, self.kept(skip)?], 1).torch("concatenate")?;
                }
                Block::Add { skip, nonlinearity } => {
                    let sum = self.maps.f_add(self.kept(skip)?).torch("add")?;
                    self.maps = block::activate(sum, *nonlinearity)?;
                }
                Block::Take { skip } => self.maps = self.kept(skip)?.shallow_clone(),
                Block::Pool { of } => self.maps = self.pool(of)?,
                Block::Activate { .. } => {}
                other => self.maps = block::forward(other, &self.maps, &self.net.parameters, self.mode)?,
            }
        }
        Ok(())
    }

    /// What was kept under a name.
    fn kept(&self, skip: &str) -> Result<&Tensor> {
        let nothing = || Error::internal("run network", "a block names maps that were not kept").with("skip", skip);
        self.kept.get(skip).ok_or_else(nothing)
    }

    /// The means over the pixels of kept maps and of those of now, `[n, channels, 1, 1]`.
    fn pool(&self, of: &[String]) -> Result<Tensor> {
        let sources = of.iter().map(|skip| self.kept(skip)).chain([Ok(&self.maps)]);
        let means = sources.map(|maps| pooled(maps?)).collect::<Result<Vec<_>>>()?;
        Tensor::f_cat(&means, 1).and_then(|all| all.f_unsqueeze(-1)).and_then(|all| all.f_unsqueeze(-1)).torch("pool")
    }

    /// What was computed so far stays, its gradients do not.
    fn detach(&mut self) -> Result<()> {
        self.maps = self.maps.f_detach().torch("run network")?;
        for maps in self.kept.values_mut() {
            *maps = maps.f_detach().torch("run network")?;
        }
        Ok(())
    }

    fn end(self) -> Result<Tensor> {
        self.maps.f_to_kind(Kind::Float).torch("run network")
    }
}

/// Images as the network takes them, `[n, c, side, side]`, from values in this order.
///
/// # Errors
/// What libtorch says.
pub(crate) fn image_batch(values: &[f32], (count, channels, side): (usize, usize, usize), machine: &Machine) -> Result<Tensor> {
    Tensor::f_from_slice(values)
        .and_then(|t| t.f_view([count as i64, channels as i64, side as i64, side as i64]))
        .and_then(|t| t.f_to_device(machine.device()))
        .torch("load batch")
}
