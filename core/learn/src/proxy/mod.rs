//! Proxy tasks: an image is changed so that restoring it teaches what such images look like.
//!
//! TOWER's "sample space diversification" (Chen et al., arXiv 2211.14715): the changed image is the second view of a
//! contrastive pair and the input of the restoration, the image itself the first view and the target. Everything is a
//! function of the image and random streams, on intensities from 0 to 1.

mod bezier;
mod blocks;
mod config;
mod cover;
mod discs;
mod mask;
mod painting;
mod polylines;
mod rays;
mod rows;
mod shuffle;
mod stroke;
#[cfg(test)]
mod tests;

use fewlabel_image::{Maps, Plane};
use rand::RngExt;

pub use bezier::{Curve, CurveFamily};
pub use blocks::{PAPER_CELLS, blocks};
pub use config::ProxyConfig;
pub use discs::discs;
pub use mask::{MaskKind, hide, mask};
pub use painting::{SHORTEST_PAINTED, paint, paint_inside, paint_outside};
pub use polylines::polylines;
pub use rays::rays;
pub use rows::rows;
pub use shuffle::{shuffle, shuffle_windows};

use crate::stream::{Purpose, stream};

/// An image as the proxy tasks changed it.
#[derive(Clone, Debug, PartialEq)]
pub struct ProxyView {
    /// As large as the image, with as many channels; 0 to 1 when the image is.
    pub image: Maps,
    /// True where the image shows through nowhere: painted over with noise, or masked with 0. The same in all channels.
    pub hidden: Plane<bool>,
    /// The map its intensities went through; `None` when there was none.
    pub curve: Option<Curve>,
}

/// The view of `image`, whose intensities are 0 to 1: a function of the image, `config` and `(seed, step, item)` alone.
///
/// Shuffled, mapped, painted over, masked, in this order: the first three as Models Genesis has them (Zhou et al.,
/// MICCAI 2019), the mask after the curve as in TOWER's "NL + M". The mask comes last so that what it hides is 0 and not
/// noise. It looks at the image as it was: an inverted curve would make the brightest place the darkest. Each of the four
/// has a stream of its own, so that switching one on or off leaves the others as they were.
pub fn proxy_view(image: &Maps, config: &ProxyConfig, seed: u64, step: u64, item: u64) -> ProxyView {
    let rng = |purpose| stream(seed, step, item, purpose);
    let (height, width) = (image.height, image.width);
    let mut view = image.clone();

    let mut shuffling = rng(Purpose::Shuffle);
    if shuffling.random::<f32>() < config.shuffle_share {
        shuffle(&mut view, shuffle_windows(height, width), &mut shuffling);
    }
    let curve = Curve::draw(config.curve, &mut rng(Purpose::Curve));
    if let Some(curve) = &curve {
        curve.apply(&mut view);
    }
    let mut painting = rng(Purpose::Paint);
    let mut hidden = if painting.random::<f32>() < config.paint_share {
        paint(&mut view, &mut painting)
    } else {
        Plane::filled(height, width, false)
    };
    if let Some(masked) = mask(image, config, &mut rng(Purpose::Mask)) {
        hide(&mut view, &masked);
        for (hidden, masked) in hidden.data.iter_mut().zip(masked.data) {
            *hidden |= masked;
        }
    }
    ProxyView { image: view, hidden, curve }
}
