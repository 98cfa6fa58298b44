//! Shapes are laid on an image until they hide enough of it.

use fewlabel_image::Plane;

use super::mask::part_of;

/// How many shapes are laid for each pixel of the image before it is given up. Discs of 2 pixels, the smallest shapes,
/// leave one pixel in millions by then.
const TRIES_PER_PIXEL: usize = 8;

/// Calls `lay`, which hides one more shape and says how many pixels were not hidden before, until
/// `round(ratio · pixels)` are hidden. The shape that reaches the number is the last and may exceed it.
///
/// No more than eight shapes are laid for each pixel of the image. From a ratio of 1 everything is hidden: shapes that
/// are laid at random meet the last pixel late.
pub fn cover(height: usize, width: usize, ratio: f32, mut lay: impl FnMut(&mut Plane<bool>) -> usize) -> Plane<bool> {
    let pixels = height * width;
    let wanted = part_of(ratio, pixels);
    let mut hidden = Plane::filled(height, width, wanted == pixels);
    let mut count = if wanted == pixels { pixels } else { 0 };
    for _ in 0..TRIES_PER_PIXEL * pixels {
        if count >= wanted {
            break;
        }
        count += lay(&mut hidden);
    }
    hidden
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_stops_at_the_first_shape_that_reaches_the_ratio() {
        let mut next = 0;
        // Four pixels a shape, three of them new: 3, 6, 9.
        let mut lay = |hidden: &mut Plane<bool>| {
            hidden.data[next..next + 4].fill(true);
            next += 3;
            if next == 3 { 4 } else { 3 }
        };
        let hidden = cover(4, 8, 0.25, &mut lay);
        assert_eq!(hidden.data.iter().filter(|pixel| **pixel).count(), 10);
    }

    #[test]
    fn it_ends_when_shapes_hide_nothing() {
        let mut tries = 0;
        let hidden = cover(5, 6, 0.5, |_| {
            tries += 1;
            0
        });
        assert_eq!(tries, 8 * 30);
        assert!(!hidden.data.contains(&true));
    }

    #[test]
    fn nothing_is_laid_for_0_and_1() {
        for (ratio, expected) in [(-1.0, false), (0.0, false), (1.0, true), (2.0, true), (f32::NAN, false)] {
            let hidden = cover(3, 4, ratio, |_| unreachable!("no shape is needed"));
            assert!(hidden.data.iter().all(|pixel| *pixel == expected));
        }
        assert!(cover(0, 4, 0.5, |_| unreachable!("no pixel")).data.is_empty());
    }
}
