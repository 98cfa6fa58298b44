//! Every kind of block: list → ONNX → tract gives what a plain forward pass gives.

#![allow(clippy::unwrap_used, reason = "a test may fail loudly")]

mod reference;

use fewlabel_image::Maps;
use fewlabel_model::{
    Activation, Block, Head, HeadGroup, Network, Nonlinearity, Norm, ResUnet, Weights, fold_batch_norm, operators, write_onnx,
};
use prost::Message;
use reference::{Field, forward, head, objects_head, random_maps, random_weights};
use tract_onnx::pb;
use tract_onnx::prelude::*;

/// Runs an ONNX model on one image.
fn run(onnx: &[u8], input: &Maps) -> Maps {
    let shape = [1, input.channels, input.height, input.width];
    let model = tract_onnx::onnx()
        .model_for_read(&mut &*onnx)
        .unwrap()
        .with_input_fact(0, f32::fact(shape).into())
        .unwrap()
        .into_optimized()
        .unwrap()
        .into_runnable()
        .unwrap();
    let tensor = Tensor::from_shape(&shape, &input.data).unwrap();
    let outputs = model.run(tvec!(tensor.into())).unwrap();
    let values = outputs[0].to_plain_array_view::<f32>().unwrap();
    let [1, channels, height, width] = *values.shape() else { panic!("{:?}", values.shape()) };
    Maps::new(channels, height, width, values.iter().copied().collect())
}

/// The largest difference to the plain forward pass on random weights and images.
fn difference(network: &Network, height: usize, width: usize) -> f64 {
    let weights = random_weights(network, 7);
    let onnx = write_onnx(network, &weights).unwrap();
    let input = random_maps(network.input_channels(), height, width, 11);
    let expected = forward(network, &weights, &Field::of(&input));
    let found = run(&onnx, &input);
    assert_eq!((found.channels, found.height, found.width), (expected.channels, expected.height, expected.width));
    assert!(expected.data.iter().any(|value| value.abs() > 0.05), "the reference must not be all zero");
    largest(&expected.data, &found)
}

fn largest(expected: &[f64], found: &Maps) -> f64 {
    expected.iter().zip(&found.data).map(|(e, &f)| (e - f64::from(f)).abs()).fold(0.0, f64::max)
}

fn conv(stage: &str, inputs: usize, outputs: usize, norm: Norm, nonlinearity: Nonlinearity) -> Block {
    Block::Conv3x3 { stage: stage.into(), number: 1, inputs, outputs, norm, nonlinearity }
}

fn activate(activation: Activation, channels: usize) -> Block {
    Block::Activate { head: head(activation, channels) }
}

#[test]
fn convolution_with_each_norm_and_nonlinearity() {
    for norm in [Norm::None, Norm::Batch, Norm::Instance] {
        for nonlinearity in [Nonlinearity::None, Nonlinearity::Relu, Nonlinearity::LeakyRelu] {
            let blocks = vec![conv("enc0", 2, 3, norm, nonlinearity), activate(Activation::None, 3)];
            let network = Network::new(2, blocks).unwrap();
            let off = difference(&network, 6, 9);
            assert!(off < 1e-5, "{norm:?} {nonlinearity:?}: {off}");
        }
    }
}

fn wide(side: usize, stride: usize, groups: usize, (inputs, outputs): (usize, usize)) -> Block {
    let (norm, nonlinearity) = (Norm::Batch, Nonlinearity::Relu6);
    Block::Conv { stage: "enc0".into(), number: 1, inputs, outputs, side, stride, groups, norm, nonlinearity }
}

#[test]
fn convolutions_of_every_side_stride_and_grouping() {
    for side in [1, 3, 5, 7] {
        for stride in [1, 2] {
            for (groups, outputs) in [(1, 5), (4, 4), (4, 8)] {
                let blocks = vec![
                    wide(side, stride, groups, (4, outputs)),
                    if stride == 2 { Block::Upsample2 } else { Block::Keep { skip: "same".into() } },
                    activate(Activation::None, outputs),
                ];
                let off = difference(&Network::new(4, blocks).unwrap(), 8, 14);
                assert!(off < 1e-5, "{side} {stride} {groups} {outputs}: {off}");
            }
        }
    }
}

