//! Random streams: every random choice of a crop is a pure function of `(seed, step, item)`.
//!
//! Each purpose has a ChaCha8 generator of its own, whose 256-bit key is four little-endian 64-bit
//! words: `seed`, `step`, `item` (the crop's place in the batch), [`Purpose`]. So loader threads may
//! make crops in any order, a resumed run goes on with the same crops, and a change that draws more
//! numbers for one purpose leaves the others as they were.

use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;

/// What a stream decides. The numbers are part of the layout and never change their meaning.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Purpose {
    /// In which order the items take their turn within a step (the stream of item 0).
    Turn = 0,
    /// Where the crop lies.
    Place = 1,
    /// How the crop is turned, scaled and bent.
    Geometry = 2,
    /// How the intensities are changed.
    Intensity = 3,
    /// The noise of each pixel.
    Noise = 4,
    /// Which objects are moved together in a crowded plane (step: the variant, item: the plane).
    Crowd = 5,
    /// Whether and how a proxy view is shuffled.
    Shuffle = 6,
    /// The intensity curve of a proxy view.
    Curve = 7,
    /// Whether and where a proxy view is painted over with noise, and the noise.
    Paint = 8,
    /// Which pixels of a proxy view are masked.
    Mask = 9,
    /// Which crops are mixed, and how much of each (the stream of item 0).
    Mixup = 10,
    /// How a crop without labels is turned between two answers that are to agree.
    Turned = 11,
    /// Where the second view of a place lies, and how it is turned, scaled and bent.
    SecondPlace = 32,
    /// How the intensities of the second view are changed.
    SecondIntensity = 33,
    /// The noise of each pixel of the second view.
    SecondNoise = 34,
}

/// The generator of one purpose of crop `item` in step `step`.
pub fn stream(seed: u64, step: u64, item: u64, purpose: Purpose) -> ChaCha8Rng {
    let mut key = [0; 32];
    for (bytes, word) in key.chunks_exact_mut(8).zip([seed, step, item, purpose as u64]) {
        bytes.copy_from_slice(&word.to_le_bytes());
    }
    ChaCha8Rng::from_seed(key)
}

/// Uniform between `low` and `high`; `low` when they are equal. Always draws one number.
pub fn uniform(rng: &mut ChaCha8Rng, (low, high): (f32, f32)) -> f32 {
    low + (high - low) * rng.random::<f32>()
}

/// Log-uniform between `low` and `high`, both more than 0. Always draws one number.
pub fn log_uniform(rng: &mut ChaCha8Rng, (low, high): (f32, f32)) -> f32 {
    uniform(rng, (low.ln(), high.ln())).exp()
}

#[cfg(test)]
mod tests {
    use rand::Rng;

    use super::*;

    #[test]
    fn each_of_the_four_words_makes_another_stream() {
        let first = |s, t, i, p| stream(s, t, i, p).next_u64();
        let base = first(1, 2, 3, Purpose::Place);
        assert_eq!(base, first(1, 2, 3, Purpose::Place));
        for other in [
            first(2, 2, 3, Purpose::Place),
            first(1, 3, 3, Purpose::Place),
            first(1, 2, 4, Purpose::Place),
            first(1, 2, 3, Purpose::Noise),
            first(2, 1, 3, Purpose::Place),
        ] {
            assert_ne!(base, other);
        }
    }
}
