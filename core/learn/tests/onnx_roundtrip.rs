//! Each kind of block: what libtorch computes, the written ONNX graph computes in tract.

#![allow(clippy::unwrap_used, reason = "a test may panic")]

use std::collections::BTreeMap;

use fewlabel_contract::Find;
use fewlabel_image::Maps;
use fewlabel_infer::{Forward, TractForward};
use fewlabel_learn::device::{Machine, Precision};
use fewlabel_learn::forward::TchForward;
use fewlabel_learn::net::{Net, initial_weights};
use fewlabel_model::{
    Activation, Block, Head, HeadGroup, InputSize, Network, Nonlinearity, Norm, Normalisation, Package, PackageMeta,
    ParameterKind, ResUnet, Weights, write_onnx,
};

fn head(groups: &[(Activation, usize)]) -> Head {
    Head { groups: groups.iter().map(|&(activation, channels)| HeadGroup { activation, channels }).collect() }
}

fn conv(number: usize, inputs: usize, outputs: usize, norm: Norm, nonlinearity: Nonlinearity) -> Block {
    Block::Conv3x3 { stage: "enc0".into(), number, inputs, outputs, norm, nonlinearity }
}

/// Weights with nothing at its starting value, so that a dropped or swapped parameter shows.
fn stirred(network: &Network) -> Weights {
    let mut weights = initial_weights(network, 7);
    for spec in network.parameters() {
        let Some(tensor) = weights.get_mut(&spec.name) else { continue };
        for (i, value) in tensor.data.iter_mut().enumerate() {
            let wave = (0.9 * i as f32 + spec.name.len() as f32).sin();
            match spec.kind {
                ParameterKind::Weight => {}
                ParameterKind::NormWeight | ParameterKind::RunningVar => *value = 1.0 + 0.5 * wave,
                _ => *value = 0.3 * wave,
            }
        }
    }
    weights
}

/// Largest difference between libtorch's maps and tract's.
fn difference(network: &Network, height: usize, width: usize) -> f32 {
    let weights = stirred(network);
    let machine = Machine::cpu(Precision { bf16: false });
    let mut net = Net::with_weights(network.clone(), &weights, &machine).unwrap();
    let meta = PackageMeta::new("blocks", Find::Areas, network.clone(), Normalisation::default());
    let package = Package {
        meta: PackageMeta {
            // Whole images are of one size; here that of the test.
            input_size: if network.is_pooled() { InputSize { min: height, step: 0 } } else { meta.input_size },
            ..meta
        },
        onnx: write_onnx(network, &weights).unwrap(),
        test: None,
        weights: Some(weights),
        run: serde_json::Value::Null,
        cover_png: None,
    };
    let channels = network.input_channels();
    let values = (0..channels * height * width).map(|i| (0.37 * i as f32).sin() + 0.01 * (i % 17) as f32).collect();
    let input = Maps::new(channels, height, width, values);
    let ours = TchForward::new(&mut net).run(&input).unwrap();
    let theirs = TractForward::new(&package).unwrap().run(&input).unwrap();
    assert_eq!((ours.channels, (ours.height, ours.width)), (network.output_channels(), network.output_size(height, width)));
    assert_eq!((ours.height, ours.width), (theirs.height, theirs.width));
    ours.data.iter().zip(&theirs.data).map(|(a, b)| (a - b).abs()).fold(0.0, f32::max)
}

fn assert_same(name: &str, network: &Network) {
    for (height, width) in [(16, 24), (64, 40)] {
        let difference = difference(network, height, width);
        assert!(difference <= 1e-4, "{name} at {height} x {width}: {difference}");
    }
}

#[test]
fn every_kind_of_convolution_block() {
    let out = head(&[(Activation::None, 4)]);
    for norm in [Norm::None, Norm::Batch, Norm::Instance] {
        for nonlinearity in [Nonlinearity::None, Nonlinearity::Relu, Nonlinearity::LeakyRelu] {
            let blocks =
                vec![conv(1, 2, 4, norm, nonlinearity), conv(2, 4, 4, norm, nonlinearity), Block::Activate { head: out.clone() }];
            assert_same(&format!("{norm:?} {nonlinearity:?}"), &Network::new(2, blocks).unwrap());
        }
    }
}

#[test]
fn pooling_going_up_and_joining() {
    let blocks = vec![
        conv(1, 1, 4, Norm::Batch, Nonlinearity::Relu),
        Block::Keep { skip: "fine".into() },
        Block::MaxPool2,
        Block::UpConv2x2 { stage: "up0".into(), inputs: 4, outputs: 3 },
        Block::Concat { skip: "fine".into() },
        Block::Conv1x1 { stage: "head".into(), inputs: 7, outputs: 5 },
        Block::Activate { head: head(&[(Activation::Softmax, 3), (Activation::Sigmoid, 2)]) },
    ];
    assert_same("pool, up, concat, head", &Network::new(1, blocks).unwrap());
}

