//! Intensity curves: cubic Bézier curves from (0, 0) to (1, 1), read as a map from one intensity to another.

use fewlabel_image::Maps;
use rand::RngExt;
use rand_chacha::ChaCha8Rng;
use serde::{Deserialize, Serialize};

/// Points of the curve, at evenly spaced parameters, between which the map is linear (TOWER's code).
const SAMPLES: usize = 1000;

/// Equal parts of 0 to 1 for which the segment at their beginning is kept. A power of two, so that finding the part of
/// an intensity rounds nothing.
const PARTS: usize = 1024;

/// The inner control points of TOWER's sets A (the identity), B (strong compression of the middle tones) and C (mild
/// compression).
const FIXED: [[(f32, f32); 2]; 3] = [[(0.0, 0.0), (1.0, 1.0)], [(0.0, 1.0), (1.0, 0.0)], [(0.25, 0.75), (0.75, 0.25)]];

/// Where intensity curves come from.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum CurveFamily {
    /// One of three sets of control points, as in TOWER (Chen et al., arXiv 2211.14715, published code).
    #[default]
    Fixed,
    /// Inner control points anywhere in the unit square, as in Models Genesis (Zhou et al., MICCAI 2019).
    Free,
    /// No curve: intensities stay.
    None,
}

/// A monotone map from intensities 0 to 1 to intensities 0 to 1.
#[derive(Clone, Debug, PartialEq)]
pub struct Curve {
    /// Ascending in `x`, from 0 to 1.
    knots: Vec<Knot>,
    /// The last segment that begins at or before each part of 0 to 1, and the last segment of all.
    first: Vec<u16>,
}

/// A point of the curve and the slope of the segment that begins there. In double precision: the curve of set B
/// begins with a slope of 1000, which would make a rounded `x` visible.
#[derive(Clone, Copy, Debug, PartialEq)]
struct Knot {
    x: f64,
    y: f64,
    slope: f64,
}

impl Curve {
    /// The map along the cubic Bézier curve through (0, 0) and (1, 1) with these inner control points `(x, y)`, which
    /// are moved into 0 to 1.
    ///
    /// `X(t) = 3 (1 − t)² t x₁ + 3 (1 − t) t² x₂ + t³`, `Y(t)` alike, at 1000 evenly spaced `t`.
    pub fn increasing(inner: [(f32, f32); 2]) -> Self {
        let coordinates = |first: f32, second: f32| {
            let (first, second) = (f64::from(first.clamp(0.0, 1.0)), f64::from(second.clamp(0.0, 1.0)));
            let mut values: Vec<f64> = (0..SAMPLES)
                .map(|i| {
                    let t = i as f64 / (SAMPLES - 1) as f64;
                    let s = 1.0 - t;
                    3.0 * s * s * t * first + 3.0 * s * t * t * second + t * t * t
                })
                .collect();
            // Control points within 0 to 1 make both coordinates monotone; sorted, they are so in every last bit.
            values.sort_unstable_by(f64::total_cmp);
            values
        };
        let [(x1, y1), (x2, y2)] = inner;
        Self::through(&coordinates(x1, x2), &coordinates(y1, y2))
    }

    /// The decreasing map of the same coordinates: ascending `x` with descending `y`, as the published codes of TOWER and
    /// Models Genesis pair them. Inverting twice gives the map back.
    ///
    /// Where the control points are as far from one end as from the other, as in all fixed sets, its value at `x` is
    /// that of the increasing map at `1 − x`.
    #[must_use]
    pub fn inverted(&self) -> Self {
        let x: Vec<f64> = self.knots.iter().map(|knot| knot.x).collect();
        let y: Vec<f64> = self.knots.iter().rev().map(|knot| knot.y).collect();
        Self::through(&x, &y)
    }

