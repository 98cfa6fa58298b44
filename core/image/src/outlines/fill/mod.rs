//! The pixels of an outline.
//!
//! The rules are ImageJ's (public domain; `ij.process.PolygonFiller`, `getMask` of the classes in `ij.gui`), so that an
//! area has the same pixels here and there.

mod curve;
mod oval;
mod path;
mod scan;
mod stroke;

use std::f64::consts::PI;

use fewlabel_contract::Result;

pub(super) use self::path::rings;
use self::scan::Scan;
use super::{Outline, OutlineShape, PathSegment, Point, extremes};

/// Neighbouring pixels of a row.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Run {
    /// The row.
    pub y: usize,
    /// The first column.
    pub start: usize,
    /// The column behind the last one.
    pub end: usize,
}

impl Outline {
    /// The pixels that it covers in an image of this size: from top to bottom and left to right, without overlap.
    ///
    /// * Polygons, composites, ellipses and rotated rectangles cover the pixels whose centres an odd number of edges lie
    ///   to the left of; a centre on an edge belongs to what lies above and to the left of it.
    /// * Rectangles and ovals with fractions are filled as those with whole numbers around them, as in ImageJ.
    /// * Lines cover a band of their width, at least one pixel, that reaches half a pixel beyond their ends. (ImageJ does so
    ///   for lines of several pieces. From a straight line it makes a rectangle that is half a pixel off and leaves
    ///   out the last pixel.)
    /// * A point covers the pixel that it lies in; notes cover none.
    ///
    /// # Errors
    /// `limit-exceeded` for a shape of so many edges that filling it would take minutes.
    pub fn runs(&self, height: usize, width: usize) -> Result<Vec<Run>> {
        match &self.shape {
            OutlineShape::Polygon(points) | OutlineShape::Freehand(points) | OutlineShape::Traced(points) => {
                polygon(points, extremes(points).0, height, width)
            }
            OutlineShape::RotatedRectangle { from, to, width: across } => {
                let corners = rotated_corners(*from, *to, *across);
                polygon(&corners, whole(extremes(&corners).0), height, width)
            }
            OutlineShape::Ellipse { from, to, ratio } => {
                let corners = ellipse_corners(*from, *to, *ratio);
                polygon(&corners, whole(extremes(&corners).0), height, width)
            }
            OutlineShape::Rectangle { corner, width: w, height: h, arc } => {
                let outer = whole_box(*corner, *w, *h);
                if *arc > 0.0 {
                    path::runs(&path::rounded(outer, *arc), height, width)
                } else {
                    Ok(rectangle(outer, height, width))
                }
            }
            OutlineShape::Oval { corner, width: w, height: h } => Ok(oval::runs(whole_box(*corner, *w, *h), height, width)),
            OutlineShape::Composite(segments) => path::runs(segments, height, width),
            OutlineShape::Line { from, to } => stroke::runs(&[*from, *to], self.stroke_width, height, width),
            OutlineShape::Polyline(points) | OutlineShape::Freeline(points) | OutlineShape::Angle(points) => {
                stroke::runs(points, self.stroke_width, height, width)
            }
            OutlineShape::Points(points) => Ok(merged(points.iter().filter_map(|p| pixel(*p, height, width)).collect())),
            OutlineShape::Note { .. } => Ok(Vec::new()),
        }
    }
}

/// Fills a ring of points. `origin` is where ImageJ counts its coordinates from: it keeps them in 32 bits, and rounds when it
/// makes them relative. That decides about centres on an edge, so it is repeated for coordinates that 32 bits hold.
fn polygon(points: &[Point], origin: Point, height: usize, width: usize) -> Result<Vec<Run>> {
    let mut scan = Scan::new(height, width);
    if points.iter().all(|p| p.x == f64::from(p.x as f32) && p.y == f64::from(p.y as f32)) {
        let relative = |value: f64, origin: f64| f64::from(value as f32 - origin as f32) + origin;
        let rounded = |p: &Point| Point::new(relative(p.x, origin.x), relative(p.y, origin.y));
        scan.ring(&points.iter().map(rounded).collect::<Vec<_>>())?;
    } else {
        scan.ring(points)?;
    }
    Ok(scan.runs())
}

fn whole(point: Point) -> Point {
    Point::new(point.x.floor(), point.y.floor())
}

