//! The head that contrast is computed on. It is left behind when pretraining ends.

use fewlabel_contract::Result;
use fewlabel_model::{ParameterKind, ParameterSpec};
use tch::{Kind, TchError, Tensor};

use super::{Parameters, initial_weights_of};
use crate::device::Machine;
use crate::torch_result::TorchResult;

/// Two layers with a rectification between them: inputs → hidden → outputs.
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

    /// Of rows `[n, inputs]` to rows `[n, outputs]`, in f32.
    ///
    /// # Errors
    /// What libtorch says.
    pub fn of_rows(&self, rows: &Tensor) -> Result<Tensor> {
        let layer = |layer: &str, rows: &Tensor| -> Result<Tensor> {
            let get = |part: &str| self.parameters.get(&format!("{}.{layer}.{part}", self.name));
            rows.f_linear(get("weight")?, Some(get("bias")?)).torch("project")
        };
        let hidden = layer("first", rows)?.f_relu().torch("project")?;
        layer("second", &hidden)
    }

    /// Of maps `[n, inputs, h, w]`, averaged over their pixels before.
    ///
    /// # Errors
    /// What libtorch says.
    pub fn of_maps(&self, maps: &Tensor) -> Result<Tensor> {
        self.of_rows(&pooled(maps).torch("project")?)
    }

    /// Of maps `[n, inputs, h, w]`, each place by itself: `[n · h · w, outputs]`.
    ///
    /// # Errors
    /// What libtorch says.
    pub fn of_places(&self, maps: &Tensor) -> Result<Tensor> {
        let channels = maps.size()[1];
        let rows = maps.f_permute([0, 2, 3, 1]).and_then(|maps| maps.f_reshape([-1, channels])).torch("project")?;
        self.of_rows(&rows)
    }
}

/// The mean over the pixels of maps, `[n, c]`.
fn pooled(maps: &Tensor) -> Result<Tensor, TchError> {
    maps.f_mean_dim(&[2i64, 3][..], false, Kind::Float)
}
