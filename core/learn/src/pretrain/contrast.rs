//! The contrast between two views, on projections of the encoder's maps.

use fewlabel_contract::{PretrainArgs, Result};
use tch::Tensor;

use crate::device::Machine;
use crate::loss::NtXent;
use crate::net::{Net, Parameters, Projection};

/// Outputs of the projection.
const PROJECTED: usize = 128;
const TEMPERATURE: f64 = 0.1;

/// A projection of pooled maps and the loss on it.
#[derive(Debug)]
pub struct Contrast {
    projection: Projection,
    temperature: f64,
}

impl Contrast {
    /// For the encoder of a network.
    ///
    /// # Errors
    /// What libtorch says.
    pub fn new(args: &PretrainArgs, net: &Net, machine: &Machine) -> Result<Self> {
        let channels = net.encoded_channels();
        let projection = Projection::new("projection", (channels, channels, PROJECTED), args.seed, machine)?;
        Ok(Self { projection, temperature: args.temperature.unwrap_or(TEMPERATURE) })
    }

    /// The loss of two views, from the encoder's maps of each, `[n, c, h, w]`, and the projections of both.
    ///
    /// # Errors
    /// What libtorch says.
    pub fn of_maps(&self, first: &Tensor, second: &Tensor) -> Result<(Tensor, (Tensor, Tensor))> {
        let (first, second) = (self.projection.of_maps(first)?, self.projection.of_maps(second)?);
        let loss = NtXent { temperature: self.temperature, ..NtXent::default() }.loss(&first, &second)?;
        Ok((loss, (first, second)))
    }

    /// What learns.
    pub fn parameters(&self) -> &Parameters {
        &self.projection.parameters
    }
}
