//! Thin poly-lines: what rays are to retinal images, these are to filaments and membranes.

use std::f32::consts::{FRAC_PI_3, PI};
use std::ops::RangeInclusive;

use fewlabel_image::Plane;
use rand::RngExt;
use rand_chacha::ChaCha8Rng;

use super::cover::cover;
use super::stroke::{Point, stroke};
use crate::stream::uniform;

/// Thinnest and thickest poly-line in pixels.
const THICKNESS: (f32, f32) = (2.0, 4.0);

/// Fewest and most segments of a poly-line.
const SEGMENTS: RangeInclusive<usize> = 3..=6;

/// Shortest and longest segment, as a fraction of the image's shorter side.
const LENGTH: (f32, f32) = (0.05, 0.25);

/// Sharpest turn from one segment to the next, in radians, either way: filaments bend but do not turn back.
const TURN: f32 = FRAC_PI_3;

/// Hides poly-lines of 3 to 6 segments, 2 to 4 pixels thick, that start anywhere in any direction and turn by up to 60
/// degrees from one segment to the next, until `ratio` of the pixels is hidden. True is hidden.
///
/// The segment that reaches the ratio is the last, so that at most one segment, of a quarter of the shorter side, is
/// hidden beyond it. At 0 nothing is hidden, at 1 everything. It is given up after eight segments for each pixel.
pub fn polylines(height: usize, width: usize, ratio: f32, rng: &mut ChaCha8Rng) -> Plane<bool> {
    let shorter = height.min(width) as f32;
    let mut line = Pen { at: (0.0, 0.0), direction: 0.0, thickness: 0.0, segments: 0 };
    cover(height, width, ratio, |hidden| {
        if line.segments == 0 {
            line = Pen::draw(height, width, rng);
        }
        let length = shorter * uniform(rng, LENGTH);
        let (sin, cos) = line.direction.sin_cos();
        let next = (line.at.0 + length * sin, line.at.1 + length * cos);
        let newly = stroke(hidden, line.at, next, line.thickness);
        line.at = next;
        line.direction += uniform(rng, (-TURN, TURN));
        line.segments -= 1;
        newly
    })
}

/// Where a poly-line has come to, and how it goes on.
struct Pen {
    at: Point,
    /// Angle of the next segment from the direction of rows.
    direction: f32,
    thickness: f32,
    /// How many more segments there are.
    segments: usize,
}

impl Pen {
    fn draw(height: usize, width: usize, rng: &mut ChaCha8Rng) -> Self {
        let mut anywhere = |side: usize| uniform(rng, (-0.5, side as f32 - 0.5));
        let at = (anywhere(height), anywhere(width));
        let direction = uniform(rng, (-PI, PI));
        Self { at, direction, thickness: uniform(rng, THICKNESS), segments: rng.random_range(SEGMENTS) }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::stream::{Purpose, stream};

    fn share(hidden: &Plane<bool>) -> f64 {
        hidden.data.iter().filter(|pixel| **pixel).count() as f64 / hidden.data.len() as f64
    }

    #[test]
    fn a_quarter_of_a_crop_is_hidden_by_thin_lines() {
        for item in 0..50 {
            let hidden = polylines(160, 160, 0.25, &mut stream(5, 0, item, Purpose::Mask));
            // One segment of 40 pixels hides no more than 40 by 5 and its round ends.
            assert!((0.25..0.26).contains(&share(&hidden)), "{}", share(&hidden));
            // No square is hidden that a line of 4 pixels alone could not hide by far: lines cross, but stay thin.
            let solid = (0..160 - 12).step_by(4).flat_map(|y| (0..160 - 12).step_by(4).map(move |x| (y, x)));
            let solid = solid.filter(|&(y, x)| (y..y + 12).all(|y| hidden.row(y)[x..x + 12].iter().all(|pixel| *pixel)));
            assert!(solid.count() <= 2);
        }
    }

    proptest! {
        #[test]
        fn the_ratio_is_reached_and_exceeded_by_one_segment_at_most(
            height in 0..100_usize,
            width in 0..100_usize,
            ratio in 0.0_f32..0.8,
            item in any::<u64>(),
        ) {
            let hidden = polylines(height, width, ratio, &mut stream(5, 0, item, Purpose::Mask));
            prop_assert_eq!((hidden.height, hidden.width, hidden.data.len()), (height, width, height * width));
            let count = hidden.data.iter().filter(|pixel| **pixel).count() as f64;
            let wanted = (f64::from(ratio) * (height * width) as f64).round();
            // A segment covers its length and half a thickness at each end, no more than five pixels across a step.
            let segment = (LENGTH.1 * height.min(width) as f32 + 5.0) * 5.0 * std::f32::consts::SQRT_2;
            prop_assert!(count >= wanted && count <= wanted + f64::from(segment), "{count} of {wanted}");
        }
    }
}
