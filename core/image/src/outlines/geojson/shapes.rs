//! Between geometries and shapes.

use std::f64::consts::TAU;

use fewlabel_contract::{Error, ErrorKind, Result};

use super::super::fill::{ellipse_corners, rings, rotated_corners, rounded_path};
use super::super::nest::{Nested, nest};
use super::super::{OutlineShape, PathSegment, Point, READ, extremes, unreadable};
use super::coordinates::Coordinates;

/// Corners of the polygons that stand for ellipses.
const CORNERS: usize = 72;

/// The shape of a geometry; none when it is empty.
pub(super) fn shape(kind: &str, coordinates: Coordinates, is_ellipse: bool) -> Result<Option<OutlineShape>> {
    let expected = match kind {
        "Point" => 1,
        "MultiPoint" | "LineString" => 2,
        "Polygon" => 3,
        "MultiPolygon" => 4,
        other => {
            return Err(Error::new(ErrorKind::Unsupported, READ, "a geometry of a kind that is not read here")
                .with("type", other)
                .hint("Point, MultiPoint, LineString, Polygon and MultiPolygon are read"));
        }
    };
    if coordinates.depth == 0 {
        return Ok(None);
    }
    if coordinates.depth != expected {
        return Err(unreadable("the coordinates of a geometry do not fit its type").with("type", kind));
    }
    let Coordinates { mut points, lists, .. } = coordinates;
    Ok(Some(match kind {
        "Point" | "MultiPoint" => OutlineShape::Points(points),
        "LineString" if points.len() == 2 => OutlineShape::Line { from: points[0], to: points[1] },
        "LineString" => OutlineShape::Polyline(points),
        _ if is_ellipse => ellipse(&points),
        _ if lists.len() == 1 => {
            open(&mut points);
            rectangle(&points).unwrap_or(OutlineShape::Polygon(points))
        }
        _ => {
            let starts = std::iter::once(0).chain(lists.iter().copied());
            let rings = starts.zip(&lists).map(|(start, &end)| points.get(start..end).unwrap_or_default());
            OutlineShape::Composite(rings.flat_map(path).collect())
        }
    }))
}

/// Takes off the last point of a ring, which repeats the first.
fn open(ring: &mut Vec<Point>) {
    if ring.len() > 1 && ring.first() == ring.last() {
        ring.pop();
    }
}

fn path(ring: &[Point]) -> Vec<PathSegment> {
    let mut ring = ring.to_vec();
    open(&mut ring);
    let mut path: Vec<_> = ring.first().copied().map(PathSegment::MoveTo).into_iter().collect();
    path.extend(ring.into_iter().skip(1).map(PathSegment::LineTo));
    path.push(PathSegment::Close);
    path
}

fn is_whole(point: Point) -> bool {
    point.x.fract() == 0.0 && point.y.fract() == 0.0
}

/// Four corners of whole pixels. With fractions it stays a polygon, whose pixels are those with their centres inside.
fn rectangle(ring: &[Point]) -> Option<OutlineShape> {
    let (low, high) = extremes(ring);
    let [a, b, c, d] = ring else { return None };
    let turns = a.x == b.x && b.y == c.y && c.x == d.x && d.y == a.y || a.y == b.y && b.x == c.x && c.y == d.y && d.x == a.x;
    let area = low.x < high.x && low.y < high.y;
    (turns && area && is_whole(low) && is_whole(high)).then_some(OutlineShape::Rectangle {
        corner: low,
        width: high.x - low.x,
        height: high.y - low.y,
        arc: 0.0,
    })
}

/// The ellipse in the box around a polygon: an oval in whole pixels, and with fractions one by its long axis.
fn ellipse(points: &[Point]) -> OutlineShape {
    let (low, high) = extremes(points);
    let (width, height) = (high.x - low.x, high.y - low.y);
    if is_whole(low) && is_whole(high) {
        return OutlineShape::Oval { corner: low, width, height };
    }
    let middle = Point::new(f64::midpoint(low.x, high.x), f64::midpoint(low.y, high.y));
    let (from, to, ratio) = if width >= height {
        (Point::new(low.x, middle.y), Point::new(high.x, middle.y), height / width)
    } else {
        (Point::new(middle.x, low.y), Point::new(middle.x, high.y), width / height)
    };
    OutlineShape::Ellipse { from, to, ratio: if ratio.is_finite() { ratio } else { 0.0 } }
}

