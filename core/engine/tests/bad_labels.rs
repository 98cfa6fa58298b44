//! Label images that cannot be scored: each is named, with its value and place.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]

#[path = "support/place.rs"]
mod place;

use std::path::PathBuf;

use fewlabel::contract::{Error, ErrorKind};
use fewlabel_image::{Calibration, MapStack, Maps, write_maps};
use place::{Place, value_of};

/// Writes numbers as a float TIFF, which holds any.
fn floats(path: PathBuf, height: usize, width: usize, values: &[f32]) {
    let maps = Maps::new(1, height, width, values.to_vec());
    write_maps(&path, &MapStack::slices(&[maps], &Calibration::default()), &[], false).unwrap();
}

/// The error of scoring a prediction of 2 rows and 3 columns against `labels`, files by name.
fn refused(labels: &[(&str, usize, usize, &[f32])]) -> Error {
    let place = Place::new();
    for folder in ["predictions", "labels"] {
        std::fs::create_dir(place.path(folder)).unwrap();
    }
    floats(place.path("predictions/a.tif"), 2, 3, &[0.0, 0.0, 1.0, 0.0, 2.0, 2.0]);
    for &(name, height, width, values) in labels {
        floats(place.path("labels").join(name), height, width, values);
    }
    place.evaluate(&place.path("predictions"), &place.path("labels")).unwrap_err()
}

#[test]
fn numbers_that_are_no_labels_are_named_with_their_place() {
    for (value, says) in [(0.5, "whole numbers"), (-3.0, "negative"), (f32::NAN, "finite"), (f32::INFINITY, "finite")] {
        let error = refused(&[("a_mask.tif", 2, 3, &[0.0, 1.0, 1.0, 0.0, value, 0.0])]);
        assert_eq!(error.kind, ErrorKind::UnreadableImage, "{error}");
        assert!(error.message.contains(says), "{error}");
        assert_eq!((value_of(&error, "x"), value_of(&error, "y")), ("1", "1"), "{error}");
        assert!(value_of(&error, "file").ends_with("a_mask.tif"), "{error}");
    }
}

#[test]
fn labels_of_another_size_are_refused_with_both_sizes() {
    let error = refused(&[("a.tif", 3, 2, &[0.0, 1.0, 1.0, 0.0, 0.0, 0.0])]);
    assert_eq!(error.kind, ErrorKind::InvalidRequest, "{error}");
    assert!(error.to_string().contains("[1, 1, 3, 2]") && error.to_string().contains("[1, 1, 2, 3]"), "{error}");
}

#[test]
fn partners_must_be_two() {
    let one: &[f32] = &[0.0; 6];
    let error = refused(&[("a_mask.tif", 2, 3, one), ("a_seg.tif", 2, 3, one)]);
    assert_eq!(error.kind, ErrorKind::InvalidRequest, "{error}");
    assert!(error.to_string().contains("a_mask.tif") && error.to_string().contains("a_seg.tif"), "{error}");
    let error = refused(&[("a.tif", 2, 3, one), ("b.tif", 2, 3, one)]);
    assert_eq!(error.kind, ErrorKind::InvalidRequest, "{error}");
    assert!(error.to_string().contains("b.tif"), "{error}");
}
