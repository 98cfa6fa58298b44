//! JPEG in TIFF: beside each file lies what libjpeg-turbo makes of it (`files/make.py`).

mod common;

use common::made;
use fewlabel_contract::ErrorKind;
use fewlabel_image::{Image, Limits, Pixels, Region, open, open_source};
use proptest::prelude::*;

/// Decoders round differently: cosines, what lies between samples of colour, and the way to red, green and blue. So far are
/// samples apart at most, and all but one in a hundred of small images.
const TOLERANCE: (u8, u8) = (4, 2);

const FILES: [&str; 8] = [
    "jpeg_420_tiles.tif",
    "jpeg_422.tif",
    "jpeg_444_big_endian.tif",
    "jpeg_jfif.tif",
    "jpeg_rgb.tif",
    "jpeg_tables.tif",
    "jpeg_grey_tables.tif",
    "slide.svs",
];

fn image(name: &str) -> Image {
    open(&made(name), &Limits::default()).unwrap_or_else(|e| panic!("{name}: {e}"))
}

fn bytes(image: &Image) -> &[u8] {
    let Pixels::U8(samples) = &image.pixels else { panic!("8 bits") };
    samples
}

#[test]
fn samples_are_those_of_another_decoder() {
    for name in FILES {
        let (found, expected) = (image(name), image(&name.replace(".tif", ".png").replace(".svs", ".png")));
        assert_eq!((found.shape, found.rgb), (expected.shape, expected.rgb), "{name}");
        let apart: Vec<u8> = bytes(&found).iter().zip(bytes(&expected)).map(|(a, b)| a.abs_diff(*b)).collect();
        let far = apart.iter().filter(|&&difference| difference > TOLERANCE.1).count();
        assert!(apart.iter().all(|difference| *difference <= TOLERANCE.0) && 100 * far < apart.len(), "{name}: {far} {apart:?}");
    }
}

#[test]
fn a_slide_is_its_first_page_with_its_copies_in_tiles() {
    let source = open_source(&made("slide.svs"), &Limits::default()).expect("a slide");
    assert_eq!(source.info().levels, [(29, 37), (15, 19)]);
    assert_eq!(source.info().summary(), "RGB, 1 z, 1 t, 37 x 29, 8 bit, 0.499 µm, a pyramid of 2 levels");
    let Pixels::U8(copy) = source.read(1, &Region::whole(source.info().level(1))).expect("a level") else { panic!("8 bits") };
    let whole = source.image().expect("all");
    let mean = |samples: &[u8]| samples.iter().map(|&v| f64::from(v)).sum::<f64>() / samples.len() as f64;
    assert!((mean(&copy) - mean(bytes(&whole))).abs() < 4.0, "the same colours");
}

#[test]
fn a_jfif_file_never_holds_red_green_and_blue() {
    let mut file = std::fs::read(made("jpeg_jfif.tif")).expect("read");
    let tag = |value: u8| [6, 1, 3, 0, 1, 0, 0, 0, value, 0];
    let place = file.windows(10).position(|entry| entry == tag(6)).expect("PhotometricInterpretation");
    file[place..place + 10].copy_from_slice(&tag(2));
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("a.tif");
    std::fs::write(&path, file).expect("written");
    assert_eq!(open(&path, &Limits::default()).expect("an image"), image("jpeg_jfif.tif"));
}

/// Where in a file the first strip or tile is, by the marks of its beginning and end.
fn stream(file: &[u8]) -> (usize, usize) {
    let find = |from: usize, mark: &[u8]| file[from..].windows(mark.len()).position(|w| w == mark).expect("a mark") + from;
    let frame = find(0, &[0xff, 0xc0]);
    let start = file[..frame].windows(2).rposition(|pair| pair == [0xff, 0xd8]).expect("a start");
    (start, find(frame, &[0xff, 0xd9]))
}

fn refused(file: &[u8], kind: ErrorKind, says: &str) {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("a.tif");
    std::fs::write(&path, file).expect("written");
    let error = open(&path, &Limits::default()).expect_err(says);
    assert_eq!(error.kind, kind, "{error}");
    assert!(error.to_string().contains(says) && error.to_string().contains("a.tif"), "{error}");
}

#[test]
fn damaged_parts_are_errors() {
    let good = std::fs::read(made("jpeg_420_tiles.tif")).expect("read");
    let (start, end) = stream(&good);
    let with = |place: usize, new: &[u8]| {
        let mut bytes = good.clone();
        bytes[place..place + new.len()].copy_from_slice(new);
        bytes
    };
    let frame = start + good[start..].windows(2).position(|pair| pair == [0xff, 0xc0]).expect("a frame");
    refused(&with(start, &[0, 0]), ErrorKind::UnreadableImage, "damaged");
    refused(&with(frame + 4, &[12]), ErrorKind::Unsupported, "more than 8 bits");
    refused(&with(frame + 5, &[0xff; 4]), ErrorKind::UnreadableImage, "of another size or kind");
    refused(&with(frame + 5, &[0, 8]), ErrorKind::UnreadableImage, "expected: 32 32 3");
    refused(&with(frame + 9, &[4]), ErrorKind::UnreadableImage, "of another size or kind");
    refused(&with(frame + 1, &[0xc3]), ErrorKind::Unsupported, "lossless");
    refused(&good[..good.len() / 2], ErrorKind::UnreadableImage, "");
    // A place that no file can have.
    let mut far = std::fs::read(made("jpeg_444_big_endian.tif")).expect("read");
    let place = (stream(&far).0 as u64).to_be_bytes();
    let place = far.windows(8).position(|bytes| bytes == place).expect("its place");
    far[place..place + 8].fill(0xff);
    refused(&far, ErrorKind::UnreadableImage, "damaged");
    // The scan ends in the middle: what is missing is no grey.
    let middle = (frame + end) / 2;
    let mut short = good.clone();
    short[middle..end].fill(0xff);
    refused(&short, ErrorKind::UnreadableImage, "damaged");
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 300, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn damage_is_no_panic(which in 0..FILES.len(), changes in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..8)) {
        let mut file = std::fs::read(made(FILES[which])).expect("read");
        for (place, value) in changes {
            let place = place.index(file.len());
            file[place] = value;
        }
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("a.tif");
        std::fs::write(&path, &file).expect("written");
        if let Err(e) = open(&path, &Limits::default()) {
            let about = [ErrorKind::UnreadableImage, ErrorKind::Unsupported, ErrorKind::LimitExceeded];
            prop_assert!(about.contains(&e.kind), "{}: {e}", FILES[which]);
        }
    }
}
