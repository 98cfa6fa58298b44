//! From an image to its labels, as a package says.

use fewlabel_contract::{CancelToken, Error, Result};
use fewlabel_image::{Image, InMemory, Maps, Plane, Region, Source};
use fewlabel_model::PackageMeta;
use fewlabel_objects::ObjectAreas;

use crate::expected_size::{Expected, expected_size};
use crate::kept_state::{keep, kept};
use crate::label_sink::LabelsInMemory;
use crate::scale_search::ScaleSearch;
use crate::{Decoder, Forward, Found, LabelSink, Pipeline, Recipe, SegmentOptions, Segmented};

/// Side in pixels of the network's input of the piece of a larger image in which its scale is looked for.
const SAMPLE: f64 = 512.0;

/// What looks wider than so many times the diameter that a look is made for is no object: the network would have cut one
/// to pieces.
const WIDEST: f64 = 3.0;

/// Segments an image as a package says, with labels in memory. As [`segment_image_rows`].
///
/// # Errors
/// Those of [`segment_image_rows`].
pub fn segment_image(
    image: &dyn Source,
    package: &PackageMeta,
    forward: &dyn Forward,
    options: &SegmentOptions,
    token: &CancelToken,
    progress: &mut dyn FnMut(u64, u64),
) -> Result<Segmented> {
    let mut labels = LabelsInMemory::new(options.labels_shape(image.info().shape));
    let found = segment_image_rows(image, package, forward, options, &mut labels, token, progress)?;
    Ok(Segmented::new(labels, image, options, found))
}

/// Segments an image as a package says: [`Pipeline::segment_rows`] with the package's own recipe, and at the scale at which
/// its objects are as large as those of the training, unless a diameter is given.
///
/// Where neither a diameter nor calibrations tell the scale and the objects turn out much larger or smaller than expected,
/// up to three more looks find the scale that fits them, and the notes say so. Of a stack or a large image the looks see a
/// piece from the middle, unless that is empty; the looks for a rectangle are those for its whole image. `progress` and `labels` start
/// again with each look at the whole.
///
/// # Errors
/// Those of [`Recipe::of`] and [`Pipeline::segment_rows`].
pub fn segment_image_rows(
    image: &dyn Source,
    package: &PackageMeta,
    forward: &dyn Forward,
    options: &SegmentOptions,
    labels: &mut dyn LabelSink,
    token: &CancelToken,
    progress: &mut dyn FnMut(u64, u64),
) -> Result<Found> {
    let recipe = &Recipe::of(package)?;
    let mut whole = |object_diameter, labels: &mut dyn LabelSink| {
        let options = &SegmentOptions { object_diameter, ..options.clone() };
        Pipeline { forward, recipe, options }.segment_rows(image, labels, token, progress)
    };
    let range = match (options.object_diameter, expected_size(package, &image.info().calibration)) {
        (Some(given), _) => return whole(Some(given), labels),
        (None, Expected::Unknown) => return whole(None, labels),
        (None, Expected::Known(diameter)) => return whole(Some(diameter), labels),
        (None, Expected::Between(low, high)) => (low, high),
    };
    if !matches!(recipe.decoder, Decoder::Objects(_)) {
        return whole(Some((range.0 * range.1).sqrt()), labels);
    }
    let trained = recipe.object_diameter.unwrap_or(range.1);
    let seen = |image: &dyn Source, diameter| {
        let options = &SegmentOptions { object_diameter: Some(diameter), maps: false, region: None, ..options.clone() };
        let mut counted = Counted { labels: &mut Nowhere, areas: ObjectAreas::new() };
        Pipeline { forward, recipe, options }.segment_rows(image, &mut counted, token, &mut |_, _| {})?;
        Ok::<_, Error>(counted.areas)
    };
    let mut search = ScaleSearch::new(range, trained);
    let mut in_pieces = true;
    let mut found = loop {
        let diameter = search.diameter();
        let piece = if in_pieces { middle(image, SAMPLE * diameter / trained)? } else { None };
        let (found, areas) = match &piece {
            Some(piece) => (None, seen(&InMemory::of(piece), diameter)?),
            None if options.region.is_some() => (None, seen(image, diameter)?),
            None => {
                let mut counted = Counted { labels, areas: ObjectAreas::new() };
                (Some(whole(Some(diameter), &mut counted)?), counted.areas)
            }
        };
        let apparent = areas.apparent_diameter(WIDEST * diameter);
        in_pieces &= apparent.is_some();
        if (piece.is_none() || in_pieces) && !search.goes_on(apparent) {
            break found.map_or_else(|| whole(Some(search.diameter()), labels), Ok)?;
        }
    };
    if !search.is_within(range) {
        found.notes.push(format!(
            "objects look about {:.0} pixels wide, those of the training images were {:.0} to {:.0}: give their diameter if that is wrong",
            search.diameter(),
            range.0,
            range.1
        ));
    }
    Ok(found)
}

/// Counts the pixels of the objects that pass.
struct Counted<'a> {
    labels: &'a mut dyn LabelSink,
    areas: ObjectAreas,
}

impl LabelSink for Counted<'_> {
    fn begin(&mut self, key: &str) -> Result<Option<Vec<u8>>> {
        let Some(bytes) = self.labels.begin(&counted(key))? else { return Ok(None) };
        let (state, areas) = kept(&bytes)?;
        self.areas = areas;
        Ok(Some(state))
    }

    fn rows(&mut self, rows: &Plane<u32>) -> Result<()> {
        self.areas.add(&rows.data);
        self.labels.rows(rows)
    }

    fn maps(&mut self, plane: usize, place: (usize, usize), part: &Maps) -> Result<()> {
        self.labels.maps(plane, place, part)
    }

    fn can_go_on(&mut self, key: &str, state: &dyn Fn() -> Result<Vec<u8>>) -> Result<()> {
        let areas = &self.areas;
        self.labels.can_go_on(&counted(key), &|| keep(&(state()?, areas)))
    }
}

/// Labels that nobody keeps.
struct Nowhere;

impl LabelSink for Nowhere {
    fn begin(&mut self, _: &str) -> Result<Option<Vec<u8>>> {
        Ok(None)
    }

    fn rows(&mut self, _: &Plane<u32>) -> Result<()> {
        Ok(())
    }
}

/// A state with areas is another than one without.
fn counted(key: &str) -> String {
    format!("counted {key}")
}

/// A square from the middle of the middle plane; `None` for a single plane that is hardly larger.
fn middle(image: &dyn Source, side: f64) -> Result<Option<Image>> {
    let s = image.info().shape;
    let side = (side.ceil() as usize).max(1);
    let (height, width) = (side.min(s.y), side.min(s.x));
    if s.t * s.z * s.y * s.x <= 2 * height * width {
        return Ok(None);
    }
    let (top, left) = ((s.y - height) / 2, (s.x - width) / 2);
    let region = Region::plane(s, s.t / 2, s.z / 2).rectangle(top..top + height, left..left + width);
    image.part(&region).map(Some)
}
