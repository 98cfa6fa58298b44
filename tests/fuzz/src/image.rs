//! Everything that is done with a file which may be an image.

use std::path::Path;

use fewlabel_image::{Image, Pixels, open, open_source};

use crate::bounds::refused;
use crate::place::Place;
use crate::regions::is_same;
use crate::{LIMITS, label_round_trip, regions};

/// Opens a file as an image of which parts are read, as one in memory, and as labels. Gives back its pixels, where all of them
/// can be read.
pub(crate) fn read(place: &Place, path: &Path) -> Option<Pixels> {
    let by_parts = match open_source(path, &LIMITS) {
        Ok(source) => regions::read(&*source),
        Err(error) => {
            refused(&error);
            None
        }
    };
    match (open(path, &LIMITS), &by_parts) {
        (Ok(Image { shape, pixels, .. }), by_parts) => {
            assert_eq!(pixels.len(), shape.len(), "an image of another size than it says");
            assert!(by_parts.as_ref().is_some_and(|other| is_same(other, &pixels)), "read at once it is another image");
        }
        (Err(error), _) => refused(&error),
    }
    label_round_trip::check(place, path);
    by_parts
}
