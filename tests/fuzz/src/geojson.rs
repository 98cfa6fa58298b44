//! QuPath's outlines.

use fewlabel_image::read_outlines;

use crate::bounds::{refused, within_memory};
use crate::place::Place;
use crate::{LIMITS, outlines};

/// The text of a GeoJSON file.
pub fn geojson(data: &[u8]) {
    within_memory(|| {
        let place = Place::new();
        match read_outlines(&place.file("input.geojson", data), &LIMITS) {
            Ok(read) => outlines::check(&place, &read),
            Err(error) => refused(&error),
        }
    });
}
