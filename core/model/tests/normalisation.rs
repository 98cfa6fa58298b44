//! Percentiles against NumPy, and what becomes of images that have none.

#![allow(clippy::unwrap_used, reason = "a test may fail loudly")]

use fewlabel_image::Maps;
use fewlabel_model::{Normalisation, Scope};
use proptest::prelude::*;

fn limits(values: &[f32], low: f64, high: f64) -> (f32, f32) {
    let normalisation = Normalisation { scope: Scope::Plane, low, high };
    let maps = Maps::new(1, 1, values.len(), values.to_vec());
    normalisation.limits(|| [maps.clone()].into_iter()).unwrap()[0]
}

/// `numpy.percentile([3, 1, 4, 1, 5, 9, 2, 6, 5, 3, 5], [1, 25, 50, 90, 99.8])`, NumPy 2.4.6.
#[test]
fn whole_numbers_as_numpy_computes_them() {
    let values = [3.0, 1.0, 4.0, 1.0, 5.0, 9.0, 2.0, 6.0, 5.0, 3.0, 5.0];
    assert_eq!(limits(&values, 1.0, 99.8), (1.0, 8.94));
    assert_eq!(limits(&values, 25.0, 50.0), (2.5, 4.0));
    assert_eq!(limits(&values, 0.0, 90.0), (1.0, 6.0));
}

/// `numpy.percentile([0.5, -1.25, 3.75, 2, 1e-3, -7.5, 100.25], [1, 37, 99.8])`, NumPy 2.4.6.
#[test]
fn fractions_as_numpy_computes_them() {
    let values = [0.5, -1.25, 3.75, 2.0, 1e-3, -7.5, 100.25];
    let close = |found: f32, expected: f64| assert!((f64::from(found) - expected).abs() < 1e-5, "{found} {expected}");
    let (low, high) = limits(&values, 1.0, 99.8);
    close(low, -7.125);
    close(high, 99.092);
    close(limits(&values, 37.0, 100.0).0, 0.110_78);
}

#[test]
fn every_plane_of_a_stack_counts_and_each_channel_by_itself() {
    let plane = |a: f32, b: f32| Maps::new(2, 1, 2, vec![a, a + 1.0, b, b + 0.5]);
    let stack = [plane(0.0, -1.0), plane(10.0, 7.0)];
    let normalisation = Normalisation { scope: Scope::Stack, low: 0.0, high: 100.0 };
    assert_eq!(normalisation.limits(|| stack.iter().cloned()).unwrap(), [(0.0, 11.0), (-1.0, 7.5)]);
}

#[test]
fn what_is_not_finite_does_not_count_and_becomes_the_low_value() {
    let values = [f32::NAN, 2.0, f32::INFINITY, 4.0, f32::NEG_INFINITY];
    assert_eq!(limits(&values, 0.0, 100.0), (2.0, 4.0));
    let mut maps = Maps::new(1, 1, 5, values.to_vec());
    Normalisation::default().apply(&mut maps, &[(2.0, 4.0)]);
    assert_eq!([maps.data[0], maps.data[1], maps.data[2], maps.data[4]], [0.0; 4]);
    assert!((maps.data[3] - 1.0).abs() < 1e-6);
}

#[test]
fn a_constant_channel_becomes_zero() {
    for value in [0.0f32, 7.0, 0.1, -3.3e7, 65_536.0] {
        let limits = limits(&[value; 9], 1.0, 99.8);
        let mut maps = Maps::new(1, 3, 3, vec![value; 9]);
        Normalisation::default().apply(&mut maps, &[limits]);
        assert_eq!(maps.data, [0.0; 9], "{value}");
    }
    assert_eq!(limits(&[f32::NAN; 4], 1.0, 99.8), (0.0, 0.0));
}

#[test]
fn stored_limits_come_back_without_looking() {
    let normalisation = Normalisation { scope: Scope::Dataset(vec![(3.0, 5.0)]), low: 1.0, high: 99.0 };
    let found = normalisation.limits(|| -> std::iter::Empty<Maps> { panic!("planes were asked for") }).unwrap();
    assert_eq!(found, [(3.0, 5.0)]);
}

#[test]
fn percentiles_out_of_order_are_refused() {
    for (low, high) in [(99.0, 1.0), (5.0, 5.0), (-1.0, 99.0), (0.0, 100.1), (f64::NAN, 99.0)] {
        let normalisation = Normalisation { scope: Scope::Stack, low, high };
        assert!(normalisation.limits(std::iter::empty).is_err(), "{low} {high}");
    }
}

/// The definition itself: sort, go to `percent/100 (n − 1)`, interpolate.
fn by_definition(values: &[f32], percent: f64) -> f64 {
    let mut sorted: Vec<f64> = values.iter().map(|&value| f64::from(value)).collect();
    sorted.sort_by(f64::total_cmp);
    let position = percent / 100.0 * (sorted.len() - 1) as f64;
    let below = position.floor() as usize;
    let above = (below + 1).min(sorted.len() - 1);
    sorted[below] + (position - below as f64) * (sorted[above] - sorted[below])
}

proptest! {
    #[test]
    fn any_samples_give_what_the_definition_gives(values in prop::collection::vec(-1e5f32..1e5, 1..200), whole: bool, low in 0.0..50.0f64, high in 50.1..100.0f64) {
        let values: Vec<f32> = if whole { values.iter().map(|value| value.abs().floor().min(65_535.0)).collect() } else { values };
        let (found_low, found_high) = limits(&values, low, high);
        for (found, percent) in [(found_low, low), (found_high, high)] {
            let expected = by_definition(&values, percent);
            prop_assert!((f64::from(found) - expected).abs() <= 1e-6 * expected.abs().max(1.0), "{} {}", found, expected);
        }
    }
}
