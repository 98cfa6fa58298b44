//! The block mask.

use fewlabel_image::Plane;
use rand::seq::SliceRandom;
use rand_chacha::ChaCha8Rng;

use super::mask::part_of;

/// Cells along each side in TOWER, whose images had 224 to 512 pixels a side.
pub const PAPER_CELLS: usize = 32;

/// Hides cells of a grid of `cells` by `cells`: `round(ratio · cells²)` of them, drawn without replacement. True is
/// hidden.
///
/// Pixel `y` lies in cell `⌊y · cells / height⌋`, columns alike: cells are as oblong as the image, and differ by a pixel
/// where a side is no multiple. There are never more cells along a side than pixels, nor fewer than one.
///
/// TOWER's block mask (Chen et al., arXiv 2211.14715, `BlockMaskingGenerator`), where the ratio was the fraction that is
/// *kept*: its 0.25 is 0.75 here.
pub fn blocks(height: usize, width: usize, cells: usize, ratio: f32, rng: &mut ChaCha8Rng) -> Plane<bool> {
    let [down, across] = [height, width].map(|side| cells.clamp(1, side.max(1)));
    let count = part_of(ratio, down * across);
    let mut grid: Vec<bool> = (0..down * across).map(|cell| cell < count).collect();
    grid.shuffle(rng);
    let grid = Plane::new(down, across, grid);
    let data = (0..height)
        .flat_map(|y| {
            let cells = grid.row(y * down / height);
            (0..width).map(move |x| cells[x * across / width])
        })
        .collect();
    Plane::new(height, width, data)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::stream::{Purpose, stream};

    #[test]
    fn the_papers_grid_keeps_a_quarter_in_cells_of_16_pixels() {
        let mask = blocks(512, 512, PAPER_CELLS, 0.75, &mut stream(5, 0, 0, Purpose::Mask));
        let mut kept = 0;
        for top in (0..512).step_by(16) {
            for left in (0..512).step_by(16) {
                let hidden = mask.at(top, left);
                kept += usize::from(!hidden);
                for y in top..top + 16 {
                    assert!(mask.row(y)[left..left + 16].iter().all(|pixel| *pixel == hidden));
                }
            }
        }
        assert_eq!(kept, 256);
        assert_eq!(mask.data.iter().filter(|hidden| !**hidden).count(), 512 * 512 / 4);
        assert_ne!(mask, blocks(512, 512, PAPER_CELLS, 0.75, &mut stream(5, 1, 0, Purpose::Mask)));
    }

    proptest! {
        #[test]
        fn cells_are_whole_and_as_many_as_asked(
            height in 0..60_usize,
            width in 0..60_usize,
            cells in 0..40_usize,
            ratio in -0.5_f32..1.5,
            item in any::<u64>(),
        ) {
            let mask = blocks(height, width, cells, ratio, &mut stream(5, 0, item, Purpose::Mask));
            prop_assert_eq!((mask.height, mask.width, mask.data.len()), (height, width, height * width));
            prop_assume!(height > 0 && width > 0);
            let (down, across) = (cells.clamp(1, height), cells.clamp(1, width));
            let mut seen = vec![[0_usize; 2]; down * across];
            for y in 0..height {
                for x in 0..width {
                    seen[y * down / height * across + x * across / width][usize::from(mask.at(y, x))] += 1;
                }
            }
            // Every cell has pixels, and is hidden as a whole or not at all.
            prop_assert!(seen.iter().all(|[kept, hidden]| (*kept == 0) != (*hidden == 0)));
            let count = (f64::from(ratio.clamp(0.0, 1.0)) * (down * across) as f64).round() as usize;
            prop_assert_eq!(seen.iter().filter(|[kept, _]| *kept == 0).count(), count);
        }
    }
}
