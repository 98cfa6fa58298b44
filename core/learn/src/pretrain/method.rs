//! What methods have in common.

use fewlabel_contract::{Method as Name, PretrainArgs, Result};
use fewlabel_model::Weights;
use tch::Tensor;

use super::batch::ViewBatch;
use super::methods;
use crate::augment::AugmentConfig;
use crate::device::Machine;
use crate::net::{Net, Parameters};
use crate::pool::ViewPlan;

/// Share of a crop's side by which the second view of a place may lie beside the first.
pub(super) const SHIFT: f64 = 0.25;

/// What a method says about a batch.
#[derive(Debug)]
pub struct Losses {
    /// Name and value of each part; their sum is minimised.
    pub parts: Vec<(&'static str, Tensor)>,
    /// Projections of both views, `[n, d]`, where the method contrasts or compares them.
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

    /// The error of a batch.
    ///
    /// # Errors
    /// What libtorch says.
    fn losses(&self, net: &Net, batch: &ViewBatch) -> Result<Losses>;

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