#[test]
fn sums_ways_back_and_other_ways_down_and_up() {
    let keep = |skip: &str| Block::Keep { skip: skip.into() };
    let blocks = vec![
        keep("read"),
        conv("short", 2, 3, Norm::None, Nonlinearity::None),
        keep("short"),
        Block::Take { skip: "read".into() },
        conv("enc0", 2, 3, Norm::Batch, Nonlinearity::Relu),
        Block::Add { skip: "short".into(), nonlinearity: Nonlinearity::Relu },
        Block::MaxPool3,
        Block::Upsample2,
        Block::Add { skip: "short".into(), nonlinearity: Nonlinearity::None },
        activate(Activation::None, 3),
    ];
    let network = Network::new(2, blocks).unwrap();
    assert!(difference(&network, 6, 10) < 1e-5);
    let onnx = write_onnx(&network, &random_weights(&network, 1)).unwrap();
    assert_eq!(operators(&onnx).unwrap(), ["Add", "Conv", "ConvTranspose", "Identity", "MaxPool", "Relu"]);
}

#[test]
fn whole_networks_of_others() {
    let small = ResUnet { width: 2, bottlenecks: [1, 2, 1, 1], decoder: [8, 6, 5, 4, 3] };
    let off = difference(&Network::residual_unet(2, &small, &objects_head()).unwrap(), 64, 96);
    assert!(off < 1e-3, "{off}");
    let off = difference(&Network::efficient_unet(1, &head(Activation::Softmax, 3)).unwrap(), 32, 64);
    assert!(off < 1e-3, "{off}");
}

#[test]
fn pooling_and_transposed_convolution() {
    let up = Block::UpConv2x2 { stage: "up0".into(), inputs: 2, outputs: 3 };
    let network = Network::new(2, vec![Block::MaxPool2, up, activate(Activation::None, 3)]).unwrap();
    assert!(difference(&network, 6, 10) < 1e-5);
}

#[test]
fn skips_come_behind_the_current_channels() {
    let blocks = vec![
        Block::Keep { skip: "image2".into() },
        conv("enc0", 2, 3, Norm::None, Nonlinearity::Relu),
        Block::Concat { skip: "image2".into() },
        Block::Keep { skip: "both".into() },
        Block::Concat { skip: "both".into() },
        activate(Activation::None, 10),
    ];
    let network = Network::new(2, blocks).unwrap();
    assert!(difference(&network, 5, 4) < 1e-5);
}

#[test]
fn heads_of_one_and_of_several_groups() {
    for activation in [Activation::None, Activation::Sigmoid, Activation::Softmax] {
        let one = Block::Conv1x1 { stage: "head".into(), inputs: 3, outputs: 4 };
        let network = Network::new(3, vec![one, activate(activation, 4)]).unwrap();
        assert!(difference(&network, 3, 5) < 1e-5, "{activation:?}");
    }
    let groups = [(Activation::Softmax, 3), (Activation::None, 1), (Activation::Sigmoid, 2), (Activation::Softmax, 2)];
    let head = Head { groups: groups.map(|(activation, channels)| HeadGroup { activation, channels }).to_vec() };
    let blocks = vec![Block::Conv1x1 { stage: "head".into(), inputs: 1, outputs: 8 }, Block::Activate { head }];
    assert!(difference(&Network::new(1, blocks).unwrap(), 4, 4) < 1e-5);
}

#[test]
fn a_whole_unet_on_a_side_that_is_not_square() {
    let network = Network::unet(3, 4, 3, &objects_head()).unwrap();
    let off = difference(&network, 24, 36);
    assert!(off < 1e-4, "{off}");
}

#[test]
fn means_of_kept_maps_come_before_those_of_the_current_ones() {
    let keep = |skip: &str| Block::Keep { skip: skip.into() };
    let pool = |of: &[&str]| Block::Pool { of: of.iter().map(|&skip| skip.to_owned()).collect() };
    let blocks = vec![
        keep("image2"),
        conv("enc0", 2, 3, Norm::Batch, Nonlinearity::Relu),
        keep("fine"),
        Block::MaxPool2,
        pool(&["fine", "image2", "fine"]),
        activate(Activation::None, 11),
    ];
    let network = Network::new(2, blocks).unwrap();
    assert!(difference(&network, 6, 10) < 1e-5);
    let alone = Network::new(2, vec![pool(&[]), activate(Activation::Softmax, 2)]).unwrap();
    assert!(difference(&alone, 5, 3) < 1e-5);
    let classifier = Network::classifier(3, 4, 3, &head(Activation::Softmax, 5)).unwrap();
    assert!(difference(&classifier, 24, 36) < 1e-4);
    let onnx = write_onnx(&classifier, &random_weights(&classifier, 1)).unwrap();
    assert_eq!(operators(&onnx).unwrap(), ["Concat", "Conv", "GlobalAveragePool", "MaxPool", "Relu", "Softmax"]);
    let graph = pb::ModelProto::decode(&*onnx).unwrap().graph.unwrap();
    let Some(pb::type_proto::Value::TensorType(output)) = graph.output[0].r#type.clone().unwrap().value else { panic!() };
    let sides = output.shape.unwrap().dim[2..].iter().map(|side| side.value.clone()).collect::<Vec<_>>();
    assert_eq!(sides, [1, 1].map(|one| Some(pb::tensor_shape_proto::dimension::Value::DimValue(one))));
}

