//! TOWER with its two halves kept apart.

use fewlabel_contract::{PretrainArgs, Result};

use super::BATCH;
use super::tower::{plan, proxy};
use crate::device::Machine;
use crate::net::{Net, Parameters};
use crate::pool::ViewPlan;
use crate::pretrain::batch::ViewBatch;
use crate::pretrain::contrast::Contrast;
use crate::pretrain::method::{Losses, Method};
use crate::pretrain::restoration::{Distance, everywhere, restored};
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
        let (changed, logits) = net.encoded_and_logits(&batch.proxy, BATCH, true)?;
        let clean = net.encoded(&batch.second, BATCH)?;
        let (contrast, projections) = self.contrast.of_maps(&changed, &clean)?;
        let restored = restored(&logits)?;
        let restoration = everywhere(&restored, &batch.first, Distance::Absolute)?;
        Ok(Losses {
            parts: vec![("contrast", contrast), ("restoration", restoration)],
            projections: Some(projections),
            restored: Some(restored),
        })
    }
}
