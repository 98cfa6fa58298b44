//! How ImageJ writes each kind of shape.

use fewlabel_contract::{Error, ErrorKind, Result};

use super::super::fill::{ellipse_corners, rotated_corners};
use super::super::{OutlineShape, PathSegment, Point, WRITE};
use super::bounds::Bounds;
use super::{kind, option, subtype};

/// The most points that the header can count.
pub(super) const MOST_POINTS: usize = 65_535;

/// The parts of a `.roi` that say what was drawn.
#[derive(Default)]
pub(super) struct Body {
    pub(super) kind: u8,
    pub(super) subtype: u16,
    pub(super) options: u16,
    pub(super) edges: [i64; 4],
    /// Number of points.
    pub(super) count: usize,
    pub(super) floats: Option<[f64; 4]>,
    pub(super) parameter: Option<f64>,
    pub(super) arc: u16,
    /// Numbers of a composite's path.
    pub(super) path_length: usize,
    pub(super) coordinates: Vec<u8>,
}

impl Body {
    pub(super) fn of(shape: &OutlineShape) -> Result<Self> {
        let bounds = Bounds::of(shape);
        let edges = [bounds.top, bounds.left, bounds.bottom, bounds.right];
        let body = match shape {
            OutlineShape::Polygon(points) => Self::points(kind::POLYGON, points, 0.0, bounds)?,
            OutlineShape::Freehand(points) => Self::points(kind::FREEHAND, points, 0.0, bounds)?,
            OutlineShape::Traced(points) => Self::points(kind::TRACED, points, 0.0, bounds)?,
            OutlineShape::Polyline(points) => Self::points(kind::POLYLINE, points, 0.5, bounds)?,
            OutlineShape::Freeline(points) => Self::points(kind::FREELINE, points, 0.5, bounds)?,
            OutlineShape::Angle(points) => Self::points(kind::ANGLE, points, 0.5, bounds)?,
            OutlineShape::Points(points) => Self::fractions(kind::POINT, points, 0.5, None)?,
            OutlineShape::Rectangle { corner, width, height, arc } => {
                Self { arc: *arc as u16, ..Self::in_box(kind::RECTANGLE, [corner.x, corner.y, *width, *height], bounds) }
            }
            OutlineShape::Oval { corner, width, height } => {
                Self::in_box(kind::OVAL, [corner.x, corner.y, *width, *height], bounds)
            }
            OutlineShape::RotatedRectangle { from, to, width } => Self {
                subtype: subtype::ROTATED_RECTANGLE,
                floats: Some([from.x, from.y, to.x, to.y]),
                parameter: Some(*width),
                ..Self::fractions(kind::FREEHAND, &rotated_corners(*from, *to, *width), 0.0, Some(bounds))?
            },
            OutlineShape::Ellipse { from, to, ratio } => Self {
                subtype: subtype::ELLIPSE,
                floats: Some([from.x, from.y, to.x, to.y]),
                parameter: Some(*ratio),
                ..Self::fractions(kind::FREEHAND, &ellipse_corners(*from, *to, *ratio), 0.0, Some(bounds))?
            },
            OutlineShape::Line { from, to } => {
                Self { kind: kind::LINE, floats: Some([from.x - 0.5, from.y - 0.5, to.x - 0.5, to.y - 0.5]), ..Self::default() }
            }
            OutlineShape::Composite(path) => Self::path(path)?,
            OutlineShape::Note { .. } => {
                return Err(Error::new(ErrorKind::Unsupported, WRITE, "texts and pictures are written only as they were read"));
            }
        };
        if body.floats.iter().flatten().chain(&body.parameter).any(|v| !(*v as f32).is_finite()) {
            return Err(no_number());
        }
        Ok(Self { edges, ..body })
    }

    /// Corners or points of a line: whole numbers where they are all whole and small enough.
    fn points(kind: u8, points: &[Point], offset: f64, bounds: Bounds) -> Result<Self> {
        let whole = points.iter().all(|p| (p.x - offset).fract() == 0.0 && (p.y - offset).fract() == 0.0);
        if !(whole && fits(bounds)) {
            return Self::fractions(kind, points, offset, None);
        }
        let x = points.iter().map(|p| (p.x - offset) as i64 - bounds.left);
        let y = points.iter().map(|p| (p.y - offset) as i64 - bounds.top);
        let coordinates = x.chain(y).flat_map(|n| (n as u16).to_be_bytes()).collect();
        Self { kind, count: points.len(), coordinates, ..Self::default() }.countable()
    }

