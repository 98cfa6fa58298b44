//! Graphs that are broken, foreign or hostile.

#![allow(clippy::unwrap_used, reason = "a test may fail loudly")]

mod support;

use fewlabel_contract::{CancelToken, ErrorKind};
use fewlabel_image::Maps;
use fewlabel_infer::{Forward, MemoryBudget, TractForward, bench_forward, verify};
use fewlabel_model::Package;
use support::*;

/// The same package with some bytes of its graph exchanged.
fn with_bytes(package: &Package, from: &[u8], to: &[u8]) -> Package {
    assert_eq!(from.len(), to.len(), "lengths are written in the file");
    let mut changed = package.clone();
    let places: Vec<usize> = package.onnx.windows(from.len()).enumerate().filter(|(_, w)| *w == from).map(|(i, _)| i).collect();
    assert!(!places.is_empty());
    for place in places {
        changed.onnx[place..place + to.len()].copy_from_slice(to);
    }
    changed
}

fn refusal(package: &Package) -> fewlabel_contract::Error {
    let error = TractForward::new(package).err().expect("the graph is refused");
    assert_eq!(error.kind, ErrorKind::BadModel, "{error}");
    assert!(error.to_string().contains("model: random"), "{error}");
    error
}

#[test]
fn an_unknown_operator_is_named() {
    let error = refusal(&with_bytes(&package(), b"MaxPool", b"MaxPuul"));
    assert!(error.to_string().contains("operator: MaxPuul"), "{error}");
}

#[test]
fn files_that_are_no_graph_are_refused() {
    let mut package = package();
    let whole = package.onnx.clone();
    for bytes in [Vec::new(), b"PK\x03\x04".to_vec(), vec![0xFF; 1000], whole[..whole.len() / 2].to_vec()] {
        package.onnx = bytes;
        refusal(&package);
    }
}

#[test]
fn a_panic_inside_the_reader_is_an_error() {
    // The last mention of the output's name is its declaration; under another name no node gives it.
    let mut package = package();
    let place = package.onnx.windows(4).rposition(|w| w == b"maps").unwrap();
    package.onnx[place..place + 4].copy_from_slice(b"mops");
    refusal(&package);
}

#[test]
fn a_graph_for_other_channels_is_refused() {
    let mut inputs = package();
    inputs.meta.channels.push("second".into());
    refusal(&inputs);
    let mut outputs = package();
    outputs.meta.output_channels.pop();
    let error = refusal(&outputs);
    assert!(error.to_string().contains("graph: 5, package: 4"), "{error}");
}

#[test]
fn an_input_of_other_channels_or_size_does_not_run() {
    let forward = TractForward::new(&package()).unwrap();
    assert_eq!(forward.run(&Maps::zeros(2, 8, 8)).unwrap_err().kind, ErrorKind::Internal);
    assert_eq!(forward.run(&Maps::zeros(1, 9, 8)).unwrap_err().kind, ErrorKind::Internal);
    assert!(forward.run(&Maps::zeros(1, 8, 8)).is_ok(), "an error leaves the network as it was");
}

#[test]
fn instance_normalisation_takes_whole_planes_only() {
    let package = instance_package();
    let image = crop(&nuclei(), 50, 70);
    let error = segment(&package, &image, &tiled(Some(32), 1)).unwrap_err();
    assert_eq!(error.kind, ErrorKind::InvalidRequest);
    assert!(error.to_string().contains("whole planes"), "{error}");
    let segmented = segment(&package, &image, &tiled(None, 4)).unwrap();
    assert_eq!(segmented.found.tile, 70);
    let mut small = tiled(None, 1);
    small.tiles.budget = MemoryBudget::new(100_000);
    let error = segment(&package, &image, &small).unwrap_err();
    assert_eq!(error.kind, ErrorKind::LimitExceeded);
    assert!(error.to_string().contains("sees whole planes"), "{error}");
    // Without the list of blocks the operators tell.
    let mut foreign = package.clone();
    foreign.meta.network = None;
    assert!(!TractForward::new(&foreign).unwrap().is_local());
}

/// A package with the test tensors that its own graph gives.
fn tested() -> Package {
    let mut package = package();
    let image = crop(&nuclei(), 40, 48);
    let fewlabel_model::Preprocessing::Normalise(normalisation) = &package.meta.preprocessing else { panic!("not ours") };
    let raw = image.plane(0, 0);
    let mut input = raw.clone();
    normalisation.apply(&mut input, &normalisation.limits(|| std::iter::once(raw.clone())).unwrap());
    let output = TractForward::new(&package).unwrap().run(&input).unwrap();
    package.test = Some((raw, output));
    package
}

#[test]
fn verification_compares_with_the_test_output() {
    let mut package = tested();
    verify(&package).unwrap();
    let (_, output) = package.test.as_mut().unwrap();
    output.data[77] += 9e-5;
    verify(&package).unwrap();
    package.test.as_mut().unwrap().1.data[77] += 3e-5;
    let error = verify(&package).unwrap_err();
    assert_eq!(error.kind, ErrorKind::BadModel);
    assert!(error.to_string().contains("does not give the test output"), "{error}");
    package.test.as_mut().unwrap().1.data[77] = f32::NAN;
    assert!(verify(&package).is_err());
    package.test = None;
    assert!(verify(&package).unwrap_err().to_string().contains("no test input"));
}

#[test]
fn other_weights_do_not_verify() {
    let mut package = tested();
    package.onnx = package_of(package.meta.network.clone().unwrap(), 99).onnx;
    assert!(verify(&package).is_err());
}

#[test]
fn a_bench_counts_its_passes() {
    let forward = TractForward::new(&package()).unwrap();
    let budget = MemoryBudget::new(1 << 30);
    let result = bench_forward(&forward, 64, 2, 3, &budget, &CancelToken::new()).unwrap();
    assert_eq!((result.size, result.threads, result.runs), (64, 2, 3));
    assert!(result.seconds_per_tile > 0.0);
    assert!((result.pixels_per_second * result.seconds_per_tile - 4096.0).abs() < 1e-6);
    let kind = |size, threads, bytes| {
        bench_forward(&forward, size, threads, 1, &MemoryBudget::new(bytes), &CancelToken::new()).unwrap_err().kind
    };
    assert_eq!(kind(63, 1, 1 << 30), ErrorKind::InvalidRequest);
    assert_eq!(kind(0, 1, 1 << 30), ErrorKind::InvalidRequest);
    assert_eq!(kind(64, 0, 1 << 30), ErrorKind::InvalidRequest);
    assert_eq!(kind(64, 1, 1000), ErrorKind::LimitExceeded);
}
