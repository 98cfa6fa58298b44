//! TOWER without restoration.

use fewlabel_contract::{PretrainArgs, Result};

use super::tower::WithProxy;
use crate::device::Machine;
use crate::net::{Mode, Net, Parameters};
use crate::pool::ViewPlan;
use crate::pretrain::batch::ViewBatch;
use crate::pretrain::contrast::{Contrast, Pair};
use crate::pretrain::method::{Losses, Method};

/// Contrast between a clean view and that of the proxy task; only the encoder learns (Con^P of Chen et al., arXiv 2211.14715).
#[derive(Debug)]
pub struct ContrastProxy {
    with_proxy: WithProxy,
}

impl ContrastProxy {
    /// # Errors
    /// What libtorch says.
    pub fn new(args: &PretrainArgs, net: &Net, machine: &Machine) -> Result<Self> {
        Ok(Self { with_proxy: WithProxy::new(args, net, machine)? })
    }
}

impl Method for ContrastProxy {
    fn plan(&self) -> ViewPlan {
        self.with_proxy.plan()
    }

    fn trains_decoder(&self) -> bool {
        false
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
        Ok(Losses { pair: self.pair(net, batch, mode)?, ..Losses::default() })
    }
}
