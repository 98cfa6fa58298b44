//! Models Genesis: restoration alone.

use fewlabel_contract::Result;

use crate::net::{Mode, Net};
use crate::pool::ViewPlan;
use crate::pretrain::batch::ViewBatch;
use crate::pretrain::method::{Losses, Method, moved};
use crate::pretrain::restoration::{Distance, everywhere, restored};
use crate::proxy::{CurveFamily, ProxyConfig};

/// Restoration after shuffling, free intensity curves and painting (Zhou et al., Medical Image Analysis 2021, in two dimensions).
#[derive(Debug)]
pub struct Restore {
    proxy: ProxyConfig,
}

impl Restore {
    pub fn new() -> Self {
        let proxy = ProxyConfig { curve: CurveFamily::Free, shuffle_share: 0.5, paint_share: 0.9, ..ProxyConfig::none() };
        Self { proxy }
    }
}

impl Method for Restore {
    fn plan(&self) -> ViewPlan {
        ViewPlan { first: moved(), second: None, proxy: Some(self.proxy.clone()), bounded: true }
    }

    fn trains_decoder(&self) -> bool {
        true
    }

    fn losses(&self, net: &Net, batch: &ViewBatch, mode: Mode) -> Result<Losses> {
        let restored = restored(&net.logits(&batch.proxy, mode)?)?;
        let restoration = everywhere(&restored, &batch.first, Distance::Squared)?;
        Ok(Losses { parts: vec![("restoration", restoration)], restored: Some(restored), ..Losses::default() })
    }
}
