//! The whole pixels around a shape, as ImageJ's `getBounds`.

use super::super::fill::{ellipse_corners, rotated_corners};
use super::super::{OutlineShape, PathSegment, Point, extremes};

/// A box of pixels.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in super::super) struct Bounds {
    pub(in super::super) top: i64,
    pub(in super::super) left: i64,
    /// The row below the last one.
    pub(in super::super) bottom: i64,
    /// The column behind the last one.
    pub(in super::super) right: i64,
}

impl Bounds {
    /// Of any shape.
    pub(in super::super) fn of(shape: &OutlineShape) -> Self {
        match shape {
            OutlineShape::Polygon(points) | OutlineShape::Freehand(points) | OutlineShape::Traced(points) => Self::around(points),
            OutlineShape::Rectangle { corner, width, height, .. }
            | OutlineShape::Oval { corner, width, height }
            | OutlineShape::Note { corner, width, height } => {
                let (left, top) = (corner.x.trunc() as i64, corner.y.trunc() as i64);
                let size = |extent: f64| extent.ceil().max(1.0) as i64;
                Self { top, left, bottom: top.saturating_add(size(*height)), right: left.saturating_add(size(*width)) }
            }
            OutlineShape::RotatedRectangle { from, to, width } => Self::rounded(&rotated_corners(*from, *to, *width)),
            OutlineShape::Ellipse { from, to, ratio } => Self::rounded(&ellipse_corners(*from, *to, *ratio)),
            OutlineShape::Composite(path) => Self::around(&path.iter().flat_map(points_of).collect::<Vec<_>>()),
            OutlineShape::Line { from, to } => Self::of_pixels(&[*from, *to]),
            OutlineShape::Polyline(points)
            | OutlineShape::Freeline(points)
            | OutlineShape::Angle(points)
            | OutlineShape::Points(points) => Self::of_pixels(points),
        }
    }

    /// All that an area touches.
    fn around(points: &[Point]) -> Self {
        let (lowest, highest) = extremes(points);
        Self {
            top: lowest.y.floor() as i64,
            left: lowest.x.floor() as i64,
            bottom: highest.y.ceil() as i64,
            right: highest.x.ceil() as i64,
        }
    }

    /// The far edges to the nearest pixel (`ij.process.FloatPolygon`).
    fn rounded(points: &[Point]) -> Self {
        let (lowest, highest) = extremes(points);
        let near = |least: f64| least.floor() as i64;
        let far = |least: f64, most: f64| near(least).saturating_add((most - least.floor() + 0.5) as i64);
        Self { top: near(lowest.y), left: near(lowest.x), bottom: far(lowest.y, highest.y), right: far(lowest.x, highest.x) }
    }

    /// The pixels that points lie in.
    fn of_pixels(points: &[Point]) -> Self {
        let (lowest, highest) = extremes(points);
        Self {
            top: lowest.y.floor() as i64,
            left: lowest.x.floor() as i64,
            bottom: (highest.y + 1.0).floor() as i64,
            right: (highest.x + 1.0).floor() as i64,
        }
    }
}

/// End and control points of a segment.
fn points_of(segment: &PathSegment) -> Vec<Point> {
    match *segment {
        PathSegment::MoveTo(a) | PathSegment::LineTo(a) => vec![a],
        PathSegment::QuadTo(a, b) => vec![a, b],
        PathSegment::CubicTo(a, b, c) => vec![a, b, c],
        PathSegment::Close => Vec::new(),
    }
}
