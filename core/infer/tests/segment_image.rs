//! The scale at which an image is segmented when nobody says how large its objects are.

#![allow(clippy::unwrap_used, reason = "a test may fail loudly")]

mod support;

use fewlabel_contract::CancelToken;
use fewlabel_image::{Image, InMemory, Maps};
use fewlabel_infer::{SegmentOptions, Segmented, TractForward, segment_image};
use fewlabel_model::Package;
use support::*;

/// Segments, and says how often the whole image was looked at.
fn looked(package: &Package, image: &Image, object_diameter: Option<f64>) -> (Segmented, usize) {
    let forward = TractForward::new(package).unwrap();
    let options = SegmentOptions { object_diameter, ..tiled(Some(64), 1) };
    let mut looks = 0;
    let mut count = |done: u64, _| looks += usize::from(done == 0);
    let segmented =
        segment_image(&InMemory::of(image), &package.meta, &forward, &options, &CancelToken::new(), &mut count).unwrap();
    (segmented, looks)
}

/// A model of objects of 20 pixels whose training images showed them with these diameters.
fn trained_on(diameters: (f64, f64)) -> Package {
    let mut package = package();
    package.meta.image_diameters = Some(diameters);
    package
}

#[test]
fn images_go_by_the_size_in_the_training_images() {
    let image = crop(&nuclei(), 61, 83);
    let package = trained_on((80.0, 80.0));
    let (by_model, _) = looked(&package, &image, None);
    // Smaller objects than those of 80 pixels, less a little, are not looked for.
    assert!((0.1..0.3).contains(&by_model.found.factor), "{}", by_model.found.factor);
    assert_eq!(by_model.labels, looked(&package, &image, Some(20.0 / by_model.found.factor)).0.labels);
    assert_eq!(looked(&package, &image, Some(20.0)).0.found.factor, 1.0);
}

#[test]
fn images_of_much_larger_objects_are_looked_at_again() {
    let package = trained_on((2.0, 2.0));
    let image = crop(&nuclei(), 61, 83);
    let (again, looks) = looked(&package, &image, None);
    assert!(again.found.factor < 10.0 / 1.25, "{} after {looks} looks", again.found.factor);
    let note = again.found.notes.last().unwrap();
    assert!(note.contains("those of the training images were 2 to 2"), "{note}");
    assert_eq!(again.labels, looked(&package, &image, Some(20.0 / again.found.factor)).0.labels);
    // A given diameter counts as it is.
    let (given, looks) = looked(&package, &image, Some(2.0));
    assert_eq!((given.found.factor, looks), (10.0, 1));
}

#[test]
fn the_scale_of_a_large_image_is_looked_for_in_its_middle() {
    let package = trained_on((2.0, 2.0));
    let image = nuclei();
    let (segmented, looks) = looked(&package, &image, None);
    assert!(segmented.found.factor < 10.0 / 1.25, "{}", segmented.found.factor);
    assert_eq!(looks, 1);
}

#[test]
fn where_the_middle_is_empty_the_whole_is_looked_at() {
    let package = trained_on((2.0, 2.0));
    let mut plane = nuclei().plane(0, 0);
    let (height, width) = (plane.height, plane.width);
    for y in height / 2 - 60..height / 2 + 60 {
        plane.data[y * width + width / 2 - 60..][..120].fill(0.0);
    }
    let (segmented, looks) = looked(&package, &image_of(plane), None);
    assert!(segmented.found.factor < 10.0 / 1.25 && looks > 1, "{} after {looks} looks", segmented.found.factor);
}

#[test]
fn an_image_full_of_one_object_stays_within_bounds() {
    let package = trained_on((4.0, 4.0));
    // A ramp: hardly anything divides it.
    let ramp = Maps::new(1, 300, 300, (0..90_000).map(|i| (i % 300) as f32).collect());
    let (segmented, _) = looked(&package, &image_of(ramp), None);
    assert!((0.125..=10.0).contains(&segmented.found.factor), "{}", segmented.found.factor);
}
