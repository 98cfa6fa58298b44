//! Graphs as files of their own: the same network, with what another program needs to know.

#![allow(clippy::unwrap_used, reason = "a test may fail loudly")]

mod reference;
mod support;

use std::collections::BTreeMap;

use fewlabel_contract::{Error, ErrorKind};
use fewlabel_model::{Package, Preprocessing, export_onnx};
use prost::Message;
use support::{foreign, package};
use tract_onnx::pb;
use tract_onnx::prelude::*;

fn value_of<'a>(error: &'a Error, name: &str) -> &'a str {
    error.context.iter().find(|(key, _)| key == name).map_or("", |(_, value)| value)
}

/// What tract makes of the package's test input, normalised.
fn output(package: &Package, onnx: &[u8]) -> Vec<f32> {
    let Preprocessing::Normalise(normalisation) = &package.meta.preprocessing else { panic!("ours") };
    let mut input = package.test.as_ref().unwrap().0.clone();
    let limits = normalisation.limits(|| [input.clone()].into_iter()).unwrap();
    normalisation.apply(&mut input, &limits);
    let shape = [1, input.channels, input.height, input.width];
    let model = tract_onnx::onnx().model_for_read(&mut &*onnx).unwrap();
    let model = model.with_input_fact(0, f32::fact(shape).into()).unwrap().into_optimized().unwrap().into_runnable().unwrap();
    let outputs = model.run(tvec!(Tensor::from_shape(&shape, &input.data).unwrap().into())).unwrap();
    outputs[0].to_plain_array_view::<f32>().unwrap().iter().copied().collect()
}

#[test]
fn the_network_stays_the_same_with_all_operators_that_mean_the_same() {
    let package = package();
    let own = pb::ModelProto::decode(package.onnx.as_slice()).unwrap();
    let expected = output(&package, &package.onnx);
    for (opset, format) in [(13, 7), (14, 7), (15, 8), (16, 8), (17, 8), (18, 8), (19, 9), (20, 9), (21, 10)] {
        let exported = export_onnx(&package, Some(opset)).unwrap();
        let model = pb::ModelProto::decode(exported.bytes.as_slice()).unwrap();
        assert_eq!((exported.opset, model.opset_import[0].version, model.ir_version), (opset, opset, format));
        assert_eq!(model.graph, own.graph, "to the last digit of the weights");
        assert_eq!(output(&package, &exported.bytes), expected, "opset {opset}");
    }
    assert_eq!(export_onnx(&package, None).unwrap().opset, 17);
    let operators = export_onnx(&package, None).unwrap().operators;
    assert!(operators.contains(&"ConvTranspose".to_owned()), "{operators:?}");
}

#[test]
fn metadata_say_how_it_is_used() {
    let mut package = package();
    package.meta.license = Some("CC-BY-4.0".to_owned());
    package.meta.classes = [(3, "nucleus".to_owned())].into();
    let model = pb::ModelProto::decode(export_onnx(&package, None).unwrap().bytes.as_slice()).unwrap();
    let all: BTreeMap<&str, &str> = model.metadata_props.iter().map(|prop| (prop.key.as_str(), prop.value.as_str())).collect();
    assert_eq!(all.len(), model.metadata_props.len(), "no name twice");
    for (name, value) in [
        ("name", "random nuclei"),
        ("find", "objects"),
        ("license", "CC-BY-4.0"),
        ("channels", "[\"channel0\"]"),
        ("output_channels", "[\"background\",\"interior\",\"boundary\",\"distance\",\"centre\"]"),
        ("classes", "{\"3\":\"nucleus\"}"),
        ("normalisation", "{\"scope\":\"stack\",\"low\":1.0,\"high\":99.8}"),
        ("object_diameter", "null"),
    ] {
        let same = serde_json::from_str::<serde_json::Value>(value)
            .map_or(all[name] == value, |expected| serde_json::from_str::<serde_json::Value>(all[name]).unwrap() == expected);
        assert!(same, "{name}: {}", all[name]);
    }
}

#[test]
fn operators_that_mean_something_else_are_refused() {
    for opset in [1, 12, 22, i64::MAX] {
        let error = export_onnx(&package(), Some(opset)).unwrap_err();
        assert_eq!((error.kind, value_of(&error, "field")), (ErrorKind::Unsupported, "opset"));
        assert_eq!(value_of(&error, "allowed"), "13 to 21");
    }
}

#[test]
fn graphs_of_others_come_as_they_are() {
    let (_folder, path) = foreign("[]", |yaml| yaml);
    let package = Package::read(&path).unwrap();
    let exported = export_onnx(&package, None).unwrap();
    assert_eq!((&exported.bytes, exported.opset), (&package.onnx, 17));
    assert_eq!(export_onnx(&package, Some(17)).unwrap(), exported);
    let error = export_onnx(&package, Some(18)).unwrap_err();
    assert_eq!((error.kind, value_of(&error, "field")), (ErrorKind::Unsupported, "opset"));
}

#[test]
fn a_broken_graph_is_an_error() {
    for onnx in [b"no graph".to_vec(), pb::ModelProto::default().encode_to_vec()] {
        let package = Package { onnx, ..package() };
        assert_eq!(export_onnx(&package, None).unwrap_err().kind, ErrorKind::BadModel);
    }
}
