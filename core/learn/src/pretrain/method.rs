//! What methods have in common.

use fewlabel_contract::{Method as Name, PretrainArgs, Result};
use fewlabel_model::Weights;
use tch::Tensor;

use super::batch::ViewBatch;
use super::contrast::{Contrast, Pair};
use super::methods;
use crate::augment::AugmentConfig;
use crate::device::Machine;
use crate::net::{Mode, Net, Parameters};
use crate::pool::ViewPlan;
use crate::torch_result::TorchResult;

/// Name of the contrast among the parts of an error.
pub(super) const CONTRAST: &str = "contrast";
/// What the normalisations do: they use the statistics of each batch of views, and leave their running ones alone. Those are measured
/// on unchanged images at the end, since what is masked has others.
pub(super) const BATCH: Mode = Mode::Train { momentum: 0.0 };

/// Share of a crop's side by which the second view of a place may lie beside the first.
pub(super) const SHIFT: f64 = 0.25;

/// What a method says about a batch, or a piece of one.
#[derive(Debug, Default)]
pub struct Losses {
    /// Name and value of each part that is a mean over crops.
    pub parts: Vec<(&'static str, Tensor)>,
    /// What is to be contrasted, where the method contrasts: that takes all crops of a step together.
    pub pair: Option<Pair>,
    /// Projections of both views, `[n, d]`, where the method compares them without contrast.
    pub projections: Option<(Tensor, Tensor)>,
    /// What the network restores, `[n, c, side, side]`, 0 to 1, where the method restores.
    pub restored: Option<Tensor>,
}

/// A way to learn from images without labels. The network is the learner's, heads that are left behind are the method's.
pub trait Method: std::fmt::Debug {
    /// The views that it wants.
    fn plan(&self) -> ViewPlan;

    /// Whether decoder and head learn, too.
    fn trains_decoder(&self) -> bool;

    /// Parameters of heads that learn with the network and are left behind.
    fn heads(&self) -> Vec<&Parameters> {
        Vec::new()
    }

    /// The contrast that it learns from.
    fn contrast(&self) -> Option<&Contrast> {
        None
    }

    /// What is to be contrasted alone; `None` where the method does not contrast.
    ///
    /// # Errors
    /// What libtorch says.
    fn pair(&self, _net: &Net, _batch: &ViewBatch, _mode: Mode) -> Result<Option<Pair>> {
        Ok(None)
    }

    /// The parts of the error of a batch, normalisations being in this mode.
    ///
    /// # Errors
    /// What libtorch says.
    fn losses(&self, net: &Net, batch: &ViewBatch, mode: Mode) -> Result<Losses>;

    /// Follows the network after step `step` of `total`.
    ///
    /// # Errors
    /// What libtorch says.
    fn follow(&mut self, _net: &Net, _step: u64, _total: u64) -> Result<()> {
        Ok(())
    }

    /// All tensors of its own, by name, to go on with.
    ///
    /// # Errors
    /// What libtorch says.
    fn state(&self) -> Result<Weights> {
        let heads: Result<Vec<Weights>> = self.heads().into_iter().map(Parameters::to_weights).collect();
        Ok(heads?.into_iter().flatten().collect())
    }

    /// Takes back what [`Self::state`] gave.
    ///
    /// # Errors
    /// `bad-model` when a tensor is missing or has another shape.
    fn restore(&mut self, state: &Weights) -> Result<()> {
        self.heads().into_iter().try_for_each(|head| head.copy_from(state))
    }
}

/// The whole error of a batch.
#[derive(Debug)]
pub struct Whole {
    /// Name and value of each part; their sum is minimised.
    pub parts: Vec<(&'static str, Tensor)>,
    /// Projections of both views, `[m, d]`, where the method contrasts or compares them.
    pub projections: Option<(Tensor, Tensor)>,
    /// What the contrast is by chance, where the method contrasts.
    pub by_chance: Option<f64>,
    /// As in [`Losses`].
    pub restored: Option<Tensor>,
}

/// The error of a batch that is computed at once.
///
/// # Errors
/// What libtorch says.
pub fn whole(method: &dyn Method, net: &Net, batch: &ViewBatch, mode: Mode) -> Result<Whole> {
    let Losses { mut parts, pair, mut projections, restored } = method.losses(net, batch, mode)?;
    let mut by_chance = None;
    if let (Some(contrast), Some(pair)) = (method.contrast(), &pair) {
        let (loss, projected) = contrast.loss(pair)?;
        parts.push((CONTRAST, loss));
        projections = Some(projected);
        by_chance = Some(contrast.by_chance(pair));
    }
    Ok(Whole { parts, projections, by_chance, restored })
}

/// Sum of the parts of an error.
///
/// # Errors
/// What libtorch says.
pub fn sum(parts: &[(&'static str, Tensor)]) -> Result<Tensor> {
    let values: Vec<&Tensor> = parts.iter().map(|(_, value)| value).collect();
    Tensor::f_stack(&values, 0).and_then(|all| all.f_sum(tch::Kind::Float)).torch("add errors")
}

/// The method that a request names, for this network.
///
/// # Errors
/// What libtorch says.
pub(super) fn method(args: &PretrainArgs, net: &Net, machine: &Machine) -> Result<Box<dyn Method>> {
    Ok(match args.method {
        Name::Tower => Box::new(methods::Tower::new(args, net, machine)?),
        Name::ContrastProxy => Box::new(methods::ContrastProxy::new(args, net, machine)?),
        Name::Uncorrelated => Box::new(methods::Uncorrelated::new(args, net, machine)?),
        Name::Simclr => Box::new(methods::Simclr::new(args, net, machine)?),
        Name::Byol => Box::new(methods::Byol::new(args, net, machine)?),
        Name::Restore => Box::new(methods::Restore::new()),
        Name::Mae => Box::new(methods::Mae::new(args)),
    })
}

/// Turns, mirror images, sizes: a change of place that changes no intensity.
pub(super) fn moved() -> AugmentConfig {
    let AugmentConfig { flip, quarter_turn, rotation_share, rotation, scale_share, scale, .. } = AugmentConfig::default();
    AugmentConfig { flip, quarter_turn, rotation_share, rotation, scale_share, scale, ..AugmentConfig::none() }
}
