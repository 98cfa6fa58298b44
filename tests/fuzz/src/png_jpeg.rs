//! PNG and JPEG files.

use crate::bounds::within_memory;
use crate::image;
use crate::place::Place;

/// The bytes of a PNG or JPEG file: its image by parts and at once, and its labels.
pub fn png_jpeg(data: &[u8]) {
    within_memory(|| {
        let place = Place::new();
        let path = place.file("input.png", data);
        image::read(&place, &path);
    });
}
