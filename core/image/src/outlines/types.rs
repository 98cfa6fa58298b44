//! What an outline is.

use super::RoiBytes;
use crate::Shape;

/// A place in pixels, x to the right and y down.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Point {
    /// From the left edge of the image.
    pub x: f64,
    /// From the upper edge of the image.
    pub y: f64,
}

impl Point {
    /// The place `x`, `y`.
    pub const fn new(x: f64, y: f64) -> Self {
        Self { x, y }
    }
}

/// The least and the greatest coordinates; zeros when there are no points.
pub(super) fn extremes(points: &[Point]) -> (Point, Point) {
    let first = points.first().copied().unwrap_or_default();
    points.iter().fold((first, first), |(low, high), p| {
        (Point::new(low.x.min(p.x), low.y.min(p.y)), Point::new(high.x.max(p.x), high.y.max(p.y)))
    })
}

/// A piece of a path; it begins where the last one ended.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum PathSegment {
    /// Begins a new part.
    MoveTo(Point),
    /// A straight line.
    LineTo(Point),
    /// A parabola: control point and end.
    QuadTo(Point, Point),
    /// A cubic Bézier curve: two control points and end.
    CubicTo(Point, Point, Point),
    /// Back to where the part began.
    Close,
}

/// The kinds of selections of ImageJ.
#[derive(Clone, Debug, PartialEq)]
pub enum OutlineShape {
    /// Corners that were set one by one; the last is joined to the first.
    Polygon(Vec<Point>),
    /// Drawn in one go; joined as a polygon.
    Freehand(Vec<Point>),
    /// Found along the edges of pixels, as by the wand; joined as a polygon.
    Traced(Vec<Point>),
    /// An upright rectangle.
    Rectangle {
        /// Upper left corner.
        corner: Point,
        /// Extent in x.
        width: f64,
        /// Extent in y.
        height: f64,
        /// Diameter of the circle that rounds its corners; 0 for none.
        arc: f64,
    },
    /// A rectangle around the line from the middle of one side to the middle of the opposite one.
    RotatedRectangle {
        /// Middle of a side.
        from: Point,
        /// Middle of the opposite side.
        to: Point,
        /// Extent across the line.
        width: f64,
    },
    /// An upright ellipse in its bounding box; filled as ImageJ's oval.
    Oval {
        /// Upper left corner of the box.
        corner: Point,
        /// Extent in x.
        width: f64,
        /// Extent in y.
        height: f64,
    },
    /// An ellipse in any direction; filled as ImageJ's polygon of 72 corners.
    Ellipse {
        /// An end of the long axis.
        from: Point,
        /// The other end.
        to: Point,
        /// Short axis over long axis, 0 to 1.
        ratio: f64,
    },
    /// Several parts, or parts with holes: inside is what an odd number of them enclose.
    Composite(Vec<PathSegment>),
    /// A straight line, as wide as [`Outline::stroke_width`].
    Line {
        /// Its beginning.
        from: Point,
        /// Its end.
        to: Point,
    },
    /// Straight pieces from point to point, as wide as [`Outline::stroke_width`].
    Polyline(Vec<Point>),
    /// A line that was drawn in one go, as wide as [`Outline::stroke_width`].
    Freeline(Vec<Point>),
    /// Two lines from a vertex, the second of three points.
    Angle(Vec<Point>),
    /// One or many points; each stands for the pixel that it lies in.
    Points(Vec<Point>),
    /// A text or picture laid over the image: it outlines nothing.
    Note {
        /// Upper left corner.
        corner: Point,
        /// Extent in x.
        width: f64,
        /// Extent in y.
        height: f64,
    },
}

impl OutlineShape {
    /// Bytes that its points take in memory. A curve through three corners has tens of thousands of them.
    pub(super) fn bytes(&self) -> u64 {
        let bytes = match self {
            Self::Polygon(points)
            | Self::Freehand(points)
            | Self::Traced(points)
            | Self::Polyline(points)
            | Self::Freeline(points)
            | Self::Angle(points)
            | Self::Points(points) => size_of_val(points.as_slice()),
            Self::Composite(path) => size_of_val(path.as_slice()),
            Self::Rectangle { .. }
            | Self::RotatedRectangle { .. }
            | Self::Oval { .. }
            | Self::Ellipse { .. }
            | Self::Line { .. }
            | Self::Note { .. } => 0,
        };
        bytes as u64
    }
}

/// Which planes of a stack an outline lies on. Numbers begin at 1; 0 stands for all.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct Position {
    /// Number of the plane in ImageJ's order (channels fastest, then slices, then frames); only where the other three are 0.
    pub stack: u32,
    /// Channel.
    pub c: u32,
    /// Slice.
    pub z: u32,
    /// Frame.
    pub t: u32,
}

impl Position {
    /// Whether an outline with this position lies on a plane of an image of this extent, where indices begin at 0 and
    /// no `c` stands for any channel.
    ///
    /// An axis with one entry holds outlines of any position: they may have been drawn on the whole stack. Channels
    /// count as in ImageJ, where a colour picture has one.
    pub fn includes(&self, shape: Shape, c: Option<usize>, z: usize, t: usize) -> bool {
        let on = |asked: u32, at: usize, extent: usize| asked == 0 || extent <= 1 || asked as usize - 1 == at;
        if self.c > 0 || self.z > 0 || self.t > 0 {
            return c.is_none_or(|c| on(self.c, c, shape.c)) && on(self.z, z, shape.z) && on(self.t, t, shape.t);
        }
        if self.stack == 0 || (shape.c <= 1 && shape.z <= 1 && shape.t <= 1) {
            return true;
        }
        let plane = self.stack as usize - 1;
        let (channels, slices) = (shape.c.max(1), shape.z.max(1));
        let slice = plane / channels;
        c.is_none_or(|c| plane % channels == c) && slice % slices == z && slice / slices == t
    }
}

