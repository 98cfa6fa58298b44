//! From an image to its labels, as a package says.

use fewlabel_contract::{CancelToken, Result};
use fewlabel_image::Image;
use fewlabel_model::PackageMeta;
use fewlabel_objects::apparent_diameter;

use crate::expected_size::{Expected, expected_size};
use crate::scale_search::ScaleSearch;
use crate::{Decoder, Forward, Pipeline, Recipe, SegmentOptions, Segmented};

/// Side in pixels of the network's input of the piece of a larger image in which its scale is looked for.
const SAMPLE: f64 = 512.0;

/// What looks wider than so many times the diameter that a look is made for is no object: the network would have cut one
/// to pieces.
const WIDEST: f64 = 3.0;

/// Segments an image as a package says: [`Pipeline::segment`] with the package's own recipe, and at the scale at which
/// its objects are as large as those of the training, unless a diameter is given.
///
/// Where neither a diameter nor calibrations tell the scale and the objects turn out much larger or smaller than expected,
/// up to three more looks find the scale that fits them, and the notes say so. Of a stack or a large image the looks see a
/// piece from the middle, unless that is empty. `progress` starts again with each look at the whole.
///
/// # Errors
/// Those of [`Recipe::of`] and [`Pipeline::segment`].
pub fn segment_image(
    image: &Image,
    package: &PackageMeta,
    forward: &dyn Forward,
    options: &SegmentOptions,
    token: &CancelToken,
    progress: &mut dyn FnMut(u64, u64),
) -> Result<Segmented> {
    let recipe = &Recipe::of(package)?;
    let look = |image: &Image, object_diameter, maps, progress: &mut dyn FnMut(u64, u64)| {
        let options = &SegmentOptions { object_diameter, maps, ..options.clone() };
        Pipeline { forward, recipe, options }.segment(image, token, progress)
    };
    let mut whole = |object_diameter| look(image, object_diameter, options.maps, progress);
    let range = match (options.object_diameter, expected_size(package, &image.calibration)) {
        (Some(given), _) => return whole(Some(given)),
        (None, Expected::Unknown) => return whole(None),
        (None, Expected::Known(diameter)) => return whole(Some(diameter)),
        (None, Expected::Between(low, high)) => (low, high),
    };
    if !matches!(recipe.decoder, Decoder::Objects(_)) {
        return whole(Some((range.0 * range.1).sqrt()));
    }
    let trained = recipe.object_diameter.unwrap_or(range.1);
    let mut search = ScaleSearch::new(range, trained);
    let mut in_pieces = true;
    let mut segmented = loop {
        let diameter = search.diameter();
        let piece = in_pieces.then(|| middle(image, SAMPLE * diameter / trained)).flatten();
        let seen = match &piece {
            Some(piece) => look(piece, Some(diameter), false, &mut |_, _| {})?,
            None => whole(Some(diameter))?,
        };
        let found = apparent_diameter(&seen.labels.ids, WIDEST * diameter);
        in_pieces &= found.is_some();
        if (piece.is_none() || in_pieces) && !search.goes_on(found) {
            break if piece.is_some() { whole(Some(search.diameter()))? } else { seen };
        }
    };
    if !search.is_within(range) {
        segmented.notes.push(format!(
            "objects look about {:.0} pixels wide, those of the training images were {:.0} to {:.0}: give their diameter if that is wrong",
            search.diameter(),
            range.0,
            range.1
        ));
    }
    Ok(segmented)
}

/// A square from the middle of the middle plane; `None` for a single plane that is hardly larger.
fn middle(image: &Image, side: f64) -> Option<Image> {
    let s = image.shape;
    let side = (side.ceil() as usize).max(1);
    let (height, width) = (side.min(s.y), side.min(s.x));
    (s.t * s.z * s.y * s.x > 2 * height * width)
        .then(|| image.rectangle(s.t / 2, s.z / 2, (s.y - height) / 2, (s.x - width) / 2, height, width))
}
