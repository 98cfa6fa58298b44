//! TOWER with its two halves kept apart.

use fewlabel_contract::{PretrainArgs, Result};

use super::tower::{both, plan, proxy};
use crate::device::Machine;
use crate::net::{Net, Parameters};
use crate::pool::ViewPlan;
use crate::pretrain::batch::ViewBatch;
use crate::pretrain::contrast::Contrast;
use crate::pretrain::method::{Losses, Method};
use crate::proxy::ProxyConfig;

/// Contrast trains the encoder, restoration the decoder on what the encoder gives: what the correlated optimisation of TOWER is
/// compared with.
#[derive(Debug)]
pub struct Uncorrelated {
    contrast: Contrast,
    proxy: ProxyConfig,
}

impl Uncorrelated {
    /// # Errors
    /// What libtorch says.
    pub fn new(args: &PretrainArgs, net: &Net, machine: &Machine) -> Result<Self> {
        Ok(Self { contrast: Contrast::new(args, net, machine)?, proxy: proxy(args) })
    }
}

impl Method for Uncorrelated {
    fn plan(&self) -> ViewPlan {
        plan(&self.proxy)
    }

    fn trains_decoder(&self) -> bool {
        true
    }

    fn heads(&self) -> Vec<&Parameters> {
        vec![self.contrast.parameters()]
    }

    fn losses(&self, net: &Net, batch: &ViewBatch) -> Result<Losses> {
        // What each half trains is its own: a weight between them would change nothing but the length of a step.
        both(net, &self.contrast, batch, 1.0, true)
    }
}
