//! Outlines as microscopists draw and exchange them: ImageJ's `.roi`, ROI zips and overlays, QuPath's GeoJSON.
//!
//! Coordinates are pixels, x to the right and y down; pixel (0, 0) covers `[0, 1) × [0, 1)`. Where ImageJ means the
//! centre of a pixel by a whole number (lines and points), half a pixel is added on reading and taken off on writing.

mod files;
mod fill;
mod geojson;
mod nest;
mod overlay;
mod paint;
mod roi;
mod roi_zip;
mod trace;
mod trace_rows;
mod types;

use fewlabel_contract::{Error, ErrorKind};

pub use files::read_outlines;
pub use fill::Run;
pub use geojson::write_geojson;
pub(crate) use overlay::{count_overlay, outlines_of};
pub use paint::{Numbering, Painted, paint};
pub use roi::{RoiBytes, decode_roi, encode_roi};
pub use roi_zip::write_roi_zip;
pub use trace::trace;
pub use trace_rows::trace_rows;
use types::extremes;
pub use types::{Class, Outline, OutlineShape, PathSegment, Point, Position};

const READ: &str = "read outlines";
const WRITE: &str = "write outlines";

fn unreadable(message: impl Into<String>) -> Error {
    Error::new(ErrorKind::UnreadableImage, READ, message).hint("save the outlines again in the program that made them")
}

/// More of something than the limits allow.
fn exceeded(message: &str, found: impl std::fmt::Display, allowed: impl std::fmt::Display) -> Error {
    Error::new(ErrorKind::LimitExceeded, READ, message).with("found", found).with("allowed", allowed)
}