/// A box of whole pixels.
#[derive(Clone, Copy)]
struct WholeBox {
    x: f64,
    y: f64,
    width: f64,
    height: f64,
}

/// ImageJ rounds the corner towards zero and the size up, to a pixel at least (`ij.gui.Roi`).
fn whole_box(corner: Point, width: f64, height: f64) -> WholeBox {
    WholeBox { x: corner.x.trunc(), y: corner.y.trunc(), width: width.ceil().max(1.0), height: height.ceil().max(1.0) }
}

/// The part of `[from, to)` that lies in `0..length`.
fn clipped(from: f64, to: f64, length: usize) -> (usize, usize) {
    // Casts of floats saturate, and no number becomes 0.
    ((from.max(0.0) as usize).min(length), (to.max(0.0) as usize).min(length))
}

fn rectangle(outer: WholeBox, height: usize, width: usize) -> Vec<Run> {
    let (top, bottom) = clipped(outer.y, outer.y + outer.height, height);
    let (start, end) = clipped(outer.x, outer.x + outer.width, width);
    if start >= end { Vec::new() } else { (top..bottom).map(|y| Run { y, start, end }).collect() }
}

/// The path of a rectangle with rounded corners.
pub(super) fn rounded_path(corner: Point, width: f64, height: f64, arc: f64) -> Vec<PathSegment> {
    path::rounded(whole_box(corner, width, height), arc)
}

fn pixel(point: Point, height: usize, width: usize) -> Option<Run> {
    let inside = point.x >= 0.0 && point.y >= 0.0 && point.x < width as f64 && point.y < height as f64;
    inside.then(|| Run { y: point.y as usize, start: point.x as usize, end: point.x as usize + 1 })
}

/// In order, without overlap.
fn merged(mut runs: Vec<Run>) -> Vec<Run> {
    runs.sort_unstable();
    runs.dedup_by(|next, kept| {
        let joins = next.y == kept.y && next.start <= kept.end;
        if joins {
            kept.end = kept.end.max(next.end);
        }
        joins
    });
    runs
}

/// Corners of a rotated rectangle, in the order and with the rounding of `ij.gui.RotatedRectRoi`.
pub(super) fn rotated_corners(from: Point, to: Point, width: f64) -> [Point; 4] {
    let (dx, dy) = (to.x - from.x, to.y - from.y);
    let length = (dx * dx + dy * dy).sqrt();
    let (across_x, across_y) = (0.5 * width * dy / length, -0.5 * width * dx / length);
    let at = |x: f64, y: f64| Point::new(f64::from(x as f32), f64::from(y as f32));
    [
        at(from.x + across_x, from.y + across_y),
        at(to.x + across_x, to.y + across_y),
        at(to.x - across_x, to.y - across_y),
        at(from.x - across_x, from.y - across_y),
    ]
}

