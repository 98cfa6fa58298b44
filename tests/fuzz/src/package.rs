//! Model packages.

use std::path::Path;

use fewlabel_model::{Package, PackageMeta};

use crate::bounds::{refused, within_memory};
use crate::files;
use crate::place::Place;
use crate::stored_zip::stored_zip;

/// The bytes of a package; or several [`files`], of which a zip is made that holds them as they are. What is read of one of ours
/// is the same after it was written again.
pub fn package(data: &[u8]) {
    within_memory(|| {
        let place = Place::new();
        let packed = data.starts_with(files::MARK).then(|| stored_zip(&files::split(data)));
        let path = place.file("input.zip", packed.as_deref().unwrap_or(data));
        let described = PackageMeta::read(&path);
        if let Err(error) = &described {
            refused(error);
        }
        match Package::read(&path) {
            Ok(package) => {
                assert_eq!(described.as_ref(), Ok(&package.meta), "the description alone says something else");
                written_again(&package, &place.path("again.zip"));
            }
            Err(error) => refused(&error),
        }
    });
}

fn written_again(package: &Package, path: &Path) {
    let _ = package.checkpoint().map_err(|error| refused(&error));
    if package.meta.foreign {
        return;
    }
    match package.write(path, true) {
        Ok(_) => {
            let read = Package::read(path).unwrap_or_else(|error| panic!("what was written cannot be read: {error:?}"));
            // Weights of 32 bits are rounded.
            let expected = Package { weights: read.weights.clone(), ..package.clone() };
            assert!(read == expected, "written again it is another package");
        }
        Err(error) => refused(&error),
    }
}
