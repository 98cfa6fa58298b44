//! Images that are damaged, lie, or are of a size or content that nobody expects.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]

#[path = "support/place.rs"]
mod place;

use std::fs;
use std::path::{Path, PathBuf};

use fewlabel::contract::{ErrorKind, SegmentResult, Status};
use fewlabel_image::{Calibration, LabelImage, Limits, MapStack, Maps, Plane, open_labels, write_labels, write_maps};
use place::{NUCLEI, Place, data, tiny};
use serde_json::json;

/// A grey 8-bit TIFF page that claims these sides and ends after its tags.
fn claiming(width: u32, height: u32) -> Vec<u8> {
    let tags = [(256, width), (257, height), (258, 8), (259, 1), (262, 1), (273, 8), (277, 1), (278, height), (279, width)];
    let mut bytes = b"II*\0\x08\0\0\0\x09\0".to_vec();
    for (tag, value) in tags {
        bytes.extend(u16::to_le_bytes(tag));
        bytes.extend(4_u16.to_le_bytes());
        bytes.extend(1_u32.to_le_bytes());
        bytes.extend(value.to_le_bytes());
    }
    bytes.extend([0; 4]);
    bytes
}

/// A real PNG whose header claims other sides.
fn png_claiming(width: u32, height: u32) -> Vec<u8> {
    let mut bytes = fs::read(data(NUCLEI)).unwrap();
    bytes[16..20].copy_from_slice(&width.to_be_bytes());
    bytes[20..24].copy_from_slice(&height.to_be_bytes());
    bytes
}

fn real_tiff(folder: &Path) -> Vec<u8> {
    let path = folder.join("real.tif");
    let plane = Plane::new(40, 50, (0..2000).map(|i| u32::from(i % 50 > 20 && i / 50 > 15)).collect());
    write_labels(&path, &LabelImage::from_plane(plane, Calibration::default()), &[], false).unwrap();
    let bytes = fs::read(&path).unwrap();
    fs::remove_file(path).unwrap();
    bytes
}

#[test]
fn each_bad_image_fails_alone_with_its_name_and_reason() {
    let place = Place::new();
    let (png, tiff) = (fs::read(data(NUCLEI)).unwrap(), real_tiff(place.folder.path()));
    let half = |bytes: &[u8]| bytes[..bytes.len() / 2].to_vec();
    use ErrorKind::{LimitExceeded, UnreadableImage};
    let bad = [
        ("cut png.png", half(&png), UnreadableImage, "cut short"),
        ("cut tif.tif", half(&tiff), UnreadableImage, ""),
        ("empty.tif", Vec::new(), UnreadableImage, "the file is empty"),
        ("text.png", b"name,area\n1,2\n".to_vec(), UnreadableImage, "not an image"),
        ("jpeg.png", b"\xff\xd8\xff\xe0 and so on".to_vec(), UnreadableImage, "JPEG"),
        ("no width.tif", claiming(0, 10), UnreadableImage, ""),
        ("no height.png", png_claiming(10, 0), UnreadableImage, ""),
        ("huge tif.tif", claiming(100_000, 100_000), UnreadableImage, "claims more pixels"),
        ("huge png.png", png_claiming(100_000, 100_000), LimitExceeded, "larger than allowed"),
        ("not so huge.tif", claiming(90_000, 90_000), UnreadableImage, "claims more pixels"),
    ];
    for (name, bytes, ..) in &bad {
        place.file(&format!("in/{name}"), bytes);
    }
    // What a file is called does not matter.
    place.file("in/a TIFF.png", &tiff);
    place.file("in/a PNG.tif", &png);

    let result = place.segment(&[place.path("in")], json!({})).unwrap();
    let fate = |name: &str| result.images.iter().find(|image| image.name == name).unwrap();
    for (file, _, kind, says) in &bad {
        let image = fate(file.split_once('.').unwrap().0);
        let error = image.error.as_ref().unwrap();
        assert_eq!((image.status, error.kind), (Status::Failed, *kind), "{error}");
        assert!(error.to_string().contains(says) && error.to_string().contains(file), "{error}");
        assert!(image.labels.is_none() && !place.path("out").join(format!("{}.labels.tif", image.name)).exists());
    }
    for name in ["a TIFF", "a PNG"] {
        assert_eq!(fate(name).status, Status::Done, "{:?}", fate(name).error);
    }
    assert_eq!(place.lines("images.csv").len(), 1 + bad.len() + 2);
    // Alone, its error is the job's.
    let error = place.segment(&[place.path("in/huge png.png")], json!({"output": place.path("alone")})).unwrap_err();
    assert_eq!(error.kind, LimitExceeded, "{error}");
}