    /// Draws a curve of a family, inverted with probability one half.
    pub fn draw(family: CurveFamily, rng: &mut ChaCha8Rng) -> Option<Self> {
        let inner = match family {
            CurveFamily::Fixed => FIXED[rng.random_range(0..FIXED.len())],
            CurveFamily::Free => [(rng.random(), rng.random()), (rng.random(), rng.random())],
            CurveFamily::None => return None,
        };
        let curve = Self::increasing(inner);
        Some(if rng.random_bool(0.5) { curve.inverted() } else { curve })
    }

    /// The map's value, 0 to 1. Below 0 it is that at 0, above 1 that at 1; NaN stays NaN.
    pub fn at(&self, intensity: f32) -> f32 {
        if intensity.is_nan() {
            return intensity;
        }
        let x = f64::from(intensity.clamp(0.0, 1.0));
        let part = ((x * PARTS as f64) as usize).min(PARTS - 1);
        let (low, high) = (usize::from(self.first[part]), usize::from(self.first[part + 1]));
        // Mostly no or one knot lies within a part, so that this is no search over the curve.
        let segment = low + self.knots[low + 1..=high].partition_point(|knot| knot.x <= x);
        let (from, to) = (self.knots[segment], self.knots[segment + 1]);
        let y = from.y + (x - from.x) * from.slope;
        // A sum that rounds past the next knot would make the map not monotone.
        y.max(from.y.min(to.y)).min(from.y.max(to.y)) as f32
    }

    /// Maps every value of every channel.
    pub fn apply(&self, image: &mut Maps) {
        for value in &mut image.data {
            *value = self.at(*value);
        }
    }

