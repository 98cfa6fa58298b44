//! The head that the features of a start allow, before anything is trained: a linear probe.

use std::sync::Arc;

use fewlabel_contract::{CancelToken, Result};
use fewlabel_image::Maps;
use fewlabel_model::{Network, Weights};

use super::lesson::{KindSource, changed};
use super::prepare::ByClass;
use crate::augment::AugmentConfig;
use crate::device::Machine;
use crate::linear::{Rows, fit};
use crate::net::{Mode, Net, image_batch, to_model_tensor};
use crate::train::{CALIBRATION_SEED, calibrate};

/// Changed copies of an image that its class is learned from beside the image itself.
const COPIES: usize = 8;
/// Most images and copies together; images alone may be more.
const MOST_ROWS: usize = 4096;
/// Images that go through the network together.
const TOGETHER: usize = 32;
/// Images in a batch that running statistics are measured on.
const CALIBRATED: usize = 16;
/// Told apart from the seed of training.
const SEED: u64 = 0x9b0b_e000_9b0b_e000;

/// Measures the running statistics of the encoder in `weights` on unchanged images, as after training, and puts the best linear head on
/// its features, in closed form.
///
/// Beside each image the head sees copies of it, changed as `config` says.
///
/// With the statistics of other images the head would fit features that training, which normalises by its own batches, never sees.
///
/// # Errors
/// `cancelled`; what libtorch says; `bad-model` when weights are missing.
pub fn probe(
    network: &Network,
    weights: &mut Weights,
    images: &Arc<ByClass>,
    (config, seed): (&AugmentConfig, u64),
    machine: &Machine,
    token: &CancelToken,
) -> Result<()> {
    let net = Net::with_weights(network.clone(), weights, machine)?;
    let unchanged = KindSource {
        images: Arc::clone(images),
        config: AugmentConfig::none(),
        seed: seed ^ CALIBRATION_SEED,
        count: CALIBRATED,
    };
    calibrate(&net, &unchanged, machine, token)?;
    *weights = net.parameters.to_weights()?;
    let count: usize = images.iter().map(Vec::len).sum();
    let copies = (MOST_ROWS / count.max(1)).saturating_sub(1).min(COPIES);
    let mut views = Views { net: &net, machine, waiting: Vec::new(), values: Vec::new() };
    let mut rows = Rows::default();
    for (class, image) in images.iter().enumerate().flat_map(|(class, images)| images.iter().map(move |image| (class, image))) {
        token.check("probe")?;
        let index = rows.images.len() as u64;
        views.add(Arc::clone(image))?;
        for copy in 0..copies as u64 {
            views.add(Arc::new(changed(image, config, seed ^ SEED, copy, index)))?;
        }
        rows.images.push((1 + copies, class));
    }
    rows.values = views.finish()?;
    rows.features = rows.values.len() / (count * (1 + copies)).max(1);
    fit(&rows, images.len()).put_into(network, weights);
    Ok(())
}

/// Images on their way through the encoder.
struct Views<'a> {
    net: &'a Net,
    machine: &'a Machine,
    waiting: Vec<Arc<Maps>>,
    /// Features of those that are through.
    values: Vec<f64>,
}

impl Views<'_> {
    fn add(&mut self, image: Arc<Maps>) -> Result<()> {
        self.waiting.push(image);
        if self.waiting.len() == TOGETHER { self.run() } else { Ok(()) }
    }

    fn run(&mut self) -> Result<()> {
        let Some(first) = self.waiting.first() else { return Ok(()) };
        let _no_grad = tch::no_grad_guard();
        let shape = (self.waiting.len(), first.channels, first.height);
        let values: Vec<f32> = self.waiting.iter().flat_map(|image| image.data.iter().copied()).collect();
        let features = self.net.before_head(&image_batch(&values, shape, self.machine)?, Mode::Infer)?;
        self.values.extend(to_model_tensor(&features)?.data.into_iter().map(f64::from));
        self.waiting.clear();
        Ok(())
    }

    fn finish(mut self) -> Result<Vec<f64>> {
        self.run()?;
        Ok(self.values)
    }
}
