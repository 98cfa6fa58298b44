//! TOWER: restoration whose input is the second view of a contrast.

use fewlabel_contract::{ContrastOf, PretrainArgs, Result};
use tch::Tensor;

use crate::device::Machine;
use crate::net::{Mode, Net, Parameters};
use crate::pool::ViewPlan;
use crate::pretrain::batch::ViewBatch;
use crate::pretrain::contrast::{Contrast, Pair};
use crate::pretrain::method::{Losses, Method, SHIFT, moved};
use crate::pretrain::restoration::{Distance, everywhere, restored};
use crate::proxy::ProxyConfig;

/// Contrast between a clean view and the view of the proxy task, and restoration of what the proxy task changed, of one network
/// (Chen et al., arXiv 2211.14715).
#[derive(Debug)]
pub struct Tower {
    with_proxy: WithProxy,
    restoration_weight: f64,
}

/// What TOWER and its parts have in common: the proxy task, and the contrast of its view with a clean one.
#[derive(Debug)]
pub(super) struct WithProxy {
    pub contrast: Contrast,
    proxy: ProxyConfig,
    /// The clean view is another crop, size and turn of the place: that of the very same crop is told from other crops after a few
    /// hundred steps, and nothing is learned from it any more. Places must lie in the same place, and stay hard to tell apart.
    moves: bool,
}

impl WithProxy {
    /// Non-linear intensities, then one mask.
    pub fn new(args: &PretrainArgs, net: &Net, machine: &Machine) -> Result<Self> {
        let default = ProxyConfig::default();
        let proxy = ProxyConfig { mask_ratio: args.mask_ratio.map_or(default.mask_ratio, |ratio| ratio as f32), ..default };
        Ok(Self {
            contrast: Contrast::with_proxy(args, net, machine)?,
            proxy,
            moves: args.contrast.unwrap_or_default() == ContrastOf::Crops,
        })
    }

    pub fn plan(&self) -> ViewPlan {
        let second = self.moves.then(|| (moved(), SHIFT));
        ViewPlan { first: moved(), second, proxy: Some(self.proxy.clone()), bounded: true }
    }

    /// What is contrasted, from the encoder's maps of the changed view.
    pub fn pair(&self, net: &Net, changed: &Tensor, batch: &ViewBatch, mode: Mode) -> Result<Pair> {
        let clean = net.encoded(if self.moves { &batch.second } else { &batch.first }, mode)?;
        self.contrast.pair(changed, &clean, &batch.images)
    }

    /// The same, which encodes the changed view itself.
    pub fn pair_alone(&self, net: &Net, batch: &ViewBatch, mode: Mode) -> Result<Option<Pair>> {
        self.pair(net, &net.encoded(&batch.proxy, mode)?, batch, mode).map(Some)
    }

    /// Contrast and restoration of one pass of the changed view; with `apart` restoration does not train the encoder.
    pub fn both(&self, net: &Net, batch: &ViewBatch, mode: Mode, restoration_weight: f64, apart: bool) -> Result<Losses> {
        let (changed, logits) = net.encoded_and_logits(&batch.proxy, mode, apart)?;
        let pair = self.pair(net, &changed, batch, mode)?;
        let restored = restored(&logits)?;
        let restoration = everywhere(&restored, &batch.first, Distance::Absolute)? * restoration_weight;
        Ok(Losses { parts: vec![("restoration", restoration)], pair: Some(pair), restored: Some(restored), ..Losses::default() })
    }
}

impl Tower {
    /// # Errors
    /// What libtorch says.
    pub fn new(args: &PretrainArgs, net: &Net, machine: &Machine) -> Result<Self> {
        let restoration_weight = args.restoration_weight.unwrap_or(1.0);
        Ok(Self { with_proxy: WithProxy::new(args, net, machine)?, restoration_weight })
    }
}

impl Method for Tower {
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
        self.with_proxy.both(net, batch, mode, self.restoration_weight, false)
    }
}
