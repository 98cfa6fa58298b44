//! The part of a plane that is computed.

use std::ops::Range;

use fewlabel_image::{Rectangle, ResampledPart};
use serde::{Deserialize, Serialize};

/// What tiles cover and what is decoded from them, for a whole plane or around a rectangle of it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Area {
    /// Rows and columns of the plane on the network's grid.
    pub network: (usize, usize),
    /// Rows and columns of the plane on the grid of the image.
    pub image: (usize, usize),
    /// What tiles cover, on the network's grid.
    pub tiles: Rectangle,
    /// What is decoded, on the grid of the image.
    pub labels: Rectangle,
}

impl Area {
    /// All of a plane.
    pub fn whole(network: (usize, usize), image: (usize, usize)) -> Self {
        Self { network, image, tiles: Rectangle::whole(network), labels: Rectangle::whole(image) }
    }

    /// `region` on the grid of the image with `margin` pixels of the network's grid around it, as far as the plane reaches.
    /// Tiles begin on the network's stride.
    pub fn around(region: &Rectangle, network: (usize, usize), image: (usize, usize), margin: usize, stride: usize) -> Self {
        let grown = |range: &Range<usize>, network: usize, image: usize| {
            let margin = (margin * image).div_ceil(network);
            range.start.saturating_sub(margin)..(range.end + margin).min(image)
        };
        let on_stride = |range: Range<usize>| range.start / stride * stride..range.end;
        let mut labels = Rectangle { y: grown(&region.y, network.0, image.0), x: grown(&region.x, network.1, image.1) };
        let tiles = if network == image {
            labels = Rectangle { y: on_stride(labels.y), x: on_stride(labels.x) };
            labels.clone()
        } else {
            let (y, x) = ResampledPart::new(network, image, labels.y.clone(), labels.x.clone()).source();
            Rectangle { y: on_stride(y), x: on_stride(x) }
        };
        Self { network, image, tiles, labels }
    }

    /// Whether the network sees the plane in another size than that of the image.
    pub fn is_scaled(&self) -> bool {
        self.network != self.image
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn what_is_decoded_holds_the_region_and_is_held_by_the_tiles(
            image in (1_usize..400, 1_usize..400), network in (1_usize..400, 1_usize..400), same: bool,
            place in (0.0..1.0, 0.0..1.0), size in (0.0..1.0, 0.0..1.0), margin in 0_usize..50, stride in 1_usize..17,
        ) {
            let network = if same { image } else { network };
            let range = |length: usize, place: f64, size: f64| {
                let start = (length as f64 * place) as usize;
                start..start + 1 + ((length - start - 1) as f64 * size) as usize
            };
            let region = Rectangle { y: range(image.0, place.0, size.0), x: range(image.1, place.1, size.1) };
            let area = Area::around(&region, network, image, margin, stride);
            let holds = |outer: &Range<usize>, inner: &Range<usize>| outer.start <= inner.start && inner.end <= outer.end;
            prop_assert!(holds(&area.labels.y, &region.y) && holds(&area.labels.x, &region.x));
            prop_assert!(area.labels.y.end <= image.0 && area.labels.x.end <= image.1);
            prop_assert!(area.tiles.y.end <= network.0 && area.tiles.x.end <= network.1);
            prop_assert!(area.tiles.y.start.is_multiple_of(stride) && area.tiles.x.start.is_multiple_of(stride));
            let part = ResampledPart::new(network, image, area.labels.y.clone(), area.labels.x.clone());
            let (y, x) = part.source();
            prop_assert!(holds(&area.tiles.y, &y) && holds(&area.tiles.x, &x));
        }
    }
}
