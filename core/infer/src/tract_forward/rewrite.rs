//! Puts our kernels into a graph, where one is written for an operation.
//!
//! The rest stays with tract: every operation that it knows runs, those of a U-Net run fast.

use tract_onnx::tract_core::internal::*;
use tract_onnx::tract_core::model::Rewriter;
use tract_onnx::tract_core::ops::array::TypedConcat;
use tract_onnx::tract_core::ops::binary::TypedBinOp;
use tract_onnx::tract_core::ops::cnn::{Conv, KernelFormat, MaxPool, PaddingSpec, PoolSpec};
use tract_onnx::tract_core::ops::math::Max;
use tract_onnx::tract_core::ops::nn::{DataFormat, Softmax, SoftmaxKind};

use super::kernel_ops::{ChannelSoftmax, Convolution, MaxPool2x2};
use crate::kernels::Convolution3x3;

/// Replaces what there is a kernel for.
pub(super) fn use_kernels(model: &mut TypedModel) -> TractResult<()> {
    Rewriter::<()>::default()
        .with_rule_for("3x3 convolution", convolution)
        .with_rule_for("2x2 maximum", max_pool)
        .with_rule_for("softmax over channels", channel_softmax)
        .rewrite(&(), model)
}

fn convolution(_: &(), model: &TypedModel, node: &TypedNode, name: &str, op: &Conv) -> TractResult<Option<TypedModelPatch>> {
    rule_if!(op.group == 1 && op.q_params.is_none() && op.kernel_fmt == KernelFormat::OIHW);
    rule_if!(slides(&op.pool_spec, 3, 1) && pads(&op.pool_spec.padding, 1));
    rule_if!(is_single_f32(model.outlet_fact(node.inputs[0])?));
    rule_if_some!(weights = &model.outlet_fact(node.inputs[1])?.konst);
    rule_if_some!(bias = &model.outlet_fact(node.inputs[2])?.konst);
    let (inputs, outputs) = (op.input_channels(), op.output_channels());
    let relu = relu_behind(model, node)?;
    rule_if_some!(kernel = Convolution3x3::new(inputs, outputs, relu.is_some()));

    let mut patch = TypedModelPatch::default();
    let mut wires = maps_of(model, node.inputs[0])?
        .into_iter()
        .map(|outlet| patch.tap_model(model, outlet))
        .collect::<TractResult<TVec<_>>>()?;
    let bias = bias.cast_to::<f32>()?;
    let bias = bias.try_as_plain_ram()?.as_slice::<f32>()?;
    let bias = if bias.len() == 1 { vec![bias[0]; outputs] } else { bias.to_vec() };
    let weights = weights.cast_to::<f32>()?;
    let packed = kernel.pack_weights(weights.try_as_plain_ram()?.as_slice::<f32>()?);
    wires.push(patch.add_const(format!("{name}.weights"), tensor1(&packed))?);
    wires.push(patch.add_const(format!("{name}.bias"), tensor1(&kernel.pack_bias(&bias)))?);
    let op = Convolution { kernel, outputs, relu: relu.is_some() };
    let wire = patch.wire_node(name, op, &wires)?[0];
    patch.shunt_outside(model, relu.unwrap_or(node.id).into(), wire)?;
    Ok(Some(patch))
}

/// What a convolution reads: the parts of a concatenation that nobody else reads, so that it is never made.
fn maps_of(model: &TypedModel, input: OutletId) -> TractResult<TVec<OutletId>> {
    let node = model.node(input.node);
    match node.op_as::<TypedConcat>() {
        Some(TypedConcat { axis: 1 }) if model.outlet_successors(input).len() == 1 => Ok(node.inputs.iter().copied().collect()),
        _ => Ok(tvec!(input)),
    }
}

/// The node behind `node` when it is max(x, 0) and the only one.
fn relu_behind(model: &TypedModel, node: &TypedNode) -> TractResult<Option<usize>> {
    rule_if!(!model.output_outlets()?.contains(&node.id.into()));
    rule_if_let!(&[successor] = &*node.outputs[0].successors);
    let next = model.node(successor.node);
    rule_if_some!(op = next.op_as::<TypedBinOp>());
    rule_if!(op.0.is::<Max>());
    let other = model.outlet_fact(next.inputs[1 - successor.slot])?;
    rule_if_some!(value = other.konst.as_ref().or(other.uniform.as_ref()));
    rule_if!(value.is_zero()?);
    Ok(Some(next.id))
}

fn max_pool(_: &(), model: &TypedModel, node: &TypedNode, _: &str, op: &MaxPool) -> TractResult<Option<TypedModelPatch>> {
    rule_if!(op.with_index_outputs.is_none() && slides(&op.pool_spec, 2, 2) && pads(&op.pool_spec.padding, 0));
    let fact = model.outlet_fact(node.inputs[0])?;
    rule_if!(is_single_f32(fact));
    let even = |axis: usize| fact.shape[axis].gcd().is_multiple_of(2);
    rule_if!(even(2) && even(3));
    Ok(Some(TypedModelPatch::replace_single_op(model, node, &node.inputs, MaxPool2x2)?))
}

fn channel_softmax(_: &(), model: &TypedModel, node: &TypedNode, _: &str, op: &Softmax) -> TractResult<Option<TypedModelPatch>> {
    rule_if!(op.kind == SoftmaxKind::Softmax && op.quant_output_dt.is_none() && *op.axes == [1]);
    rule_if!(is_single_f32(model.outlet_fact(node.inputs[0])?));
    Ok(Some(TypedModelPatch::replace_single_op(model, node, &node.inputs, ChannelSoftmax)?))
}

/// A square window of `side` pixels over `n c y x`, moved by `stride`, without gaps.
fn slides(spec: &PoolSpec, side: usize, stride: usize) -> bool {
    spec.data_format == DataFormat::NCHW
        && *spec.kernel_shape == [side, side]
        && (0..2).all(|axis| spec.stride(axis) == stride && spec.dilation(axis) == 1)
}

/// The same number of pixels added on all sides.
fn pads(padding: &PaddingSpec, pixels: usize) -> bool {
    match padding {
        PaddingSpec::Explicit(before, after) => before.iter().chain(after).all(|&added| added == pixels),
        PaddingSpec::ExplicitOnnxPool(before, after, ceil) => !ceil && before.iter().chain(after).all(|&added| added == pixels),
        PaddingSpec::Valid => pixels == 0,
        PaddingSpec::SameUpper | PaddingSpec::SameLower => false,
    }
}

/// One set of 32-bit maps, `1 c y x`.
fn is_single_f32(fact: &TypedFact) -> bool {
    fact.datum_type == f32::datum_type() && fact.rank() == 4 && fact.shape[0].is_one()
}
