//! BYOL: agreement with a slowly moving copy.

use fewlabel_contract::{PretrainArgs, Result};
use fewlabel_model::{ParameterKind, Weights};
use tch::{Kind, Tensor};

use super::simclr::strong;
use crate::device::Machine;
use crate::loss::unit_rows;
use crate::net::{Mode, Net, Parameters, Projection, pooled};
use crate::pool::ViewPlan;
use crate::pretrain::batch::ViewBatch;
use crate::pretrain::method::{Losses, Method, SHIFT};
use crate::shim;
use crate::torch_result::TorchResult;

/// Outputs of projection and predictor, and what lies between.
const PROJECTED: usize = 128;
const HIDDEN: usize = 512;
/// Share of the copy that stays in the first step; it rises to 1 along half a cosine (Grill et al. 2020, section 3.2).
const STAYS: f64 = 0.99;
/// Names of the copy's tensors begin with it.
const COPY: &str = "copy.";

/// A prediction, from one view, of what a slowly moving copy makes of the other; only the encoder learns (Grill et al. 2020).
/// Views are as in `simclr`. There are no negatives.
#[derive(Debug)]
pub struct Byol {
    projection: Projection,
    predictor: Projection,
    copy: Net,
    copied_projection: Projection,
}

impl Byol {
    /// # Errors
    /// What libtorch says.
    pub fn new(args: &PretrainArgs, net: &Net, machine: &Machine) -> Result<Self> {
        let channels = net.encoded_channels();
        let projection = || Projection::new("projection", (channels, HIDDEN, PROJECTED), args.seed, machine);
        Ok(Self {
            projection: projection()?,
            predictor: Projection::new("predictor", (PROJECTED, HIDDEN, PROJECTED), args.seed, machine)?,
            copy: Net::with_weights(net.network.clone(), &net.parameters.to_weights()?, machine)?,
            copied_projection: projection()?,
        })
    }

    /// What the copy makes of a view; nothing learns from there.
    fn target(&self, view: &Tensor, mode: Mode) -> Result<Tensor> {
        let _no_grad = tch::no_grad_guard();
        self.copied_projection.of_rows(&pooled(&self.copy.encoded(view, mode)?)?)
    }

    fn copied(&self) -> [&Parameters; 2] {
        [&self.copy.parameters, &self.copied_projection.parameters]
    }
}

/// Mean of 2 − 2 cos over the rows (equation 2).
fn disagreement(predicted: &Tensor, target: &Tensor) -> Result<Tensor> {
    let compute = || {
        let cosine = unit_rows(predicted)?.f_mul(&unit_rows(target)?)?.f_sum_dim_intlist(1, false, Kind::Float)?;
        cosine.f_mean(Kind::Float)?.f_mul_scalar(-2.0)?.f_add_scalar(2.0)
    };
    compute().torch("compare views")
}

impl Method for Byol {
    fn plan(&self) -> ViewPlan {
        ViewPlan { first: strong(), second: Some((strong(), SHIFT)), proxy: None, bounded: true }
    }

    fn trains_decoder(&self) -> bool {
        false
    }

    fn heads(&self) -> Vec<&Parameters> {
        vec![&self.projection.parameters, &self.predictor.parameters]
    }

    fn losses(&self, net: &Net, batch: &ViewBatch, mode: Mode) -> Result<Losses> {
        let projected = |view: &Tensor| self.projection.of_rows(&pooled(&net.encoded(view, mode)?)?);
        let (first, second) = (projected(&batch.first)?, projected(&batch.second)?);
        let there = disagreement(&self.predictor.of_rows(&first)?, &self.target(&batch.second, mode)?)?;
        let back = disagreement(&self.predictor.of_rows(&second)?, &self.target(&batch.first, mode)?)?;
        Ok(Losses { parts: vec![("disagreement", there + back)], projections: Some((first, second)), ..Losses::default() })
    }

    fn follow(&mut self, net: &Net, step: u64, total: u64) -> Result<()> {
        let done = step as f64 / total.max(1) as f64;
        let moves = (1.0 - STAYS) * ((std::f64::consts::PI * done.min(1.0)).cos() + 1.0) / 2.0;
        for (copy, leader) in self.copied().into_iter().zip([&net.parameters, &self.projection.parameters]) {
            shim::lerp(&copy.select(ParameterKind::is_trained), &leader.select(ParameterKind::is_trained), moves)?;
        }
        Ok(())
    }

    fn state(&self) -> Result<Weights> {
        let mut state = Weights::new();
        for head in self.heads() {
            state.extend(head.to_weights()?);
        }
        for copy in self.copied() {
            state.extend(copy.to_weights()?.into_iter().map(|(name, tensor)| (format!("{COPY}{name}"), tensor)));
        }
        Ok(state)
    }

    fn restore(&mut self, state: &Weights) -> Result<()> {
        let copied =
            |(name, tensor): (&String, &fewlabel_model::Tensor)| Some((name.strip_prefix(COPY)?.to_owned(), tensor.clone()));
        let copied: Weights = state.iter().filter_map(copied).collect();
        self.heads().into_iter().try_for_each(|head| head.copy_from(state))?;
        self.copied().into_iter().try_for_each(|copy| copy.copy_from(&copied))
    }
}
