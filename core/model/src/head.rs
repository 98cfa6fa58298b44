//! What comes out of a network.

use serde::{Deserialize, Serialize};

/// What is applied to the values of a group of output channels, inside the ONNX graph.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Activation {
    /// exp(xᵢ) / Σⱼ exp(xⱼ) over the channels of the group: probabilities that sum to 1.
    Softmax,
    /// 1 / (1 + exp(−x)): each channel by itself in 0…1.
    Sigmoid,
    /// The value as it is.
    None,
}

/// Neighbouring output channels that share an activation.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct HeadGroup {
    /// What is applied to them.
    pub activation: Activation,
    /// How many they are, 1 or more.
    pub channels: usize,
}

/// All output channels, group after group.
///
/// ```
/// use fewlabel_model::{Activation, Head, HeadGroup};
/// // background, interior, boundary; then distance and centre
/// let head = Head {
///     groups: vec![
///         HeadGroup { activation: Activation::Softmax, channels: 3 },
///         HeadGroup { activation: Activation::Sigmoid, channels: 2 },
///     ],
/// };
/// assert_eq!(head.channels(), 5);
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Head {
    /// In the order of the output channels.
    pub groups: Vec<HeadGroup>,
}

impl Head {
    /// Channels of all groups together.
    pub fn channels(&self) -> usize {
        self.groups.iter().map(|group| group.channels).fold(0, usize::saturating_add)
    }
}
