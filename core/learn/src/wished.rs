//! The network that a request asks for.

use fewlabel_contract::{Norm, PretrainArgs, Result, TrainArgs};
use fewlabel_model::{Head, Network};

/// Channels of the first level of a network that is not started from another.
const WIDTH: usize = 32;
/// Its levels.
const LEVELS: usize = 4;

/// What a request says of its network; what it leaves open is that of the start, or the usual.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Wished {
    /// Channels of the first level.
    pub width: Option<usize>,
    /// Levels.
    pub levels: Option<usize>,
    /// Normalisation layers.
    pub norm: Option<Norm>,
}

impl Wished {
    /// The U-Net of a run without a start.
    ///
    /// # Errors
    /// `invalid-request` for sizes beyond reason.
    pub fn unet(&self, channels: usize, head: &Head) -> Result<Network> {
        let network = Network::unet(channels, self.width.unwrap_or(WIDTH), self.levels.unwrap_or(LEVELS), head)?;
        Ok(self.normalised(network))
    }

    /// A network with the normalisation that is asked for.
    pub fn normalised(&self, network: Network) -> Network {
        match self.norm.unwrap_or_default() {
            Norm::Batch => network,
            Norm::Instance => network.with_instance_norm(),
        }
    }
}

impl From<&TrainArgs> for Wished {
    fn from(args: &TrainArgs) -> Self {
        Self { width: args.width, levels: args.levels, norm: args.norm }
    }
}

impl From<&PretrainArgs> for Wished {
    fn from(args: &PretrainArgs) -> Self {
        Self { width: args.width, levels: args.levels, norm: args.norm }
    }
}
