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
    /// max(x, 0), at most 6.
    Relu6,
}

impl Nonlinearity {
    /// The slope of [`Self::LeakyRelu`] below zero.
    pub const LEAK: f64 = 0.01;
    /// The most that [`Self::Relu6`] gives.
    pub const MOST: f64 = 6.0;
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
    /// Convolution of any odd side, with half a side of zero pixels around the image, normalisation, non-linearity. With stride 2 it
    /// gives half the height and width: pixel i looks around pixel 2 i.
    Conv {
        /// Stage it belongs to: `layer1`.
        stage: String,
        /// Its number in the stage, from 1; parameters are called as those of [`Self::Conv3x3`].
        number: usize,
        /// Channels it reads.
        inputs: usize,
        /// Channels it gives.
        outputs: usize,
        /// Side of its window: 1, 3, 5 or 7.
        side: usize,
        /// 1 or 2.
        stride: usize,
        /// Channels are cut into so many groups that do not see each other: 1, or as many as it reads.
        groups: usize,
        /// Normalisation.
        norm: Norm,
        /// Non-linearity.
        nonlinearity: Nonlinearity,
    },
    /// The largest of each 2×2 pixels: half the height and width.
    MaxPool2,
    /// The largest of the 3×3 pixels around every second one: half the height and width. Nothing lies outside of the image.
    MaxPool3,
    /// Each pixel four times: twice the height and width.
    Upsample2,
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
    /// Adds the maps that were kept under a name, which have as many channels, to the current ones; then the non-linearity.
    Add {
        /// The name.
        skip: String,
        /// Non-linearity.
        nonlinearity: Nonlinearity,
    },
    /// Goes on with the maps that were kept under a name instead of the current ones.
    Take {
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
    /// Convolution: `[outputs, inputs / groups, side, side]`; transposed: `[inputs, outputs, 2, 2]`; others: `[channels]`.
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

/// A convolution and what follows it, as [`Block::Conv3x3`] and [`Block::Conv`] both say it.
#[derive(Clone, Copy, Debug)]
pub struct Convolution<'a> {
    /// Stage it belongs to.
    pub stage: &'a str,
    /// Its number in the stage.
    pub number: usize,
    /// Channels it reads.
    pub inputs: usize,
    /// Channels it gives.
    pub outputs: usize,
    /// Side of its window.
    pub side: usize,
    /// Pixels from one window to the next.
    pub stride: usize,
    /// Groups of channels.
    pub groups: usize,
    /// Normalisation.
    pub norm: Norm,
    /// Non-linearity.
    pub nonlinearity: Nonlinearity,
}

impl Convolution<'_> {
    /// Zero pixels on each side of the image.
    pub const fn padding(&self) -> usize {
        self.side / 2
    }

    /// The name of its weight and bias: `enc0.conv1`.
    pub fn name(&self) -> String {
        format!("{}.conv{}", self.stage, self.number)
    }

    /// The name of its normalisation: `enc0.norm1`.
    pub fn norm_name(&self) -> String {
        format!("{}.norm{}", self.stage, self.number)
    }
}

impl Block {
    /// A convolution with batch normalisation: [`Self::Conv3x3`] where it is one, else [`Self::Conv`].
    pub fn normalised(
        (stage, number): (&str, usize),
        (inputs, outputs): (usize, usize),
        (side, stride, groups): (usize, usize, usize),
        nonlinearity: Nonlinearity,
    ) -> Self {
        let (stage, norm) = (stage.to_owned(), Norm::Batch);
        match (side, stride, groups) {
            (3, 1, 1) => Self::Conv3x3 { stage, number, inputs, outputs, norm, nonlinearity },
            _ => Self::Conv { stage, number, inputs, outputs, side, stride, groups, norm, nonlinearity },
        }
    }

    /// The convolution that a normalisation and a non-linearity follow, where it is one.
    pub fn convolution(&self) -> Option<Convolution<'_>> {
        match *self {
            Self::Conv3x3 { ref stage, number, inputs, outputs, norm, nonlinearity } => {
                Some(Convolution { stage, number, inputs, outputs, side: 3, stride: 1, groups: 1, norm, nonlinearity })
            }
            Self::Conv { ref stage, number, inputs, outputs, side, stride, groups, norm, nonlinearity } => {
                Some(Convolution { stage, number, inputs, outputs, side, stride, groups, norm, nonlinearity })
            }
            _ => None,
        }
    }

    /// Names of the kept maps that it reads.
    pub fn reads(&self) -> &[String] {
        match self {
            Self::Concat { skip } | Self::Add { skip, .. } | Self::Take { skip } => std::slice::from_ref(skip),
            Self::Pool { of } => of,
            _ => &[],
        }
    }

    /// The parameters in the order in which they are listed, saved and counted.
    pub fn parameters(&self) -> Vec<ParameterSpec> {
        use ParameterKind::{Bias, NormBias, NormWeight, RunningMean, RunningVar, Weight};
        let spec = |name: String, shape: Vec<usize>, kind| ParameterSpec { name, shape, kind };
        if let Some(conv) = self.convolution() {
            let shape = vec![conv.outputs, conv.inputs / conv.groups.max(1), conv.side, conv.side];
            let mut list = vec![spec(format!("{}.weight", conv.name()), shape, Weight)];
            match conv.norm {
                Norm::None => list.push(spec(format!("{}.bias", conv.name()), vec![conv.outputs], Bias)),
                Norm::Batch => {
                    for (part, kind) in [("weight", NormWeight), ("bias", NormBias), ("mean", RunningMean), ("var", RunningVar)] {
                        list.push(spec(format!("{}.{part}", conv.norm_name()), vec![conv.outputs], kind));
                    }
                }
                Norm::Instance => {}
            }
            return list;
        }
        match self {
            Self::UpConv2x2 { stage, inputs, outputs } => vec![
                spec(format!("{stage}.weight"), vec![*inputs, *outputs, 2, 2], Weight),
                spec(format!("{stage}.bias"), vec![*outputs], Bias),
            ],
            Self::Conv1x1 { stage, inputs, outputs } => vec![
                spec(format!("{stage}.weight"), vec![*outputs, *inputs, 1, 1], Weight),
                spec(format!("{stage}.bias"), vec![*outputs], Bias),
            ],
            _ => Vec::new(),
        }
    }
}