/// The polygon that ImageJ makes of an ellipse, with the rounding of `ij.gui.EllipseRoi`.
pub(super) fn ellipse_corners(from: Point, to: Point, ratio: f64) -> Vec<Point> {
    const CORNERS: usize = 72;
    let (centre_x, centre_y) = (f64::midpoint(from.x, to.x), f64::midpoint(from.y, to.y));
    let (dx, dy) = (to.x - from.x, to.y - from.y);
    let major = (dx * dx + dy * dy).sqrt();
    let minor = major * ratio.clamp(0.0, 1.0);
    // By way of degrees, as ImageJ computes it, for the same last bits.
    let direction = (dy.atan2(dx) * 180.0 / PI) / 180.0 * PI;
    let corner = |i: usize| {
        let angle = (i as f64 * 360.0 / CORNERS as f64) / 180.0 * PI;
        let (x, y) = (angle.cos() * major / 2.0, angle.sin() * minor / 2.0);
        let (turned, distance) = (y.atan2(x) + direction, (x * x + y * y).sqrt());
        let (x, y) = (centre_x + turned.cos() * distance, centre_y + turned.sin() * distance);
        Point::new(f64::from(x as f32), f64::from(y as f32))
    };
    (0..CORNERS).map(corner).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn picture(shape: OutlineShape, stroke_width: f64, height: usize, width: usize) -> Vec<String> {
        let outline = Outline { stroke_width, ..Outline::new(shape) };
        let mut rows = vec![".".repeat(width); height];
        for run in outline.runs(height, width).expect("filled") {
            rows[run.y].replace_range(run.start..run.end, &"#".repeat(run.end - run.start));
        }
        rows
    }

    fn points(corners: &[(f64, f64)]) -> Vec<Point> {
        corners.iter().map(|&(x, y)| Point::new(x, y)).collect()
    }

    #[test]
    fn a_centre_on_an_edge_belongs_to_what_is_above_and_left() {
        let square = OutlineShape::Polygon(points(&[(0.5, 0.5), (2.5, 0.5), (2.5, 2.5), (0.5, 2.5)]));
        assert_eq!(picture(square, 0.0, 4, 4), ["....", ".##.", ".##.", "...."]);
        let triangle = OutlineShape::Polygon(points(&[(0.0, 0.0), (4.0, 0.0), (0.0, 4.0)]));
        assert_eq!(picture(triangle, 0.0, 4, 4), ["####", "###.", "##..", "#..."]);
    }

    #[test]
    fn shapes_are_clipped() {
        let corner = Point::new(-2.0, -1e30);
        let wide = OutlineShape::Rectangle { corner, width: 4.0, height: 2e30, arc: 0.0 };
        assert_eq!(picture(wide, 0.0, 2, 4), ["##..", "##.."]);
        let outside = OutlineShape::Polygon(points(&[(-9.0, -9.0), (-1.0, -9.0), (-1.0, 9.0)]));
        assert_eq!(picture(outside, 0.0, 2, 2), ["..", ".."]);
        let around = OutlineShape::Polygon(points(&[(-1e9, -1e9), (1e9, -1e9), (1e9, 1e9), (-1e9, 1e9)]));
        assert_eq!(picture(around, 0.0, 2, 2), ["##", "##"]);
    }

    #[test]
    fn lines_are_bands() {
        let line = OutlineShape::Line { from: Point::new(1.5, 1.5), to: Point::new(3.5, 1.5) };
        assert_eq!(picture(line.clone(), 0.0, 4, 5), [".....", ".###.", ".....", "....."]);
        assert_eq!(picture(line, 3.0, 4, 5), [".###.", ".###.", ".###.", "....."]);
        let bent = OutlineShape::Polyline(points(&[(0.5, 0.5), (0.5, 0.5), (0.5, 3.5), (3.5, 3.5)]));
        assert_eq!(picture(bent, 1.0, 4, 4), ["#...", "#...", "#...", "####"]);
        let dot = OutlineShape::Line { from: Point::new(1.5, 1.5), to: Point::new(1.5, 1.5) };
        assert_eq!(picture(dot, 3.0, 2, 2), ["..", ".."], "no length, no band");
    }

    #[test]
    fn points_are_pixels() {
        let shape = OutlineShape::Points(points(&[(1.5, 0.5), (0.9, 0.0), (-0.1, 0.0), (2.0, 1.0), (2.2, 1.3), (3.0, 0.0)]));
        assert_eq!(picture(shape, 0.0, 2, 3), ["##.", "..#"]);
    }

    #[test]
    fn what_is_no_number_is_nowhere() {
        let nowhere = Point::new(f64::NAN, f64::INFINITY);
        let some = [nowhere, Point::new(1.0, f64::NAN), Point::new(f64::NEG_INFINITY, 3.0)];
        let path = [PathSegment::MoveTo(nowhere), PathSegment::CubicTo(nowhere, some[1], some[2])];
        for shape in [
            OutlineShape::Polygon(some.to_vec()),
            OutlineShape::Polyline(some.to_vec()),
            OutlineShape::Points(some.to_vec()),
            OutlineShape::Composite(path.to_vec()),
            OutlineShape::Oval { corner: nowhere, width: f64::INFINITY, height: 3.0 },
            OutlineShape::Rectangle { corner: nowhere, width: 2.0, height: f64::NAN, arc: 1.0 },
            OutlineShape::Ellipse { from: nowhere, to: some[1], ratio: f64::NAN },
            OutlineShape::RotatedRectangle { from: some[2], to: nowhere, width: 2.0 },
        ] {
            let runs = Outline::new(shape).runs(8, 8).expect("filled");
            assert!(runs.iter().all(|run| run.y < 8 && run.start < run.end && run.end <= 8));
        }
    }
}
