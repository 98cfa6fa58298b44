//! What a step learns kinds from: images of all classes in turn.

use std::sync::Arc;

use fewlabel_contract::Result;
use fewlabel_image::Maps;
use rand::RngExt;
use rand::seq::SliceRandom;
use tch::Tensor;

use super::prepare::ByClass;
use crate::augment::{AugmentConfig, Geometry, Intensity, Window, warp_image};
use crate::device::Machine;
use crate::loader::Batches;
use crate::loss::{Loss, smoothed_cross_entropy};
use crate::net::image_batch;
use crate::stream::{Purpose, stream};
use crate::torch_result::TorchResult;
use crate::train::{Learner, Lesson};

/// Images and their classes.
#[derive(Clone, Debug, PartialEq)]
pub struct KindBatch {
    /// Images (B).
    pub count: usize,
    /// Their channels (C).
    pub channels: usize,
    /// Rows and columns (S).
    pub size: usize,
    /// `[B, C, S, S]`: normalised intensities.
    pub images: Vec<f32>,
    /// `[B]`: number of the class of each.
    pub class: Vec<i64>,
}

/// How whole images are changed: as crops are, but less in scale, for what makes a kind may be its size, and without haze, which only
/// suits what gives light itself.
pub fn augmentation() -> AugmentConfig {
    AugmentConfig { scale: (0.8, 1.25), haze_share: 0.0, ..AugmentConfig::default() }
}

/// The batch of step `step`: image `i` is a function of the images and `(seed, step, i)` alone.
///
/// The classes take turns in an order drawn for the step, so that each is seen equally often however many images it has.
///
/// # Panics
/// When a class has no image.
pub fn batch(images: &[Vec<Arc<Maps>>], seed: u64, step: u64, count: usize, config: &AugmentConfig) -> KindBatch {
    let mut turns: Vec<usize> = (0..images.len()).collect();
    turns.shuffle(&mut stream(seed, step, 0, Purpose::Turn));
    let first = &images[0][0];
    let (channels, size) = (first.channels, first.height);
    let mut batch = KindBatch { count, channels, size, images: Vec::new(), class: Vec::new() };
    for index in 0..count {
        let class = turns[index % turns.len()];
        let of_class = &images[class];
        let image = &of_class[stream(seed, step, index as u64, Purpose::Place).random_range(0..of_class.len())];
        batch.images.extend(changed(image, config, seed, step, index as u64).data);
        batch.class.push(class as i64);
    }
    batch
}

/// A square image, turned, scaled, bent and changed in its intensities by the streams of `(seed, step, index)`.
pub fn changed(image: &Maps, config: &AugmentConfig, seed: u64, step: u64, index: u64) -> Maps {
    let rng = |purpose| stream(seed, step, index, purpose);
    let geometry = Geometry::draw(config, image.height as f32 / 2.0, &mut rng(Purpose::Geometry));
    let mut changed = warp_image(image, &Window { origin: (0, 0), size: image.height, geometry: &geometry });
    Intensity::draw(config, image.channels, &mut rng(Purpose::Intensity)).apply(&mut changed, &mut rng(Purpose::Noise));
    changed
}

/// What batches of whole images are made of.
#[derive(Clone, Debug)]
pub struct KindSource {
    /// Images of each class; one or more of each.
    pub images: Arc<ByClass>,
    /// How they are changed.
    pub config: AugmentConfig,
    /// Seed of every choice.
    pub seed: u64,
    /// Images a batch.
    pub count: usize,
}

impl Batches for KindSource {
    type Batch = KindBatch;

    fn batch(&self, step: u64) -> Result<KindBatch> {
        Ok(batch(&self.images, self.seed, step, self.count, &self.config))
    }
}

impl Lesson for KindBatch {
    fn images(&self, machine: &Machine) -> Result<Tensor> {
        image_batch(&self.images, (self.count, self.channels, self.size), machine)
    }

    fn loss(&self, learner: &Learner<'_>, _: u64) -> Result<Option<Loss>> {
        let machine = learner.machine;
        let logits = learner.net.logits(&self.images(machine)?, learner.mode)?;
        let class =
            Tensor::f_from_slice(&self.class).and_then(|class| class.f_to_device(machine.device())).torch("load batch")?;
        let total = smoothed_cross_entropy(&logits.f_flatten(1, -1).torch("compute loss")?, &class)?;
        Ok(Some(Loss { parts: vec![("cross_entropy", total.shallow_clone())], total }))
    }
}
