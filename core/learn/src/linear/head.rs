//! A linear model as the head of a network.

use fewlabel_model::{Network, Tensor, Weights};

/// Values of output channels, before their activations, as linear functions of features.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct LinearHead {
    /// `[outputs, features]`.
    pub weight: Vec<f64>,
    /// `[outputs]`.
    pub bias: Vec<f64>,
}

impl LinearHead {
    /// Makes it the head of a network, in its weights: the 1×1 convolution that the network ends in.
    pub fn put_into(self, network: &Network, weights: &mut Weights) {
        let Some((stage, inputs, outputs)) = network.head_convolution() else { return };
        let single = |values: Vec<f64>| values.into_iter().map(|value| value as f32).collect();
        weights.insert(format!("{stage}.weight"), Tensor::new(vec![outputs, inputs, 1, 1], single(self.weight)));
        weights.insert(format!("{stage}.bias"), Tensor::new(vec![outputs], single(self.bias)));
    }
}
