//! The ray mask, a prior of retinal images.

use fewlabel_image::{Maps, Plane};
use rand_chacha::ChaCha8Rng;

use super::stroke::{Point, stroke};
use crate::stream::uniform;

/// Thickness of a ray in pixels.
const THICKNESS: f32 = 4.0;

/// Taps of the blur on either side of its middle: the kernel has 21.
const REACH: usize = 10;

/// What OpenCV takes for a kernel of 21: `0.3 · ((21 − 1) / 2 − 1) + 0.8`.
const SIGMA: f32 = 3.5;

/// Hides straight lines, 4 pixels thick, from `count` random places on each of the four borders to the brightest place,
/// which in a retina is the optic disc, where the vessels come from. True is hidden.
///
/// TOWER's vessel-like mask (Chen et al., arXiv 2211.14715, `raw_mask_generation`), 40 a border in images of 512 pixels.
/// The brightest place is that of the mean of the channels, blurred by a Gaussian with a kernel of 21 and OpenCV's sigma
/// for it, 3.5; of several the first, row by row.
pub fn rays(image: &Maps, count: usize, rng: &mut ChaCha8Rng) -> Plane<bool> {
    let mut hidden = Plane::filled(image.height, image.width, false);
    if hidden.data.is_empty() {
        return hidden;
    }
    let centre = brightest(image);
    let (bottom, right) = ((image.height - 1) as f32, (image.width - 1) as f32);
    for _ in 0..count {
        let ends = [
            (0.0, uniform(rng, (0.0, right))),
            (bottom, uniform(rng, (0.0, right))),
            (uniform(rng, (0.0, bottom)), 0.0),
            (uniform(rng, (0.0, bottom)), right),
        ];
        for end in ends {
            stroke(&mut hidden, end, centre, THICKNESS);
        }
    }
    hidden
}

/// The pixel at which the blurred sum of the channels is largest: dividing it by their number would move nothing.
fn brightest(image: &Maps) -> Point {
    let mut sum = vec![0.0; image.height * image.width];
    for c in 0..image.channels {
        for (sum, value) in sum.iter_mut().zip(image.channel(c)) {
            *sum += value;
        }
    }
    let mut best = (0, f32::NEG_INFINITY);
    for (place, value) in blurred(&sum, image.height, image.width).into_iter().enumerate() {
        if value > best.1 {
            best = (place, value);
        }
    }
    ((best.0 / image.width) as f32, (best.0 % image.width) as f32)
}

/// Blurs `height * width` values, of which there is one at least. Outside, the image goes on mirrored at its outermost
/// pixels, as OpenCV has it.
fn blurred(values: &[f32], height: usize, width: usize) -> Vec<f32> {
    let taps: Vec<f32> = (-(REACH as i32)..=REACH as i32).map(|i| (-0.5 * (i as f32 / SIGMA).powi(2)).exp()).collect();
    let total: f32 = taps.iter().sum();
    let taps: Vec<f32> = taps.into_iter().map(|tap| tap / total).collect();

    let mut line = vec![0.0; width + 2 * REACH];
    let mut rows = vec![0.0; values.len()];
    for (source, out) in values.chunks_exact(width).zip(rows.chunks_exact_mut(width)) {
        for (i, value) in line.iter_mut().enumerate() {
            *value = source[mirrored(i, width)];
        }
        for (i, tap) in taps.iter().enumerate() {
            for (out, value) in out.iter_mut().zip(&line[i..]) {
                *out += tap * value;
            }
        }
    }
    let mut columns = vec![0.0; values.len()];
    for (y, out) in columns.chunks_exact_mut(width).enumerate() {
        for (i, tap) in taps.iter().enumerate() {
            let row = mirrored(y + i, height) * width;
            for (out, value) in out.iter_mut().zip(&rows[row..row + width]) {
                *out += tap * value;
            }
        }
    }
    columns
}

