//! The contrast between two views, on projections of the encoder's maps.

use fewlabel_contract::{ContrastOf, PretrainArgs, Result, SameImage};
use tch::Tensor;

use crate::device::Machine;
use crate::loss::{NtXent, chance_level};
use crate::net::{Net, Parameters, Projection, pooled};
use crate::torch_result::TorchResult;

/// Outputs of the projection.
const PROJECTED: usize = 128;
const TEMPERATURE: f64 = 0.1;
/// Of the places of the coarsest maps every third is contrasted, along rows and columns: neighbours see nearly the same.
const LATTICE: i64 = 3;

/// What is contrasted of both views, before it is projected: `[m, c]` each, row i of the one belonging to row i of the other.
#[derive(Debug)]
pub struct Pair {
    /// Of one view.
    pub first: Tensor,
    /// Of the other.
    pub second: Tensor,
    /// `[m]`: the image that a row is of.
    pub images: Tensor,
}

/// A projection and the loss on it.
#[derive(Debug)]
pub struct Contrast {
    projection: Projection,
    places: bool,
    temperature: f64,
    factor: f64,
    same_image: bool,
}

impl Contrast {
    /// For the encoder of a network.
    ///
    /// # Errors
    /// What libtorch says.
    pub fn new(args: &PretrainArgs, net: &Net, machine: &Machine) -> Result<Self> {
        let channels = net.encoded_channels();
        Ok(Self {
            projection: Projection::new("projection", (channels, channels, PROJECTED), args.seed, machine)?,
            places: false,
            temperature: args.temperature.unwrap_or(TEMPERATURE),
            factor: args.contrast_weight.unwrap_or(1.0),
            same_image: args.same_image == SameImage::Negative,
        })
    }

    /// As [`Self::new`]; between the view of a proxy task and a clean one, which may be told apart place by place.
    ///
    /// # Errors
    /// What libtorch says.
    pub fn with_proxy(args: &PretrainArgs, net: &Net, machine: &Machine) -> Result<Self> {
        Ok(Self { places: args.contrast.unwrap_or_default() == ContrastOf::Places, ..Self::new(args, net, machine)? })
    }

    /// The rows of two views, from the encoder's maps of each, `[n, c, h, w]`; `images`, `[n]`, says of which image a crop is.
    ///
    /// # Errors
    /// What libtorch says.
    pub fn pair(&self, first: &Tensor, second: &Tensor, images: &Tensor) -> Result<Pair> {
        if !self.places {
            return Ok(Pair { first: pooled(first)?, second: pooled(second)?, images: images.shallow_clone() });
        }
        let (first, second) = (places(first)?, places(second)?);
        let each = first.size()[0] / images.size()[0];
        let images = images.f_repeat_interleave_self_int(each, 0, None).torch("contrast places")?;
        Ok(Pair { first, second, images })
    }

    /// The loss of a pair, and its projections.
    ///
    /// # Errors
    /// What libtorch says.
    pub fn loss(&self, pair: &Pair) -> Result<(Tensor, (Tensor, Tensor))> {
        let (first, second) = (self.projection.of_rows(&pair.first)?, self.projection.of_rows(&pair.second)?);
        let images = (!self.same_image).then_some(&pair.images);
        let loss = NtXent { temperature: self.temperature, factor: self.factor, images }.loss(&first, &second)?;
        Ok((loss, (first, second)))
    }

    /// The loss of a pair whose projections say nothing, where all rows are told apart.
    pub fn by_chance(&self, pair: &Pair) -> f64 {
        chance_level(pair.first.size()[0] as usize, self.factor)
    }

    /// What learns.
    pub fn parameters(&self) -> &Parameters {
        &self.projection.parameters
    }
}

/// Maps `[n, c, h, w]` at places of the lattice: `[n · places, c]`.
fn places(maps: &Tensor) -> Result<Tensor> {
    let [_, c, h, w] = maps.size()[..] else { return Ok(maps.shallow_clone()) };
    maps.f_slice(2, 0, h, LATTICE)
        .and_then(|t| t.f_slice(3, 0, w, LATTICE))
        .and_then(|t| t.f_permute([0, 2, 3, 1]))
        .and_then(|t| t.f_reshape([-1, c]))
        .torch("contrast places")
}
