//! The network as an ONNX graph.

mod export;
mod graph;
mod operators;

use fewlabel_contract::Result;
use prost::Message;
use tract_onnx::pb;

use crate::{Activation, Block, Head, Network, Nonlinearity, Norm, Tensor, Weights, fold_batch_norm};
use graph::{Graph, float, int, ints};

pub use export::{Exported, export_onnx};
pub(crate) use operators::check_is_self_contained;
pub use operators::operators;

/// Newest versions that the engines of the zoo's Java tools read.
pub(crate) const OPSET: i64 = 17;
const IR: i64 = 8;

/// Name of the graph's input, and of the tensor in `bioimageio.yaml`.
pub(crate) const INPUT: &str = "image";
/// Name of the graph's output, and of the tensor in `bioimageio.yaml`.
pub(crate) const OUTPUT: &str = "maps";

/// Writes the network as an ONNX model.
///
/// Opset 17, IR 8, 32-bit weights inside the file, batch normalisation folded into the convolutions,
/// activations inside. Input `image` and output `maps` are `batch channel height width`, all but the
/// channels left open; the output of a network that is pooled is one pixel high and wide. Tensors and nodes are called as the blocks; the same network and weights give
/// the same bytes.
///
/// # Errors
/// [`fewlabel_contract::ErrorKind::BadModel`] when the weights are not those of the network.
pub fn write_onnx(network: &Network, weights: &Weights) -> Result<Vec<u8>> {
    let (network, weights) = fold_batch_norm(network, weights)?;
    let mut graph = Graph::default();
    let mut now = INPUT.to_owned();
    let mut pools = 0;
    for (index, (block, shape)) in network.blocks().iter().zip(network.shapes()).enumerate() {
        now = match block {
            Block::Conv3x3 { .. } | Block::Conv { .. } => {
                let Some(conv) = block.convolution() else { continue };
                let convolved = convolve(&mut graph, &weights, &now, &conv.name(), (conv.side, conv.stride, conv.groups));
                let normed = match conv.norm {
                    Norm::Instance => instance_norm(&mut graph, &convolved, &conv.norm_name(), conv.outputs),
                    Norm::None | Norm::Batch => convolved,
                };
                bend(&mut graph, &normed, &format!("{}.relu{}", conv.stage, conv.number), conv.nonlinearity)
            }
            Block::MaxPool2 | Block::MaxPool3 => {
                pools += 1;
                let (side, pad) = if *block == Block::MaxPool2 { (2, 0) } else { (3, 1) };
                let mut attributes = vec![ints("kernel_shape", &[side, side]), ints("strides", &[2, 2])];
                attributes.extend((pad > 0).then(|| pads(pad, 2)));
                graph.node("MaxPool", &format!("pool.{pools}"), &[&now], attributes)
            }
            Block::Upsample2 => upsample(&mut graph, &now, &format!("upsample.{index}"), shape.channels),
            Block::Add { skip, nonlinearity } => {
                let kept = graph.kept(skip);
                let sum = graph.node("Add", &format!("sum.{index}"), &[&now, &kept], Vec::new());
                bend(&mut graph, &sum, &format!("sum.{index}.relu"), *nonlinearity)
            }
            Block::Take { skip } => graph.kept(skip),
            Block::UpConv2x2 { stage, .. } => {
                let (weight, bias) = parameters(&mut graph, &weights, stage);
                let attributes = vec![ints("kernel_shape", &[2, 2]), ints("strides", &[2, 2])];
                graph.node("ConvTranspose", stage, &[&now, &weight, &bias], attributes)
            }
            Block::Keep { skip } => {
                graph.keep(skip, &now);
                now
            }
            Block::Concat { skip } => {
                let kept = graph.kept(skip);
                graph.node("Concat", &format!("{now}+{skip}"), &[&now, &kept], vec![int("axis", 1)])
            }
            Block::Pool { of } => pool(&mut graph, &now, of),
            Block::Conv1x1 { stage, .. } => convolve(&mut graph, &weights, &now, stage, (1, 1, 1)),
            Block::Activate { head } => activate(&mut graph, &now, head),
        };
    }
    let looks = match network.is_pooled() {
        true => "the output is one pixel for the whole image".to_owned(),
        false => {
            let field = network.receptive_field();
            format!("each output pixel depends on {field} x {field} input pixels at most")
        }
    };
    let graph = graph.finish(network.input_channels(), network.output_channels(), network.is_pooled());
    let model = pb::ModelProto {
        ir_version: IR,
        opset_import: vec![pb::OperatorSetIdProto { domain: String::new(), version: OPSET }],
        producer_name: "fewlabel".into(),
        producer_version: env!("CARGO_PKG_VERSION").into(),
        doc_string: format!(
            "{} to {} channels; height and width are multiples of {}; {looks}.",
            network.input_channels(),
            network.output_channels(),
            network.stride(),
        ),
        graph: Some(graph),
        ..pb::ModelProto::default()
    };
    Ok(model.encode_to_vec())
}

/// Names of the weight and, where there is one, the bias of a stage, added to the graph.
fn parameters(graph: &mut Graph, weights: &Weights, name: &str) -> (String, String) {
    (parameter(graph, weights, name, "weight"), parameter(graph, weights, name, "bias"))
}

/// The name of a parameter, added to the graph; an empty one, which means an input that is left out, where there is none.
fn parameter(graph: &mut Graph, weights: &Weights, name: &str, part: &str) -> String {
    let full = format!("{name}.{part}");
    weights.get(&full).map_or_else(String::new, |tensor| graph.constant(&full, tensor))
}

