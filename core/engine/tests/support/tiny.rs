//! The tiny models of the conformance vectors, made by hand: bright pixels are objects.

#![allow(dead_code, reason = "each test program takes a part of it")]

use std::path::{Path, PathBuf};

use fewlabel_contract::Find;
use fewlabel_image::Maps;
use fewlabel_infer::{Forward, TractForward, verify};
use fewlabel_model::{
    Activation, Head, HeadGroup, InputSize, Network, Normalisation, Package, PackageMeta, ParameterKind, Preprocessing, Tensor,
    Weights, write_onnx,
};
use fewlabel_objects::DecodeObjects;

/// Where it is checked in.
pub fn path() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/contract/tiny.zip")
}

/// Where [`start`] is checked in.
pub fn start_path() -> PathBuf {
    path().with_file_name("start.zip")
}

/// Where [`kinds`] is checked in.
pub fn kinds_path() -> PathBuf {
    path().with_file_name("kinds.zip")
}

/// Tells images of which few pixels are bright from those of which many are: above half of them the probability of `many` is the
/// larger. Far from it the probabilities are 0 or 1.
pub fn kinds() -> Package {
    const SIDE: usize = 32;
    let head = Head { groups: vec![HeadGroup { activation: Activation::Softmax, channels: 2 }] };
    let network = Network::classifier(1, 1, 2, &head).expect("a network");
    let tensor = |spec: &fewlabel_model::ParameterSpec| {
        let mut data = vec![0.0; spec.shape.iter().product()];
        match spec.kind {
            ParameterKind::NormWeight | ParameterKind::RunningVar => data.fill(1.0),
            ParameterKind::Bias if spec.name == "head.bias" => data = vec![20.0, -20.0],
            // The mean of the finest level comes first; it is that of the image.
            ParameterKind::Weight if spec.name == "head.weight" => (data[0], data[spec.shape[1]]) = (-40.0, 40.0),
            ParameterKind::Weight => data[4] = 1.0,
            _ => {}
        }
        (spec.name.clone(), Tensor::new(spec.shape.clone(), data))
    };
    let weights: Weights = network.parameters().iter().map(tensor).collect();
    let onnx = write_onnx(&network, &weights).expect("a graph");
    let normalisation = Normalisation::default();
    let names = ["few", "many"].map(str::to_owned);
    let meta = PackageMeta {
        description: "Few or many bright pixels; for tests".to_owned(),
        classes: (1..).zip(names.clone()).collect(),
        output_channels: names.to_vec(),
        input_size: InputSize { min: SIDE, step: 0 },
        ..PackageMeta::new("tiny kinds", Find::Kinds, network, normalisation.clone())
    };
    let mut package = Package { meta, onnx, test: None, weights: Some(weights), run: serde_json::Value::Null, cover_png: None };
    let raw = Maps::new(1, SIDE, SIDE, (0..SIDE * SIDE).map(|i| (i % SIDE) as f32).collect());
    let mut input = raw.clone();
    normalisation.apply(&mut input, &normalisation.limits(|| std::iter::once(raw.clone())).expect("percentiles"));
    let output = TractForward::new(&package).expect("a network").run(&input).expect("probabilities");
    package.test = Some((raw, output));
    verify(&package).expect("a package that does what it says");
    package
}

/// The same network as a model that has learned from unlabelled images only: it finds nothing yet.
pub fn start() -> Package {
    let mut package = package(1);
    package.meta = PackageMeta {
        name: "tiny start".to_owned(),
        description: "A start for training; for tests".to_owned(),
        find: None,
        decoder: serde_json::Value::Null,
        ..package.meta
    };
    package
}

/// A U-Net of two levels and `width` channels, 1 in what is checked in, whose convolutions pass their input on in the
/// first; the others hold zeros and memory.
///
/// The mean of the pixel and of the largest value in its 2 × 2 cell goes into the head, which calls it an object above 0.3:
/// far from it the probabilities are 0 or 1, so that rounding on another processor moves no pixel.
pub fn package(width: usize) -> Package {
    let group = |activation, channels| HeadGroup { activation, channels };
    let head = Head { groups: vec![group(Activation::Softmax, 3), group(Activation::Sigmoid, 2)] };
    let network = Network::unet(1, width, 2, &head).expect("a U-Net");
    let weights = weights(&network, width);
    let onnx = write_onnx(&network, &weights).expect("a graph");
    let normalisation = Normalisation::default();
    let mut meta = PackageMeta::new("tiny", Find::Objects, network, normalisation.clone());
    meta.description = "Bright pixels are objects; for tests".to_owned();
    meta.decoder = serde_json::to_value(DecodeObjects::default()).expect("JSON");
    let mut package = Package { meta, onnx, test: None, weights: Some(weights), run: serde_json::Value::Null, cover_png: None };

    // A bright square of 20 x 20 on a dark field of 64 x 64.
    let square = (0..64 * 64).map(|i| if (20..40).contains(&(i / 64)) && (20..40).contains(&(i % 64)) { 200.0 } else { 10.0 });
    let raw = Maps::new(1, 64, 64, square.collect());
    let mut input = raw.clone();
    normalisation.apply(&mut input, &normalisation.limits(|| std::iter::once(raw.clone())).expect("percentiles"));
    let output = TractForward::new(&package).expect("a network").run(&input).expect("maps");
    package.test = Some((raw, output));
    assert!(matches!(package.meta.preprocessing, Preprocessing::Normalise(_)));
    verify(&package).expect("a package that does what it says");
    package
}

fn weights(network: &Network, width: usize) -> Weights {
    let tensor = |spec: &fewlabel_model::ParameterSpec| {
        let mut data = vec![0.0; spec.shape.iter().product()];
        match spec.kind {
            ParameterKind::NormWeight | ParameterKind::RunningVar => data.fill(1.0),
            ParameterKind::Bias if spec.name == "head.bias" => data = vec![6.0, -6.0, -24.0, 0.0, 0.0],
            ParameterKind::Weight => match spec.name.as_str() {
                // Background falls and interior rises with brightness; they meet at 0.3.
                "head.weight" => (data[0], data[width]) = (-20.0, 20.0),
                "up0.weight" => data[..4].fill(1.0),
                // The mean of the level above (first) and the level's own (second).
                "dec0.conv1.weight" => (data[4], data[9 * width + 4]) = (0.5, 0.5),
                // The first channel goes on; the others stay 0.
                _ => data[4] = 1.0,
            },
            _ => {}
        }
        (spec.name.clone(), Tensor::new(spec.shape.clone(), data))
    };
    network.parameters().iter().map(tensor).collect()
}
