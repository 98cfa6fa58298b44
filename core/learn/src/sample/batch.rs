//! The tensors of one training step, as plain vectors.

use super::SampleConfig;
use super::crop::crop;
use super::item::TrainingItem;

/// Crops and their targets, `count` of them, each `size` rows by `size` columns.
#[derive(Clone, Debug, PartialEq)]
pub struct Batch {
    /// Crops (B).
    pub count: usize,
    /// Channels of the images (C).
    pub channels: usize,
    /// Rows and columns (H = W).
    pub size: usize,
    /// `[B, C, H, W]`: normalised intensities.
    pub images: Vec<f32>,
    /// `[B, H, W]`: class of the softmax group, 255 is ignored.
    pub class: Vec<u8>,
    /// `[B, H, W]`: 0 to 1, 0 outside objects; empty for `areas`.
    pub distance: Vec<f32>,
    /// `[B, H, W]`: 0 to 1, 0 outside objects; empty for `areas`.
    pub centre: Vec<f32>,
    /// `[B, H, W]`: 0 where the class is ignored, else 1 or more: how much the pixel counts in the losses.
    pub weight: Vec<f32>,
    /// `[B, C, H, W]`: the same crops with other intensities; empty where one view is enough.
    pub second: Vec<f32>,
    /// `[B, H, W]`: what pixels are marked by, the same in both views; empty where one is enough.
    pub marks: Vec<i64>,
}

/// The batch of step `step`: crop `i` is a function of the items and `(seed, step, i)` alone, whoever
/// makes it and when. A crop of 160 × 160 takes 2 to 4 ms of one core, more with more objects and channels.
///
/// # Panics
/// When there is no item.
pub fn batch(items: &[TrainingItem], seed: u64, step: u64, count: usize, size: usize, config: &SampleConfig) -> Batch {
    let mut batch = Batch {
        count,
        channels: items[0].image.channels,
        size,
        images: Vec::new(),
        class: Vec::new(),
        distance: Vec::new(),
        centre: Vec::new(),
        weight: Vec::new(),
        second: Vec::new(),
        marks: Vec::new(),
    };
    for index in 0..count {
        let crop = crop(items, seed, step, index, size, config);
        batch.images.extend(crop.image.data);
        batch.class.extend(crop.class);
        batch.distance.extend(crop.distance);
        batch.centre.extend(crop.centre);
        batch.weight.extend(crop.weight);
        batch.second.extend(crop.second.into_iter().flat_map(|second| second.data));
        batch.marks.extend(crop.marks);
    }
    batch
}
