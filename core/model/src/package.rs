//! The model package: a bioimage.io 0.5 zip that this program writes, reads and goes on training from.

mod archive;
mod description;
mod meta;
mod names;
mod npy;
mod pixel_size;
mod read;
mod readme;
mod write;

use std::fmt;

use fewlabel_contract::{Error, ErrorKind, Result};
use fewlabel_image::Maps;

use crate::{Network, Weights};

pub use meta::{Citation, InputSize, PackageMeta, Preprocessing};
pub use pixel_size::PixelSize;

/// The newest layout of `config.fewlabel` that is known here: the one with a plane, which programs that know none must not overlook.
const FORMAT: u32 = 2;
/// What is written where nothing of it is needed, so that older programs read it.
const FORMAT_WITHOUT_PLANE: u32 = 1;

/// A whole model package in memory.
#[derive(Clone, PartialEq)]
pub struct Package {
    /// What `bioimageio.yaml` says.
    pub meta: PackageMeta,
    /// The graph, `b c y x` in and out, activations inside. [`crate::write_onnx`] makes it.
    pub onnx: Vec<u8>,
    /// A real piece of image before any preprocessing, and what the network makes of it after the
    /// normalisation of this piece. Sides are multiples of the stride; nothing is padded or cut off.
    /// None where a foreign package has no readable one.
    pub test: Option<(Maps, Maps)>,
    /// What training goes on from; rounded to 16 bit in the file.
    pub weights: Option<Weights>,
    /// The record of the training run; `null` when the package has none.
    pub run: serde_json::Value,
    /// A picture for people, as PNG.
    pub cover_png: Option<Vec<u8>>,
}

/// Without the numbers, which are millions.
impl fmt::Debug for Package {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Package")
            .field("meta", &self.meta)
            .field("onnx bytes", &self.onnx.len())
            .field("test", &self.test.is_some())
            .field("weights", &self.weights.as_ref().map(Weights::len))
            .field("run", &self.run)
            .field("cover bytes", &self.cover_png.as_ref().map(Vec::len))
            .finish()
    }
}

impl Package {
    /// The network and the weights that training goes on from.
    ///
    /// # Errors
    /// [`ErrorKind::Unsupported`] when the package has none, as foreign packages.
    pub fn checkpoint(&self) -> Result<(&Network, &Weights)> {
        match (&self.meta.network, &self.weights) {
            (Some(network), Some(weights)) => Ok((network, weights)),
            _ => Err(Error::new(ErrorKind::Unsupported, "open checkpoint", "this model has no checkpoint to train from")
                .with("model", &self.meta.name)
                .hint("it can segment; to train, start from a model made by Fewlabel or from none")),
        }
    }

    /// That the parts fit together.
    ///
    /// # Errors
    /// [`ErrorKind::BadModel`], saying which do not.
    fn check(&self) -> Result<()> {
        self.meta.check()?;
        self.check_test()
    }

    /// That the test tensors are of the sizes that the description gives, and finite.
    fn check_test(&self) -> Result<()> {
        let Some((input, output)) = &self.test else { return Ok(()) };
        let grid = |maps: &Maps| (maps.height, maps.width);
        let network = self.meta.network.as_ref();
        let expected = network.map_or(grid(input), |network| network.output_size(input.height, input.width));
        let fits = input.channels == self.meta.channels.len()
            && output.channels == self.meta.output_channels.len()
            && grid(output) == expected
            && input.height * input.width > 0;
        if !fits {
            let shape = |maps: &Maps| format!("{} x {} x {}", maps.channels, maps.height, maps.width);
            return Err(Error::new(ErrorKind::BadModel, "check model", "the test tensors are not those of this model")
                .with("input", shape(input))
                .with("output", shape(output)));
        }
        let stride = network.map_or(1, Network::stride);
        if !input.height.is_multiple_of(stride) || !input.width.is_multiple_of(stride) {
            return Err(Error::new(
                ErrorKind::BadModel,
                "check model",
                "the sides of the test input are no multiples of the stride",
            )
            .with("size", format!("{} x {}", input.height, input.width))
            .with("stride", stride));
        }
        if input.data.iter().chain(&output.data).any(|value| !value.is_finite()) {
            return Err(Error::new(ErrorKind::BadModel, "check model", "the test tensors hold values that are not finite"));
        }
        Ok(())
    }
}
