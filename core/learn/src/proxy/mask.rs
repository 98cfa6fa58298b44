//! Masks: which pixels of an image are hidden.

use fewlabel_image::{Maps, Plane};
use rand::seq::IndexedRandom;
use rand_chacha::ChaCha8Rng;
use serde::{Deserialize, Serialize};

use super::ProxyConfig;
use super::blocks::blocks;
use super::discs::discs;
use super::polylines::polylines;
use super::rays::rays;
use super::rows::rows;

/// Smallest and largest diameter of a disc over that of an object.
const DISC: (f32, f32) = (0.75, 1.25);

/// What a mask hides.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum MaskKind {
    /// Whole rows ([`rows`]).
    Rows,
    /// Cells of a grid ([`blocks`]).
    Blocks,
    /// Straight lines from the borders to the brightest place ([`rays`]): a prior of retinal images.
    Rays,
    /// Thin poly-lines like filaments and membranes ([`polylines`]).
    Polylines,
    /// Discs the size of an object ([`discs`]).
    Discs,
}

/// A mask as large as `image`, of a kind that is drawn from those of the configuration; `None` when there is no kind.
/// True is hidden. Rays alone look at the image.
pub fn mask(image: &Maps, config: &ProxyConfig, rng: &mut ChaCha8Rng) -> Option<Plane<bool>> {
    let (height, width, ratio) = (image.height, image.width, config.mask_ratio);
    let kind = config.masks.choose(rng)?;
    Some(match kind {
        MaskKind::Rows => rows(height, width, ratio, rng),
        MaskKind::Blocks => blocks(height, width, config.block_cells, ratio, rng),
        MaskKind::Rays => rays(image, config.ray_count, rng),
        MaskKind::Polylines => polylines(height, width, ratio, rng),
        MaskKind::Discs => {
            let diameter = (DISC.0 * config.object_diameter, DISC.1 * config.object_diameter);
            discs(height, width, ratio, diameter, rng)
        }
    })
}

/// Sets what is hidden to 0, in every channel.
pub fn hide(image: &mut Maps, hidden: &Plane<bool>) {
    for c in 0..image.channels {
        for (value, &hidden) in image.channel_mut(c).iter_mut().zip(&hidden.data) {
            if hidden {
                *value = 0.0;
            }
        }
    }
}

/// `ratio`, moved into 0 to 1, of `total`, rounded to the nearest.
pub(super) fn part_of(ratio: f32, total: usize) -> usize {
    (f64::from(ratio.clamp(0.0, 1.0)) * total as f64).round() as usize
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::stream::{Purpose, stream};

    #[test]
    fn every_kind_is_drawn_and_no_other() {
        let image = Maps::zeros(1, 64, 64);
        let drawn = |masks: &[MaskKind], item| {
            let config = ProxyConfig { masks: masks.to_vec(), ..ProxyConfig::default() };
            mask(&image, &config, &mut stream(5, 0, item, Purpose::Mask))
        };
        assert_eq!(drawn(&[], 0), None);
        let is_rows = |mask: &Plane<bool>| (0..64).all(|y| mask.row(y).windows(2).all(|pair| pair[0] == pair[1]));
        let both = [MaskKind::Rows, MaskKind::Discs];
        let rows = (0..400).filter(|&item| drawn(&both, item).as_ref().is_some_and(is_rows)).count();
        assert!((160..240).contains(&rows), "{rows}");
        assert!((0..50).all(|item| drawn(&[MaskKind::Discs], item).is_some_and(|mask| !is_rows(&mask))));
    }

    #[test]
    fn what_is_hidden_is_0_in_all_channels() {
        let mut image = Maps::new(2, 1, 3, vec![0.1, 0.2, 0.3, 0.4, 0.5, 0.6]);
        hide(&mut image, &Plane::new(1, 3, vec![true, false, true]));
        assert_eq!(image.data, [0.0, 0.2, 0.0, 0.0, 0.5, 0.0]);
    }
}
