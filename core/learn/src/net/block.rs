//! One block of the network in tch.

use fewlabel_contract::{Error, Result};
use fewlabel_model::{Block, Convolution, NORM_EPS, Nonlinearity, Norm};
use tch::Tensor;

use super::{Mode, Parameters};
use crate::torch_result::TorchResult;

/// What the block gives for `maps`, `[n, c, h, w]`. Blocks that only route maps are the network's own business.
pub(super) fn forward(block: &Block, maps: &Tensor, parameters: &Parameters, mode: Mode) -> Result<Tensor> {
    match block {
        Block::Conv3x3 { .. } | Block::Conv { .. } => block.convolution().map_or_else(
            || Err(Error::internal("run network", "this block convolves nothing")),
            |conv| convolve(&conv, maps, parameters, mode),
        ),
        Block::Conv1x1 { stage, .. } => {
            let (weight, bias) = weight_and_bias(stage, parameters)?;
            maps.f_conv2d(weight, Some(bias), 1, 0, 1, 1).torch("convolve")
        }
        Block::UpConv2x2 { stage, .. } => {
            let (weight, bias) = weight_and_bias(stage, parameters)?;
            maps.f_conv_transpose2d(weight, Some(bias), 2, 0, 0, 1, 1).torch("convolve upwards")
        }
        Block::MaxPool2 => maps.f_max_pool2d(2, 2, 0, 1, false).torch("pool"),
        Block::MaxPool3 => maps.f_max_pool2d(3, 2, 1, 1, false).torch("pool"),
        Block::Upsample2 => maps.f_upsample_nearest2d_vec(None::<&[i64]>, &[2.0, 2.0][..]).torch("double"),
        Block::Keep { .. }
        | Block::Concat { .. }
        | Block::Add { .. }
        | Block::Take { .. }
        | Block::Pool { .. }
        | Block::Activate { .. } => Err(Error::internal("run network", "this block computes nothing by itself")),
    }
}

fn convolve(conv: &Convolution<'_>, maps: &Tensor, parameters: &Parameters, mode: Mode) -> Result<Tensor> {
    let name = conv.name();
    let bias = (conv.norm == Norm::None).then(|| parameters.get(&format!("{name}.bias"))).transpose()?;
    let weight = parameters.get(&format!("{name}.weight"))?;
    let (stride, padding, groups) = (conv.stride as i64, conv.padding() as i64, conv.groups as i64);
    let maps = maps.f_conv2d(weight, bias, stride, padding, 1, groups).torch("convolve")?;
    activate(normalise(maps, conv.norm, &conv.norm_name(), parameters, mode)?, conv.nonlinearity)
}

fn weight_and_bias<'a>(stage: &str, parameters: &'a Parameters) -> Result<(&'a Tensor, &'a Tensor)> {
    Ok((parameters.get(&format!("{stage}.weight"))?, parameters.get(&format!("{stage}.bias"))?))
}

fn normalise(maps: Tensor, norm: Norm, name: &str, parameters: &Parameters, mode: Mode) -> Result<Tensor> {
    let get = |part: &str| parameters.get(&format!("{name}.{part}"));
    match norm {
        Norm::None => Ok(maps),
        Norm::Instance => maps.f_instance_norm(None::<&Tensor>, None, None, None, true, 0.0, NORM_EPS, true).torch("normalise"),
        Norm::Batch => {
            let (train, momentum) = match mode {
                Mode::Train { momentum } => (true, momentum),
                Mode::Infer => (false, 0.0),
            };
            maps.f_batch_norm(
                Some(get("weight")?),
                Some(get("bias")?),
                Some(get("mean")?),
                Some(get("var")?),
                train,
                momentum,
                NORM_EPS,
                true,
            )
            .torch("normalise")
        }
    }
}

pub(super) fn activate(mut maps: Tensor, nonlinearity: Nonlinearity) -> Result<Tensor> {
    match nonlinearity {
        Nonlinearity::None => Ok(maps),
        // In place: batch normalisation needs its input for the gradient, not its output.
        Nonlinearity::Relu => maps.f_relu_().torch("rectify"),
        Nonlinearity::LeakyRelu => maps.f_leaky_relu_().torch("rectify"),
        Nonlinearity::Relu6 => maps.f_relu6_().torch("rectify"),
    }
}
