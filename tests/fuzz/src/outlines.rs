//! What must hold for every outline that was read.

use std::path::Path;

use fewlabel_contract::{ErrorKind, Result};
use fewlabel_image::{
    Numbering, Outline, OutlineShape, Run, Shape, decode_roi, encode_roi, paint, read_outlines, trace, write_geojson,
    write_roi_zip,
};

use crate::LIMITS;
use crate::bounds::refused;
use crate::place::Place;

/// Rows and columns of the image that outlines are painted into.
pub(crate) const CANVAS: (usize, usize) = (40, 48);

/// Bytes of outlines as `.roi` that are painted, and written in other forms; more would only take time.
const MOST_BYTES: usize = 1 << 15;

/// Points from which on an outline is long: only its pixels are looked for, and those only when it is alone.
const LONG: usize = 1 << 12;

/// Paints outlines, writes them in both forms, and reads these again.
pub(crate) fn check(place: &Place, outlines: &[Outline]) {
    assert!(outlines.len() <= LIMITS.outlines, "{} outlines", outlines.len());
    if outlines.iter().any(is_long) {
        if let [outline] = outlines {
            runs(outline);
        }
        return;
    }
    let mut bytes = 0;
    for outline in outlines {
        let _ = (runs(outline), outline.is_region(), outline.is_background());
        bytes += encoded_again(outline);
    }
    if bytes > MOST_BYTES {
        return;
    }
    painted_and_traced(outlines);
    let zip = place.path("again.zip");
    if written(write_roi_zip(&zip, outlines, true)) {
        let again = read_again(&zip);
        assert_eq!(again.len(), outlines.len(), "outlines in the zip");
    }
    geojson_again(place, outlines);
}

fn is_long(outline: &Outline) -> bool {
    match &outline.shape {
        OutlineShape::Polygon(points)
        | OutlineShape::Freehand(points)
        | OutlineShape::Traced(points)
        | OutlineShape::Polyline(points)
        | OutlineShape::Freeline(points)
        | OutlineShape::Angle(points)
        | OutlineShape::Points(points) => points.len() >= LONG,
        OutlineShape::Composite(path) => path.len() >= LONG,
        _ => false,
    }
}

/// The pixels of an outline, none where it is too complicated.
pub(crate) fn runs(outline: &Outline) -> Option<Vec<Run>> {
    let (height, width) = CANVAS;
    match outline.runs(height, width) {
        Ok(runs) => {
            assert!(runs.iter().all(|run| run.y < height && run.start < run.end && run.end <= width), "{runs:?}");
            let in_order = |pair: &[Run]| (pair[0].y, pair[0].end) <= (pair[1].y, pair[1].start);
            assert!(runs.windows(2).all(in_order), "runs out of order: {runs:?}");
            Some(runs)
        }
        Err(error) => {
            assert_eq!(error.kind, ErrorKind::LimitExceeded, "{error:?}");
            None
        }
    }
}

/// Whether something was written; a refusal must be one that blames the outlines.
fn written(result: Result<()>) -> bool {
    result.map_err(|error| refused(&error)).is_ok()
}

fn read_again(path: &Path) -> Vec<Outline> {
    read_outlines(path, &LIMITS).unwrap_or_else(|error| panic!("what was written cannot be read: {error:?}"))
}

/// An outline that is made anew from what was read becomes a `.roi` that says the same, however often. Gives back its length.
fn encoded_again(outline: &Outline) -> usize {
    let once = |outline: &Outline| {
        let bytes = encode_roi(&Outline { roi: None, ..outline.clone() }).map_err(|error| refused(&error)).ok()?;
        let read = decode_roi(&bytes, None).unwrap_or_else(|error| panic!("an encoded outline cannot be read: {error:?}"));
        Some((read, bytes.len()))
    };
    let Some((first, length)) = once(outline) else { return 0 };
    let (second, _) = once(&first).expect("what was encoded once is encoded again");
    assert_eq!(first.shape, second.shape);
    assert_eq!((first.group, first.position, first.stroke_colour), (outline.group, outline.position, colour(outline)));
    assert_eq!((first.stroke_width, &first.properties), (second.stroke_width, &second.properties));
    length
}

/// ImageJ has no colour for "none" other than 0.
fn colour(outline: &Outline) -> Option<u32> {
    outline.stroke_colour.filter(|&colour| colour != 0)
}

/// The outline of each painted object covers just its pixels.
fn painted_and_traced(outlines: &[Outline]) {
    let (height, width) = CANVAS;
    let painted = match paint(outlines, Shape::plane(1, height, width), (None, 0, 0), Numbering::Objects) {
        Ok(painted) => painted,
        Err(error) => return refused(&error),
    };
    assert!(painted.painted + painted.empty + painted.unnumbered <= outlines.len(), "{painted:?}");
    let mut again = vec![0; height * width];
    for (label, outline) in trace(&painted.labels) {
        for run in runs(&outline).expect("a traced outline is simple") {
            again[run.y * width + run.start..run.y * width + run.end].fill(label);
        }
    }
    assert!(again == painted.labels.data, "traced outlines cover other pixels");
}

/// What GeoJSON says is the same when it is written once more.
fn geojson_again(place: &Place, outlines: &[Outline]) {
    let (first, second) = (place.path("first.geojson"), place.path("second.geojson"));
    if !written(write_geojson(&first, outlines, true)) {
        return;
    }
    let once = read_again(&first);
    if once.iter().any(is_rounded) {
        return;
    }
    write_geojson(&second, &once, true).expect("what was read is written");
    assert_eq!(read_again(&second), once, "GeoJSON written twice");
}

/// Ellipses are written as the corners of polygons, whose box is theirs but for the last bits.
fn is_rounded(outline: &Outline) -> bool {
    matches!(outline.shape, OutlineShape::Ellipse { .. } | OutlineShape::Oval { .. })
}
