//! From an outline to bytes, as ImageJ 1.54p writes them.

use fewlabel_contract::{Error, ErrorKind, Result};

use super::super::{Outline, OutlineShape, PathSegment, Point, WRITE};
use super::body::{Body, MOST_POINTS};
use super::decode::{Roi, decode_roi};
use super::{header, kind, option, second, subtype};

/// The version that ImageJ writes since 1.52t.
const VERSION: u16 = 228;

/// The bytes of a `.roi`.
///
/// An outline that was read from a `.roi` and not changed gets the same bytes; of a changed one, what its fields do not
/// say is taken over from there. Polygons of more than 65,535 corners become composites, as in ImageJ. Class, type
/// of object, lock and identifier are QuPath's, and not written.
///
/// # Errors
/// `unsupported` for a line of more than 65,535 points and for notes that were made or changed here; `invalid-request` for a
/// shape without points or with a coordinate that is no number.
pub fn encode_roi(outline: &Outline) -> Result<Vec<u8>> {
    let known = outline.roi.as_ref().map(|bytes| &*bytes.0);
    if let Some(bytes) = known
        && decode_roi(bytes, outline.name.as_deref()).is_ok_and(|read| is_same(&read, outline))
    {
        return Ok(bytes.to_vec());
    }
    let many = |points: &Vec<Point>| points.len() > MOST_POINTS;
    match &outline.shape {
        OutlineShape::Polygon(p) | OutlineShape::Freehand(p) | OutlineShape::Traced(p) if many(p) => {
            write(outline, &Body::of(&OutlineShape::Composite(closed_path(p)))?, known)
        }
        shape => write(outline, &Body::of(shape)?, known),
    }
}

/// Whether two outlines are the same in all that a `.roi` says.
fn is_same(a: &Outline, b: &Outline) -> bool {
    a.shape == b.shape
        && a.name == b.name
        && a.group == b.group
        && a.position == b.position
        && a.stroke_colour == b.stroke_colour
        && a.stroke_width == b.stroke_width
        && a.properties == b.properties
}

fn closed_path(points: &[Point]) -> Vec<PathSegment> {
    let mut path: Vec<_> = points.iter().copied().map(PathSegment::LineTo).collect();
    if let Some(PathSegment::LineTo(first)) = path.first().copied() {
        path[0] = PathSegment::MoveTo(first);
    }
    path.push(PathSegment::Close);
    path
}

fn put(bytes: &mut [u8], at: usize, value: &[u8]) {
    bytes[at..at + value.len()].copy_from_slice(value);
}

