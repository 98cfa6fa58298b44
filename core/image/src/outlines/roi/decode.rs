//! From bytes to an outline.

use fewlabel_contract::{Error, ErrorKind, Result};

use super::super::{Outline, OutlineShape, PathSegment, Point, Position, READ, unreadable};
use super::fields::Fields;
use super::{RoiBytes, header, kind, option, second, spline, subtype};

/// Reads the bytes of a `.roi`; `file_name` is the name of an outline that has none of its own.
///
/// Curves that ImageJ fits through the corners of an outline become polygons that follow them. Texts and pictures become
/// [`Note`](OutlineShape::Note)s. Positions of single points in a stack are not told apart.
///
/// # Errors
/// `unreadable-image` for bytes that are not of a `.roi`, cut short or damaged; `unsupported` for kinds of selections that
/// ImageJ does not write.
pub fn decode_roi(bytes: &[u8], file_name: Option<&str>) -> Result<Outline> {
    if !bytes.starts_with(header::MAGIC) {
        return Err(unreadable("this is not an ImageJ selection"));
    }
    let outline = Roi::new(bytes).ok_or_else(cut_short)?.outline(file_name)?;
    Ok(Outline { roi: Some(RoiBytes(bytes.into())), ..outline })
}

/// Whether the bytes of a `.roi` are a text or picture, and its name, without a look at its points; none for other bytes.
pub(in super::super) fn note_and_name(bytes: &[u8]) -> Option<(bool, Option<String>)> {
    let roi = Roi::new(bytes.starts_with(header::MAGIC).then_some(bytes)?)?;
    Some((roi.is_note() && roi.path_length() == 0, roi.text(second::NAME)))
}

fn cut_short() -> Error {
    unreadable("the selection is cut short")
}

/// The first header, and where the second one is.
pub(super) struct Roi<'a> {
    pub(super) fields: Fields<'a>,
    pub(super) version: u16,
    pub(super) kind: u8,
    pub(super) subtype: u16,
    pub(super) options: u16,
    /// Top, left, bottom, right.
    edges: [i32; 4],
    second: Option<usize>,
}

impl<'a> Roi<'a> {
    pub(super) fn new(bytes: &'a [u8]) -> Option<Self> {
        let fields = Fields(bytes);
        let second = usize::try_from(fields.i32(header::SECOND)?).ok();
        // ImageJ reads it only where it is whole up to the size of a picture.
        let second = second.filter(|&at| at > 0 && at.checked_add(36).is_some_and(|end| end <= bytes.len()));
        Some(Self {
            fields,
            version: fields.u16(header::VERSION)?,
            kind: fields.u8(header::KIND)?,
            subtype: fields.u16(header::SUBTYPE)?,
            options: fields.u16(header::OPTIONS)?,
            edges: [
                fields.short(header::TOP)?,
                fields.short(header::LEFT)?,
                fields.short(header::BOTTOM)?,
                fields.short(header::RIGHT)?,
            ],
            second,
        })
    }

    /// A place in the second header, where there is one.
    pub(super) fn second(&self, at: usize) -> Option<usize> {
        self.second?.checked_add(at)
    }

    /// Whether coordinates have fractions.
    fn sub_pixel(&self) -> bool {
        self.version >= 222 && self.options & option::SUB_PIXEL != 0
    }

    fn outline(&self, file_name: Option<&str>) -> Result<Outline> {
        let shape = if self.path_length() > 0 { self.composite()? } else { self.shape()? };
        let stem = file_name.map(|name| name.strip_suffix(".roi").unwrap_or(name));
        Ok(Outline {
            name: self.text(second::NAME).or_else(|| stem.map(str::to_owned)),
            group: self.second(second::GROUP).and_then(|at| self.fields.u8(at)).filter(|_| self.version >= 228).unwrap_or(0),
            position: self.position(),
            stroke_colour: self.fields.u32(header::STROKE_COLOUR).filter(|&colour| colour != 0 && self.version >= 218),
            stroke_width: self.stroke_width(&shape),
            properties: self.text(second::PROPERTIES).filter(|_| self.version >= 224),
            ..Outline::new(shape)
        })
    }

