//! The row mask.

use fewlabel_image::Plane;
use rand::seq::SliceRandom;
use rand_chacha::ChaCha8Rng;

use super::mask::part_of;

/// Hides whole rows: `round(ratio · height)` of them, drawn without replacement. True is hidden.
///
/// TOWER's "stripe" mask (Chen et al., arXiv 2211.14715, `StripeMaskingGenerator`), which hides `⌊ratio · pixels⌋`
/// pixels and so may cut one row; here rows are whole.
pub fn rows(height: usize, width: usize, ratio: f32, rng: &mut ChaCha8Rng) -> Plane<bool> {
    let count = part_of(ratio, height);
    let mut lines: Vec<bool> = (0..height).map(|row| row < count).collect();
    lines.shuffle(rng);
    let data = lines.into_iter().flat_map(|hidden| std::iter::repeat_n(hidden, width)).collect();
    Plane::new(height, width, data)
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use proptest::prelude::*;

    use super::*;
    use crate::stream::{Purpose, stream};

    #[test]
    fn a_quarter_of_64_rows_is_16_whole_rows() {
        let mut seen = BTreeSet::new();
        for item in 0..20 {
            let mask = rows(64, 64, 0.25, &mut stream(5, 0, item, Purpose::Mask));
            assert_eq!(mask.data.iter().filter(|hidden| **hidden).count(), 1024);
            let hidden: Vec<usize> = (0..64).filter(|&y| mask.row(y).iter().all(|hidden| *hidden)).collect();
            assert_eq!(hidden.len(), 16);
            seen.insert(hidden);
        }
        assert_eq!(seen.len(), 20);
    }

    proptest! {
        #[test]
        fn rows_are_whole_and_as_many_as_asked(
            height in 0..70_usize,
            width in 0..9_usize,
            ratio in -0.5_f32..1.5,
            item in any::<u64>(),
        ) {
            let mask = rows(height, width, ratio, &mut stream(5, 0, item, Purpose::Mask));
            prop_assert_eq!((mask.height, mask.width, mask.data.len()), (height, width, height * width));
            let count = (f64::from(ratio.clamp(0.0, 1.0)) * height as f64).round() as usize;
            prop_assert_eq!(mask.data.iter().filter(|hidden| **hidden).count(), count * width);
            for y in 0..height {
                prop_assert!(mask.row(y).windows(2).all(|pair| pair[0] == pair[1]));
            }
        }
    }
}
