//! The building blocks of a network and the parameters they own.

use serde::{Deserialize, Serialize};

use crate::Head;

/// Added to the variance in batch and instance normalisation, as in PyTorch.
pub const NORM_EPS: f64 = 1e-5;

/// What normalises the feature maps after a convolution.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Norm {
    /// Nothing; the convolution has a bias.
    None,
    /// Batch normalisation with running statistics: local, and folded into the convolution at export.
    Batch,
    /// Instance normalisation without parameters. Not local: the result depends on the whole plane.
    Instance,
}

/// What follows a convolution and its normalisation.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Nonlinearity {
    /// Nothing.
    None,
    /// max(x, 0).
    Relu,
    /// x where it is positive, else 0.01 x.
    LeakyRelu,
}

impl Nonlinearity {
    /// The slope of [`Self::LeakyRelu`] below zero.
    pub const LEAK: f64 = 0.01;
}

/// One step of a network. What it reads is what the block before it gave.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "block", rename_all = "kebab-case", deny_unknown_fields)]
pub enum Block {
    /// 3×3 convolution with stride 1 and a border of one zero pixel, normalisation, non-linearity.
    Conv3x3 {
        /// Stage it belongs to: `enc0`.
        stage: String,
        /// Its number in the stage, from 1: parameters are `enc0.conv1.…` and `enc0.norm1.…`.
        number: usize,
        /// Channels it reads.
        inputs: usize,
        /// Channels it gives.
        outputs: usize,
        /// Normalisation.
        norm: Norm,
        /// Non-linearity.
        nonlinearity: Nonlinearity,
    },
    /// The largest of each 2×2 pixels: half the height and width.
    MaxPool2,
    /// Transposed 2×2 convolution with stride 2 and a bias: twice the height and width.
    UpConv2x2 {
        /// Name of its parameters: `up0`.
        stage: String,
        /// Channels it reads.
        inputs: usize,
        /// Channels it gives.
        outputs: usize,
    },
    /// Remembers the current maps under a name; they also go on.
    Keep {
        /// The name.
        skip: String,
    },
    /// Appends the maps that were kept under a name behind the channels of the current ones.
    Concat {
        /// The name.
        skip: String,
    },
    /// The mean over all pixels of each of the maps that were kept under these names, in their order, and behind them that of the
    /// current ones: one pixel for the whole image. Only [`Self::Conv1x1`] and [`Self::Activate`] may follow.
    Pool {
        /// The names.
        of: Vec<String>,
    },
    /// 1×1 convolution with a bias.
    Conv1x1 {
        /// Name of its parameters: `head`.
        stage: String,
        /// Channels it reads.
        inputs: usize,
        /// Channels it gives.
        outputs: usize,
    },
    /// The activations of the output groups; always the last block.
    Activate {
        /// The groups.
        head: Head,
    },
}

/// What a parameter is, and so how it starts and whether it is trained.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum ParameterKind {
    /// Weight of a convolution.
    Weight,
    /// Bias of a convolution.
    Bias,
    /// Scale of a batch normalisation; starts at 1.
    NormWeight,
    /// Shift of a batch normalisation; starts at 0.
    NormBias,
    /// Running mean of a batch normalisation; starts at 0, not trained.
    RunningMean,
    /// Running (unbiased) variance of a batch normalisation; starts at 1, not trained.
    RunningVar,
}

impl ParameterKind {
    /// Whether an optimiser changes it.
    pub const fn is_trained(self) -> bool {
        !matches!(self, Self::RunningMean | Self::RunningVar)
    }
}

/// Name, shape and kind of a parameter.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ParameterSpec {
    /// `enc0.conv1.weight`.
    pub name: String,
    /// Convolution: `[outputs, inputs, 3, 3]`; transposed: `[inputs, outputs, 2, 2]`; others: `[channels]`.
    pub shape: Vec<usize>,
    /// What it is.
    pub kind: ParameterKind,
}

/// Channels and scale of the maps that a block gives.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct BlockShape {
    /// Channels.
    pub channels: usize,
    /// Pixels of the network's input along a side for one pixel of these maps: 1, 2, 4 … `None` behind [`Block::Pool`]: one pixel
    /// for the whole image.
    pub scale: Option<usize>,
}

impl Block {
    /// The parameters in the order in which they are listed, saved and counted.
    pub fn parameters(&self) -> Vec<ParameterSpec> {
        use ParameterKind::{Bias, NormBias, NormWeight, RunningMean, RunningVar, Weight};
        let spec = |name: String, shape: Vec<usize>, kind| ParameterSpec { name, shape, kind };
        match self {
            Self::Conv3x3 { stage, number, inputs, outputs, norm, .. } => {
                let mut list = vec![spec(format!("{stage}.conv{number}.weight"), vec![*outputs, *inputs, 3, 3], Weight)];
                match norm {
                    Norm::None => list.push(spec(format!("{stage}.conv{number}.bias"), vec![*outputs], Bias)),
                    Norm::Batch => {
                        for (part, kind) in
                            [("weight", NormWeight), ("bias", NormBias), ("mean", RunningMean), ("var", RunningVar)]
                        {
                            list.push(spec(format!("{stage}.norm{number}.{part}"), vec![*outputs], kind));
                        }
                    }
                    Norm::Instance => {}
                }
                list
            }
            Self::UpConv2x2 { stage, inputs, outputs } => vec![
                spec(format!("{stage}.weight"), vec![*inputs, *outputs, 2, 2], Weight),
                spec(format!("{stage}.bias"), vec![*outputs], Bias),
            ],
            Self::Conv1x1 { stage, inputs, outputs } => vec![
                spec(format!("{stage}.weight"), vec![*outputs, *inputs, 1, 1], Weight),
                spec(format!("{stage}.bias"), vec![*outputs], Bias),
            ],
            Self::MaxPool2 | Self::Keep { .. } | Self::Concat { .. } | Self::Pool { .. } | Self::Activate { .. } => Vec::new(),
        }
    }
}