    /// A text whose place and length stand in the second header.
    fn text(&self, at: usize) -> Option<String> {
        self.second(at).and_then(|at| self.fields.text(at))
    }

    /// Whether it is a text or picture.
    fn is_note(&self) -> bool {
        let text = self.version >= 218 && self.subtype == subtype::TEXT;
        let picture = self.version >= 221 && self.subtype == subtype::IMAGE;
        self.kind == kind::RECTANGLE && (text || picture)
    }

    fn position(&self) -> Position {
        let number = |at: Option<usize>| {
            let number = at.and_then(|at| self.fields.i32(at)).unwrap_or(0);
            u32::try_from(number).unwrap_or(0)
        };
        let [c, z, t] = [0, 4, 8].map(|axis| number(self.second(second::POSITIONS + axis)));
        let stack = if c > 0 || z > 0 || t > 0 { 0 } else { number(Some(header::POSITION)) };
        Position { stack, c, z, t }
    }

    /// The width of the line; that of points is their size on the screen.
    fn stroke_width(&self, shape: &OutlineShape) -> f64 {
        if self.version < 218 || matches!(shape, OutlineShape::Points(_)) {
            return 0.0;
        }
        let exact = self.second(second::STROKE_WIDTH).and_then(|at| self.fields.f32(at)).map(f64::from);
        let exact = exact.filter(|&width| width.is_finite() && width > 0.0);
        exact.unwrap_or_else(|| self.fields.short(header::STROKE_WIDTH).unwrap_or(0).max(0).into())
    }

    fn shape(&self) -> Result<OutlineShape> {
        Ok(match self.kind {
            kind::RECTANGLE if self.is_note() => {
                let (corner, width, height) = self.corner_and_size()?;
                OutlineShape::Note { corner, width, height }
            }
            kind::RECTANGLE => {
                let (corner, width, height) = self.corner_and_size()?;
                let arc = self.fields.short(header::ARC).unwrap_or(0).max(0).into();
                OutlineShape::Rectangle { corner, width, height, arc }
            }
            kind::OVAL => {
                let (corner, width, height) = self.corner_and_size()?;
                OutlineShape::Oval { corner, width, height }
            }
            kind::LINE => {
                let [from, to] = self.ends()?;
                OutlineShape::Line { from: centred(from), to: centred(to) }
            }
            kind::FREEHAND if self.subtype == subtype::ELLIPSE => {
                let [from, to] = self.ends()?;
                OutlineShape::Ellipse { from, to, ratio: self.float(header::PARAMETER)?.clamp(0.0, 1.0) }
            }
            kind::FREEHAND if self.subtype == subtype::ROTATED_RECTANGLE => {
                let [from, to] = self.ends()?;
                OutlineShape::RotatedRectangle { from, to, width: self.float(header::PARAMETER)? }
            }
            kind::POLYGON => OutlineShape::Polygon(self.curve(true)?),
            kind::FREEHAND => OutlineShape::Freehand(self.curve(true)?),
            kind::TRACED => OutlineShape::Traced(self.curve(true)?),
            kind::POLYLINE => OutlineShape::Polyline(self.line()?),
            kind::FREELINE => OutlineShape::Freeline(self.line()?),
            kind::ANGLE => OutlineShape::Angle(self.line()?),
            kind::POINT => OutlineShape::Points(self.points()?.into_iter().map(centred).collect()),
            other => {
                return Err(Error::new(ErrorKind::Unsupported, READ, "a selection of an unknown kind").with("kind", other));
            }
        })
    }

    fn float(&self, at: usize) -> Result<f64> {
        let value = self.fields.f32(at).ok_or_else(cut_short)?;
        if value.is_finite() { Ok(value.into()) } else { Err(unreadable("a coordinate of the selection is no number")) }
    }

    fn point(&self, x: usize, y: usize) -> Result<Point> {
        Ok(Point::new(self.float(x)?, self.float(y)?))
    }

    fn ends(&self) -> Result<[Point; 2]> {
        let at = header::FLOATS;
        Ok([self.point(at, at + 4)?, self.point(at + 8, at + 12)?])
    }

