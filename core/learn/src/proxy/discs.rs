//! Discs the size of a nucleus.

use fewlabel_image::Plane;
use rand_chacha::ChaCha8Rng;

use super::cover::cover;
use super::stroke::stroke;
use crate::stream::uniform;

/// The smallest diameter in pixels: such a disc hides a pixel wherever it lies.
const SMALLEST: f32 = 2.0;

/// Hides discs, whose diameters are uniform between the two given, in pixels, and whose centres lie anywhere, until
/// `ratio` of the pixels is hidden. True is hidden.
///
/// No disc is less than 2 pixels wide, nor more than half the shorter side, which is a fifth of a square image: objects
/// as large as the image leave something to see. The disc that reaches the ratio is the last. At 0 nothing is hidden, at
/// 1 everything. It is given up after eight discs for each pixel.
pub fn discs(height: usize, width: usize, ratio: f32, diameter: (f32, f32), rng: &mut ChaCha8Rng) -> Plane<bool> {
    let largest = (height.min(width) as f32 / 2.0).max(SMALLEST);
    cover(height, width, ratio, |hidden| {
        // In this order a diameter that is no number becomes the smallest.
        let diameter = uniform(rng, diameter).max(SMALLEST).min(largest);
        let mut anywhere = |side: usize| uniform(rng, (-0.5, side as f32 - 0.5));
        let centre = (anywhere(height), anywhere(width));
        stroke(hidden, centre, centre, diameter)
    })
}

#[cfg(test)]
mod tests {
    use std::f32::consts::FRAC_PI_4;

    use proptest::prelude::*;

    use super::*;
    use crate::stream::{Purpose, stream};

    #[test]
    fn a_crop_is_hidden_by_discs_of_the_diameter_given() {
        for item in 0..50 {
            let mut rng = stream(5, 0, item, Purpose::Mask);
            // One disc reaches so small a ratio, and lies within the image or is cut.
            let hidden = discs(160, 160, 0.0001, (24.0, 24.0), &mut rng);
            let count = hidden.data.iter().filter(|pixel| **pixel).count();
            let rows: Vec<usize> = (0..160).filter(|&y| hidden.row(y).contains(&true)).collect();
            let columns: Vec<usize> = (0..160).filter(|&x| (0..160).any(|y| hidden.at(y, x))).collect();
            assert!(rows.len() <= 25 && columns.len() <= 25, "{} {}", rows.len(), columns.len());
            let cut = [&rows, &columns].iter().any(|places| places[0] == 0 || places[places.len() - 1] == 159);
            assert!(cut || (count as f32 - FRAC_PI_4 * 576.0).abs() < 15.0, "{count}");
        }
    }

    #[test]
    fn a_quarter_of_a_crop_is_hidden_to_within_one_disc() {
        let mut shares = Vec::new();
        for item in 0..50 {
            let hidden = discs(160, 160, 0.25, (18.0, 30.0), &mut stream(5, 0, item, Purpose::Mask));
            shares.push(hidden.data.iter().filter(|pixel| **pixel).count() as f32 / 25_600.0);
        }
        // A disc of 30 pixels is 2.8 % of the crop.
        assert!(shares.iter().all(|share| (0.25..0.278).contains(share)), "{shares:?}");
    }

    proptest! {
        #[test]
        fn the_ratio_is_reached_and_exceeded_by_one_disc_at_most(
            height in 0..80_usize,
            width in 0..80_usize,
            ratio in 0.0_f32..0.8,
            diameter in 0.0_f32..100.0,
            item in any::<u64>(),
        ) {
            let hidden = discs(height, width, ratio, (diameter, diameter), &mut stream(5, 0, item, Purpose::Mask));
            prop_assert_eq!((hidden.height, hidden.width, hidden.data.len()), (height, width, height * width));
            let count = hidden.data.iter().filter(|pixel| **pixel).count() as f64;
            let wanted = (f64::from(ratio) * (height * width) as f64).round();
            let diameter = diameter.clamp(2.0, (height.min(width) as f32 / 2.0).max(2.0));
            // Pixels whose centres a disc covers fit into a disc that is a pixel's diagonal wider.
            let disc = FRAC_PI_4 * (diameter + std::f32::consts::SQRT_2).powi(2);
            prop_assert!(count >= wanted && count <= wanted + f64::from(disc), "{count} of {wanted}");
        }
    }
}
