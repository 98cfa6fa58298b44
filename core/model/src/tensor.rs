//! Weights in memory.

use std::collections::{BTreeMap, BTreeSet};

use fewlabel_contract::{Error, ErrorKind, Result};

use crate::{Network, ParameterKind};

/// Values with a shape, last axis fastest.
#[derive(Clone, Debug, PartialEq)]
pub struct Tensor {
    /// Extent of each axis.
    pub shape: Vec<usize>,
    /// As many values as the product of `shape`.
    pub data: Vec<f32>,
}

impl Tensor {
    /// Takes values of a shape.
    ///
    /// # Panics
    /// When there are not as many as the product of `shape`.
    pub fn new(shape: Vec<usize>, data: Vec<f32>) -> Self {
        assert_eq!(data.len(), shape.iter().product::<usize>(), "a tensor of {shape:?}");
        Self { shape, data }
    }
}

/// Parameters by name, as [`Network::parameters`] lists them.
pub type Weights = BTreeMap<String, Tensor>;

/// That each parameter of `network` is there, with its shape and sensible values, and nothing else.
///
/// # Errors
/// [`ErrorKind::BadModel`], naming the parameter.
pub(crate) fn check_weights(network: &Network, weights: &Weights, operation: &str) -> Result<()> {
    let specs = network.parameters();
    for spec in &specs {
        let wrong = |message: &str| Error::new(ErrorKind::BadModel, operation, message).with("parameter", &spec.name);
        let Some(tensor) = weights.get(&spec.name) else {
            return Err(wrong("a parameter of the network is missing"));
        };
        if tensor.shape != spec.shape || tensor.data.len() != spec.shape.iter().product::<usize>() {
            return Err(wrong("a parameter has another shape than the network says")
                .with("shape", format!("{:?}", tensor.shape))
                .with("expected", format!("{:?}", spec.shape)));
        }
        if tensor.data.iter().any(|value| !value.is_finite()) {
            return Err(wrong("a parameter holds values that are not finite"));
        }
        if spec.kind == ParameterKind::RunningVar && tensor.data.iter().any(|value| *value < 0.0) {
            return Err(wrong("a variance is below zero"));
        }
    }
    if weights.len() != specs.len() {
        let known: BTreeSet<&str> = specs.iter().map(|spec| spec.name.as_str()).collect();
        let extra = weights.keys().find(|name| !known.contains(name.as_str()));
        return Err(Error::new(ErrorKind::BadModel, operation, "a parameter belongs to no block of the network")
            .with("parameter", extra.map_or("?", String::as_str)));
    }
    Ok(())
}
