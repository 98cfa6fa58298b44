//! OME-Zarr folders.

use fewlabel_image::{ZarrSource, is_zarr};

use crate::bounds::{refused, within_memory};
use crate::place::Place;
use crate::{LIMITS, files, image};

/// Several [`files`] as a folder: its image by parts and at once, and its labels.
pub fn zarr(data: &[u8]) {
    within_memory(|| {
        let place = Place::new();
        let folder = place.path("input.zarr");
        std::fs::create_dir(&folder).expect("a folder");
        for (name, content) in files::split(data) {
            let path = folder.join(name);
            // Where a file stands in the way of a folder, or the other way round, the first one stays.
            let parent = path.parent().map_or(Ok(()), std::fs::create_dir_all);
            let _ = parent.and_then(|()| std::fs::write(&path, content));
        }
        if !is_zarr(&folder) {
            return;
        }
        match ZarrSource::open(&folder, &LIMITS) {
            Ok(source) => {
                assert!(source.series() > 0);
                let channels = source.channels().len();
                assert!([0, fewlabel_image::Source::info(&source).shape.c].contains(&channels), "{channels} channels");
            }
            Err(error) => refused(&error),
        }
        image::read(&place, &folder);
    });
}
