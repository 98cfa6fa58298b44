//! ImageJ's selections.

use fewlabel_image::{decode_roi, encode_roi, read_outlines};

use crate::bounds::{refused, within_memory};
use crate::place::Place;
use crate::stored_zip::stored_zip;
use crate::{LIMITS, files, outlines};

/// The bytes of a `.roi` or of a zip of them; or several [`files`], of which a zip is made that holds them as they are.
pub fn roi(data: &[u8]) {
    within_memory(|| {
        let place = Place::new();
        if data.starts_with(b"Iout") {
            single(data);
        }
        let packed = data.starts_with(files::MARK).then(|| stored_zip(&files::split(data)));
        let path = place.file("input.roi", packed.as_deref().unwrap_or(data));
        match read_outlines(&path, &LIMITS) {
            Ok(read) => outlines::check(&place, &read),
            Err(error) => refused(&error),
        }
    });
}

/// An outline that nobody changed keeps its bytes.
fn single(data: &[u8]) {
    match decode_roi(data, Some("input.roi")) {
        Ok(outline) => {
            let bytes = encode_roi(&outline).expect("an outline that was read");
            assert!(bytes == data, "an unchanged outline has other bytes");
        }
        Err(error) => refused(&error),
    }
}
