//! The subject of objects and areas: crops, and images whose pixels are scored.

use std::sync::Arc;

use fewlabel_contract::Result;
use tch::{Kind, TchError, Tensor};

use super::crops::CropSource;
use super::regulariser::{Regulariser, Unlabelled};
use super::settings::Settings;
use super::subject::{Learner, Lesson, Subject};
use crate::augment::AugmentConfig;
use crate::device::Machine;
use crate::loader::Source;
use crate::loss::{Loss, Target, loss};
use crate::net::image_batch;
use crate::sample::{Batch, Marks, SampleConfig, TrainingItem};
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
    /// How crops are changed.
    pub augment: AugmentConfig,
    /// What pixels are marked by where their contrast is learned from.
    pub marks: Option<Marks>,
    /// What crops without labels are cut from, where they are learned from, too.
    pub unlabelled: Option<Unlabelled>,
}

impl Material {
    fn cut(&self, settings: &Settings, all: bool, config: SampleConfig, seed: u64) -> Source {
        let items = Arc::clone(if all { &self.all } else { &self.training });
        Source { items, config, seed, count: settings.batch, size: settings.crop }
    }
}

impl Subject for Material {
    type Source = CropSource;
    type Validator = Validator;

    const KEEPS_START: bool = false;

    fn validator(&self) -> Option<&Validator> {
        self.validator.as_ref()
    }

    fn source(&self, settings: &Settings, all: bool, seed: u64) -> CropSource {
        let config = SampleConfig { augment: self.augment.clone(), marks: self.marks, ..SampleConfig::default() };
        let unlabelled = self.unlabelled.as_ref().map(|unlabelled| unlabelled.source(settings, seed));
        CropSource { labelled: self.cut(settings, all, config, seed), unlabelled }
    }

    fn unchanged(&self, settings: &Settings, all: bool, seed: u64) -> CropSource {
        let config = SampleConfig { object_share: 0.0, augment: AugmentConfig::none(), ..SampleConfig::default() };
        CropSource { labelled: self.cut(settings, all, config, seed), unlabelled: None }
    }
}

impl Lesson for Batch {
    fn images(&self, machine: &Machine) -> Result<Tensor> {
        image_batch(&self.images, (self.count, self.channels, self.size), machine)
    }

    fn loss(&self, learner: &Learner<'_>, step: u64) -> Result<Option<Loss>> {
        let Learner { net, mode, pixels, regulariser, machine, .. } = *learner;
        let images = self.images(machine)?;
        let target = || target_tensors(self, machine).torch("load batch");
        let of_labels = |logits: &Tensor| loss(logits, &target()?, net.network.head());
        if let Some(Regulariser::Mixup(mixup)) = regulariser {
            let mix = mixup.draw(step, self.count);
            let logits = net.logits(&mix.images(&images)?, mode)?;
            return mix.loss(&logits, &target()?, net.network.head()).map(Some);
        }
        let Some(pixels) = pixels else {
            return of_labels(&net.logits(&images, mode)?).map(Some);
        };
        let second = image_batch(&self.second, (self.count, self.channels, self.size), machine)?;
        let both = Tensor::f_cat(&[&images, &second], 0).torch("load batch")?;
        let marks = Tensor::f_from_slice(&self.marks)
            .and_then(|marks| marks.f_view([self.count as i64, self.size as i64, self.size as i64]))
            .and_then(|marks| marks.f_repeat([2, 1, 1]))
            .torch("load batch")?;
        if pixels.alone() {
            let contrast = pixels.loss(&net.before_head(&both, mode)?, &marks, step)?;
            return Ok(contrast.map(|total| Loss { parts: vec![("contrast", total.shallow_clone())], total }));
        }
        // The first view is what it would learn from without contrast.
        let (maps, logits) = net.before_head_and_logits(&both, mode)?;
        let all = of_labels(&logits.f_narrow(0, 0, self.count as i64).torch("compute loss")?)?;
        match pixels.loss(&maps, &marks, step)? {
            Some(contrast) => all.with("contrast", contrast).map(Some),
            None => Ok(Some(all)),
        }
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