    /// Whole numbers for old programs, counted from the least coordinates or from a box, and then those with fractions.
    fn fractions(kind: u8, points: &[Point], offset: f64, origin: Option<Bounds>) -> Result<Self> {
        let floats = |value: fn(&Point) -> f64| points.iter().map(move |p| (value(p) - offset) as f32);
        let least = |value: fn(&Point) -> f64| floats(value).fold(f32::INFINITY, f32::min);
        let (x, y) = (|p: &Point| p.x, |p: &Point| p.y);
        if floats(x).chain(floats(y)).any(|v| !v.is_finite()) {
            return Err(no_number());
        }
        let (left, top) = origin.map_or_else(|| (least(x), least(y)), |b| (b.left as f32, b.top as f32));
        let rounded = |value: f32, least: f32| ((f64::from(value - least) + 0.5).floor() as i64) as u16;
        let whole = floats(x).map(|v| rounded(v, left)).chain(floats(y).map(|v| rounded(v, top)));
        let mut coordinates: Vec<u8> = whole.flat_map(u16::to_be_bytes).collect();
        coordinates.extend(floats(x).chain(floats(y)).flat_map(f32::to_be_bytes));
        Self { kind, options: option::SUB_PIXEL, count: points.len(), coordinates, ..Self::default() }.countable()
    }

    fn countable(self) -> Result<Self> {
        if self.count == 0 {
            return Err(Error::new(ErrorKind::InvalidRequest, WRITE, "an outline has no points"));
        }
        if self.count > MOST_POINTS && self.kind != kind::POINT {
            return Err(Error::new(ErrorKind::Unsupported, WRITE, "ImageJ has no lines of so many points")
                .with("points", self.count)
                .with("allowed points", MOST_POINTS));
        }
        Ok(self)
    }

    fn in_box(kind: u8, corner_and_size: [f64; 4], bounds: Bounds) -> Self {
        if corner_and_size.iter().all(|v| v.fract() == 0.0) && fits(bounds) {
            return Self { kind, ..Self::default() };
        }
        Self { kind, options: option::SUB_PIXEL, floats: Some(corner_and_size), ..Self::default() }
    }

    fn path(path: &[PathSegment]) -> Result<Self> {
        let mut numbers: Vec<f64> = Vec::with_capacity(3 * path.len());
        for segment in path {
            match *segment {
                PathSegment::MoveTo(a) => numbers.extend([0.0, a.x, a.y]),
                PathSegment::LineTo(a) => numbers.extend([1.0, a.x, a.y]),
                PathSegment::QuadTo(a, b) => numbers.extend([2.0, a.x, a.y, b.x, b.y]),
                PathSegment::CubicTo(a, b, c) => numbers.extend([3.0, a.x, a.y, b.x, b.y, c.x, c.y]),
                PathSegment::Close => numbers.push(4.0),
            }
        }
        if numbers.iter().any(|&n| !(n as f32).is_finite()) {
            return Err(no_number());
        }
        let coordinates = numbers.iter().flat_map(|&n| (n as f32).to_be_bytes()).collect();
        Ok(Self { kind: kind::RECTANGLE, path_length: numbers.len(), coordinates, ..Self::default() })
    }
}

fn no_number() -> Error {
    Error::new(ErrorKind::InvalidRequest, WRITE, "a coordinate of an outline is no number")
}

/// Whether 16 bits hold all of a box.
fn fits(bounds: Bounds) -> bool {
    const RANGE: std::ops::RangeInclusive<i64> = -5000..=60_000;
    let extents = [bounds.bottom.saturating_sub(bounds.top), bounds.right.saturating_sub(bounds.left)];
    [bounds.top, bounds.left, bounds.bottom, bounds.right].iter().chain(&extents).all(|n| RANGE.contains(n))
}
