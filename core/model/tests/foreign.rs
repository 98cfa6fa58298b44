//! Packages of other programs: what is run, what is refused and by which name.

#![allow(clippy::unwrap_used, reason = "a test may fail loudly")]

mod reference;
mod support;

use fewlabel_contract::{ErrorKind, Find};
use fewlabel_image::Maps;
use fewlabel_model::{InputSize, Package, PerChannel, PixelSize, Preprocessing, Step};
use support::foreign;

#[test]
fn a_foreign_package_is_read_as_areas() {
    let (_folder, path) = foreign("[{id: scale_range, kwargs: {axes: [y, x]}}]", |yaml| yaml);
    let package = Package::read(&path).unwrap();
    let meta = &package.meta;
    assert!(meta.foreign && meta.network.is_none() && meta.decoder.is_null());
    assert_eq!((meta.name.as_str(), meta.find), ("a foreign model", Some(Find::Areas)));
    assert_eq!(meta.authors, ["A. Nother"]);
    assert_eq!(meta.channels, ["phase"]);
    assert_eq!(meta.classes, [(1, "b"), (2, "c"), (3, "d"), (4, "e")].map(|(v, n)| (v, n.to_owned())).into());
    assert_eq!(meta.input_size, InputSize { min: 64, step: 16 });
    assert_eq!(meta.halo, 16);
    assert_eq!(meta.pixel_size, Some(PixelSize { size: 0.5, unit: "micrometer".into() }));
    let step = Step::ScaleRange { across_channels: false, low: 0.0, high: 100.0, eps: 1e-6 };
    assert_eq!(meta.preprocessing, Preprocessing::Steps(vec![step]));
    assert!(package.test.is_none() && package.run.is_null());
}

#[test]
fn training_does_not_go_on_from_it_and_it_is_not_written_again() {
    let (_folder, path) = foreign("[]", |yaml| yaml);
    let package = Package::read(&path).unwrap();
    let error = package.checkpoint().unwrap_err();
    assert_eq!(error.kind, ErrorKind::Unsupported);
    assert!(error.to_string().contains("no checkpoint to train from (model: a foreign model)"), "{error}");
    assert_eq!(package.write(&path, true).unwrap_err().kind, ErrorKind::Unsupported);
}

#[test]
fn one_output_channel_is_one_class() {
    let (_folder, path) = foreign("[]", |yaml| yaml.replace("[a, b, c, d, e]", "[foreground]"));
    assert_eq!(Package::read(&path).unwrap().meta.classes, [(1, "foreground".to_owned())].into());
}

#[test]
fn a_fixed_size_is_a_size_without_steps() {
    let fixed = |yaml: String| {
        yaml.replace("{min: 64, step: 16}", "256")
            .replace("{tensor_id: raw, axis_id: y}", "256")
            .replace("{tensor_id: raw, axis_id: x, offset: 0}", "256")
    };
    let (_folder, path) = foreign("[]", fixed);
    assert_eq!(Package::read(&path).unwrap().meta.input_size, InputSize { min: 256, step: 0 });
}

fn unsupported(steps: &str, from: &str, to: &str) -> String {
    let (_folder, path) = foreign(steps, |yaml| {
        assert!(yaml.contains(from), "{from}");
        yaml.replacen(from, to, 1)
    });
    let error = Package::read(&path).unwrap_err();
    assert_eq!(error.kind, ErrorKind::Unsupported, "{error}");
    error.to_string()
}

#[test]
fn what_is_not_known_is_refused_by_its_name() {
    let step = |steps: &str| unsupported(steps, "name:", "name:");
    assert!(step("[{id: cellpose_flow_dynamics, kwargs: {a: 1}}]").contains("step: cellpose_flow_dynamics"));
    assert!(step("[{id: scale_range, kwargs: {mode: per_sample}}]").contains("setting: mode"));
    assert!(step("[{id: scale_range, kwargs: {reference_tensor: raw}}]").contains("another tensor"));
    assert!(step("[{id: clip, kwargs: {min_percentile: 1, max_percentile: 99}}]").contains("setting: max_percentile"));
    assert!(step("[{id: zero_mean_unit_variance, kwargs: {axes: [x]}}]").contains("other axes"));
    assert!(step("[{id: scale_linear, kwargs: {gain: [1, 2], axis: x}}]").contains("along another axis"));
    assert!(step("[{id: ensure_dtype, kwargs: {dtype: complex64}}]").contains("complex64"));

    assert!(unsupported("[]", "{type: batch}", "{type: index, size: 3}").contains("batch, channel, y, x"));
    assert!(unsupported("[]", "{type: batch}", "{type: batch}\n  - {type: space, id: z, size: 8}").contains("z"));
    assert!(unsupported("[]", "id: y, size: {min: 64", "id: y, size: {min: 32").contains("other sizes along y"));
    assert!(unsupported("[]", "axis_id: x, offset: 0}", "axis_id: x, offset: -8}").contains("pixels of the input"));
    assert!(unsupported("[]", "onnx:", "keras_v3:").contains("formats: keras_v3, torchscript"));
    assert!(unsupported("[]", "type: model", "type: dataset").contains("does not describe a model"));
    assert!(unsupported("[]", "opset_version: 15", "opset_version: 15, external_data: {source: w.data}").contains("outside"));
    let second = "inputs:\n- id: mask\n  axes: [{type: batch}]";
    assert!(unsupported("[]", "inputs:", second).contains("other than one input"));
}