    /// The map that is linear between points of ascending `x`, from 0 to 1.
    fn through(x: &[f64], y: &[f64]) -> Self {
        let slope = |i: usize| match (x.get(i + 1), y.get(i + 1)) {
            (Some(next), Some(value)) if *next > x[i] => (value - y[i]) / (next - x[i]),
            _ => 0.0,
        };
        let knots: Vec<Knot> = (0..x.len()).map(|i| Knot { x: x[i], y: y[i], slope: slope(i) }).collect();
        let last = SAMPLES - 2;
        let mut segment = 0;
        let first = (0..=PARTS)
            .map(|part| {
                while segment < last && x[segment + 1] <= part as f64 / PARTS as f64 {
                    segment += 1;
                }
                segment as u16
            })
            .collect();
        Self { knots, first }
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use proptest::prelude::*;

    use super::*;
    use crate::stream::{Purpose, stream};

    /// The definition: the segment is searched for among all points.
    fn searched(x: &[f64], y: &[f64], at: f64) -> f64 {
        let next = x.partition_point(|&x| x <= at);
        if next == x.len() {
            return y[next - 1];
        }
        let (left, right) = (next - 1, next);
        y[left] + (at - x[left]) / (x[right] - x[left]) * (y[right] - y[left])
    }

    fn sampled(first: f32, second: f32) -> Vec<f64> {
        let (first, second) = (f64::from(first), f64::from(second));
        (0..1000)
            .map(|i| {
                let t = f64::from(i) / 999.0;
                3.0 * (1.0 - t).powi(2) * t * first + 3.0 * (1.0 - t) * t.powi(2) * second + t.powi(3)
            })
            .collect()
    }

    #[test]
    fn the_fixed_sets_have_their_golden_values() {
        let places = [0.0, 0.1, 0.25, 0.5, 0.75, 0.9, 1.0];
        let golden = [
            [0.0, 0.1, 0.25, 0.5, 0.75, 0.9, 1.0],
            [0.0, 0.387_399, 0.479_055, 0.5, 0.520_945, 0.612_601, 1.0],
            [0.0, 0.220_423, 0.385_287, 0.5, 0.614_713, 0.779_577, 1.0],
        ];
        for (inner, golden) in FIXED.into_iter().zip(golden) {
            let curve = Curve::increasing(inner);
            for (place, expected) in places.into_iter().zip(golden) {
                // The golden values are given to six digits.
                assert!((curve.at(place) - expected).abs() < 1e-6, "{inner:?} at {place}: {}", curve.at(place));
                assert!((curve.inverted().at(1.0 - place) - expected).abs() < 1e-6);
            }
        }
    }

    #[test]
    fn inverted_fixed_curves_are_read_from_the_other_end() {
        for inner in FIXED {
            let curve = Curve::increasing(inner);
            let inverted = curve.inverted();
            for i in 0..=4096_u16 {
                let x = f32::from(i) / 4096.0;
                assert!((inverted.at(x) - curve.at(1.0 - x)).abs() < 1e-6);
            }
            assert_eq!(inverted.inverted(), curve);
        }
    }

    #[test]
    fn outside_0_to_1_the_end_values_go_on() {
        let curve = Curve::increasing([(0.3, 0.9), (0.2, 0.4)]);
        let inverted = curve.inverted();
        for (below, above) in [(-0.1, 1.1), (-1e30, 1e30), (f32::NEG_INFINITY, f32::INFINITY)] {
            assert_eq!((curve.at(below), curve.at(above)), (0.0, 1.0));
            assert_eq!((inverted.at(below), inverted.at(above)), (1.0, 0.0));
        }
        assert!(curve.at(f32::NAN).is_nan());
        assert_eq!(Curve::increasing([(-3.0, 2.0), (9.0, -1.0)]), Curve::increasing([(0.0, 1.0), (1.0, 0.0)]));
    }

    #[test]
    fn every_channel_gets_the_same_map() {
        let curve = Curve::increasing(FIXED[1]);
        let values = [0.0, 0.1, 0.5, 0.9];
        let mut image = Maps::new(2, 2, 2, [values, values].concat());
        curve.apply(&mut image);
        assert_eq!(image.channel(0), image.channel(1));
        assert_eq!(image.channel(0), values.map(|value| curve.at(value)));
    }

    #[test]
    fn draws_come_from_their_family() {
        let drawn = |family, item| Curve::draw(family, &mut stream(5, 0, item, Purpose::Curve));
        let fixed: Vec<Curve> = FIXED.into_iter().map(Curve::increasing).flat_map(|curve| [curve.inverted(), curve]).collect();
        let mut seen = BTreeSet::new();
        let mut inverted = 0;
        for item in 0..300 {
            let curve = drawn(CurveFamily::Fixed, item).unwrap();
            seen.insert(fixed.iter().position(|known| *known == curve).unwrap());
            inverted += usize::from(curve.at(0.0) == 1.0);
            assert!(!fixed.contains(&drawn(CurveFamily::Free, item).unwrap()));
            assert_eq!(drawn(CurveFamily::None, item), None);
        }
        assert_eq!(seen.len(), 6);
        assert!((110..190).contains(&inverted), "{inverted}");
    }

    proptest! {
        #[test]
        fn a_curve_is_what_its_samples_say_and_monotone(
            inner in any::<[[u8; 2]; 2]>(),
            places in prop::collection::vec(0.0_f32..=1.0, 1..50),
        ) {
            // Bytes reach the ends of the range, where the curve is steepest.
            let [(x1, y1), (x2, y2)] = inner.map(|point| (f32::from(point[0]) / 255.0, f32::from(point[1]) / 255.0));
            let curve = Curve::increasing([(x1, y1), (x2, y2)]);
            let inverted = curve.inverted();
            let (x, y) = (sampled(x1, x2), sampled(y1, y2));
            let descending: Vec<f64> = y.iter().rev().copied().collect();
            let mut places = places;
            places.extend((0..=32_u8).map(|i| f32::from(i) / 32.0));
            places.sort_by(f32::total_cmp);
            for pair in places.windows(2) {
                prop_assert!((f64::from(curve.at(pair[0])) - searched(&x, &y, f64::from(pair[0]))).abs() < 1e-6);
                prop_assert!((f64::from(inverted.at(pair[0])) - searched(&x, &descending, f64::from(pair[0]))).abs() < 1e-6);
                prop_assert!((0.0..=1.0).contains(&curve.at(pair[0])));
                prop_assert!(curve.at(pair[0]) <= curve.at(pair[1]));
                prop_assert!(inverted.at(pair[0]) >= inverted.at(pair[1]));
            }
        }
    }
}
