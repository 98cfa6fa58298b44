//! The list of blocks: names and shapes, what it looks at, what it costs, what is refused.

#![allow(clippy::unwrap_used, reason = "a test may fail loudly")]

mod reference;

use std::collections::BTreeSet;

use fewlabel_contract::ErrorKind;
use fewlabel_model::{Activation, Block, Network, Nonlinearity, Norm, ParameterKind, ResUnet, Tensor, Weights};
use proptest::prelude::*;
use reference::{Field, Numbers, forward, head, objects_head};
use serde_json::json;

fn unet(width: usize, levels: usize) -> Network {
    Network::unet(1, width, levels, &objects_head()).unwrap()
}

#[test]
fn parameters_have_fixed_names_shapes_and_order() {
    let listed: Vec<(String, Vec<usize>)> =
        Network::unet(2, 8, 2, &objects_head()).unwrap().parameters().into_iter().map(|p| (p.name, p.shape)).collect();
    let mut expected: Vec<(String, Vec<usize>)> = Vec::new();
    let mut conv = |stage: &str, number: usize, inputs: usize, outputs: usize| {
        expected.push((format!("{stage}.conv{number}.weight"), vec![outputs, inputs, 3, 3]));
        for part in ["weight", "bias", "mean", "var"] {
            expected.push((format!("{stage}.norm{number}.{part}"), vec![outputs]));
        }
    };
    conv("enc0", 1, 2, 8);
    conv("enc0", 2, 8, 8);
    conv("enc1", 1, 8, 16);
    conv("enc1", 2, 16, 16);
    expected.push(("up0.weight".into(), vec![16, 8, 2, 2]));
    expected.push(("up0.bias".into(), vec![8]));
    let mut conv = |number: usize, inputs: usize, outputs: usize| {
        expected.push((format!("dec0.conv{number}.weight"), vec![outputs, inputs, 3, 3]));
        for part in ["weight", "bias", "mean", "var"] {
            expected.push((format!("dec0.norm{number}.{part}"), vec![outputs]));
        }
    };
    conv(1, 16, 8);
    conv(2, 8, 8);
    expected.push(("head.weight".into(), vec![5, 8, 1, 1]));
    expected.push(("head.bias".into(), vec![5]));
    assert_eq!(listed, expected);
}

#[test]
fn running_statistics_are_not_trained() {
    let kinds = unet(2, 1).parameters().into_iter().map(|p| p.kind);
    let trained: Vec<bool> = kinds.map(ParameterKind::is_trained).collect();
    assert_eq!(trained, [true, true, true, false, false, true, true, true, false, false, true, true]);
}

/// 9·i·o weights and 4·o statistics for a normalised convolution, 4·i·o + o for a step up, 5·32 + 5 for
/// the head, summed up outside of this program.
#[test]
fn the_default_unet_has_as_many_values_as_its_layers_say() {
    assert_eq!(unet(32, 4).parameter_count(), 1_929_381);
}

/// Sums of what torchvision's ResNet-50 without its classifier, the decoder of segmentation-models-pytorch and EfficientNet-Lite0 up to its
/// last stage list, counted outside of this program; running statistics are no parameters there.
#[test]
fn networks_of_others_have_as_many_parameters_as_published() {
    let trained = |network: &Network, is_counted: &dyn Fn(&str) -> bool| -> usize {
        let specs = network.parameters().into_iter().filter(|spec| spec.kind.is_trained() && is_counted(&spec.name));
        specs.map(|spec| spec.shape.iter().product::<usize>()).sum()
    };
    let is_decoder = |name: &str| name.starts_with("dec");
    let is_encoder = |name: &str| !name.starts_with("dec") && !name.starts_with("head");
    let paper = Network::residual_unet(3, &ResUnet::PAPER, &head(Activation::Sigmoid, 3)).unwrap();
    assert_eq!(trained(&paper, &is_encoder), 23_508_032);
    assert_eq!(trained(&paper, &is_decoder), 9_012_928);
    assert_eq!((paper.stride(), paper.shapes()[paper.encoder().len() - 1].channels), (32, 2048));
    let efficient = Network::efficient_unet(3, &head(Activation::Sigmoid, 3)).unwrap();
    assert_eq!(trained(&efficient, &is_encoder), 2_958_848);
    assert_eq!((efficient.stride(), efficient.shapes()[efficient.encoder().len() - 1].channels), (32, 320));
}

