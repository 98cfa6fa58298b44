//! TOWER with its two halves kept apart.

use fewlabel_contract::{PretrainArgs, Result};

use super::tower::WithProxy;
use crate::device::Machine;
use crate::net::{Mode, Net, Parameters};
use crate::pool::ViewPlan;
use crate::pretrain::batch::ViewBatch;
use crate::pretrain::contrast::{Contrast, Pair};
use crate::pretrain::method::{Losses, Method};

/// Contrast trains the encoder, restoration the decoder on what the encoder gives: what the correlated optimisation of TOWER is
/// compared with.
#[derive(Debug)]
pub struct Uncorrelated {
    with_proxy: WithProxy,
}

impl Uncorrelated {
    /// # Errors
    /// What libtorch says.
    pub fn new(args: &PretrainArgs, net: &Net, machine: &Machine) -> Result<Self> {
        Ok(Self { with_proxy: WithProxy::new(args, net, machine)? })
    }
}

impl Method for Uncorrelated {
    fn plan(&self) -> ViewPlan {
        self.with_proxy.plan()
    }

    fn trains_decoder(&self) -> bool {
        true
    }

    fn heads(&self) -> Vec<&Parameters> {
        vec![self.with_proxy.contrast.parameters()]
    }

    fn contrast(&self) -> Option<&Contrast> {
        Some(&self.with_proxy.contrast)
    }

    fn pair(&self, net: &Net, batch: &ViewBatch, mode: Mode) -> Result<Option<Pair>> {
        self.with_proxy.pair_alone(net, batch, mode)
    }

    fn losses(&self, net: &Net, batch: &ViewBatch, mode: Mode) -> Result<Losses> {
        // What each half trains is its own: a weight between them would change nothing but the length of a step.
        self.with_proxy.both(net, batch, mode, 1.0, true)
    }
}
