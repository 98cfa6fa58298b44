//! ImageJ's `.roi`: a header of 64 bytes, coordinates, a second header of 64 bytes, and texts. All numbers are
//! big-endian. ImageJ's TIFFs hold the same bytes for the selection and for each outline of the overlay.
//!
//! Source: `ij.io.RoiDecoder` and `ij.io.RoiEncoder` of ImageJ 1.54p (public domain).

mod body;
mod bounds;
mod decode;
mod encode;
mod fields;
mod spline;
#[cfg(test)]
mod tests;

pub(super) use self::bounds::Bounds;
pub use self::decode::decode_roi;
pub(super) use self::decode::note_and_name;
pub use self::encode::encode_roi;

/// The bytes of a `.roi`.
///
/// They hold more than an [`Outline`](super::Outline) has fields for: colour of the filling, look of labels, counters of
/// points, heads of arrows, texts and pictures. An outline that was not changed is written with the same bytes.
#[derive(Clone, PartialEq, Eq)]
pub struct RoiBytes(Box<[u8]>);

impl std::fmt::Debug for RoiBytes {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "RoiBytes({})", self.0.len())
    }
}

/// Places in the first header.
mod header {
    pub(super) const LENGTH: usize = 64;
    pub(super) const MAGIC: &[u8] = b"Iout";
    pub(super) const VERSION: usize = 4;
    pub(super) const KIND: usize = 6;
    pub(super) const TOP: usize = 8;
    pub(super) const LEFT: usize = 10;
    pub(super) const BOTTOM: usize = 12;
    pub(super) const RIGHT: usize = 14;
    pub(super) const COUNT: usize = 16;
    /// Four floats: ends of a line or axis, or corner and size of a box with fractions. Or a count beyond 16 bits.
    pub(super) const FLOATS: usize = 18;
    /// Size of points, for others the whole part of the line's width.
    pub(super) const STROKE_WIDTH: usize = 34;
    pub(super) const PATH_LENGTH: usize = 36;
    pub(super) const STROKE_COLOUR: usize = 40;
    pub(super) const FILL_COLOUR: usize = 44;
    pub(super) const SUBTYPE: usize = 48;
    pub(super) const OPTIONS: usize = 50;
    /// Ratio of axes, width of a rotated rectangle, style and size of an arrow's head, or type of points.
    pub(super) const PARAMETER: usize = 52;
    pub(super) const ARC: usize = 54;
    pub(super) const POSITION: usize = 56;
    pub(super) const SECOND: usize = 60;
}

/// Places in the second header.
mod second {
    pub(super) const LENGTH: usize = 64;
    /// Channel, slice, frame.
    pub(super) const POSITIONS: usize = 4;
    /// Place and number of letters.
    pub(super) const NAME: usize = 16;
    pub(super) const LABEL_COLOUR: usize = 24;
    pub(super) const FONT_SIZE: usize = 28;
    pub(super) const GROUP: usize = 30;
    pub(super) const STROKE_WIDTH: usize = 36;
    /// Place and number of letters.
    pub(super) const PROPERTIES: usize = 40;
    pub(super) const COUNTERS: usize = 48;
}

mod kind {
    pub(super) const POLYGON: u8 = 0;
    pub(super) const RECTANGLE: u8 = 1;
    pub(super) const OVAL: u8 = 2;
    pub(super) const LINE: u8 = 3;
    pub(super) const FREELINE: u8 = 4;
    pub(super) const POLYLINE: u8 = 5;
    pub(super) const FREEHAND: u8 = 7;
    pub(super) const TRACED: u8 = 8;
    pub(super) const ANGLE: u8 = 9;
    pub(super) const POINT: u8 = 10;
}

mod subtype {
    pub(super) const TEXT: u16 = 1;
    pub(super) const ARROW: u16 = 2;
    pub(super) const ELLIPSE: u16 = 3;
    pub(super) const IMAGE: u16 = 4;
    pub(super) const ROTATED_RECTANGLE: u16 = 5;
}

mod option {
    pub(super) const SPLINE: u16 = 1;
    pub(super) const SUB_PIXEL: u16 = 128;
    pub(super) const DRAW_OFFSET: u16 = 256;
    pub(super) const SCALE_STROKE: u16 = 8192;
}