/// Writes samples as a float TIFF.
fn float_image(path: PathBuf, height: usize, width: usize, sample: impl Fn(usize) -> f32) -> PathBuf {
    let maps = Maps::new(1, height, width, (0..height * width).map(sample).collect());
    write_maps(&path, &MapStack::slices(&[maps], &Calibration::default()), &[], false).unwrap();
    path
}

/// Every file of the outputs can be read, and no number in the tables is other than finite.
fn whole_outputs(place: &Place, result: &SegmentResult, image: usize, height: usize, width: usize) -> LabelImage {
    let image = &result.images[image];
    assert_eq!(image.status, Status::Done, "{:?}", image.error);
    let labels = open_labels(image.labels.as_ref().unwrap(), &Limits::default()).unwrap();
    assert_eq!((labels.y, labels.x), (height, width), "{}", image.name);
    for table in ["objects.csv", "images.csv"] {
        for line in place.lines(table) {
            assert!(!line.split(',').any(|field| ["NaN", "inf", "-inf"].contains(&field)), "{table}: {line}");
        }
    }
    labels
}

#[test]
fn images_smaller_than_a_tile_and_off_the_stride_are_segmented() {
    let place = Place::new();
    // Two bright squares on a dark ground, cut by the edge where the image is small.
    let sizes = [(1, 1), (1, 7), (9, 1), (2, 2), (3, 5), (17, 33), (31, 30)];
    let bright = |y: usize, x: usize| (y + 3) % 12 < 6 && x % 12 < 6;
    let images: Vec<PathBuf> = sizes
        .iter()
        .map(|&(height, width)| {
            let path = place.path(&format!("{height} x {width}.tif"));
            float_image(path, height, width, |i| if bright(i / width, i % width) { 200.0 } else { 10.0 })
        })
        .collect();
    let whole = place.segment(&images, json!({"model": tiny(), "probabilities": true})).unwrap();
    let tiled = json!({"model": tiny(), "tile": 8, "output": place.path("tiled"), "probabilities": true});
    let tiled = place.segment(&images, tiled).unwrap();
    let baseline = place.segment(&images, json!({"output": place.path("baseline")})).unwrap();
    for (index, &(height, width)) in sizes.iter().enumerate() {
        let labels = whole_outputs(&place, &whole, index, height, width);
        assert_eq!(labels, whole_outputs(&place, &tiled, index, height, width), "{height} x {width}");
        whole_outputs(&place, &baseline, index, height, width);
    }
    // A single pixel has no contrast; nine bright parts are found where there are as many.
    assert_eq!(whole.images[0].objects, 0);
    assert_eq!(whole.images[6].objects, 9);
}

#[test]
fn images_of_one_value_or_without_any_show_nothing() {
    let place = Place::new();
    let values = [("zero", 0.0), ("one value", 77.0), ("no number", f32::NAN), ("infinite", f32::INFINITY)];
    let images: Vec<PathBuf> =
        values.iter().map(|&(name, value)| float_image(place.path(&format!("{name}.tif")), 40, 30, |_| value)).collect();
    for model in [tiny().display().to_string(), "otsu".to_owned()] {
        let (result, said) = place.told(&images, json!({"model": model, "existing": "overwrite", "overlay": true}));
        for index in 0..images.len() {
            let labels = whole_outputs(&place, &result, index, 40, 30);
            assert!(labels.ids.iter().all(|&id| id == 0), "{model}: {}", result.images[index].name);
        }
        if model != "otsu" {
            assert!(said.iter().any(|line| line.starts_with("no number: 1200 samples were not finite")), "{said:?}");
        }
    }
}

#[test]
fn samples_that_are_not_finite_count_as_dark_and_are_said() {
    let place = Place::new();
    let square = |i: usize| (20..40).contains(&(i / 60)) && (20..40).contains(&(i % 60));
    let clean = float_image(place.path("clean.tif"), 60, 60, |i| if square(i) { 200.0 } else { 10.0 });
    let dirty = float_image(place.path("dirty.tif"), 60, 60, |i| match i {
        5 => f32::NAN,
        600 => f32::INFINITY,
        3000 => f32::NEG_INFINITY,
        _ if square(i) => 200.0,
        _ => 10.0,
    });
    let more = json!({"model": tiny(), "probabilities": true});
    let (result, said) = place.told(&[clean, dirty], more);
    assert_eq!(whole_outputs(&place, &result, 0, 60, 60), whole_outputs(&place, &result, 1, 60, 60));
    assert_eq!(result.images[1].objects, 1);
    assert!(said.iter().any(|line| line.starts_with("dirty: 3 samples were not finite")), "{said:?}");
}
