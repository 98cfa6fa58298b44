//! TIFF files, with what ImageJ and OME put into them.

use fewlabel_image::read_outlines;

use crate::bounds::{refused, within_memory};
use crate::place::Place;
use crate::{LIMITS, image, outlines};

/// The bytes of a TIFF file: its image by parts and at once, its labels, and the outlines that it may hold.
pub fn tiff(data: &[u8]) {
    within_memory(|| {
        let place = Place::new();
        let path = place.file("input.ome.tif", data);
        image::read(&place, &path);
        match read_outlines(&path, &LIMITS) {
            Ok(read) => outlines::check(&place, &read),
            Err(error) => refused(&error),
        }
    });
}