#[test]
fn levels_of_a_residual_encoder_are_what_its_decoder_reads() {
    let small = ResUnet { width: 2, bottlenecks: [1, 2, 1, 1], decoder: [8, 6, 5, 4, 3] };
    let unet = Network::residual_unet(2, &small, &objects_head()).unwrap();
    let classifier = unet.to_classifier(&head(Activation::Softmax, 3)).unwrap();
    let pool = classifier.blocks().iter().find(|block| matches!(block, Block::Pool { .. })).unwrap();
    assert_eq!(pool.reads(), ["stem", "layer1", "layer2", "layer3"]);
    let weights = classifier.parameters().into_iter().find(|spec| spec.name == "head.weight").unwrap();
    assert_eq!(weights.shape, [3, 2 + 8 + 16 + 32 + 64, 1, 1]);
    assert_eq!(classifier.to_classifier(&head(Activation::Softmax, 3)).unwrap(), classifier);
}

#[test]
fn the_list_survives_json() {
    let network = unet(4, 3);
    let text = serde_json::to_string(&network).unwrap();
    assert!(text.starts_with(r#"{"input_channels":1,"blocks":[{"block":"conv3x3","stage":"enc0","number":1,"#), "{text}");
    assert_eq!(serde_json::from_str::<Network>(&text).unwrap(), network);
}

/// Which columns of the input change output column `at` when they are made very large: no weight is
/// negative, so nothing cancels.
fn columns_that_matter(network: &Network, width: usize, at: usize) -> (usize, usize) {
    let mut numbers = Numbers(1);
    let weights: Weights = network
        .parameters()
        .into_iter()
        .map(|spec| {
            let data = (0..spec.shape.iter().product()).map(|_| 0.5 + 0.4 * numbers.draw()).collect();
            (spec.name, Tensor::new(spec.shape, data))
        })
        .collect();
    let height = network.stride();
    let plain = Field::zeros(1, height, width);
    let before = forward(network, &weights, &plain);
    let matters = |column: usize| {
        let mut changed = plain.clone();
        (0..height).for_each(|y| changed.data[y * width + column] = 1e6);
        forward(network, &weights, &changed).at(0, 0, at) != before.at(0, 0, at)
    };
    let first = (0..width).find(|&column| matters(column)).unwrap();
    let last = (0..width).rev().find(|&column| matters(column)).unwrap();
    (first, last)
}

fn plain_unet(levels: usize) -> Network {
    // Without normalisation and activation of the output every change shows.
    let blocks = Network::unet(1, 1, levels, &head(Activation::None, 1)).unwrap().blocks().to_vec();
    let plain = blocks.into_iter().map(|block| match block {
        Block::Conv3x3 { stage, number, inputs, outputs, nonlinearity, .. } => {
            Block::Conv3x3 { stage, number, inputs, outputs, norm: Norm::None, nonlinearity }
        }
        other => other,
    });
    Network::new(1, plain.collect()).unwrap()
}

#[test]
fn the_receptive_field_is_what_a_change_of_the_input_shows() {
    for levels in 1..=3 {
        let network = plain_unet(levels);
        let stride = network.stride();
        let middle = 64 / stride * stride;
        let seen: Vec<(usize, usize)> = (middle..middle + stride).map(|at| columns_that_matter(&network, 128, at)).collect();
        let widest = seen.iter().map(|(first, last)| last - first + 1).max().unwrap();
        assert_eq!(network.receptive_field(), widest, "{levels} levels");

        // From the first and last pixel of a cell of one stride, where tiles begin and end.
        let (left, right) = (middle - seen[0].0, seen[stride - 1].1 - (middle + stride - 1));
        assert_eq!(left, right, "the list is symmetric");
        assert_eq!(network.halo(), left.next_multiple_of(stride), "{levels} levels");
    }
}

/// Strides leave the window lopsided: a pixel looks further up and left.
#[test]
fn the_field_of_strides_sums_and_ways_back_is_what_a_change_shows() {
    let conv = |stage: &str, side: usize, stride: usize| Block::Conv {
        stage: stage.into(),
        number: 1,
        inputs: 1,
        outputs: 1,
        side,
        stride,
        groups: 1,
        norm: Norm::None,
        nonlinearity: Nonlinearity::None,
    };
    let keep = |skip: &str| Block::Keep { skip: skip.into() };
    let networks = [
        vec![conv("a", 7, 2), Block::MaxPool3, Block::Upsample2, Block::Upsample2],
        vec![
            keep("read"),
            conv("short", 1, 2),
            keep("short"),
            Block::Take { skip: "read".into() },
            conv("a", 3, 1),
            conv("b", 5, 2),
            Block::Add { skip: "short".into(), nonlinearity: Nonlinearity::None },
            Block::Upsample2,
        ],
    ];
    for mut blocks in networks {
        blocks.push(Block::Activate { head: head(Activation::None, 1) });
        let network = Network::new(1, blocks).unwrap();
        let stride = network.stride();
        let seen: Vec<(usize, usize)> = (64..64 + stride).map(|at| columns_that_matter(&network, 128, at)).collect();
        assert_eq!(network.receptive_field(), seen.iter().map(|(first, last)| last - first + 1).max().unwrap());
        let reach = (64 - seen[0].0).max(seen[stride - 1].1 - (63 + stride));
        assert_eq!(network.halo(), reach.next_multiple_of(stride));
    }
}

/// By hand for 8 × 8 and one channel, in values: what is read (64) is kept until it is gone on with, beside the shorter way (16). Most
/// is alive when the longer way's convolution runs: 64 read, 16 kept, 64 given.
#[test]
fn maps_that_are_gone_on_with_are_there_once() {
    let conv = |stage: &str, stride: usize| Block::Conv {
        stage: stage.into(),
        number: 1,
        inputs: 1,
        outputs: 1,
        side: 3,
        stride,
        groups: 1,
        norm: Norm::None,
        nonlinearity: Nonlinearity::None,
    };
    let keep = |skip: &str| Block::Keep { skip: skip.into() };
    let blocks = vec![
        keep("read"),
        conv("short", 2),
        keep("short"),
        Block::Take { skip: "read".into() },
        conv("a", 1),
        conv("b", 2),
        Block::Add { skip: "short".into(), nonlinearity: Nonlinearity::None },
        Block::Upsample2,
        Block::Activate { head: head(Activation::None, 1) },
    ];
    let network = Network::new(1, blocks).unwrap();
    assert_eq!(network.peak_bytes(8, 8), (64 + 16 + 64) * 4);
    // short 16·9, a 64·9, b 16·9.
    assert_eq!(network.multiply_adds(8, 8), 16 * 9 + 64 * 9 + 16 * 9);
}

#[test]
fn known_fields_of_known_networks() {
    let numbers = |levels| {
        let network = unet(4, levels);
        (network.stride(), network.receptive_field(), network.halo())
    };
    assert_eq!(numbers(1), (1, 5, 2));
    assert_eq!(numbers(2), (2, 18, 8));
    assert_eq!(numbers(4), (8, 100, 48));
}

#[test]
fn instance_normalisation_is_not_local() {
    let with = |norm| {
        let conv =
            Block::Conv3x3 { stage: "enc0".into(), number: 1, inputs: 1, outputs: 1, norm, nonlinearity: Nonlinearity::Relu };
        Network::new(1, vec![conv, Block::Activate { head: head(Activation::None, 1) }]).unwrap().is_local()
    };
    assert_eq!([Norm::None, Norm::Batch, Norm::Instance].map(with), [true, true, false]);
    let whole = unet(4, 3).with_instance_norm();
    assert_eq!((whole.has_instance_norm(), whole.is_local(), unet(4, 3).has_instance_norm()), (true, false, false));
    // Only the weights of convolutions are left, and the biases where nothing normalises.
    assert!(whole.parameters().iter().all(|p| matches!(p.kind, ParameterKind::Weight | ParameterKind::Bias)));
}

/// By hand for 64 × 64 and width 2, two levels, in channels × pixels of full resolution:
/// enc0 2 + 2 (its input and output); enc0 kept (2) while enc1 runs at a quarter of the pixels: conv1
/// 2/4 + 4/4, conv2 4/4 + 4/4; up 4/4 + 2 beside the kept 2 = 5; joining 2 + 2 to 4 takes all of them: 8;
/// dec0 4 + 2; head 2 + 5; activation 5 + 5 = 10.
#[test]
fn peak_memory_follows_the_maps_that_are_alive() {
    assert_eq!(unet(2, 2).peak_bytes(64, 64), 10 * 64 * 64 * 4);
    let one = Network::unet(1, 2, 2, &head(Activation::Softmax, 2)).unwrap();
    assert_eq!(one.peak_bytes(64, 64), 8 * 64 * 64 * 4);
    assert_eq!(one.peak_bytes(usize::MAX, usize::MAX), u64::MAX);
}

/// By hand for one level of width 2 on 10 × 10: 9·1·2 + 9·2·2 + 2·5 multiplications a pixel.
#[test]
fn multiplications_are_counted() {
    assert_eq!(unet(2, 1).multiply_adds(10, 10), 100 * (18 + 36 + 10));
    // Two levels on 8 × 8: 64·(18 + 36) + 16·(72 + 144) + up 64·4·2 + 64·(72 + 36) + head 64·10.
    assert_eq!(unet(2, 2).multiply_adds(8, 8), 64 * 54 + 16 * 216 + 64 * 8 + 64 * 108 + 64 * 10);
}

fn refused(change: impl Fn(&mut serde_json::Value)) -> String {
    let mut value = serde_json::to_value(unet(4, 2)).unwrap();
    change(&mut value);
    serde_json::from_value::<Network>(value).unwrap_err().to_string()
}

#[test]
fn a_classifier_is_the_encoder_of_the_unet_with_a_head_on_its_means() {
    let unet = Network::unet(2, 4, 3, &objects_head()).unwrap();
    let kinds = head(Activation::Softmax, 7);
    let classifier = Network::classifier(2, 4, 3, &kinds).unwrap();
    assert_eq!(classifier, unet.to_classifier(&kinds).unwrap());
    assert_eq!(classifier.encoder(), unet.encoder());
    assert_eq!(unet.shapes()[unet.encoder().len() - 1].channels, 16);
    let names = |network: &Network| network.parameters().into_iter().map(|spec| spec.name).collect::<BTreeSet<_>>();
    assert!(names(&classifier).is_subset(&names(&unet)));
    assert_eq!(classifier.parameters().iter().find(|spec| spec.name == "head.weight").unwrap().shape, [7, 4 + 8 + 16, 1, 1]);
    assert_eq!((classifier.stride(), classifier.halo(), classifier.is_local()), (4, 0, false));
    assert_eq!((classifier.output_size(64, 32), unet.output_size(64, 32)), ((1, 1), (64, 32)));
    assert_eq!((classifier.is_pooled(), unet.is_pooled()), (true, false));
    // Another head on the same encoder, whose levels are pooled once as before.
    let other = head(Activation::Softmax, 2);
    assert_eq!(classifier.to_classifier(&other).unwrap(), Network::classifier(2, 4, 3, &other).unwrap());
    // One level keeps nothing.
    assert_eq!(Network::classifier(1, 4, 1, &other).unwrap().blocks()[2], Block::Pool { of: Vec::new() });
    // 5 pixels behind the last halving are 10 before it, with two convolutions 14, before the first 28, with two convolutions 32.
    assert_eq!(classifier.receptive_field(), 32);
    let text = serde_json::to_string(&classifier).unwrap();
    assert!(text.contains(r#"{"block":"pool","of":["enc0","enc1"]}"#), "{text}");
    assert_eq!(serde_json::from_str::<Network>(&text).unwrap(), classifier);
}

/// By hand for 8 × 8 and width 2, two levels, in values: enc0 2 · 64 each; kept 128 until the pool; enc1 at 16 pixels 64 each.
/// enc0's second convolution holds most: 128 before, 128 behind; the pool holds 128 and 64 and gives 6.
#[test]
fn kept_maps_stay_until_they_are_pooled() {
    let classifier = Network::classifier(1, 2, 2, &head(Activation::Softmax, 3)).unwrap();
    assert_eq!(classifier.peak_bytes(8, 8), (128 + 128) * 4);
    let pool = classifier.blocks().iter().position(|block| matches!(block, Block::Pool { .. })).unwrap();
    assert_eq!((classifier.shapes()[pool].channels, classifier.shapes()[pool].scale), (6, None));
    // 64·(9·1·2 + 9·2·2) + 16·(9·2·4 + 9·4·4), and the head once: 6·3.
    assert_eq!(classifier.multiply_adds(8, 8), 64 * 54 + 16 * 216 + 18);
}

#[test]
fn behind_the_pool_nothing_needs_an_image() {
    let pooled = |block: Block| {
        let out = head(Activation::None, 2);
        let blocks =
            vec![Block::Keep { skip: "image2".into() }, Block::Pool { of: Vec::new() }, block, Block::Activate { head: out }];
        Network::new(2, blocks).map_err(|error| error.to_string())
    };
    assert!(pooled(Block::Conv1x1 { stage: "hidden".into(), inputs: 2, outputs: 2 }).is_ok());
    for block in [
        Block::MaxPool2,
        Block::Pool { of: Vec::new() },
        Block::Keep { skip: "one".into() },
        Block::Concat { skip: "image2".into() },
        Block::UpConv2x2 { stage: "up".into(), inputs: 2, outputs: 2 },
        Block::Conv3x3 {
            stage: "enc0".into(),
            number: 1,
            inputs: 2,
            outputs: 2,
            norm: Norm::None,
            nonlinearity: Nonlinearity::None,
        },
    ] {
        let error = pooled(block.clone()).unwrap_err();
        assert!(error.contains("behind the pool") && error.contains("2 of 4"), "{block:?}: {error}");
    }
    let pool = |of: Vec<String>, outputs| vec![Block::Pool { of }, Block::Activate { head: head(Activation::None, outputs) }];
    let error = Network::new(1, pool(vec!["enc9".into()], 2)).unwrap_err();
    assert!(error.to_string().contains("nothing was kept") && error.to_string().contains("enc9"), "{error}");
    let mut many = pool(vec!["a".into(); 20_000], 20_001);
    many.insert(0, Block::Keep { skip: "a".into() });
    assert!(Network::new(1, many).unwrap_err().to_string().contains("out of range"));
}

#[test]
fn lists_that_do_not_fit_together_are_refused() {
    let channels = refused(|v| v["blocks"][1]["inputs"] = json!(5));
    assert!(channels.contains("another number of channels"), "{channels}");
    assert!(channels.contains("given: 4"), "{channels}");
    assert!(refused(|v| v["blocks"][7]["skip"] = json!("enc9")).contains("nothing was kept"));
    assert!(refused(|v| v["blocks"][3] = json!({"block": "keep", "skip": "enc0"})).contains("kept under one name"));
    assert!(refused(|v| v["input_channels"] = json!(0)).contains("out of range"));
    assert!(refused(|v| v["blocks"][0]["outputs"] = json!(u64::MAX)).contains("out of range"));
    assert!(refused(|v| v["blocks"][0]["outputs"] = json!(-1)).contains("invalid value"));
    assert!(refused(|v| v["blocks"][1]["number"] = json!(1)).contains("parameters of one name"));
    assert!(refused(|v| v["blocks"][0]["stage"] = json!("../enc0")).contains("a name is taken"));
    assert!(refused(|v| v["blocks"][0]["stage"] = json!("maps")).contains("a name is taken"));
    assert!(refused(|v| v["blocks"][0]["stride"] = json!(2)).contains("unknown field"));
    assert!(refused(|v| v["blocks"][3]["block"] = json!("attention")).contains("unknown variant"));
    let blocks = |v: &mut serde_json::Value| v["blocks"].as_array_mut().unwrap().clone();
    assert!(refused(|v| drop(v["blocks"].as_array_mut().unwrap().pop())).contains("the last block is not"));
    assert!(refused(|v| v["blocks"] = json!([])).contains("the last block is not"));
    assert!(refused(|v| v["blocks"] = json!(vec![json!({"block": "max-pool2"}); 2000])).contains("too long"));
    assert!(refused(|v| v["blocks"] = json!(vec![json!({"block": "max-pool2"}); 40])).contains("too coarse"));
    let wide = |side: u64, stride: u64, groups: u64| {
        json!({"block": "conv", "stage": "a", "number": 1, "inputs": 1, "outputs": 4, "side": side, "stride": stride, "groups": groups,
            "norm": "none", "nonlinearity": "none"})
    };
    for (side, stride) in [(2, 1), (9, 1), (0, 1), (3, 0), (3, 3)] {
        assert!(refused(|v| v["blocks"][0] = wide(side, stride, 1)).contains("a window is of a size"), "{side} {stride}");
    }
    for groups in [0, 2, 5] {
        assert!(refused(|v| v["blocks"][0] = wide(3, 1, groups)).contains("cut into these groups"), "{groups}");
    }
    let add = json!({"block": "add", "skip": "enc0", "nonlinearity": "none"});
    assert!(refused(|v| v["blocks"][4] = add.clone()).contains("different grids"));
    assert!(
        refused(|v| v["blocks"][7] = json!({"block": "add", "skip": "enc9", "nonlinearity": "none"}))
            .contains("nothing was kept")
    );
    assert!(refused(|v| v["blocks"][6]["outputs"] = json!(3)).contains("another number of channels"));
    assert!(refused(|v| v["blocks"][4] = json!({"block": "take", "skip": "enc9"})).contains("nothing was kept"));
    let up = json!({"block": "up-conv2x2", "stage": "up", "inputs": 1, "outputs": 1});
    assert!(refused(|v| v["blocks"] = json!([up])).contains("finer than the input"));
    let activate = json!({"block": "activate", "head": {"groups": [{"activation": "none", "channels": 1}]}});
    assert!(refused(|v| v["blocks"] = json!([{"block": "max-pool2"}, activate])).contains("coarser grid"));
    assert!(refused(|v| v["blocks"][0] = activate.clone()).contains("before the end"));
    assert!(
        refused(|v| {
            let last = blocks(v).len() - 1;
            v["blocks"][last]["head"]["groups"][0]["channels"] = json!(7);
        })
        .contains("do not cover")
    );
    let wide = |stage: &str| json!({"block": "conv1x1", "stage": stage, "inputs": 16384, "outputs": 16384});
    let first = json!({"block": "conv1x1", "stage": "a", "inputs": 1, "outputs": 16384});
    assert!(
        refused(|v| v["blocks"] = json!([first, wide("b"), wide("c"), wide("d"), wide("e"), wide("f")]))
            .contains("too many parameters")
    );
}

#[test]
fn sizes_that_a_person_asked_for_are_their_mistake() {
    for (width, levels) in [(0, 4), (usize::MAX, 4), (32, 0), (32, 9), (4096, 8)] {
        let error = Network::unet(1, width, levels, &objects_head()).unwrap_err();
        assert_eq!(error.kind, ErrorKind::InvalidRequest, "{width} {levels}");
    }
    assert!(Network::unet(0, 8, 2, &objects_head()).is_err());
}

proptest! {
    /// Whatever sizes are asked for: parameters are named once, and the first pixel of a tile looks no
    /// further than the halo.
    #[test]
    fn every_unet_is_consistent(inputs in 1..6usize, width in 1..20usize, levels in 1..6usize) {
        let network = Network::unet(inputs, width, levels, &objects_head()).unwrap();
        let names: BTreeSet<String> = network.parameters().into_iter().map(|p| p.name).collect();
        prop_assert_eq!(names.len(), network.parameters().len());
        prop_assert_eq!(network.stride(), 1 << (levels - 1));
        prop_assert_eq!(network.halo() % network.stride(), 0);
        prop_assert!(2 * network.halo() + network.stride() >= network.receptive_field());
        prop_assert_eq!(network.output_channels(), 5);
    }

    /// Changed JSON gives an error or a network, never a panic.
    #[test]
    fn no_list_panics(index in 0..12usize, field in prop::sample::select(vec!["inputs", "outputs", "number", "skip", "block", "stage"]), value in prop::sample::select(vec![json!(0), json!(1), json!(-3), json!(99999), json!("enc0"), json!("max-pool2"), json!(null), json!([]), json!(1e30)])) {
        let mut list = serde_json::to_value(unet(2, 3)).unwrap();
        list["blocks"][index][field] = value;
        if let Ok(network) = serde_json::from_value::<Network>(list) {
            network.peak_bytes(32, 32);
            network.halo();
        }
    }
}
