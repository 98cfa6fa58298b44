//! TOWER without restoration.

use fewlabel_contract::{PretrainArgs, Result};

use super::BATCH;
use super::tower::{plan, proxy};
use crate::device::Machine;
use crate::net::{Net, Parameters};
use crate::pool::ViewPlan;
use crate::pretrain::batch::ViewBatch;
use crate::pretrain::contrast::Contrast;
use crate::pretrain::method::{Losses, Method};
use crate::proxy::ProxyConfig;

/// Contrast between a clean view and that of the proxy task; only the encoder learns (Con^P of Chen et al., arXiv 2211.14715).
#[derive(Debug)]
pub struct ContrastProxy {
    contrast: Contrast,
    proxy: ProxyConfig,
}

impl ContrastProxy {
    /// # Errors
    /// What libtorch says.
    pub fn new(args: &PretrainArgs, net: &Net, machine: &Machine) -> Result<Self> {
        Ok(Self { contrast: Contrast::new(args, net, machine)?, proxy: proxy(args) })
    }
}

impl Method for ContrastProxy {
    fn plan(&self) -> ViewPlan {
        plan(&self.proxy)
    }

    fn trains_decoder(&self) -> bool {
        false
    }

    fn heads(&self) -> Vec<&Parameters> {
        vec![self.contrast.parameters()]
    }

    fn losses(&self, net: &Net, batch: &ViewBatch) -> Result<Losses> {
        let (changed, clean) = (net.encoded(&batch.proxy, BATCH)?, net.encoded(&batch.second, BATCH)?);
        let (contrast, projections) = self.contrast.of_maps(&changed, &clean)?;
        Ok(Losses { parts: vec![("contrast", contrast)], projections: Some(projections), restored: None })
    }
}
