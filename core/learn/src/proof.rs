//! The test tensors of a package: a real piece of image and what the network makes of it.

use fewlabel_contract::Result;
use fewlabel_image::Maps;
use fewlabel_infer::Forward;
use fewlabel_model::{InputSize, Normalisation};

use crate::forward::TchForward;
use crate::net::Net;

/// Longest side of the piece in pixels.
const SIDE: usize = 128;

/// A piece from the middle of a plane, which has the network's channels and was not normalised, and the maps of it.
///
/// Its intensities are normalised over the piece alone, because that is all that the zoo's tools are given.
///
/// # Errors
/// What libtorch says.
pub fn test_tensors(plane: &Maps, normalisation: &Normalisation, size: &InputSize, mut net: Net) -> Result<(Maps, Maps)> {
    let piece = middle(plane, size);
    let mut input = piece.clone();
    let limits = normalisation.limits(|| std::iter::once(piece.clone()))?;
    normalisation.apply(&mut input, &limits);
    let maps = TchForward::new(&mut net).run(&input)?;
    Ok((piece, maps))
}

/// The middle of a plane, its sides of an allowed size; planes that are smaller repeat their edge.
fn middle(plane: &Maps, size: &InputSize) -> Maps {
    let step = size.step.max(1);
    let side = |length: usize| size.min + length.min(SIDE).saturating_sub(size.min) / step * step;
    let (height, width) = (side(plane.height), side(plane.width));
    let (top, left) = (plane.height.saturating_sub(height) / 2, plane.width.saturating_sub(width) / 2);
    let mut data = Vec::with_capacity(plane.channels * height * width);
    for c in 0..plane.channels {
        let channel = plane.channel(c);
        for y in top..top + height {
            let row = &channel[y.min(plane.height - 1) * plane.width..][..plane.width];
            data.extend((left..left + width).map(|x| row[x.min(plane.width - 1)]));
        }
    }
    Maps::new(plane.channels, height, width, data)
}