fn write(outline: &Outline, body: &Body, known: Option<&[u8]>) -> Result<Vec<u8>> {
    let too_large = |_| Error::new(ErrorKind::Unsupported, WRITE, "ImageJ has no outlines of so many points");
    let place = |n: usize| i32::try_from(n).map_err(too_large);
    let at = header::LENGTH + body.coordinates.len();
    let mut first = [0; header::LENGTH];
    let mut next = [0; second::LENGTH];
    put(&mut first, 0, header::MAGIC);
    put(&mut first, header::VERSION, &VERSION.to_be_bytes());
    first[header::KIND] = body.kind;
    // What does not fit into 16 bits stands in the coordinates.
    for (place, edge) in [header::TOP, header::LEFT, header::BOTTOM, header::RIGHT].into_iter().zip(body.edges) {
        put(&mut first, place, &(edge as u16).to_be_bytes());
    }
    match u16::try_from(body.count) {
        Ok(count) => put(&mut first, header::COUNT, &count.to_be_bytes()),
        Err(_) => put(&mut first, header::FLOATS, &place(body.count)?.to_be_bytes()),
    }
    for (i, value) in body.floats.iter().flatten().enumerate() {
        put(&mut first, header::FLOATS + 4 * i, &(*value as f32).to_be_bytes());
    }
    put(&mut first, header::PATH_LENGTH, &place(body.path_length)?.to_be_bytes());
    put(&mut first, header::STROKE_COLOUR, &outline.stroke_colour.unwrap_or(0).to_be_bytes());
    put(&mut first, header::SUBTYPE, &body.subtype.to_be_bytes());
    if let Some(parameter) = body.parameter {
        put(&mut first, header::PARAMETER, &(parameter as f32).to_be_bytes());
    } else if body.kind == kind::RECTANGLE {
        put(&mut first, header::ARC, &body.arc.to_be_bytes());
    }
    if body.kind == kind::POINT {
        put(&mut first, header::STROKE_WIDTH, &1_u16.to_be_bytes());
    } else {
        put(&mut first, header::STROKE_WIDTH, &(outline.stroke_width as u16).to_be_bytes());
        put(&mut next, second::STROKE_WIDTH, &(outline.stroke_width as f32).to_be_bytes());
    }
    put(&mut first, header::POSITION, &outline.position.stack.to_be_bytes());
    put(&mut first, header::SECOND, &place(at)?.to_be_bytes());
    let p = outline.position;
    for (i, axis) in [p.c, p.z, p.t].into_iter().enumerate() {
        put(&mut next, second::POSITIONS + 4 * i, &axis.to_be_bytes());
    }
    next[second::GROUP] = outline.group;
    let (options, counters) =
        known.and_then(Roi::new).map_or_else(|| (0, Vec::new()), |roi| take_over(&roi, body, &mut first, &mut next));
    let scales = known.is_none() && outline.stroke_width > 0.0 && body.kind != kind::POINT;
    let options = options | body.options | if scales { option::SCALE_STROKE } else { 0 };
    put(&mut first, header::OPTIONS, &options.to_be_bytes());
    let mut texts: Vec<u8> = Vec::new();
    for (text, at_header) in [(&outline.name, second::NAME), (&outline.properties, second::PROPERTIES)] {
        let letters: Vec<u8> = text.iter().flat_map(|t| t.encode_utf16()).flat_map(u16::to_be_bytes).collect();
        if !letters.is_empty() {
            put(&mut next, at_header, &place(at + second::LENGTH + texts.len())?.to_be_bytes());
            put(&mut next, at_header + 4, &place(letters.len() / 2)?.to_be_bytes());
            texts.extend(letters);
        }
    }
    // ImageJ counts every point for counter 0 at first.
    let counters = if counters.is_empty() && body.kind == kind::POINT { vec![0; 4 * body.count] } else { counters };
    if !counters.is_empty() {
        put(&mut next, second::COUNTERS, &place(at + second::LENGTH + texts.len())?.to_be_bytes());
    }
    Ok([&first[..], &body.coordinates, &next, &texts, &counters].concat())
}

/// Takes over what an outline has no fields for; returns options and the points' counters.
fn take_over(roi: &Roi<'_>, body: &Body, first: &mut [u8], next: &mut [u8]) -> (u16, Vec<u8>) {
    let of_known = |at: usize, length: usize| roi.fields.0.get(at..at.checked_add(length)?);
    let of_second = |at: usize, length: usize| of_known(roi.second(at)?, length);
    let copy = |to: &mut [u8], at: usize, value: Option<&[u8]>| {
        if let Some(value) = value {
            put(to, at, value);
        }
    };
    copy(first, header::FILL_COLOUR, of_known(header::FILL_COLOUR, 4));
    copy(next, second::LABEL_COLOUR, of_second(second::LABEL_COLOUR, 4));
    copy(next, second::FONT_SIZE, of_second(second::FONT_SIZE, 2));
    if roi.subtype == subtype::ARROW && body.kind == kind::LINE {
        copy(first, header::SUBTYPE, of_known(header::SUBTYPE, 2));
        copy(first, header::PARAMETER, of_known(header::PARAMETER, 2));
    }
    let mut counters = Vec::new();
    if roi.kind == kind::POINT && body.kind == kind::POINT {
        copy(first, header::PARAMETER, of_known(header::PARAMETER, 1));
        copy(first, header::STROKE_WIDTH, of_known(header::STROKE_WIDTH, 2));
        let place = roi.second(second::COUNTERS).and_then(|at| roi.fields.i32(at)).and_then(|at| usize::try_from(at).ok());
        if let Some(found) = place.filter(|&at| at > 0 && roi.count() == body.count).and_then(|at| of_known(at, 4 * body.count)) {
            counters = found.to_vec();
        }
    }
    let own = option::SPLINE | option::SUB_PIXEL | option::DRAW_OFFSET;
    let scaled = if roi.version < VERSION { option::SCALE_STROKE } else { 0 };
    (roi.options & !own | scaled, counters)
}