#[test]
fn convolutions_of_other_sides_strides_and_groups() {
    for (side, stride, groups) in [(1, 2, 1), (5, 1, 4), (3, 2, 4), (7, 2, 1)] {
        for (norm, nonlinearity) in [(Norm::Batch, Nonlinearity::Relu6), (Norm::None, Nonlinearity::Relu)] {
            let conv =
                Block::Conv { stage: "a".into(), number: 1, inputs: 4, outputs: 8, side, stride, groups, norm, nonlinearity };
            let same = if stride == 2 { Block::Upsample2 } else { Block::Keep { skip: "same".into() } };
            let blocks = vec![conv, same, Block::Activate { head: head(&[(Activation::None, 8)]) }];
            assert_same(&format!("{side} {stride} {groups} {norm:?}"), &Network::new(4, blocks).unwrap());
        }
    }
}

#[test]
fn networks_of_others() {
    let out = head(&[(Activation::Softmax, 3)]);
    let small = ResUnet { width: 4, bottlenecks: [1, 2, 1, 1], decoder: [8, 6, 5, 4, 3] };
    // With statistics that fit nothing, what 32 bit leave out grows over the 60 convolutions of the second.
    for (name, network, most) in [
        ("residual", Network::residual_unet(2, &small, &out).unwrap(), 1e-4),
        ("efficient", Network::efficient_unet(1, &out).unwrap(), 1e-2),
        ("its classifier", Network::efficient_unet(3, &out).unwrap().to_classifier(&out).unwrap(), 1e-2),
    ] {
        let difference = difference(&network, 64, 64);
        assert!(difference <= most, "{name}: {difference}");
    }
}

#[test]
fn every_activation() {
    for activation in [Activation::Softmax, Activation::Sigmoid, Activation::None] {
        let blocks = vec![conv(1, 3, 2, Norm::None, Nonlinearity::None), Block::Activate { head: head(&[(activation, 2)]) }];
        assert_same(&format!("{activation:?}"), &Network::new(3, blocks).unwrap());
    }
}

#[test]
fn the_whole_network_that_is_trained() {
    let out = head(&[(Activation::Softmax, 3), (Activation::Sigmoid, 2)]);
    for (channels, levels) in [(1, 4), (3, 3), (2, 1)] {
        assert_same(&format!("{levels} levels"), &Network::unet(channels, 6, levels, &out).unwrap());
    }
}

#[test]
fn means_over_whole_images() {
    let out = head(&[(Activation::Softmax, 3)]);
    let pool = |of: &[&str]| Block::Pool { of: of.iter().map(|&skip| skip.to_owned()).collect() };
    let head = |inputs| Block::Conv1x1 { stage: "head".into(), inputs, outputs: 3 };
    let keep = |skip: &str| Block::Keep { skip: skip.into() };
    let alone = vec![conv(1, 2, 4, Norm::Batch, Nonlinearity::Relu), pool(&[]), head(4), Block::Activate { head: out.clone() }];
    let with_kept = vec![
        keep("image2"),
        conv(1, 2, 4, Norm::Batch, Nonlinearity::Relu),
        keep("fine"),
        Block::MaxPool2,
        pool(&["fine", "image2", "fine"]),
        Block::Conv1x1 { stage: "hidden".into(), inputs: 14, outputs: 5 },
        Block::Conv1x1 { stage: "head".into(), inputs: 5, outputs: 3 },
        Block::Activate { head: out.clone() },
    ];
    let networks = [
        Network::new(2, alone).unwrap(),
        Network::new(2, with_kept).unwrap(),
        Network::classifier(3, 6, 4, &out).unwrap(),
        Network::classifier(1, 6, 1, &out).unwrap(),
    ];
    for (i, network) in networks.iter().enumerate() {
        for side in [16, 64, 128] {
            let difference = difference(network, side, side);
            assert!(difference <= 1e-5, "network {i} at {side}: {difference}");
        }
    }
}

#[test]
fn names_of_weights_are_names_of_parameters() {
    let network = Network::unet(1, 4, 2, &head(&[(Activation::Softmax, 2)])).unwrap();
    let weights = stirred(&network);
    let net = Net::with_weights(network.clone(), &weights, &Machine::cpu(Precision { bf16: false })).unwrap();
    let back: BTreeMap<_, _> = net.parameters.to_weights().unwrap();
    assert_eq!(back, weights);
    assert!(net.parameters.listed().map(|(name, ..)| name).eq(network.parameters().iter().map(|spec| spec.name.as_str())));
}
