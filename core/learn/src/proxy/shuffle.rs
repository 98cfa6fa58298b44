//! Local shuffling of pixels.

use fewlabel_image::Maps;
use rand::RngExt;
use rand::seq::SliceRandom;
use rand_chacha::ChaCha8Rng;

/// A window's side is at most this part of the image's.
const PART: usize = 10;

/// In how many windows a pixel lies on average in Models Genesis: 10,000 windows with mean sides of 3.5, 3.5 and 2 in
/// crops of 64 x 64 x 32.
const COVERAGE: f64 = 10_000.0 * 3.5 * 3.5 * 2.0 / (64.0 * 64.0 * 32.0);

/// The number of windows with which a pixel lies in as many of them, on average, as a voxel does in Models Genesis:
/// 1.87. It is `1.87 · height · width` over the mean area of a window, about 660 at 160 x 160.
pub fn shuffle_windows(height: usize, width: usize) -> usize {
    let mean = |side: usize| (1 + longest(side)) as f64 / 2.0;
    (COVERAGE * (height * width) as f64 / (mean(height) * mean(width))).round() as usize
}

/// Shuffles the pixels within `windows` windows, each of 1 to a tenth of the image along each side, anywhere in it.
///
/// A window's pixels are taken from the image as it was, permuted alike in all channels and written back to the same
/// place; where windows overlap, the later holds. So every value of the result is one of its channel, no farther than a
/// window from where it was. Below 20 pixels a side windows are one pixel long, and in an image that is that small along
/// both sides nothing changes.
///
/// Local pixel shuffling of Models Genesis (Zhou et al., MICCAI 2019), without its third axis.
pub fn shuffle(image: &mut Maps, windows: usize, rng: &mut ChaCha8Rng) {
    let (height, width) = (image.height, image.width);
    if height == 0 || width == 0 {
        return;
    }
    let original = image.clone();
    for _ in 0..windows {
        let (rows, columns) = (rng.random_range(1..=longest(height)), rng.random_range(1..=longest(width)));
        let (top, left) = (rng.random_range(0..=height - rows), rng.random_range(0..=width - columns));
        let places: Vec<usize> = (top..top + rows).flat_map(|y| (left..left + columns).map(move |x| y * width + x)).collect();
        let mut from = places.clone();
        from.shuffle(rng);
        for c in 0..image.channels {
            let (source, out) = (original.channel(c), image.channel_mut(c));
            for (&place, &from) in places.iter().zip(&from) {
                out[place] = source[from];
            }
        }
    }
}

/// The longest side of a window along a side of the image.
fn longest(side: usize) -> usize {
    (side / PART).max(1)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::stream::{Purpose, stream};

    /// Every pixel has a value of its own, and the second channel is 100,000 more.
    fn numbered(height: usize, width: usize) -> Maps {
        let numbers = (0..height * width).map(|i| i as f32);
        Maps::new(2, height, width, numbers.clone().chain(numbers.map(|v| v + 1e5)).collect())
    }

    fn sorted(values: &[f32]) -> Vec<f32> {
        let mut values = values.to_vec();
        values.sort_by(f32::total_cmp);
        values
    }

    #[test]
    fn windows_grow_in_number_with_the_area_over_theirs() {
        // 1.869 · 25600 / 8.5², 1.869 · 4096 / 3.5², 1.869 · 96 · 256 / (5 · 13).
        assert_eq!([(160, 160), (64, 64), (96, 256), (0, 9), (1, 1)].map(|(h, w)| shuffle_windows(h, w)), [662, 625, 707, 0, 2]);
    }

    #[test]
    fn one_window_keeps_its_values_and_leaves_the_rest() {
        let mut changed = 0;
        for item in 0..200 {
            let original = numbered(160, 120);
            let mut image = original.clone();
            shuffle(&mut image, 1, &mut stream(5, 0, item, Purpose::Shuffle));
            assert_eq!(sorted(image.channel(0)), sorted(original.channel(0)));
            let moved: Vec<usize> = (0..160 * 120).filter(|&i| image.data[i] != original.data[i]).collect();
            let Some((first, last)) = moved.first().zip(moved.last()) else { continue };
            assert!(last / 120 - first / 120 < 16);
            let columns: Vec<usize> = moved.iter().map(|i| i % 120).collect();
            assert!(columns.iter().max().unwrap() - columns.iter().min().unwrap() < 12);
            changed += 1;
        }
        assert!(changed > 180, "{changed}");
    }

    #[test]
    fn the_usual_number_changes_most_pixels() {
        let original = numbered(160, 160);
        let mut image = original.clone();
        shuffle(&mut image, shuffle_windows(160, 160), &mut stream(5, 0, 0, Purpose::Shuffle));
        let changed = image.channel(0).iter().zip(original.channel(0)).filter(|(a, b)| a != b).count() as f64 / 25_600.0;
        // 1 - exp(-1.87) = 0.846 of the pixels lie in a window, a little less near the border.
        assert!((0.75..0.87).contains(&changed), "{changed}");
    }

    proptest! {
        #[test]
        fn values_stay_near_and_channels_together(
            height in 0..60_usize,
            width in 0..60_usize,
            windows in 0..200_usize,
            item in any::<u64>(),
        ) {
            let original = numbered(height, width);
            let mut image = original.clone();
            shuffle(&mut image, windows, &mut stream(5, 0, item, Purpose::Shuffle));
            prop_assert!(width >= 20 || height >= 20 || image == original);
            for (place, (&value, &other)) in image.channel(0).iter().zip(image.channel(1)).enumerate() {
                prop_assert_eq!(other, value + 1e5);
                let from = value as usize;
                prop_assert!(from < height * width);
                prop_assert!((place / width).abs_diff(from / width) < (height / 10).max(1));
                prop_assert!((place % width).abs_diff(from % width) < (width / 10).max(1));
            }
        }
    }
}
