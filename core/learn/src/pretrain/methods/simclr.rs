//! SimCLR: contrast between two augmented views.

use fewlabel_contract::{PretrainArgs, Result};

use crate::augment::AugmentConfig;
use crate::device::Machine;
use crate::net::{Mode, Net, Parameters};
use crate::pool::ViewPlan;
use crate::pretrain::batch::ViewBatch;
use crate::pretrain::contrast::{Contrast, Pair};
use crate::pretrain::method::{Losses, Method, SHIFT};

/// Contrast between two crops of a place, both turned, scaled and changed in their intensities; only the encoder learns (Chen et al.
/// 2020). Hue and grey conversion mean nothing in microscopy; gamma, contrast, brightness, haze, blur and noise are in their place.
#[derive(Debug)]
pub struct Simclr {
    contrast: Contrast,
}

impl Simclr {
    /// # Errors
    /// What libtorch says.
    pub fn new(args: &PretrainArgs, net: &Net, machine: &Machine) -> Result<Self> {
        Ok(Self { contrast: Contrast::new(args, net, machine)? })
    }
}

/// Changes as SimCLR's are: more of them, and stronger, than training with labels has.
pub(super) fn strong() -> AugmentConfig {
    AugmentConfig {
        gamma_share: 0.8,
        gamma: (0.5, 2.0),
        contrast_share: 0.8,
        contrast: (0.5, 1.5),
        brightness_share: 0.8,
        brightness: 0.2,
        blur_share: 0.5,
        blur: (0.4, 2.0),
        noise_share: 0.5,
        noise: 0.1,
        ..AugmentConfig::default()
    }
}

impl Method for Simclr {
    fn plan(&self) -> ViewPlan {
        ViewPlan { first: strong(), second: Some((strong(), SHIFT)), proxy: None, bounded: true }
    }

    fn trains_decoder(&self) -> bool {
        false
    }

    fn heads(&self) -> Vec<&Parameters> {
        vec![self.contrast.parameters()]
    }

    fn contrast(&self) -> Option<&Contrast> {
        Some(&self.contrast)
    }

    fn pair(&self, net: &Net, batch: &ViewBatch, mode: Mode) -> Result<Option<Pair>> {
        let (first, second) = (net.encoded(&batch.first, mode)?, net.encoded(&batch.second, mode)?);
        self.contrast.pair(&first, &second, &batch.images).map(Some)
    }

    fn losses(&self, net: &Net, batch: &ViewBatch, mode: Mode) -> Result<Losses> {
        Ok(Losses { pair: self.pair(net, batch, mode)?, ..Losses::default() })
    }
}
