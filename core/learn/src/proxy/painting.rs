//! In-painting and out-painting: windows, or all but windows, become noise.

use std::ops::Range;

use fewlabel_image::{Maps, Plane};
use rand::RngExt;
use rand_chacha::ChaCha8Rng;

/// Windows keep this distance from the border, in pixels.
const MARGIN: usize = 3;

/// Most windows of an image.
const WINDOWS: usize = 5;

/// Chance that another window is drawn.
const ANOTHER: f32 = 0.95;

/// Share of painted images that are in-painted; the others are out-painted.
const INSIDE: f32 = 0.2;

/// The shortest side from which every window of Models Genesis fits within the margin: `3 · 14 / 7 = 6`.
pub const SHORTEST_PAINTED: usize = 14;

/// In-paints the image with the chance 0.2, else out-paints it. True is painted over.
///
/// Models Genesis (Zhou et al., MICCAI 2019), without its third axis. See [`paint_inside`], [`paint_outside`].
pub fn paint(image: &mut Maps, rng: &mut ChaCha8Rng) -> Plane<bool> {
    if rng.random::<f32>() < INSIDE { paint_inside(image, rng) } else { paint_outside(image, rng) }
}

/// Paints over up to 5 windows, each drawn with the chance 0.95 after the last, so that one image in twenty has none.
/// True is painted over.
///
/// A window's sides are a sixth to a third of the image's, and it lies 3 pixels or more from the border. Every value of
/// every channel in it becomes noise of its own, uniform from 0 to 1. An image shorter than [`SHORTEST_PAINTED`] along a
/// side stays as it is.
pub fn paint_inside(image: &mut Maps, rng: &mut ChaCha8Rng) -> Plane<bool> {
    if !fits(image) {
        return nowhere(image);
    }
    let painted = windows(image, 0, noise_span, rng);
    fill(image, &painted, rng);
    painted
}

/// Paints over all but 1 to 5 windows, each after the first drawn with the chance 0.95 after the last. True is painted
/// over.
///
/// A window's sides are three to four sevenths of the image's; its margin and the noise are those of [`paint_inside`]. An
/// image shorter than [`SHORTEST_PAINTED`] along a side stays as it is.
pub fn paint_outside(image: &mut Maps, rng: &mut ChaCha8Rng) -> Plane<bool> {
    if !fits(image) {
        return nowhere(image);
    }
    let painted = windows(image, 1, kept_span, rng).map(|kept| !kept);
    fill(image, &painted, rng);
    painted
}

fn fits(image: &Maps) -> bool {
    image.height.min(image.width) >= SHORTEST_PAINTED
}

fn nowhere(image: &Maps) -> Plane<bool> {
    Plane::filled(image.height, image.width, false)
}

/// True in the windows, of which there are `least` or more; `span` draws the rows, or the columns, of one.
fn windows(image: &Maps, least: usize, span: fn(usize, &mut ChaCha8Rng) -> Range<usize>, rng: &mut ChaCha8Rng) -> Plane<bool> {
    let mut inside = nowhere(image);
    for window in 0..WINDOWS {
        if window >= least && rng.random::<f32>() >= ANOTHER {
            break;
        }
        let (rows, columns) = (span(image.height, rng), span(image.width, rng));
        for y in rows {
            inside.data[y * image.width..][columns.clone()].fill(true);
        }
    }
    inside
}

/// Where a window of noise lies along a side of the image.
fn noise_span(side: usize, rng: &mut ChaCha8Rng) -> Range<usize> {
    let length = rng.random_range(side / 6..=side / 3);
    placed(side, length, rng)
}

/// Where a window that out-painting keeps lies along a side of the image.
fn kept_span(side: usize, rng: &mut ChaCha8Rng) -> Range<usize> {
    let length = side - rng.random_range(3 * side / 7..=4 * side / 7);
    placed(side, length, rng)
}

fn placed(side: usize, length: usize, rng: &mut ChaCha8Rng) -> Range<usize> {
    let first = rng.random_range(MARGIN..=side - length - MARGIN);
    first..first + length
}