#[test]
fn folding_changes_the_weights_and_not_the_result() {
    let network = Network::unet(1, 3, 2, &objects_head()).unwrap();
    let weights = random_weights(&network, 3);
    let (folded, new) = fold_batch_norm(&network, &weights).unwrap();
    assert!(new.contains_key("enc0.conv1.bias") && !new.contains_key("enc0.norm1.mean"));
    assert_eq!(new.len(), folded.parameters().len());
    let input = Field::of(&random_maps(1, 8, 8, 5));
    let (before, after) = (forward(&network, &weights, &input), forward(&folded, &new, &input));
    let off = before.data.iter().zip(&after.data).map(|(a, b)| (a - b).abs()).fold(0.0, f64::max);
    assert!(off < 1e-6, "{off}");
}

#[test]
fn the_graph_is_of_the_version_and_form_that_is_promised() {
    let network = Network::unet(2, 2, 2, &objects_head()).unwrap();
    let weights = random_weights(&network, 1);
    let onnx = write_onnx(&network, &weights).unwrap();
    assert_eq!(onnx, write_onnx(&network, &weights).unwrap(), "the same bytes each time");
    let used = ["Concat", "Conv", "ConvTranspose", "MaxPool", "Relu", "Sigmoid", "Softmax", "Split"];
    assert_eq!(operators(&onnx).unwrap(), used);

    let model = pb::ModelProto::decode(&*onnx).unwrap();
    assert_eq!((model.ir_version, model.opset_import[0].version), (8, 17));
    let graph = model.graph.unwrap();
    let dims = |value: &pb::ValueInfoProto| -> Vec<String> {
        let Some(pb::type_proto::Value::TensorType(tensor)) = &value.r#type.as_ref().unwrap().value else { panic!() };
        let dimensions = tensor.shape.as_ref().unwrap().dim.iter();
        dimensions
            .map(|dimension| match dimension.value.as_ref().unwrap() {
                pb::tensor_shape_proto::dimension::Value::DimParam(name) => name.clone(),
                pb::tensor_shape_proto::dimension::Value::DimValue(size) => size.to_string(),
            })
            .collect()
    };
    assert_eq!(dims(&graph.input[0]), ["batch", "2", "height", "width"]);
    assert_eq!(dims(&graph.output[0]), ["batch", "5", "height", "width"]);
    assert_eq!(graph.node[0].name, "enc0.conv1");
}

#[test]
fn weights_of_another_network_are_refused() {
    let network = Network::unet(1, 2, 2, &objects_head()).unwrap();
    let weights = random_weights(&network, 1);
    let refused = |change: &dyn Fn(&mut Weights)| {
        let mut weights = weights.clone();
        change(&mut weights);
        write_onnx(&network, &weights).unwrap_err().to_string()
    };
    assert!(refused(&|w| drop(w.remove("up0.bias"))).contains("missing (parameter: up0.bias)"));
    assert!(refused(&|w| w.get_mut("head.bias").unwrap().shape = vec![1, 5]).contains("another shape"));
    assert!(refused(&|w| w.get_mut("head.bias").unwrap().data[0] = f32::NAN).contains("not finite"));
    assert!(refused(&|w| w.get_mut("enc0.norm1.var").unwrap().data[0] = -1.0).contains("below zero"));
    assert!(refused(&|w| drop(w.insert("extra".into(), w["up0.bias"].clone()))).contains("parameter: extra"));
}

#[test]
fn operators_of_what_is_no_model_are_refused() {
    let error = operators(b"not a model").unwrap_err();
    assert_eq!(error.kind, fewlabel_contract::ErrorKind::BadModel);
}