    fn corner_and_size(&self) -> Result<(Point, f64, f64)> {
        let at = header::FLOATS;
        if self.version >= 223 && self.sub_pixel() {
            return Ok((self.point(at, at + 4)?, self.float(at + 8)?, self.float(at + 12)?));
        }
        let [top, left, bottom, right] = self.edges.map(f64::from);
        Ok((Point::new(left, top), right - left, bottom - top))
    }

    /// Corners, or the curve through them.
    fn curve(&self, closed: bool) -> Result<Vec<Point>> {
        let points = self.points()?;
        let fitted = self.version >= 218 && self.options & option::SPLINE != 0;
        Ok(if fitted { spline::through(&points, closed) } else { points })
    }

    fn line(&self) -> Result<Vec<Point>> {
        Ok(self.curve(false)?.into_iter().map(centred).collect())
    }

    pub(super) fn count(&self) -> usize {
        let count = self.fields.u16(header::COUNT).filter(|&count| count > 0).map(usize::from);
        count.or_else(|| usize::try_from(self.fields.i32(header::FLOATS)?).ok()).unwrap_or(0)
    }

    /// Two bytes for each x and each y, counted from the upper left corner; where there are fractions, four bytes each in
    /// addition, counted from the image's.
    fn points(&self) -> Result<Vec<Point>> {
        let count = self.count();
        if count == 0 {
            return Err(unreadable("the selection has no points"));
        }
        let bytes_each = if self.sub_pixel() { 12 } else { 4 };
        let end = count.checked_mul(bytes_each).and_then(|length| length.checked_add(header::LENGTH));
        if end.is_none_or(|end| end > self.fields.0.len()) {
            return Err(cut_short().with("points", count));
        }
        if self.sub_pixel() {
            let (x, y) = (header::LENGTH + 4 * count, header::LENGTH + 8 * count);
            return (0..count).map(|i| self.point(x + 4 * i, y + 4 * i)).collect();
        }
        let [top, left, ..] = self.edges;
        let (x, y) = (header::LENGTH, header::LENGTH + 2 * count);
        let at = |edge: i32, at: usize| self.fields.short(at).map(|offset| f64::from(edge + offset.max(0)));
        let point = |i: usize| Some(Point::new(at(left, x + 2 * i)?, at(top, y + 2 * i)?));
        (0..count).map(|i| point(i).ok_or_else(cut_short)).collect()
    }

    fn path_length(&self) -> usize {
        self.fields.i32(header::PATH_LENGTH).and_then(|length| usize::try_from(length).ok()).unwrap_or(0)
    }

    /// Floats: the kind of each segment and its points.
    fn composite(&self) -> Result<OutlineShape> {
        if self.kind != kind::RECTANGLE {
            return Err(unreadable("the selection is of two kinds at once"));
        }
        let length = self.path_length();
        let end = length.checked_mul(4).and_then(|length| length.checked_add(header::LENGTH));
        let end = end.filter(|&end| end <= self.fields.0.len()).ok_or_else(|| cut_short().with("numbers", length))?;
        let mut path = Vec::new();
        let mut at = header::LENGTH;
        while at < end {
            let segment = self.float(at)?;
            let points = match segment as i64 {
                0 | 1 => 1,
                2 => 2,
                3 => 3,
                4 => 0,
                _ => return Err(unreadable("a selection has a segment of an unknown kind").with("kind", segment)),
            };
            let next = at + 4 + 8 * points;
            if next > end {
                return Err(cut_short());
            }
            let p = |i: usize| self.point(at + 4 + 8 * i, at + 8 + 8 * i);
            let segment = match segment as i64 {
                0 => PathSegment::MoveTo(p(0)?),
                1 => PathSegment::LineTo(p(0)?),
                2 => PathSegment::QuadTo(p(0)?, p(1)?),
                3 => PathSegment::CubicTo(p(0)?, p(1)?, p(2)?),
                _ => PathSegment::Close,
            };
            if path.is_empty() && !matches!(segment, PathSegment::MoveTo(_)) {
                return Err(unreadable("a selection begins in the middle of a path"));
            }
            path.push(segment);
            at = next;
        }
        Ok(OutlineShape::Composite(path))
    }
}

/// Whole numbers mean the centres of pixels here.
fn centred(point: Point) -> Point {
    Point::new(point.x + 0.5, point.y + 0.5)
}
