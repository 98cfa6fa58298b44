//! Weights, biases and running statistics as tensors with names.

use std::collections::BTreeMap;

use fewlabel_contract::{Error, ErrorKind, Result};
use fewlabel_model::{ParameterKind, ParameterSpec, Weights};
use tch::{Kind, Tensor};

use crate::device::Machine;
use crate::shim;
use crate::torch_result::TorchResult;

/// All parameters of a network, in the order in which it lists them.
#[derive(Debug)]
pub struct Parameters {
    names: BTreeMap<String, usize>,
    tensors: Vec<Tensor>,
    kinds: Vec<ParameterKind>,
}

impl Parameters {
    /// Copies weights to the device. Convolution weights lie channels last, as their inputs do.
    ///
    /// # Errors
    /// `bad-model` when one is missing or has another shape.
    pub fn from_weights(specs: Vec<ParameterSpec>, weights: &Weights, machine: &Machine) -> Result<Self> {
        let mut parameters = Self { names: BTreeMap::new(), tensors: Vec::new(), kinds: Vec::new() };
        for spec in specs {
            let tensor = weights.get(&spec.name).filter(|tensor| tensor.shape == spec.shape).ok_or_else(|| {
                Error::new(ErrorKind::BadModel, "load weights", "a weight is missing or has another shape")
                    .with("name", &spec.name)
            })?;
            let shape: Vec<i64> = spec.shape.iter().map(|&n| n as i64).collect();
            let mut tensor = Tensor::f_from_slice(&tensor.data)
                .and_then(|t| t.f_view(&shape[..]))
                .and_then(|t| t.f_to_device(machine.device()))
                .torch("load weights")?;
            if shape.len() == 4 {
                tensor = shim::channels_last(&tensor)?;
            }
            let tensor = tensor.f_set_requires_grad(spec.kind.is_trained()).torch("load weights")?;
            parameters.names.insert(spec.name, parameters.tensors.len());
            parameters.tensors.push(tensor);
            parameters.kinds.push(spec.kind);
        }
        Ok(parameters)
    }

    /// The tensor of a name.
    ///
    /// # Errors
    /// `internal` when the network has no such parameter.
    pub fn get(&self, name: &str) -> Result<&Tensor> {
        self.names
            .get(name)
            .map(|&place| &self.tensors[place])
            .ok_or_else(|| Error::internal("run network", "there is no such parameter").with("name", name))
    }

    /// Shallow copies of those whose kind passes, in the network's order.
    pub fn select(&self, keep: impl Fn(ParameterKind) -> bool) -> Vec<Tensor> {
        self.tensors.iter().zip(&self.kinds).filter(|(_, kind)| keep(**kind)).map(|(tensor, _)| tensor.shallow_clone()).collect()
    }

    /// Name, kind and tensor of each, in the network's order.
    pub fn listed(&self) -> impl Iterator<Item = (&str, ParameterKind, &Tensor)> {
        let mut names: Vec<(&str, usize)> = self.names.iter().map(|(name, place)| (name.as_str(), *place)).collect();
        names.sort_unstable_by_key(|(_, place)| *place);
        names.into_iter().map(|(name, place)| (name, self.kinds[place], &self.tensors[place]))
    }

    /// Copies the values back.
    ///
    /// # Errors
    /// What libtorch says.
    pub fn to_weights(&self) -> Result<Weights> {
        self.names.iter().map(|(name, &place)| Ok((name.clone(), to_model_tensor(&self.tensors[place])?))).collect()
    }

    /// Overwrites values with those of weights of the same network.
    ///
    /// # Errors
    /// `bad-model` when one is missing or has another shape.
    pub fn copy_from(&self, weights: &Weights) -> Result<()> {
        self.names.iter().try_for_each(|(name, &place)| copy_into(&self.tensors[place], name, weights))
    }
}

/// Overwrites the values of `tensor` with those of a name.
pub(crate) fn copy_into(tensor: &Tensor, name: &str, weights: &Weights) -> Result<()> {
    let _no_grad = tch::no_grad_guard();
    let shape = tensor.size();
    let source =
        weights.get(name).filter(|source| source.shape.iter().map(|&n| n as i64).eq(shape.iter().copied())).ok_or_else(|| {
            Error::new(ErrorKind::BadModel, "load weights", "a tensor is missing or has another shape").with("name", name)
        })?;
    let source = Tensor::f_from_slice(&source.data).and_then(|t| t.f_view(&shape[..])).torch("load weights")?;
    tensor.shallow_clone().f_copy_(&source).torch("load weights")
}

/// A tensor's values as f32 in `c` order.
pub(crate) fn to_model_tensor(tensor: &Tensor) -> Result<fewlabel_model::Tensor> {
    let _no_grad = tch::no_grad_guard();
    let shape = tensor.size().iter().map(|&n| n as usize).collect();
    let flat = tensor
        .f_detach()
        .and_then(|t| t.f_to_device(tch::Device::Cpu))
        .and_then(|t| t.f_to_kind(Kind::Float))
        .and_then(|t| t.f_contiguous())
        .and_then(|t| t.f_view(-1))
        .torch("read weights")?;
    Ok(fewlabel_model::Tensor::new(shape, Vec::<f32>::try_from(&flat).torch("read weights")?))
}
