//! How a proxy view is made.

use serde::{Deserialize, Serialize};

use super::bezier::CurveFamily;
use super::mask::MaskKind;

/// Which proxy tasks change an image, and how strongly.
///
/// A `*_share` is the probability, 0 to 1, that an image gets the change at all; lengths are pixels. The default is
/// TOWER's "NL + M" (Chen et al., arXiv 2211.14715, ablation table): one of the fixed curves, then one mask. Rays are a
/// prior of retinal images and are not drawn by default.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct ProxyConfig {
    /// Where the intensity curve comes from; every image gets one unless it is `none`.
    pub curve: CurveFamily,
    /// Masks of which each image gets one, all equally likely; none when empty.
    pub masks: Vec<MaskKind>,
    /// Fraction of the pixels that a mask hides, 0 to 1, in every mask but rays, whose number is given.
    pub mask_ratio: f32,
    /// Cells along each side of the grid of the block mask, 1 or more. The default makes cells of 8 to 16 pixels in
    /// crops of 128 to 256.
    pub block_cells: usize,
    /// Rays from each of the four borders. TOWER's 40 hide half of an image of 512 pixels a side, as there, but five sixths
    /// of a crop of 160, of which 5 hide a quarter.
    pub ray_count: usize,
    /// Diameter of an object in pixels, more than 0: discs have between three and five quarters of it.
    pub object_diameter: f32,
    /// Share of images whose pixels are shuffled locally.
    pub shuffle_share: f32,
    /// Share of images that are painted over with noise.
    pub paint_share: f32,
}

impl Default for ProxyConfig {
    fn default() -> Self {
        Self {
            curve: CurveFamily::Fixed,
            masks: vec![MaskKind::Rows, MaskKind::Blocks, MaskKind::Polylines, MaskKind::Discs],
            mask_ratio: 0.25,
            block_cells: 16,
            ray_count: 40,
            object_diameter: 24.0,
            shuffle_share: 0.0,
            paint_share: 0.0,
        }
    }
}

impl ProxyConfig {
    /// Changes nothing: the view is the image.
    pub fn none() -> Self {
        Self { curve: CurveFamily::None, masks: Vec::new(), ..Self::default() }
    }
}
