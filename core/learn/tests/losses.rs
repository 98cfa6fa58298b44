//! The losses against values that were calculated in NumPy from their definitions.

#![allow(clippy::unwrap_used, reason = "a test may panic")]

use fewlabel_learn::loss::{IGNORE, Target, loss, smoothed_cross_entropy};
use fewlabel_model::{Activation, Head, HeadGroup};
use proptest::prelude::*;
use tch::{Device, Kind, Tensor};

const N: i64 = 2;
const SIDE: i64 = 4;

fn head() -> Head {
    Head {
        groups: vec![
            HeadGroup { activation: Activation::Softmax, channels: 3 },
            HeadGroup { activation: Activation::Sigmoid, channels: 2 },
        ],
    }
}

fn logits() -> Tensor {
    let values: Vec<f32> = (0..N * 5 * SIDE * SIDE).map(|i| ((0.7 * i as f64 + 0.3).sin() * 2.0) as f32).collect();
    Tensor::from_slice(&values).view([N, 5, SIDE, SIDE])
}

/// Classes 0, 1, 2 and ignored pixels; class 2 weighs double.
fn target() -> Target {
    let class: Vec<u8> = (0..N * SIDE * SIDE).map(|i| ((i * 7 / 3) % 4) as u8).map(|c| if c == 3 { IGNORE } else { c }).collect();
    let weight: Vec<f32> = class
        .iter()
        .map(|&c| {
            if c == IGNORE {
                0.0
            } else if c == 2 {
                2.0
            } else {
                1.0
            }
        })
        .collect();
    let values: Vec<f32> = (0..N * 2 * SIDE * SIDE).map(|i| (((1.3 * i as f64).sin() + 1.0) / 2.0) as f32).collect();
    Target {
        class: Tensor::from_slice(&class).view([N, SIDE, SIDE]),
        values: Tensor::from_slice(&values).view([N, 2, SIDE, SIDE]),
        weight: Tensor::from_slice(&weight).view([N, SIDE, SIDE]),
    }
}

fn parts(logits: &Tensor, target: &Target) -> Vec<f64> {
    let loss = loss(logits, target, &head()).expect("a loss");
    let parts: Vec<f64> = loss.parts.iter().map(|(_, value)| value.double_value(&[])).collect();
    assert!((loss.total.double_value(&[]) - parts.iter().sum::<f64>()).abs() < 1e-5);
    parts
}

#[test]
fn values_are_those_of_the_definitions() {
    let parts = parts(&logits(), &target());
    for (part, expected) in parts.iter().zip([1.7280890308011827, 0.5479453097411959, 0.4888368901457001]) {
        assert!((part - expected).abs() < 1e-5, "{part} instead of {expected}");
    }
}

#[test]
fn of_whole_images_a_tenth_of_the_truth_is_spread() {
    let logits = Tensor::from_slice(&[2.0f32, -1.0, 0.5, 0.1, 0.2, 3.0]).view([2, 3]).set_requires_grad(true);
    let loss = smoothed_cross_entropy(&logits, &Tensor::from_slice(&[0i64, 1])).unwrap();
    assert!((loss.double_value(&[]) - 1.605_456_380_589_311).abs() < 1e-6);
    // The gradient is (p − q) / n: zero where the network gives just the smoothed truth.
    let truth = Tensor::from_slice(&[0.9f32 + 0.1 / 3.0, 0.1 / 3.0, 0.1 / 3.0]).log().view([1, 3]).set_requires_grad(true);
    let loss = smoothed_cross_entropy(&truth, &Tensor::from_slice(&[0i64])).unwrap();
    let gradient = Tensor::run_backward(&[&loss], &[&truth], false, false);
    assert!(gradient[0].abs().max().double_value(&[]) < 1e-6);
}

#[test]
fn a_batch_without_labels_costs_nothing_and_pulls_nowhere() {
    let mut target = target();
    target.class = Tensor::full([N, SIDE, SIDE], i64::from(IGNORE), (Kind::Uint8, Device::Cpu));
    target.weight = target.weight.zeros_like();
    let logits = logits().set_requires_grad(true);
    let loss = loss(&logits, &target, &head()).unwrap();
    assert_eq!(loss.total.double_value(&[]), 0.0);
    let gradient = Tensor::run_backward(&[&loss.total], &[&logits], false, false);
    assert_eq!(gradient[0].abs().sum(Kind::Float).double_value(&[]), 0.0);
}

#[test]
fn the_right_answer_costs_almost_nothing() {
    let mut target = target();
    target.values = target.values.clamp(1e-3, 1.0 - 1e-3);
    let labelled = target.class.ne(i64::from(IGNORE));
    let one_hot =
        target.class.where_self(&labelled, &target.class.zeros_like()).to_kind(Kind::Int64).one_hot(3).permute([0, 3, 1, 2]);
    let logits = Tensor::cat(&[one_hot.to_kind(Kind::Float) * 40.0, target.values.logit(None)], 1);
    assert!(parts(&logits, &target).iter().all(|part| part.abs() < 1e-4));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(16))]

    /// What is said about unlabelled pixels changes no loss.
    #[test]
    fn unlabelled_pixels_do_not_count(shift in -5.0f64..5.0) {
        let target = target();
        let ignored = target.class.eq(i64::from(IGNORE)).unsqueeze(1).to_kind(Kind::Float);
        let elsewhere = logits() + ignored * shift;
        for (a, b) in parts(&logits(), &target).iter().zip(parts(&elsewhere, &target)) {
            prop_assert!((a - b).abs() < 1e-6);
        }
    }
}
