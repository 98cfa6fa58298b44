//! The head that contrast is computed on. It is left behind when pretraining ends.

use fewlabel_contract::Result;
use fewlabel_model::{ParameterKind, ParameterSpec};
use tch::{Kind, TchError, Tensor};

use super::{Parameters, initial_weights_of};
use crate::device::Machine;
use crate::torch_result::TorchResult;

/// Added to a variance, as in batch normalisation.
const TINY: f64 = 1e-5;

/// Two layers with a rectification between them: inputs → hidden → outputs.
///
/// What enters the rectification is standardised over the rows, as SimCLR's heads are normalised by the batch (Chen et al. 2020). Maps
/// behind a rectification are never negative, so their means all point one way: without this, contrast of a few hundred steps tells
/// nothing apart.
#[derive(Debug)]
pub struct Projection {
    /// Weights and biases by name.
    pub parameters: Parameters,
    name: &'static str,
}

impl Projection {
    /// With initial weights of this seed; `name` tells those of two heads apart.
    ///
    /// # Errors
    /// What libtorch says.
    pub fn new(
        name: &'static str,
        (inputs, hidden, outputs): (usize, usize, usize),
        seed: u64,
        machine: &Machine,
    ) -> Result<Self> {
        let layer = |layer: &str, inputs: usize, outputs: usize| {
            let spec = |part: &str, shape, kind| ParameterSpec { name: format!("{name}.{layer}.{part}"), shape, kind };
            [spec("weight", vec![outputs, inputs], ParameterKind::Weight), spec("bias", vec![outputs], ParameterKind::Bias)]
        };
        let specs: Vec<_> = layer("first", inputs, hidden).into_iter().chain(layer("second", hidden, outputs)).collect();
        let weights = initial_weights_of(&specs, seed);
        Ok(Self { parameters: Parameters::from_weights(specs, &weights, machine)?, name })
    }

    /// Of rows `[n, inputs]` to rows `[n, outputs]`, in f32. What comes out of a row depends on the others.
    ///
    /// # Errors
    /// What libtorch says.
    pub fn of_rows(&self, rows: &Tensor) -> Result<Tensor> {
        let layer = |layer: &str, rows: &Tensor| -> Result<Tensor> {
            let get = |part: &str| self.parameters.get(&format!("{}.{layer}.{part}", self.name));
            rows.f_linear(get("weight")?, Some(get("bias")?)).torch("project")
        };
        let hidden = standardised(&layer("first", rows)?).and_then(|hidden| hidden.f_relu()).torch("project")?;
        layer("second", &hidden)
    }
}

/// Each column less its mean, over its standard deviation.
fn standardised(rows: &Tensor) -> Result<Tensor, TchError> {
    let centred = rows.f_sub(&rows.f_mean_dim(0, true, Kind::Float)?)?;
    let variance = centred.f_square()?.f_mean_dim(0, true, Kind::Float)?;
    centred.f_mul(&variance.f_add_scalar(TINY)?.f_rsqrt()?)
}

/// The mean over the pixels of maps `[n, c, h, w]`: `[n, c]`, in f32.
///
/// # Errors
/// What libtorch says.
pub fn pooled(maps: &Tensor) -> Result<Tensor> {
    maps.f_mean_dim(&[2i64, 3][..], false, Kind::Float).torch("average maps")
}
