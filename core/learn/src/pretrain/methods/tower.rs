//! TOWER: restoration whose input is the second view of a contrast.

use fewlabel_contract::{PretrainArgs, Result};

use super::BATCH;
use crate::device::Machine;
use crate::net::{Net, Parameters};
use crate::pool::ViewPlan;
use crate::pretrain::batch::ViewBatch;
use crate::pretrain::contrast::Contrast;
use crate::pretrain::method::{Losses, Method, SHIFT, moved};
use crate::pretrain::restoration::{Distance, everywhere, restored};
use crate::proxy::ProxyConfig;

/// Contrast between a clean view and the view of the proxy task, and restoration of what the proxy task changed, of one network
/// (Chen et al., arXiv 2211.14715).
///
/// The clean view is another crop, size and turn of the same place: that of the very same crop is told from others after a few
/// hundred steps, and nothing is learned from it any more.
#[derive(Debug)]
pub struct Tower {
    contrast: Contrast,
    proxy: ProxyConfig,
    restoration_weight: f64,
}

impl Tower {
    /// # Errors
    /// What libtorch says.
    pub fn new(args: &PretrainArgs, net: &Net, machine: &Machine) -> Result<Self> {
        Ok(Self {
            contrast: Contrast::new(args, net, machine)?,
            proxy: proxy(args),
            restoration_weight: args.restoration_weight.unwrap_or(1.0),
        })
    }
}

/// Non-linear intensities, then one mask.
pub(super) fn proxy(args: &PretrainArgs) -> ProxyConfig {
    let default = ProxyConfig::default();
    ProxyConfig { mask_ratio: args.mask_ratio.map_or(default.mask_ratio, |ratio| ratio as f32), ..default }
}

/// A clean view, one moved, and the proxy task.
pub(super) fn plan(proxy: &ProxyConfig) -> ViewPlan {
    ViewPlan { first: moved(), second: Some((moved(), SHIFT)), proxy: Some(proxy.clone()) }
}

/// Contrast and restoration of one pass of the changed view; with `apart` restoration does not train the encoder.
pub(super) fn both(net: &Net, contrast: &Contrast, batch: &ViewBatch, restoration_weight: f64, apart: bool) -> Result<Losses> {
    let (changed, logits) = net.encoded_and_logits(&batch.proxy, BATCH, apart)?;
    let clean = net.encoded(&batch.second, BATCH)?;
    let (contrast, projections) = contrast.of_maps(&changed, &clean)?;
    let restored = restored(&logits)?;
    let restoration = everywhere(&restored, &batch.first, Distance::Absolute)? * restoration_weight;
    Ok(Losses {
        parts: vec![("contrast", contrast), ("restoration", restoration)],
        projections: Some(projections),
        restored: Some(restored),
    })
}

impl Method for Tower {
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
        both(net, &self.contrast, batch, self.restoration_weight, false)
    }
}
