//! A plane of labels as PNG.

use std::io::Write;
use std::path::Path;

use fewlabel_contract::{Error, ErrorKind, Result};
use image::codecs::png::PngEncoder;
use image::{ExtendedColorType, ImageEncoder};

use crate::{AtomicFile, LabelRows};

const OPERATION: &str = "write labels";

/// Writes the labels of a single plane as grey values of 8 bits, or of 16 where one is larger than 255. PNG has no calibration.
///
/// # Errors
/// `unsupported` for several planes and for labels over 65,535; those of `labels` and of [`AtomicFile`].
pub fn write_labels_png(path: &Path, labels: &dyn LabelRows, existing_ok: bool) -> Result<()> {
    let (shape, largest) = (labels.shape(), labels.largest());
    let refused = |message: &str| {
        Error::new(ErrorKind::Unsupported, OPERATION, message).file(path).hint("write TIFF (format = imagej or ome-tiff)")
    };
    if shape.t * shape.z != 1 {
        return Err(refused("a PNG holds one plane").with("planes", shape.t * shape.z));
    }
    let (Ok(width), Ok(height)) = (u32::try_from(shape.x), u32::try_from(shape.y)) else {
        return Err(refused("the image is too large for PNG").with("width", shape.x).with("height", shape.y));
    };
    if largest > u16::MAX.into() {
        return Err(refused("a label is too large for PNG").with("label", largest).with("largest allowed", u16::MAX));
    }
    let ids = labels.rows(0, 0, 0..shape.y)?;
    let (bytes, color): (Vec<u8>, _) = match u8::try_from(largest) {
        Ok(_) => (ids.into_iter().map(|id| id as u8).collect(), ExtendedColorType::L8),
        // The encoder takes numbers as they lie in memory.
        Err(_) => (ids.into_iter().flat_map(|id| (id as u16).to_ne_bytes()).collect(), ExtendedColorType::L16),
    };
    let mut file = AtomicFile::create(path, existing_ok)?;
    let mut packed = Vec::new();
    PngEncoder::new(&mut packed)
        .write_image(&bytes, width, height, color)
        .map_err(|error| Error::internal(OPERATION, "the PNG encoder failed").file(path).because(&error))?;
    file.write_all(&packed).map_err(|error| file.error(&error))?;
    file.commit()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Calibration, LabelImage, Limits, open_labels};

    #[test]
    fn labels_come_back() {
        let folder = tempfile::tempdir().expect("a folder");
        for (name, largest) in [("small", 255), ("large", 65_535)] {
            let path = folder.path().join(format!("{name}.png"));
            let labels =
                LabelImage { t: 1, z: 1, y: 2, x: 3, ids: vec![0, 1, 2, 3, 4, largest], calibration: Calibration::default() };
            write_labels_png(&path, &labels, false).expect("written");
            assert_eq!(open_labels(&path, &Limits::default()).expect("read").ids, labels.ids);
            assert!(write_labels_png(&path, &labels, false).is_err(), "it is there");
        }
    }

    #[test]
    fn what_png_does_not_hold_is_refused() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("a.png");
        let labels = |z: usize, largest: u32| LabelImage {
            t: 1,
            z,
            y: 1,
            x: 2 / z,
            ids: vec![0, largest],
            calibration: Calibration::default(),
        };
        for (labels, says) in [(labels(2, 1), "one plane"), (labels(1, 65_536), "too large")] {
            let error = write_labels_png(&path, &labels, false).expect_err(says);
            assert!(error.kind == ErrorKind::Unsupported && error.to_string().contains(says), "{error}");
        }
        assert!(!path.exists());
    }
}
