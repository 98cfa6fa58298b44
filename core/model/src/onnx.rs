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
    for block in network.blocks() {
        now = match block {
            Block::Conv3x3 { stage, number, norm, nonlinearity, outputs, .. } => {
                let name = format!("{stage}.conv{number}");
                let convolved = convolve(&mut graph, &weights, &now, &name, 3);
                let normed = match norm {
                    Norm::Instance => instance_norm(&mut graph, &convolved, &format!("{stage}.norm{number}"), *outputs),
                    Norm::None | Norm::Batch => convolved,
                };
                bend(&mut graph, &normed, &format!("{stage}.relu{number}"), *nonlinearity)
            }
            Block::MaxPool2 => {
                pools += 1;
                let attributes = vec![ints("kernel_shape", &[2, 2]), ints("strides", &[2, 2])];
                graph.node("MaxPool", &format!("pool.{pools}"), &[&now], attributes)
            }
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
            Block::Conv1x1 { stage, .. } => convolve(&mut graph, &weights, &now, stage, 1),
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
    let mut add = |part: &str| {
        let full = format!("{name}.{part}");
        match weights.get(&full) {
            Some(tensor) => graph.constant(&full, tensor),
            // An input of no name is one that is left out.
            None => String::new(),
        }
    };
    (add("weight"), add("bias"))
}

fn convolve(graph: &mut Graph, weights: &Weights, input: &str, name: &str, side: i64) -> String {
    let (weight, bias) = parameters(graph, weights, name);
    let mut inputs = vec![input, weight.as_str(), bias.as_str()];
    inputs.retain(|input| !input.is_empty());
    let pad = side / 2;
    graph.node("Conv", name, &inputs, vec![ints("kernel_shape", &[side, side]), ints("pads", &[pad; 4])])
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
