//! Learning from the contrast of pixels, between two views that lie on each other.

use fewlabel_contract::{Contrast, ContrastForm, ContrastPositives, ContrastSampling, Error, ErrorKind, Result, TrainArgs};
use fewlabel_model::Network;
use tch::Tensor;

use crate::device::Machine;
use crate::loss::local::{Form, LocalContrast, Positives, RegionContrast, Sampling, pick};
use crate::net::{Parameters, Projection};
use crate::sample::Marks;
use crate::torch_result::TorchResult;

/// Outputs of the projection, as published.
const PROJECTED: usize = 128;
const TEMPERATURE: f64 = 0.1;
const WEIGHT: f64 = 0.1;
/// Pixels of each class.
const PER_CLASS: usize = 256;
/// As published.
const STRIDE: usize = 4;
const BLOCK: usize = 16;

/// What steps are called that learn from nothing else.
pub const PHASE: &str = "contrast of pixels";

/// What is compared.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Compared {
    Pixels { contrast: LocalContrast, sampling: Sampling, positives: Positives },
    Regions(RegionContrast),
}

/// A point-wise projection of the maps that the head reads, and the contrast on it. It is left behind.
#[derive(Debug)]
pub struct PixelContrast {
    projection: Projection,
    compared: Compared,
    /// Factor beside the training error of the outputs; `None`: there is no other.
    weight: Option<f64>,
    seed: u64,
}

/// What pixels are marked by for the contrast that a request asks for.
pub fn marks(args: &TrainArgs) -> Marks {
    match args.contrast_positives.unwrap_or_default() {
        ContrastPositives::Objects => Marks::Objects,
        ContrastPositives::Classes | ContrastPositives::Views | ContrastPositives::Regions => Marks::Classes,
    }
}

impl PixelContrast {
    /// As a request says, for the maps that the head of a network reads.
    ///
    /// # Errors
    /// `unsupported` when it does not end in such a head; what libtorch says.
    pub fn new(args: &TrainArgs, network: &Network, machine: &Machine) -> Result<Self> {
        let (_, channels, _) = network.head_convolution().ok_or_else(|| {
            Error::new(ErrorKind::Unsupported, "contrast pixels", "the network does not end in a head of a 1x1 convolution")
        })?;
        let temperature = args.contrast_temperature.unwrap_or(TEMPERATURE);
        let number = |usual| args.contrast_pixels.unwrap_or(usual);
        let sampling = match args.contrast_sampling.unwrap_or_default() {
            ContrastSampling::PerClass => Sampling::PerClass(number(PER_CLASS)),
            ContrastSampling::Stride => Sampling::Stride(number(STRIDE)),
            ContrastSampling::Block => Sampling::Block(number(BLOCK)),
            ContrastSampling::Full => Sampling::Full,
        };
        let form = match args.contrast_form.unwrap_or_default() {
            ContrastForm::Share => Form::ShareOfAll,
            ContrastForm::Ratio => Form::Ratio { outer_mean: false },
            ContrastForm::RatioMean => Form::Ratio { outer_mean: true },
        };
        let contrast = LocalContrast { form, temperature, ..LocalContrast::default() };
        let compared = match args.contrast_positives.unwrap_or_default() {
            ContrastPositives::Classes | ContrastPositives::Objects => {
                Compared::Pixels { contrast, sampling, positives: Positives::SameLabel }
            }
            ContrastPositives::Views => Compared::Pixels { contrast, sampling, positives: Positives::SamePixel },
            ContrastPositives::Regions => Compared::Regions(RegionContrast { temperature, ..RegionContrast::default() }),
        };
        Ok(Self {
            projection: Projection::new("pixels", (channels, channels, PROJECTED), args.seed, machine)?,
            compared,
            weight: (args.contrast == Contrast::Joint).then(|| args.contrast_weight.unwrap_or(WEIGHT)),
            seed: args.seed,
        })
    }

    /// Whether nothing but the contrast is learned from.
    pub fn alone(&self) -> bool {
        self.weight.is_none()
    }

    /// What learns.
    pub fn parameters(&self) -> &Parameters {
        &self.projection.parameters
    }

    /// The contrast of maps `[2n, c, h, w]`, one view behind the other, with marks `[2n, h, w]`; `None` when there is nothing to ask about.
    ///
    /// # Errors
    /// What libtorch says.
    pub fn loss(&self, maps: &Tensor, marks: &Tensor, step: u64) -> Result<Option<Tensor>> {
        let seed = self.seed ^ step.wrapping_mul(0x9e37_79b9_7f4a_7c15);
        let loss = match self.compared {
            Compared::Pixels { contrast, sampling, positives } => {
                let picked = pick(marks, sampling, positives, seed)?;
                if picked.is_empty() {
                    return Ok(None);
                }
                // The projection is point-wise: only what is compared is projected.
                contrast.loss(&self.projection.of_rows(&picked.rows(maps)?)?, &picked)?
            }
            Compared::Regions(contrast) => {
                let size = maps.size();
                let (views, c, h, w) = (size[0], size[1], size[2], size[3]);
                let rows = maps.f_permute([0, 2, 3, 1]).and_then(|t| t.f_reshape([-1, c])).torch("contrast regions")?;
                let projected = self.projection.of_rows(&rows)?;
                let maps =
                    projected.f_view([views, h, w, -1]).and_then(|t| t.f_permute([0, 3, 1, 2])).torch("contrast regions")?;
                let view = |first| maps.f_narrow(0, first, views / 2).torch("contrast regions");
                contrast.loss(&view(0)?, &view(views / 2)?, seed)?
            }
        };
        self.weight.map_or(Ok(loss.shallow_clone()), |weight| loss.f_mul_scalar(weight)).map(Some).torch("contrast pixels")
    }
}