/// The pixel that stands `REACH` pixels before place `i`, in a side of `length` pixels that is mirrored at its ends.
fn mirrored(i: usize, length: usize) -> usize {
    let period = (2 * (length - 1)).max(1);
    // Enough whole periods are added for the difference not to be negative.
    let place = (i + REACH * period - REACH) % period;
    if place < length { place } else { period - place }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::stream::{Purpose, stream};

    #[test]
    fn the_image_is_mirrored_at_its_outermost_pixels() {
        let around: Vec<usize> = (REACH - 4..REACH + 7).map(|i| mirrored(i, 4)).collect();
        assert_eq!(around, [2, 3, 2, 1, 0, 1, 2, 3, 2, 1, 0]);
        assert!((0..30).all(|i| mirrored(i, 1) == 0));
    }

    #[test]
    fn the_blur_is_a_gaussian_of_sigma_3_5_cut_to_21() {
        let (height, width) = (41, 43);
        let mut values = vec![0.0; height * width];
        values[20 * width + 21] = 1.0;
        let blurred = blurred(&values, height, width);
        // Sum of exp(-i² / 24.5), i = -10..10: 8.7511.
        let tap = |i: i32| (-f64::from(i * i) / 24.5).exp();
        let total: f64 = (-10..=10).map(tap).sum();
        assert!((total - 8.7511).abs() < 1e-3, "{total}");
        for (dy, dx) in [(0, 0), (3, 0), (-5, 7), (10, -10)] {
            let got = blurred[((20 + dy) * width as i32 + 21 + dx) as usize];
            assert!((f64::from(got) - tap(dy) * tap(dx) / (total * total)).abs() < 1e-7);
        }
        assert_eq!(blurred[20 * width + 32], 0.0);
        assert!((blurred.iter().sum::<f32>() - 1.0).abs() < 1e-5);
    }

    #[test]
    fn rays_meet_where_it_is_bright_and_start_at_all_borders() {
        let (height, width) = (120, 90);
        let mut image = Maps::zeros(3, height, width);
        for c in 0..3 {
            // A single bright pixel in each channel, and a less bright patch that outweighs them once blurred.
            image.channel_mut(c)[5 * width + 5 + 20 * c] = 1.0;
            for y in 70..80 {
                image.channel_mut(c)[y * width + 30..y * width + 40].fill(0.5);
            }
        }
        let centre = brightest(&image);
        assert!((74.0..=75.0).contains(&centre.0) && (34.0..=35.0).contains(&centre.1), "{centre:?}");
        let hidden = rays(&image, 1, &mut stream(5, 0, 0, Purpose::Mask));
        // One line from each border, 4 pixels thick.
        let borders = [
            (0..width).filter(|&x| hidden.at(0, x)).count(),
            (0..width).filter(|&x| hidden.at(height - 1, x)).count(),
            (0..height).filter(|&y| hidden.at(y, 0)).count(),
            (0..height).filter(|&y| hidden.at(y, width - 1)).count(),
        ];
        assert!(borders.iter().all(|count| (2..=12).contains(count)), "{borders:?}");
        assert!(hidden.at(centre.0 as usize, centre.1 as usize));
        let few = hidden.data.iter().filter(|pixel| **pixel).count();
        let many = rays(&image, 40, &mut stream(5, 0, 0, Purpose::Mask));
        // The first four rays are the same ones.
        assert!(many.data.iter().zip(&hidden.data).all(|(many, one)| *many || !*one));
        assert!(many.data.iter().filter(|pixel| **pixel).count() > 4 * few);
        assert!(!rays(&image, 0, &mut stream(5, 0, 0, Purpose::Mask)).data.contains(&true));
    }

    proptest! {
        #[test]
        fn rays_end_at_the_centre_in_an_image_of_any_size(
            channels in 0..4_usize,
            height in 0..40_usize,
            width in 0..40_usize,
            count in 1..4_usize,
            bright in any::<u32>(),
        ) {
            let mut image = Maps::zeros(channels, height, width);
            let pixels = height * width;
            let place = bright as usize % pixels.max(1);
            for c in 0..if pixels > 0 { channels } else { 0 } {
                image.channel_mut(c)[place] = 1.0;
            }
            let hidden = rays(&image, count, &mut stream(5, 0, u64::from(bright), Purpose::Mask));
            prop_assert_eq!((hidden.height, hidden.width, hidden.data.len()), (height, width, pixels));
            prop_assume!(pixels > 0);
            let (y, x) = brightest(&image);
            prop_assert!(hidden.at(y as usize, x as usize));
            prop_assert!(hidden.row(0).contains(&true) && hidden.row(height - 1).contains(&true));
            prop_assert!((0..height).any(|y| hidden.at(y, 0)) && (0..height).any(|y| hidden.at(y, width - 1)));
        }
    }
}
