//! Where a crop lies: rather where something is to be seen.

use fewlabel_image::Maps;
use rand::RngExt;
use rand_chacha::ChaCha8Rng;

/// Places that are looked at for a crop.
const CANDIDATES: usize = 3;
/// Share of crops that lie anywhere: background is to be seen, too.
const ANYWHERE: f64 = 0.25;
/// Pixels between two that are looked at, along rows and columns.
const LATTICE: usize = 4;

/// Row and column of the image pixel that an unturned crop of `size` begins with, whose source rectangle reaches `half_extent` to
/// each side of its centre. It lies inside the image where it fits, else about its middle.
///
/// Of three places drawn at random the one is taken whose pixels differ most from each other; a quarter of the crops take the
/// first, whatever it shows.
pub(super) fn pick(image: &Maps, size: usize, half_extent: (f64, f64), rng: &mut ChaCha8Rng) -> (i64, i64) {
    // Every number is drawn whether it is used or not, so that what follows does not depend on the pixels.
    let anywhere = rng.random_bool(ANYWHERE);
    let places: Vec<(f64, f64)> = (0..CANDIDATES)
        .map(|_| (centre(image.height, half_extent.0, rng.random()), centre(image.width, half_extent.1, rng.random())))
        .collect();
    let best = places.iter().copied().max_by(|a, b| spread(image, *a, half_extent).total_cmp(&spread(image, *b, half_extent)));
    let (y, x) = if anywhere { places[0] } else { best.unwrap_or(places[0]) };
    let first = |centre: f64| (centre - size as f64 / 2.0).round() as i64;
    (first(y), first(x))
}

/// A centre from which `half` to both sides lies inside of `length`, or the middle; `at` from 0 to 1.
fn centre(length: usize, half: f64, at: f64) -> f64 {
    let length = length as f64;
    if 2.0 * half >= length { length / 2.0 } else { half + at * (length - 2.0 * half) }
}

/// Sum over channels of the variance of the pixels on a lattice about a centre.
fn spread(image: &Maps, (y, x): (f64, f64), half: (f64, f64)) -> f64 {
    let range = |centre: f64, half: f64, length: usize| {
        let place = |at: f64| (at.max(0.0) as usize).min(length);
        (place(centre - half)..place(centre + half)).step_by(LATTICE)
    };
    let (rows, columns) = (range(y, half.0, image.height), range(x, half.1, image.width));
    let variance = |channel: &[f32]| {
        let values =
            rows.clone().flat_map(|row| columns.clone().map(move |column| f64::from(channel[row * image.width + column])));
        let (count, sum, squares) = values.fold((0.0, 0.0, 0.0), |(n, s, q), v| (n + 1.0, s + v, q + v * v));
        if count == 0.0 { 0.0 } else { squares / count - (sum / count).powi(2) }
    };
    (0..image.channels).map(|c| variance(image.channel(c))).sum()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::stream::{Purpose, stream};

    fn places(image: &Maps, size: usize, half: f64) -> Vec<(i64, i64)> {
        (0..400).map(|item| pick(image, size, (half, half), &mut stream(0, 0, item, Purpose::Place))).collect()
    }

    #[test]
    fn crops_lie_inside_or_about_the_middle() {
        for (y, x) in places(&Maps::zeros(1, 50, 70), 20, 10.0) {
            assert!((0..=30).contains(&y) && (0..=50).contains(&x), "{y} {x}");
        }
        assert!(places(&Maps::zeros(1, 10, 70), 20, 10.0).iter().all(|&(y, _)| y == -5));
        assert!(places(&Maps::zeros(3, 1, 1), 20, 10.0).iter().all(|&at| at == (-10, -10)));
    }

    #[test]
    fn most_lie_where_something_is() {
        // A checkerboard of 40 pixels in the corner of an empty plane of 200.
        let mut image = Maps::zeros(2, 200, 200);
        for y in 0..40 {
            for x in 0..40 {
                image.channel_mut(1)[y * 200 + x] = ((y / 4 + x / 4) % 2) as f32;
            }
        }
        let on_it = |at: &[(i64, i64)]| at.iter().filter(|(y, x)| *y < 40 && *x < 40).count() as f64 / at.len() as f64;
        let picked = on_it(&places(&image, 40, 20.0));
        // Anywhere: (40 / 160)² = 0.06; the best of three: 0.18.
        assert!((0.11..0.22).contains(&picked), "{picked}");
    }
}
