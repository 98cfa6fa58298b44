//! AdamW with a learning rate that warms up and falls along a cosine, and state that can be saved.

use fewlabel_contract::Result;
use fewlabel_model::{ParameterKind, Weights};
use tch::{Kind, Tensor};

use crate::net::{Parameters, to_model_tensor};
use crate::shim::{self, AdamW};
use crate::torch_result::TorchResult;

/// Numbers of the optimiser that a run does not change.
const BETA1: f64 = 0.9;
const BETA2: f64 = 0.99;
const EPSILON: f64 = 1e-8;
/// Decay of convolution weights; normalisations and biases are not pulled to zero.
const DECAY: f64 = 0.01;
/// Largest joint Euclidean norm of all gradients.
const CLIP: f64 = 1.0;
/// Steps over which the learning rate rises; a fifth of the steps when there are fewer than [`SHORT`].
const WARM_UP: u64 = 25;
const SHORT: u64 = 50;

/// Learning rate of step `step` (from 0) of `total`: linear to `peak`, then half a cosine to zero.
///
/// The rise does not depend on `total` from 50 on: a run in minutes knows its steps only after the first.
pub fn learning_rate(peak: f64, step: u64, total: u64) -> f64 {
    let rise = if total < SHORT { (total / 5).max(1) } else { WARM_UP };
    if step < rise {
        return peak * (step + 1) as f64 / rise as f64;
    }
    let share = (step + 1 - rise) as f64 / (total - rise).max(1) as f64;
    peak * 0.5 * (1.0 + (std::f64::consts::PI * share.min(1.0)).cos())
}

/// Parameters that share a weight decay, with their moments.
#[derive(Debug)]
struct Group {
    decay: f64,
    /// Its learning rate over that of the step.
    share: f64,
    names: Vec<String>,
    weights: Vec<Tensor>,
    first: Vec<Tensor>,
    second: Vec<Tensor>,
    steps: Vec<Tensor>,
}

/// The optimiser of a network, and of what is trained with it.
#[derive(Debug)]
pub struct Optimiser {
    groups: Vec<Group>,
}

impl Optimiser {
    /// For the trained ones among these: each learns at this share of the rate of a step, and not at all when that is 0. Moments are zero, no
    /// step is done. Where it `decays` convolution weights are pulled to zero, else it is Adam.
    ///
    /// # Errors
    /// What libtorch says.
    pub fn new(parameters: &[&Parameters], decays: bool, share: impl Fn(&str) -> f64) -> Result<Self> {
        let mut lists: Vec<(f64, f64, Vec<_>)> = Vec::new();
        for (name, kind, tensor) in parameters.iter().flat_map(|all| all.listed()).filter(|(_, kind, _)| kind.is_trained()) {
            let decay = if decays && kind == ParameterKind::Weight { DECAY } else { 0.0 };
            let share = share(name);
            if share <= 0.0 {
                continue;
            }
            match lists.iter_mut().find(|(d, s, _)| (*d, *s) == (decay, share)) {
                Some((_, _, list)) => list.push((name, tensor)),
                None => lists.push((decay, share, vec![(name, tensor)])),
            }
        }
        let groups = lists.into_iter().map(|(decay, share, list)| Group::new(list, decay, share)).collect::<Result<_>>()?;
        Ok(Self { groups })
    }

    /// One step down the gradient of `loss` at learning rate `rate`; gives the gradient's norm before clipping.
    ///
    /// # Errors
    /// What libtorch says.
    pub fn step(&self, loss: &Tensor, rate: f64) -> Result<f64> {
        self.apply(self.gradients(loss)?, rate)
    }

    /// The gradient of `loss` for each parameter that learns; zero where it does not depend on it.
    ///
    /// # Errors
    /// What libtorch says.
    pub fn gradients(&self, loss: &Tensor) -> Result<Vec<Tensor>> {
        let weights: Vec<&Tensor> = self.groups.iter().flat_map(|group| &group.weights).collect();
        let gradients = Tensor::f_run_backward(&[loss], &weights, false, false).torch("run backward")?;
        let or_zero = |(gradient, weight): (Tensor, &&Tensor)| match gradient.defined() {
            true => Ok(gradient),
            false => weight.f_detach().and_then(|weight| weight.f_zeros_like()).torch("run backward"),
        };
        gradients.into_iter().zip(&weights).map(or_zero).collect()
    }

    /// One step down these gradients, in the order of [`Self::gradients`], at learning rate `rate`; gives their norm before clipping.
    ///
    /// # Errors
    /// What libtorch says.
    pub fn apply(&self, mut gradients: Vec<Tensor>, rate: f64) -> Result<f64> {
        let norm = shim::clip(&gradients, CLIP)?;
        for group in &self.groups {
            let rest = gradients.split_off(group.weights.len());
            let gradients = std::mem::replace(&mut gradients, rest);
            let numbers = AdamW { rate: rate * group.share, beta1: BETA1, beta2: BETA2, decay: group.decay, epsilon: EPSILON };
            shim::adamw(&group.weights, &gradients, &group.first, &group.second, &group.steps, numbers)?;
        }
        Ok(norm)
    }

    /// Moments and step counts by name: `enc0.conv1.weight.first`, `.second`, `.steps`.
    ///
    /// # Errors
    /// What libtorch says.
    pub fn state(&self) -> Result<Weights> {
        self.named().map(|(name, tensor)| Ok((name, to_model_tensor(tensor)?))).collect()
    }

    /// Takes back what [`Self::state`] gave.
    ///
    /// # Errors
    /// `bad-model` when a moment is missing or has another shape.
    pub fn restore(&mut self, state: &Weights) -> Result<()> {
        self.named().try_for_each(|(name, tensor)| crate::net::copy_into(tensor, &name, state))
    }

    fn named(&self) -> impl Iterator<Item = (String, &Tensor)> {
        self.groups.iter().flat_map(|group| {
            [("first", &group.first), ("second", &group.second), ("steps", &group.steps)].into_iter().flat_map(
                move |(part, list)| group.names.iter().zip(list).map(move |(name, tensor)| (format!("{name}.{part}"), tensor)),
            )
        })
    }
}

impl Group {
    fn new(parameters: Vec<(&str, &Tensor)>, decay: f64, share: f64) -> Result<Self> {
        let (names, weights): (Vec<_>, Vec<_>) =
            parameters.into_iter().map(|(name, tensor)| (name.to_owned(), tensor.shallow_clone())).unzip();
        let zeros = || {
            weights.iter().map(|weight| weight.f_detach()?.f_zeros_like()).collect::<Result<Vec<_>, _>>().torch("make moments")
        };
        let steps = weights
            .iter()
            .map(|weight| Tensor::f_zeros([0i64; 0], (Kind::Float, weight.device())))
            .collect::<Result<Vec<_>, _>>()
            .torch("make moments")?;
        let (first, second) = (zeros()?, zeros()?);
        Ok(Self { decay, share, names, first, second, steps, weights })
    }
}