/// A class that an outline was given in QuPath.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Class {
    /// Its name; parts of derived classes are joined by `: `.
    pub name: String,
    /// Its colour as `0xAARRGGBB`.
    pub colour: Option<u32>,
}

/// A drawn shape and what is known about it.
#[derive(Clone, Debug, PartialEq)]
pub struct Outline {
    /// What was drawn.
    pub shape: OutlineShape,
    /// Its name.
    pub name: Option<String>,
    /// ImageJ's group, 1 to 255; 0 for none.
    pub group: u8,
    /// QuPath's class.
    pub class: Option<Class>,
    /// The planes that it lies on.
    pub position: Position,
    /// Colour of the line as `0xAARRGGBB`.
    pub stroke_colour: Option<u32>,
    /// Width of the line in pixels; 0 where none was set.
    pub stroke_width: f64,
    /// ImageJ's properties, as it writes them: lines of `key: value`.
    pub properties: Option<String>,
    /// QuPath's type of object: `annotation`, `detection`, `cell`, `tile`, …
    pub object_type: Option<String>,
    /// Whether QuPath guards it against changes.
    pub locked: bool,
    /// QuPath's identifier.
    pub id: Option<String>,
    /// The `.roi` that it was read from, which says more than these fields.
    pub roi: Option<RoiBytes>,
}

impl Outline {
    /// A shape on all planes, about which nothing else is known.
    ///
    /// ```
    /// use fewlabel_image::{Outline, OutlineShape, Point};
    /// let shape = OutlineShape::Rectangle { corner: Point::new(1.0, 0.0), width: 2.0, height: 1.0, arc: 0.0 };
    /// let runs = Outline::new(shape).runs(4, 4)?;
    /// assert_eq!((runs.len(), runs[0].y, runs[0].start, runs[0].end), (1, 0, 1, 3));
    /// # Ok::<(), fewlabel_contract::Error>(())
    /// ```
    pub const fn new(shape: OutlineShape) -> Self {
        Self {
            shape,
            name: None,
            group: 0,
            class: None,
            position: Position { stack: 0, c: 0, z: 0, t: 0 },
            stroke_colour: None,
            stroke_width: 0.0,
            properties: None,
            object_type: None,
            locked: false,
            id: None,
            roi: None,
        }
    }

    /// Whether its name or class says that all inside of it is labelled: `region`, or QuPath's `Region*`.
    pub fn is_region(&self) -> bool {
        self.is_called("region")
    }

    /// Whether its name or class says that it holds background: `background`.
    pub fn is_background(&self) -> bool {
        self.is_called("background")
    }

    /// In any letter case, with QuPath's star for classes that are not counted, or the number by which ImageJ tells
    /// apart outlines of one name.
    fn is_called(&self, word: &str) -> bool {
        let is = |text: &str| text.trim().trim_end_matches('*').eq_ignore_ascii_case(word);
        let numbered = |name: &str| {
            let (stem, number) = name.rsplit_once('-').unwrap_or((name, "0"));
            is(stem) && !number.is_empty() && number.bytes().all(|b| b.is_ascii_digit())
        };
        self.class.as_ref().is_some_and(|class| is(&class.name)) || self.name.as_deref().is_some_and(numbered)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn positions_name_planes() {
        let shape = Shape { t: 2, z: 3, c: 2, y: 1, x: 1 };
        let at = |c, z, t| Position { stack: 0, c, z, t };
        assert!(at(0, 0, 0).includes(shape, Some(1), 2, 1));
        assert!(at(0, 2, 0).includes(shape, None, 1, 1) && !at(0, 2, 0).includes(shape, None, 2, 1));
        assert!(at(2, 2, 1).includes(shape, Some(1), 1, 0) && !at(2, 2, 1).includes(shape, Some(0), 1, 0));
        assert!(at(2, 2, 1).includes(shape, None, 1, 0) && !at(2, 2, 1).includes(shape, None, 1, 1));
        // Plane 8 of 12: channel 2 of slice 1 of frame 2.
        let eighth = Position { stack: 8, ..Position::default() };
        assert!(eighth.includes(shape, Some(1), 0, 1) && eighth.includes(shape, None, 0, 1));
        assert!(!eighth.includes(shape, Some(0), 0, 1) && !eighth.includes(shape, None, 1, 1));
    }

    #[test]
    fn a_single_plane_holds_outlines_of_any_position() {
        let shape = Shape::plane(1, 5, 5);
        assert!(Position { stack: 7, ..Position::default() }.includes(shape, Some(0), 0, 0));
        assert!(Position { z: 7, t: 2, ..Position::default() }.includes(shape, None, 0, 0));
    }

    #[test]
    fn names_and_classes_say_what_an_outline_is_for() {
        let mut outline = Outline::new(OutlineShape::Points(Vec::new()));
        assert!(!outline.is_region() && !outline.is_background());
        for (name, region) in [("region", true), ("Region-12", true), ("region-a", false), ("regional", false), ("-1", false)] {
            outline.name = Some(name.into());
            assert_eq!(outline.is_region(), region, "{name}");
        }
        outline.class = Some(Class { name: "Region*".into(), colour: None });
        assert!(outline.is_region() && !outline.is_background());
        outline.class = Some(Class { name: "Background".into(), colour: None });
        assert!(outline.is_background());
    }
}
