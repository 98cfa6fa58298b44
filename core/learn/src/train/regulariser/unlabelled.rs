//! The images without labels of a training.

use std::path::Path;
use std::sync::Arc;

use fewlabel_contract::{Error, ErrorKind, Level, Result, TrainArgs};

use crate::augment::AugmentConfig;
use crate::labels::LabelSet;
use crate::loader::ViewSource;
use crate::pool::{Factor, Pool, PoolOptions, ViewPlan};
use crate::run::Run;
use crate::train::settings::Settings;
use crate::train::task::Task;

/// Told apart from the seed of crops with labels.
const SEED: u64 = 0x7c5a_0000_7c5a_0000;

/// What crops without labels are cut from.
#[derive(Clone, Debug)]
pub struct Unlabelled {
    pool: Arc<Pool>,
    parts: Arc<Vec<usize>>,
    left_out: usize,
}

impl Unlabelled {
    /// Those images of a request in which nothing is labelled, as its labelled ones are seen. What cannot be read is left out, and told.
    ///
    /// # Errors
    /// `invalid-request` when there is none; the first image's error when none can be used; `cancelled`.
    pub fn open(args: &TrainArgs, labels: &LabelSet, task: &Task, run: &Run<'_>) -> Result<Self> {
        if labels.unlabelled.is_empty() {
            return Err(Error::new(ErrorKind::InvalidRequest, "open images", "consistency is learned from images without labels, and there is none")
                .with("field", "regularisation")
                .with("labelled images", labels.images.len())
                .hint("give images that have no label, or open the labels of the first names alone (first, order); or leave regularisation out"));
        }
        let options = PoolOptions {
            channels: args.channels.clone(),
            plane: args.plane,
            network_channels: Some(task.channels.clone()),
            normalisation: task.normalisation.clone(),
            factor: Factor::For(task.size.clone()),
            room: PoolOptions::usual_room(),
        };
        let (pool, left_out) = Pool::open(labels.unlabelled.iter().cloned(), options, run.token)?;
        for error in &left_out {
            run.log(Level::Warning, format!("left out: {error}"));
        }
        run.info(format!("{} images without labels, {} left out", pool.images(), left_out.len()));
        Ok(Self { parts: Arc::new((0..pool.len()).collect()), pool: Arc::new(pool), left_out: left_out.len() })
    }

    /// How many images there are.
    pub fn images(&self) -> usize {
        self.pool.images()
    }

    /// Files of the images.
    pub fn paths(&self) -> impl Iterator<Item = &Path> {
        self.pool.paths()
    }

    /// Images that cannot be used.
    pub fn left_out(&self) -> usize {
        self.left_out
    }

    /// Makes two views of each place that lie on each other, as many places and as large ones as there are crops with labels.
    pub fn source(&self, settings: &Settings, seed: u64) -> ViewSource {
        ViewSource {
            pool: Arc::clone(&self.pool),
            parts: Arc::clone(&self.parts),
            plan: ViewPlan { first: noisy(), second: Some((noisy(), 0.0)), proxy: None, bounded: false },
            seed: seed ^ SEED,
            count: settings.batch,
            size: settings.crop,
        }
    }
}

/// Changes of intensity as crops with labels have them, with noise in every crop, as published; places stay where they are. There is no
/// haze: without labels nobody knows whether objects give light.
fn noisy() -> AugmentConfig {
    let AugmentConfig { gamma_share, contrast_share, brightness_share, channel_share, blur_share, .. } = AugmentConfig::default();
    AugmentConfig {
        gamma_share,
        contrast_share,
        brightness_share,
        channel_share,
        blur_share,
        noise_share: 1.0,
        ..AugmentConfig::none()
    }
}
