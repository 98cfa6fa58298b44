//! The subject of objects and areas: crops, and images whose pixels are scored.

use std::sync::Arc;

use fewlabel_contract::Result;
use fewlabel_model::Head;
use tch::{Kind, TchError, Tensor};

use super::settings::Settings;
use super::subject::{Lesson, Subject};
use crate::augment::AugmentConfig;
use crate::device::Machine;
use crate::loader::Source;
use crate::loss::{Loss, Target, loss};
use crate::net::image_batch;
use crate::sample::{Batch, SampleConfig, TrainingItem};
use crate::torch_result::TorchResult;
use crate::validate::Validator;

/// What crops are cut from, before and after all labels are trained on.
#[derive(Clone, Debug)]
pub struct Material {
    /// Without what is kept aside.
    pub training: Arc<Vec<TrainingItem>>,
    /// Everything.
    pub all: Arc<Vec<TrainingItem>>,
    /// What is kept aside.
    pub validator: Option<Validator>,
}

impl Material {
    fn cut(&self, settings: &Settings, all: bool, config: SampleConfig, seed: u64) -> Source {
        let items = Arc::clone(if all { &self.all } else { &self.training });
        Source { items, config, seed, count: settings.batch, size: settings.crop }
    }
}

impl Subject for Material {
    type Source = Source;
    type Validator = Validator;

    const KEEPS_START: bool = false;

    fn validator(&self) -> Option<&Validator> {
        self.validator.as_ref()
    }

    fn source(&self, settings: &Settings, all: bool, seed: u64) -> Source {
        self.cut(settings, all, SampleConfig::default(), seed)
    }

    fn unchanged(&self, settings: &Settings, all: bool, seed: u64) -> Source {
        let config = SampleConfig { object_share: 0.0, augment: AugmentConfig::none(), ..SampleConfig::default() };
        self.cut(settings, all, config, seed)
    }
}

impl Lesson for Batch {
    fn images(&self, machine: &Machine) -> Result<Tensor> {
        image_batch(&self.images, (self.count, self.channels, self.size), machine)
    }

    fn loss(&self, logits: &Tensor, head: &Head, machine: &Machine) -> Result<Loss> {
        loss(logits, &target_tensors(self, machine).torch("load batch")?, head)
    }
}

fn target_tensors(batch: &Batch, machine: &Machine) -> Result<Target, TchError> {
    let (n, side) = (batch.count as i64, batch.size as i64);
    let plane = |values: &[f32]| Tensor::f_from_slice(values)?.f_view([n, side, side])?.f_to_device(machine.device());
    let class = Tensor::f_from_slice(&batch.class)?.f_view([n, side, side])?.f_to_device(machine.device())?;
    let values = if batch.distance.is_empty() {
        Tensor::f_zeros([n, 0, side, side], (Kind::Float, machine.device()))?
    } else {
        // Channels side by side in memory, as in the logits that they are compared with.
        Tensor::f_stack(&[plane(&batch.distance)?, plane(&batch.centre)?], -1)?.f_permute([0, 3, 1, 2])?
    };
    Ok(Target { class, values, weight: plane(&batch.weight)? })
}
