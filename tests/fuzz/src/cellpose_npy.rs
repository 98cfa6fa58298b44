//! Arrays of NumPy and what Cellpose saves.

use crate::bounds::within_memory;
use crate::label_round_trip;
use crate::place::Place;

/// The bytes of a `NAME_seg.npy` or of a plain array: its labels.
pub fn cellpose_npy(data: &[u8]) {
    within_memory(|| {
        let place = Place::new();
        let path = place.file("input_seg.npy", data);
        label_round_trip::check(&place, &path);
    });
}
