//! NIfTI files, packed and not.

use std::io::Write;
use std::path::Path;

use fewlabel_image::{open_labels, open_source, write_nifti_labels};
use flate2::Compression;
use flate2::write::GzEncoder;

use crate::bounds::{refused, within_memory};
use crate::label_round_trip::comes_back;
use crate::place::Place;
use crate::regions::is_same;
use crate::{LIMITS, image};

/// Longer inputs are not packed: that would take most of the time.
const LONGEST_PACKED: usize = 1 << 13;

/// Labels that are written with the header of the input.
const MOST_LABELS: usize = 1 << 12;

/// The bytes of a `.nii` or `.nii.gz`: its image by parts and at once, its labels, these written on its own grid, and, of one
/// that is not packed, the same image packed.
pub fn nifti(data: &[u8]) {
    within_memory(|| {
        let place = Place::new();
        let path = place.file("input.nii", data);
        let plain = image::read(&place, &path);
        on_its_grid(&place, &path);
        if data.starts_with(b"\x1f\x8b") || data.len() > LONGEST_PACKED {
            return;
        }
        let packed = image::read(&place, &place.file("packed.nii.gz", &pack(data)));
        if let Some(plain) = plain {
            assert!(packed.is_some_and(|packed| is_same(&packed, &plain)), "packed it is another image");
        }
    });
}

/// Labels are written with the header that they came with.
fn on_its_grid(place: &Place, path: &Path) {
    let header = match open_source(path, &LIMITS) {
        Ok(source) => source.nifti_header(),
        Err(error) => return refused(&error),
    };
    match open_labels(path, &LIMITS) {
        Ok(labels) if labels.ids.len() <= MOST_LABELS => {
            comes_back(place, "grid.nii", &labels, |path| write_nifti_labels(path, &labels, header.as_ref(), true));
        }
        Ok(_) => {}
        Err(error) => refused(&error),
    }
}

fn pack(data: &[u8]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::fast());
    encoder.write_all(data).and_then(|()| encoder.finish()).expect("packed in memory")
}
