//! Masked blocks alone.

use fewlabel_contract::{PretrainArgs, Result};

use crate::net::{Mode, Net};
use crate::pool::ViewPlan;
use crate::pretrain::batch::ViewBatch;
use crate::pretrain::method::{Losses, Method, moved};
use crate::pretrain::restoration::{Distance, restored, where_hidden};
use crate::proxy::{MaskKind, ProxyConfig};

/// Share of the pixels that is hidden: less than the 0.75 of transformers, which do not see the hole (He et al. 2022); 0.6 as in SparK
/// (Tian et al. 2023), masked modelling of convolutional networks.
const MASK_RATIO: f32 = 0.6;

/// Restoration of hidden blocks, judged where something was hidden.
#[derive(Debug)]
pub struct Mae {
    proxy: ProxyConfig,
}

impl Mae {
    pub fn new(args: &PretrainArgs) -> Self {
        let mask_ratio = args.mask_ratio.map_or(MASK_RATIO, |ratio| ratio as f32);
        Self { proxy: ProxyConfig { masks: vec![MaskKind::Blocks], mask_ratio, ..ProxyConfig::none() } }
    }
}

impl Method for Mae {
    fn plan(&self) -> ViewPlan {
        ViewPlan { first: moved(), second: None, proxy: Some(self.proxy.clone()), bounded: true }
    }

    fn trains_decoder(&self) -> bool {
        true
    }

    fn losses(&self, net: &Net, batch: &ViewBatch, mode: Mode) -> Result<Losses> {
        let restored = restored(&net.logits(&batch.proxy, mode)?)?;
        let restoration = where_hidden(&restored, &batch.first, &batch.hidden, Distance::Squared)?;
        Ok(Losses { parts: vec![("restoration", restoration)], restored: Some(restored), ..Losses::default() })
    }
}
