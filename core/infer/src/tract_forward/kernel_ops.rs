//! Our kernels as operations of tract.

use tract_onnx::tract_core::internal::*;

use crate::kernels::{Convolution3x3, max_pool_2x2, softmax};

/// A 3×3 convolution with stride 1 and one zero pixel around. Inputs: any number of maps that count as
/// concatenated, then the packed weights, then the packed biases.
#[derive(Clone, Debug)]
pub(super) struct Convolution {
    pub kernel: Convolution3x3,
    /// Channels of the output.
    pub outputs: usize,
    /// Whether max(x, 0) follows; a part of `kernel` that tract's equality sees.
    pub relu: bool,
}

/// The kernel follows from the other fields and the inputs.
impl PartialEq for Convolution {
    fn eq(&self, other: &Self) -> bool {
        (self.outputs, self.relu) == (other.outputs, other.relu)
    }
}

impl Eq for Convolution {}

impl Op for Convolution {
    fn name(&self) -> StaticName {
        "Convolution3x3".into()
    }

    op_as_typed_op!();
}

impl EvalOp for Convolution {
    op_out_of_plan!();

    fn eval(&self, _: &EvalContext, inputs: TVec<TValue>) -> TractResult<TVec<TValue>> {
        let [maps @ .., weights, bias] = &*inputs else { bail!("a convolution wants maps, weights and biases") };
        let &[_, _, height, width] = inputs[0].shape() else { bail!("maps of shape 1 c y x") };
        let sources = maps.iter().map(|maps| values(maps)).collect::<TractResult<TVec<_>>>()?;
        let mut output = Tensor::zero::<f32>(&[1, self.outputs, height, width])?;
        let mut view = output.try_as_plain_ram_mut()?;
        self.kernel.run(&sources, height, width, values(weights)?, values(bias)?, view.as_slice_mut()?);
        Ok(tvec!(output.into_tvalue()))
    }
}

impl TypedOp for Convolution {
    fn output_facts(&self, inputs: &[&TypedFact]) -> TractResult<TVec<TypedFact>> {
        let mut shape = inputs[0].shape.clone();
        shape.set(1, self.outputs.to_dim());
        Ok(tvec!(f32::fact(shape)))
    }

    as_op!();
}

/// The largest of each 2×2 pixels.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct MaxPool2x2;

impl Op for MaxPool2x2 {
    fn name(&self) -> StaticName {
        "MaxPool2x2".into()
    }

    op_as_typed_op!();
}

impl EvalOp for MaxPool2x2 {
    op_out_of_plan!();

    fn eval(&self, _: &EvalContext, inputs: TVec<TValue>) -> TractResult<TVec<TValue>> {
        let &[n, c, height, width] = inputs[0].shape() else { bail!("maps of shape 1 c y x") };
        ensure!(height % 2 == 0 && width % 2 == 0, "maps of even height and width");
        let mut output = Tensor::zero::<f32>(&[n, c, height / 2, width / 2])?;
        max_pool_2x2(values(&inputs[0])?, width, output.try_as_plain_ram_mut()?.as_slice_mut()?);
        Ok(tvec!(output.into_tvalue()))
    }
}

impl TypedOp for MaxPool2x2 {
    fn output_facts(&self, inputs: &[&TypedFact]) -> TractResult<TVec<TypedFact>> {
        let mut shape = inputs[0].shape.clone();
        for axis in [2, 3] {
            shape.set(axis, shape[axis].clone() / 2);
        }
        Ok(tvec!(f32::fact(shape)))
    }

    as_op!();
}

/// Softmax over the channels of maps of shape `1 c y x`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct ChannelSoftmax;

impl Op for ChannelSoftmax {
    fn name(&self) -> StaticName {
        "ChannelSoftmax".into()
    }

    op_as_typed_op!();
}

impl EvalOp for ChannelSoftmax {
    op_out_of_plan!();

    fn eval(&self, _: &EvalContext, inputs: TVec<TValue>) -> TractResult<TVec<TValue>> {
        let &[1, channels, _, _] = inputs[0].shape() else { bail!("maps of shape 1 c y x") };
        let mut output = Tensor::zero::<f32>(inputs[0].shape())?;
        softmax(values(&inputs[0])?, channels, output.try_as_plain_ram_mut()?.as_slice_mut()?);
        Ok(tvec!(output.into_tvalue()))
    }
}

impl TypedOp for ChannelSoftmax {
    fn output_facts(&self, inputs: &[&TypedFact]) -> TractResult<TVec<TypedFact>> {
        Ok(tvec!(inputs[0].without_value()))
    }

    as_op!();
}

fn values(tensor: &Tensor) -> TractResult<&[f32]> {
    tensor.try_as_plain_ram()?.as_slice::<f32>()
}