#[test]
fn settings_that_make_no_sense_are_bad() {
    let bad = |steps: &str| {
        let (_folder, path) = foreign(steps, |yaml| yaml);
        let error = Package::read(&path).unwrap_err();
        assert_eq!(error.kind, ErrorKind::BadModel, "{error}");
        error.to_string()
    };
    assert!(bad("[{id: scale_range, kwargs: {min_percentile: 90, max_percentile: 10}}]").contains("out of order"));
    assert!(bad("[{id: fixed_zero_mean_unit_variance, kwargs: {mean: 1, std: 0}}]").contains("more than zero"));
    assert!(bad("[{id: scale_linear, kwargs: {gain: [1, 2, 3], axis: channel}}]").contains("number of values"));
    assert!(bad("[{id: binarize}]").contains("setting: threshold"));
    assert!(bad("[{id: clip, kwargs: {min: 2, max: 1}}]").contains("not below"));
    assert!(bad("[{id: sigmoid, kwargs: [1]}]").contains("not a table"));
}

/// NumPy 2.4.6 on `x = arange(24).reshape(2, 3, 4)`, float32, channels first.
#[test]
fn steps_compute_what_the_zoo_computes() {
    let x = Maps::new(2, 3, 4, (0..24).map(|value| value as f32).collect());
    let check = |step: Step, expected: [(usize, f32); 3]| {
        let mut maps = x.clone();
        step.apply(&mut maps);
        for (index, value) in expected {
            assert!((maps.data[index] - value).abs() < 2e-6, "{step:?} {index}: {} {value}", maps.data[index]);
        }
    };
    // (x - x.mean((1, 2))) / (x.std((1, 2)) + 1e-6)
    check(
        Step::ZeroMeanUnitVariance { across_channels: false, eps: 1e-6 },
        [(0, -1.593_254_5), (7, 0.434_523_9), (23, 1.593_254_5)],
    );
    // (x - x.mean()) / (x.std() + 1e-3)
    check(
        Step::ZeroMeanUnitVariance { across_channels: true, eps: 1e-3 },
        [(0, -1.661_084_8), (7, -0.649_989_7), (23, 1.661_084_8)],
    );
    // lo, hi = percentile(x, [10, 80], axis=(1, 2)); (x - lo) / (hi - lo + 1e-6)
    check(
        Step::ScaleRange { across_channels: false, low: 10.0, high: 80.0, eps: 1e-6 },
        [(0, -0.142_857_1), (7, 0.766_233_7), (23, 1.285_714_1)],
    );
    check(
        Step::ScaleRange { across_channels: true, low: 10.0, high: 80.0, eps: 1e-6 },
        [(0, -0.142_857_1), (7, 0.291_925_5), (23, 1.285_714_2)],
    );
    let each = PerChannel::Each(vec![2.0, -1.0]);
    check(Step::ScaleLinear { gain: each.clone(), offset: PerChannel::All(0.5) }, [(0, 0.5), (7, 14.5), (23, -22.5)]);
    let std = PerChannel::All(4.0);
    check(Step::FixedZeroMeanUnitVariance { mean: each.clone(), std }, [(0, -0.5), (7, 1.25), (23, 5.999_998_5)]);
    check(Step::Clip { min: 3.0, max: f64::INFINITY }, [(0, 3.0), (7, 7.0), (23, 23.0)]);
    check(Step::Sigmoid, [(0, 0.5), (1, 0.731_058_6), (23, 1.0)]);
    check(Step::Binarize { threshold: PerChannel::Each(vec![6.0, 22.0]) }, [(6, 0.0), (7, 1.0), (22, 0.0)]);
    let mut maps = Maps::new(1, 1, 4, vec![-1.5, 2.7, 300.0, 0.0]);
    Step::EnsureDtype { dtype: "uint8".into() }.apply(&mut maps);
    assert_eq!(maps.data, [0.0, 2.0, 255.0, 0.0]);
    let mut maps = Maps::new(1, 1, 3, vec![-200.5, -2.7, 0.0]);
    Step::EnsureDtype { dtype: "int8".into() }.apply(&mut maps);
    assert_eq!(maps.data, [-128.0, -2.0, 0.0]);
    Step::EnsureDtype { dtype: "bool".into() }.apply(&mut maps);
    assert_eq!(maps.data, [1.0, 1.0, 0.0]);
    Step::EnsureDtype { dtype: "float32".into() }.apply(&mut maps);
    assert_eq!(maps.data, [1.0, 1.0, 0.0]);
}