/// A geometry to be written.
#[derive(Debug, PartialEq)]
pub(super) enum Geometry {
    Point(Point),
    MultiPoint(Vec<Point>),
    LineString(Vec<Point>),
    /// Closed rings, of which the first is the shell; and whether they are made from an upright ellipse.
    Polygon(Vec<Vec<Point>>, bool),
    MultiPolygon(Vec<Vec<Vec<Point>>>),
}

impl Geometry {
    /// Of a shape; none when it is empty or a note.
    pub(super) fn of(shape: &OutlineShape) -> Option<Self> {
        let polygon = |ring: Vec<Point>, is_ellipse| (ring.len() > 2).then(|| Self::Polygon(vec![closed(ring)], is_ellipse));
        match shape {
            OutlineShape::Polygon(points) | OutlineShape::Freehand(points) | OutlineShape::Traced(points) => {
                polygon(points.clone(), false)
            }
            OutlineShape::Rectangle { corner, width, height, arc } if *arc <= 0.0 => {
                let (right, bottom) = (corner.x + width, corner.y + height);
                let corners = [(corner.x, corner.y), (right, corner.y), (right, bottom), (corner.x, bottom)];
                polygon(corners.map(|(x, y)| Point::new(x, y)).to_vec(), false)
            }
            OutlineShape::Rectangle { corner, width, height, arc } => {
                let path = rounded_path(*corner, *width, *height, *arc);
                polygon(rings(&path).into_iter().next()?, false)
            }
            OutlineShape::RotatedRectangle { from, to, width } => polygon(rotated_corners(*from, *to, *width).to_vec(), false),
            OutlineShape::Oval { corner, width, height } => polygon(upright(*corner, *width, *height), true),
            OutlineShape::Ellipse { from, to, ratio } => match upright_box(*from, *to, *ratio) {
                Some((corner, width, height)) => polygon(upright(corner, width, height), true),
                None => polygon(ellipse_corners(*from, *to, *ratio), false),
            },
            OutlineShape::Composite(path) => {
                let mut polygons: Vec<_> = nest(rings(path)).into_iter().map(polygon_rings).collect();
                match polygons.len() {
                    0 => None,
                    1 => polygons.pop().map(|rings| Self::Polygon(rings, false)),
                    _ => Some(Self::MultiPolygon(polygons)),
                }
            }
            OutlineShape::Line { from, to } => Some(Self::LineString(vec![*from, *to])),
            OutlineShape::Polyline(points) | OutlineShape::Freeline(points) | OutlineShape::Angle(points) => {
                (points.len() > 1).then(|| Self::LineString(points.clone()))
            }
            OutlineShape::Points(points) => match points[..] {
                [] => None,
                [point] => Some(Self::Point(point)),
                _ => Some(Self::MultiPoint(points.clone())),
            },
            OutlineShape::Note { .. } => None,
        }
    }
}

fn polygon_rings(nested: Nested) -> Vec<Vec<Point>> {
    std::iter::once(nested.shell).chain(nested.holes).map(closed).collect()
}

fn closed(mut ring: Vec<Point>) -> Vec<Point> {
    ring.extend(ring.first().copied());
    ring
}

/// The polygon of an upright ellipse in its box.
fn upright(corner: Point, width: f64, height: f64) -> Vec<Point> {
    let (rx, ry) = (width / 2.0, height / 2.0);
    let at = |i: usize| {
        let angle = i as f64 * TAU / CORNERS as f64;
        Point::new(corner.x + rx + rx * angle.cos(), corner.y + ry + ry * angle.sin())
    };
    (0..CORNERS).map(at).collect()
}

/// The box of an ellipse whose long axis is upright or level.
fn upright_box(from: Point, to: Point, ratio: f64) -> Option<(Point, f64, f64)> {
    let length = (to.x - from.x).abs().max((to.y - from.y).abs());
    let across = length * ratio;
    let (left, top) = (from.x.min(to.x), from.y.min(to.y));
    if from.y == to.y {
        Some((Point::new(left, top - across / 2.0), length, across))
    } else if from.x == to.x {
        Some((Point::new(left - across / 2.0, top), across, length))
    } else {
        None
    }
}
