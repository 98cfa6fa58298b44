//! Draws from a symmetric Beta distribution.

use std::f64::consts::PI;

use rand::RngExt;
use rand_chacha::ChaCha8Rng;

/// A number from 0 to 1 of the Beta distribution whose parameters both are `alpha`, which is more than 0. Takes two draws.
///
/// (1 + t / √(1 + t²)) / 2 with t = √(u^(−1/α) − 1) cos 2πv: √(2α) t has Student's distribution with 2α degrees of freedom (Bailey,
/// Mathematics of Computation 62, 779, 1994), and that is how the two distributions are related.
pub(super) fn symmetric_beta(alpha: f64, rng: &mut ChaCha8Rng) -> f64 {
    let (u, v) = (1.0 - rng.random::<f64>(), rng.random::<f64>());
    let cosine = (2.0 * PI * v).cos();
    // Divided by its square root, what grows beyond all numbers where alpha is small becomes 0.
    let inverse = 1.0 / (u.powf(-1.0 / alpha) - 1.0);
    0.5 * (1.0 + cosine / (inverse + cosine * cosine).sqrt())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::stream::{Purpose, stream};

    const DRAWS: u64 = 100_000;

    fn drawn(alpha: f64) -> Vec<f64> {
        (0..DRAWS).map(|step| symmetric_beta(alpha, &mut stream(3, step, 0, Purpose::Mixup))).collect()
    }

    #[test]
    fn moments_are_those_of_the_distribution() {
        for alpha in [0.001, 0.05, 0.2, 0.5, 1.0, 2.0, 30.0, 100.0] {
            let values = drawn(alpha);
            assert!(values.iter().all(|value| (0.0..=1.0).contains(value)), "{alpha}");
            let centred = |power: i32| values.iter().map(|value| (value - 0.5).powi(power)).sum::<f64>() / DRAWS as f64;
            let second = 1.0 / (4.0 * (2.0 * alpha + 1.0));
            let fourth = 3.0 / (16.0 * (2.0 * alpha + 1.0) * (2.0 * alpha + 3.0));
            // Five standard errors of each mean.
            let near =
                |got: f64, wanted: f64, variance: f64| (got - wanted).abs() < 5.0 * (variance / DRAWS as f64).sqrt() + 1e-12;
            assert!(near(centred(1), 0.0, second), "{alpha}: mean {}", centred(1));
            assert!(near(centred(2), second, fourth - second * second), "{alpha}: variance {} for {second}", centred(2));
            assert!(near(centred(3), 0.0, fourth / 4.0), "{alpha}: third moment {}", centred(3));
            assert!(near(centred(4), fourth, fourth / 16.0), "{alpha}: fourth moment {} for {fourth}", centred(4));
        }
    }

    #[test]
    fn shares_below_a_value_are_those_of_known_distributions() {
        for alpha in [1.0, 0.5] {
            // Uniform; the arcsine distribution.
            let below = |x: f64| if alpha == 1.0 { x } else { 2.0 / PI * x.sqrt().asin() };
            let values = drawn(alpha);
            for x in [0.01, 0.1, 0.3, 0.5, 0.8, 0.99] {
                let share = values.iter().filter(|value| **value < x).count() as f64 / DRAWS as f64;
                assert!((share - below(x)).abs() < 5.0 * (0.25 / DRAWS as f64).sqrt(), "{alpha}: {share} below {x}");
            }
        }
    }
}