/// Fills what is painted over with noise.
fn fill(image: &mut Maps, painted: &Plane<bool>, rng: &mut ChaCha8Rng) {
    for c in 0..image.channels {
        for (value, &painted) in image.channel_mut(c).iter_mut().zip(&painted.data) {
            if painted {
                *value = rng.random();
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::stream::{Purpose, stream};

    fn rng(item: u64) -> ChaCha8Rng {
        stream(5, 0, item, Purpose::Paint)
    }

    #[test]
    fn one_kept_window_has_three_to_four_sevenths_of_each_side() {
        for (side, least, most) in [(140, 60, 80), (14, 6, 8), (160, 69, 92), (17, 8, 10)] {
            let mut seen = [usize::MAX, 0];
            for item in 0..2000 {
                let span = kept_span(side, &mut rng(item));
                assert!(span.start >= 3 && span.end + 3 <= side, "{span:?} of {side}");
                seen = [seen[0].min(span.len()), seen[1].max(span.len())];
            }
            // Where sevenths are no whole pixels the window is up to a pixel longer.
            assert_eq!(seen, [least, most], "{side}");
        }
    }

    #[test]
    fn one_window_of_noise_has_a_sixth_to_a_third_of_each_side() {
        for (side, least, most) in [(60, 10, 20), (14, 2, 4), (160, 26, 53)] {
            let mut seen = [usize::MAX, 0];
            for item in 0..2000 {
                let span = noise_span(side, &mut rng(item));
                assert!(span.start >= 3 && span.end + 3 <= side, "{span:?} of {side}");
                seen = [seen[0].min(span.len()), seen[1].max(span.len())];
            }
            assert_eq!(seen, [least, most], "{side}");
        }
    }

    #[test]
    fn noise_is_uniform_and_every_value_its_own() {
        let mut image = Maps::new(2, 160, 160, vec![2.0; 2 * 160 * 160]);
        let painted = paint_outside(&mut image, &mut rng(1));
        let noise = |c: usize| -> Vec<f32> {
            image.channel(c).iter().zip(&painted.data).filter(|(_, painted)| **painted).map(|(value, _)| *value).collect()
        };
        let (first, second) = (noise(0), noise(1));
        assert!(first.len() > 2000 && first.iter().zip(&second).filter(|(a, b)| a == b).count() < 5);
        for values in [first, second] {
            let n = values.len() as f32;
            let mean = values.iter().sum::<f32>() / n;
            let variance = values.iter().map(|v| (v - mean) * (v - mean)).sum::<f32>() / n;
            assert!((mean - 0.5).abs() < 0.02 && (variance - 1.0 / 12.0).abs() < 0.01, "{mean} {variance}");
        }
    }

    #[test]
    fn a_fifth_is_painted_inside_and_one_in_twenty_of_these_not_at_all() {
        let (mut inside, mut empty) = (0, 0);
        for item in 0..2000 {
            let mut image = Maps::zeros(1, 28, 28);
            // The border is noise when the image is painted outside.
            inside += usize::from(!paint(&mut image.clone(), &mut rng(item)).at(0, 0));
            empty += usize::from(!paint_inside(&mut image, &mut rng(item)).data.contains(&true));
        }
        assert!((340..460).contains(&inside), "{inside}");
        assert!((70..130).contains(&empty), "{empty}");
    }

    proptest! {
        #[test]
        fn only_what_is_painted_changes_and_becomes_0_to_1(
            channels in 0..4_usize,
            height in 0..40_usize,
            width in 0..40_usize,
            outside in any::<bool>(),
            item in any::<u64>(),
        ) {
            let original = Maps::new(channels, height, width, vec![2.0; channels * height * width]);
            let mut image = original.clone();
            let paint = if outside { paint_outside } else { paint_inside };
            let painted = paint(&mut image, &mut rng(item));
            prop_assert_eq!((painted.height, painted.width, painted.data.len()), (height, width, height * width));
            if height.min(width) < 14 {
                prop_assert!(image == original && !painted.data.contains(&true));
            } else {
                prop_assert_eq!(painted.at(0, 0), outside);
                prop_assert!(painted.data.contains(&false));
            }
            for c in 0..channels {
                for (value, painted) in image.channel(c).iter().zip(&painted.data) {
                    let expected = if *painted { 0.0..1.0 } else { 2.0..2.1 };
                    prop_assert!(expected.contains(value));
                }
            }
        }
    }
}
