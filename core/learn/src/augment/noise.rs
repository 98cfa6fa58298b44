//! Noise.

use fewlabel_image::Maps;
use rand::Rng;
use rand_chacha::ChaCha8Rng;

/// Standard deviation of the sum of eight uniform bytes: `sqrt(8 (256² − 1) / 12)`.
const EIGHT_BYTES: f32 = 209.018_34;

/// A nearly normal number with mean 0 and variance 1: the centred sum of eight uniform bytes.
///
/// Its excess kurtosis is −0.15 and it never leaves ±4.9, which no eye and no network tells from a
/// Gaussian; it takes one draw of 64 bits and no transcendental function, so that it is fast and the
/// same on every machine.
pub fn normal(rng: &mut ChaCha8Rng) -> f32 {
    let sum: i32 = rng.next_u64().to_le_bytes().iter().map(|&byte| i32::from(byte)).sum();
    // 1020 is eight times the mean byte, 127.5.
    (sum - 1020) as f32 / EIGHT_BYTES
}

/// Adds noise of standard deviation `deviation` to every value.
pub fn add_noise(image: &mut Maps, deviation: f32, rng: &mut ChaCha8Rng) {
    for value in &mut image.data {
        *value += deviation * normal(rng);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::stream::{Purpose, stream};

    #[test]
    fn noise_has_the_moments_of_a_normal_distribution() {
        let mut rng = stream(1, 2, 3, Purpose::Noise);
        let values: Vec<f64> = (0..200_000).map(|_| f64::from(normal(&mut rng))).collect();
        let n = values.len() as f64;
        let mean = values.iter().sum::<f64>() / n;
        let moment = |k: i32| values.iter().map(|v| (v - mean).powi(k)).sum::<f64>() / n;
        assert!(mean.abs() < 0.01, "{mean}");
        assert!((moment(2) - 1.0).abs() < 0.015, "{}", moment(2));
        assert!(moment(3).abs() < 0.03);
        assert!((moment(4) - 2.85).abs() < 0.06, "{}", moment(4));
    }
}