/// A convolution of this side, stride and number of groups, around which half a side of zero pixels lies.
///
/// With stride 2 the last of those pixels are never looked at, as sides are even, and are left out: sizes that are left open can then be
/// halved without rest. For the same reason a window of one pixel becomes one of 2×2 whose others weigh nothing.
fn convolve(
    graph: &mut Graph,
    weights: &Weights,
    input: &str,
    name: &str,
    (side, stride, groups): (usize, usize, usize),
) -> String {
    let (weight, bias) = match weights.get(&format!("{name}.weight")) {
        Some(Tensor { shape, data }) if (side, stride) == (1, 2) => {
            let data = data.iter().flat_map(|&value| [value, 0.0, 0.0, 0.0]).collect();
            let widened = graph.constant(&format!("{name}.weight"), &Tensor::new(vec![shape[0], shape[1], 2, 2], data));
            (widened, parameter(graph, weights, name, "bias"))
        }
        _ => parameters(graph, weights, name),
    };
    let mut inputs = vec![input, weight.as_str(), bias.as_str()];
    inputs.retain(|input| !input.is_empty());
    // A window of one pixel with stride 2 was widened to its stride.
    let window = side.max(stride) as i64;
    let mut attributes = vec![ints("kernel_shape", &[window; 2]), pads(side / 2, stride)];
    attributes.extend((stride != 1).then(|| ints("strides", &[stride as i64; 2])));
    attributes.extend((groups != 1).then(|| int("group", groups as i64)));
    graph.node("Conv", name, &inputs, attributes)
}

/// Pixels around the image: so many above and left, and below and right as many as are looked at.
fn pads(before: usize, stride: usize) -> pb::AttributeProto {
    let after = (before + 1).saturating_sub(stride);
    ints("pads", &[before, before, after, after].map(|pixels| pixels as i64))
}

/// Each pixel four times: a transposed convolution of ones in each channel alone. `Resize` would say it in fewer words, but its sizes go
/// through floating point, where engines lose what they know about sizes that are left open.
fn upsample(graph: &mut Graph, input: &str, name: &str, channels: usize) -> String {
    let ones = graph.constant(&format!("{name}.ones"), &Tensor::new(vec![channels, 1, 2, 2], vec![1.0; 4 * channels]));
    let attributes = vec![ints("kernel_shape", &[2, 2]), ints("strides", &[2, 2]), int("group", channels as i64)];
    graph.node("ConvTranspose", name, &[input, &ones], attributes)
}

/// The mean of each of the maps over its pixels, side by side.
fn pool(graph: &mut Graph, input: &str, of: &[String]) -> String {
    let sources: Vec<String> = of.iter().map(|skip| graph.kept(skip)).chain([input.to_owned()]).collect();
    let means: Vec<String> = (0..)
        .zip(&sources)
        .map(|(i, source)| graph.node("GlobalAveragePool", &format!("mean.{i}"), &[source], Vec::new()))
        .collect();
    if let [only] = means.as_slice() {
        return only.clone();
    }
    let means: Vec<&str> = means.iter().map(String::as_str).collect();
    graph.node("Concat", "mean.all", &means, vec![int("axis", 1)])
}

fn instance_norm(graph: &mut Graph, input: &str, name: &str, channels: usize) -> String {
    let scale = graph.constant(&format!("{name}.scale"), &Tensor::new(vec![channels], vec![1.0; channels]));
    let bias = graph.constant(&format!("{name}.bias"), &Tensor::new(vec![channels], vec![0.0; channels]));
    let epsilon = float("epsilon", crate::NORM_EPS as f32);
    graph.node("InstanceNormalization", name, &[input, &scale, &bias], vec![epsilon])
}

fn bend(graph: &mut Graph, input: &str, name: &str, nonlinearity: Nonlinearity) -> String {
    match nonlinearity {
        Nonlinearity::None => input.to_owned(),
        Nonlinearity::Relu => graph.node("Relu", name, &[input], Vec::new()),
        Nonlinearity::LeakyRelu => graph.node("LeakyRelu", name, &[input], vec![float("alpha", Nonlinearity::LEAK as f32)]),
        Nonlinearity::Relu6 => {
            let limits = [("least", 0.0), ("most", Nonlinearity::MOST as f32)]
                .map(|(limit, value)| graph.constant(&format!("{name}.{limit}"), &Tensor::new(Vec::new(), vec![value])));
            graph.node("Clip", name, &[input, &limits[0], &limits[1]], Vec::new())
        }
    }
}

/// Cuts the channels into the groups, activates each, joins them again.
fn activate(graph: &mut Graph, input: &str, head: &Head) -> String {
    let activated = |graph: &mut Graph, activation: Activation, input: &str, name: &str| match activation {
        Activation::Softmax => graph.node("Softmax", name, &[input], vec![int("axis", 1)]),
        Activation::Sigmoid => graph.node("Sigmoid", name, &[input], Vec::new()),
        Activation::None => graph.node("Identity", name, &[input], Vec::new()),
    };
    if let [only] = head.groups.as_slice() {
        return activated(graph, only.activation, input, OUTPUT);
    }
    let sizes: Vec<i64> = head.groups.iter().map(|group| group.channels as i64).collect();
    let parts = graph.split(input, &sizes);
    let groups: Vec<String> = head
        .groups
        .iter()
        .zip(&parts)
        .enumerate()
        .map(|(i, (group, part))| activated(graph, group.activation, part, &format!("group.{i}")))
        .collect();
    let names: Vec<&str> = groups.iter().map(String::as_str).collect();
    graph.node("Concat", OUTPUT, &names, vec![int("axis", 1)])
}
