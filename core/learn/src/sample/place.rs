//! Where a crop lies.

use rand::RngExt;
use rand_chacha::ChaCha8Rng;

use super::places::Places;

/// How often a place is drawn again when little of the crop is labelled.
const TRIES: usize = 4;

/// A crop is good enough when this share of the pixels that could be labelled is.
const LABELLED_SHARE: f64 = 0.5;

/// Draws the first row and column of a crop of `size` that reads `half_extent` (rows, columns) around its centre.
///
/// A pixel is drawn, with the chance `object_share` on an object, else anywhere on what is labelled; the
/// centre lies up to a quarter of the crop beside it, and is moved so that the crop reads no pixel
/// outside an image that is large enough. With sparse labels the best of four such places is taken.
///
/// # Panics
/// When nothing is labelled.
pub fn place(
    places: &Places,
    (height, width): (usize, usize),
    size: usize,
    half_extent: (f64, f64),
    object_share: f64,
    rng: &mut ChaCha8Rng,
) -> (i64, i64) {
    let readable = |half: f64, extent: usize| (2.0 * half).min(extent as f64);
    let possible = readable(half_extent.0, height) * readable(half_extent.1, width);
    let on_object = rng.random_bool(object_share);
    let mut best = ((0, 0), -1.0);
    for _ in 0..TRIES {
        let (y, x) = if on_object { places.on_object(rng) } else { places.anywhere(rng) };
        let mut centre = |at: usize, half: f64, extent: usize| {
            let moved = at as f64 + 0.5 + (rng.random::<f64>() - 0.5) * size as f64 / 2.0;
            let extent = extent as f64;
            if 2.0 * half <= extent { moved.clamp(half, extent - half) } else { extent / 2.0 }
        };
        let (cy, cx) = (centre(y, half_extent.0, height), centre(x, half_extent.1, width));
        let (dy, dx) = half_extent;
        let labelled = places.labelled_in(
            (cy - dy).round() as i64,
            (cx - dx).round() as i64,
            (cy + dy).round() as i64,
            (cx + dx).round() as i64,
        );
        let share = f64::from(labelled) / possible;
        let origin = |centre: f64| (centre - size as f64 / 2.0).floor() as i64;
        if share > best.1 {
            best = ((origin(cy), origin(cx)), share);
        }
        if share >= LABELLED_SHARE {
            break;
        }
    }
    best.0
}
