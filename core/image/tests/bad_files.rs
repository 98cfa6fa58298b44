//! Files that are damaged, cut short, hostile or not images: a clear error, never a panic, never a huge allocation.

mod common;

use std::path::Path;

use common::{data, grey_tags, made, page};
use fewlabel_contract::{Error, ErrorKind};
use fewlabel_image::{Limits, open, open_labels};
use proptest::prelude::*;

/// Opens a file of these bytes.
fn open_bytes(bytes: &[u8]) -> fewlabel_contract::Result<fewlabel_image::Image> {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("file.tif");
    std::fs::write(&path, bytes).expect("written");
    open(&path, &Limits::default())
}

fn refused(bytes: &[u8], kind: ErrorKind, says: &str) {
    let error = open_bytes(bytes).expect_err(says);
    assert_eq!(error.kind, kind, "{error}");
    assert!(error.to_string().contains(says), "{error}");
    assert!(error.to_string().contains("file.tif"), "{error}");
}

#[test]
fn what_is_no_image_is_said() {
    refused(b"", ErrorKind::UnreadableImage, "the file is empty");
    refused(b"x", ErrorKind::UnreadableImage, "not an image that is known");
    refused(b"name,area\n1,2\n", ErrorKind::UnreadableImage, "not an image that is known");
    refused(b"\xff\xd8\xff\xe0rest", ErrorKind::UnreadableImage, "JPEG");
    refused(b"ZISRAWFILE\0\0\0\0\0\0", ErrorKind::Unsupported, "a Zeiss CZI file");
    refused(b"II*\0", ErrorKind::UnreadableImage, "cut short");
    refused(b"II*\0\0\0\0\0", ErrorKind::UnreadableImage, "no page");
    refused(b"\x89PNG\r\n\x1a\n", ErrorKind::UnreadableImage, "cut short");
}

#[test]
fn paths_that_are_no_files_are_said() {
    let missing = open(Path::new("no such folder/no such file.tif"), &Limits::default()).expect_err("missing");
    assert_eq!(missing.kind, ErrorKind::NotFound);
    let folder = open(&data("bbbc039"), &Limits::default()).expect_err("a folder");
    assert_eq!(folder.kind, ErrorKind::InvalidRequest, "{folder}");
}

#[test]
fn a_wrong_ending_does_not_matter() {
    let folder = tempfile::tempdir().expect("a folder");
    let png = folder.path().join("image.tif");
    std::fs::copy(data("bbbc039/images/G22_s5.png"), &png).expect("copied");
    let tif = folder.path().join("image.png");
    std::fs::copy(made("tiles_deflate.tif"), &tif).expect("copied");
    assert_eq!(open(&png, &Limits::default()).expect("a PNG").shape.x, 696);
    assert_eq!(open(&tif, &Limits::default()).expect("a TIFF").shape.x, 37);
}

#[test]
fn claims_are_checked_before_memory_is_asked_for() {
    // 10^5 x 10^5 in a file of 130 bytes: over the default limit of 8 GiB.
    refused(&page(&grey_tags(100_000, 100_000)), ErrorKind::LimitExceeded, "allowed bytes");
    // 7 GB are allowed, but not there.
    refused(&page(&grey_tags(100_000, 70_000)), ErrorKind::UnreadableImage, "claims more pixels than it can hold");
    refused(&page(&grey_tags(u32::MAX, 1)), ErrorKind::LimitExceeded, "allowed side");
    refused(&page(&grey_tags(0, 10)), ErrorKind::UnreadableImage, "");
    refused(&page(&grey_tags(10, 0)), ErrorKind::UnreadableImage, "");
    // A list of strips that is longer than the file, and a file that is all page entries in a circle.
    let mut tags = grey_tags(4, 4);
    tags[5] = (273, 4, u32::MAX, 8);
    refused(&page(&tags), ErrorKind::UnreadableImage, "values claimed");
    refused(b"II*\0\x08\0\0\0\0\0\x08\0\0\0", ErrorKind::UnreadableImage, "circle");

    let mut png = std::fs::read(made("grey8.png")).expect("read");
    png[16..24].copy_from_slice(&[0, 1, 0x86, 0xa0, 0, 1, 0x86, 0xa0]);
    refused(&png, ErrorKind::LimitExceeded, "width: 100000");
    png[16..24].copy_from_slice(&[0, 0, 0, 0, 0, 0, 0, 5]);
    refused(&png, ErrorKind::UnreadableImage, "no pixels");
    png[16..24].copy_from_slice(&[0, 0, 0x40, 0, 0, 0, 0x40, 0]);
    refused(&png, ErrorKind::UnreadableImage, "claims more pixels");
}

#[test]
fn limits_hold() {
    let kind = |name: &str, limits: Limits| open(&made(name), &limits).expect_err(name).kind;
    let all = Limits::default();
    for (name, limits) in [
        ("tiles_deflate.tif", Limits { side: 36, ..all }),
        ("tiles_deflate.tif", Limits { bytes: 37 * 29 - 1, ..all }),
        ("imagej_tifffile.tif", Limits { pages: 11, ..all }),
        ("imagej_one_entry.tif", Limits { pages: 11, ..all }),
        ("grey16.png", Limits { side: 36, ..all }),
        ("grey16.png", Limits { bytes: 37 * 29, ..all }),
    ] {
        assert_eq!(kind(name, limits), ErrorKind::LimitExceeded, "{name} {limits:?}");
    }
    let enough = Limits { side: 37, bytes: 37 * 29, pages: 1, ..all };
    assert!(open(&made("tiles_deflate.tif"), &enough).is_ok());
}

/// Every beginning of a file either is refused or, when only what comes after the pixels is missing, read.
#[test]
fn a_file_may_end_anywhere() {
    for name in ["packbits.tif", "tiles_deflate.tif", "imagej_rgb_one_entry.tif", "palette.tif", "rgb_alpha.png"] {
        let whole = std::fs::read(made(name)).expect("read");
        let step = if whole.len() > 2000 { 37 } else { 3 };
        for end in (0..whole.len()).step_by(step) {
            match open_bytes(&whole[..end]) {
                Ok(_) => assert!(end > whole.len() / 2, "{name} cut at {end} was read"),
                Err(e) => assert!(is_about_the_file(&e), "{name} cut at {end}: {e}"),
            }
        }
    }
    let real = std::fs::read(data("bbbc039/images/C02_s4.png")).expect("read");
    refused(&real[..real.len() / 2], ErrorKind::UnreadableImage, "cut short");
}

fn is_about_the_file(error: &Error) -> bool {
    matches!(error.kind, ErrorKind::UnreadableImage | ErrorKind::Unsupported | ErrorKind::LimitExceeded)
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 300, failure_persistence: None, ..ProptestConfig::default() })]

    /// A few bytes changed anywhere: an image or an error about the file.
    #[test]
    fn damage_is_no_panic(
        which in 0..14_usize,
        changes in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..6),
        in_front in any::<bool>(),
    ) {
        let names = [
            "strips_lzw_big_endian.tif", "packbits.tif", "tiles_deflate.tif", "predictor3_big_endian.tif",
            "palette.tif", "imagej_one_entry.tif", "white_is_zero_big_endian_bigtiff.tif", "smaller_copy.tif", "grey8.png",
            "overlay.tif", "imagej_overlay.tif", "four_bits.tif", "one_bit_tiles.tif", "fax.tif",
        ];
        let mut bytes = std::fs::read(made(names[which])).expect("read");
        // Page entries lie at the front of these files; damage there goes deeper.
        let reach = if in_front { bytes.len().min(400) } else { bytes.len() };
        for (place, value) in changes {
            bytes[place.index(reach)] = value;
        }
        if let Err(e) = open_bytes(&bytes) {
            prop_assert!(is_about_the_file(&e), "{}: {e}", names[which]);
        }
    }
}

#[test]
fn labels_must_be_whole_and_one_channel() {
    let error = |path: &Path| open_labels(path, &Limits::default()).expect_err("no labels");
    let says = |error: Error, words: &[&str]| {
        assert_eq!(error.kind, ErrorKind::UnreadableImage, "{error}");
        for word in words {
            assert!(error.to_string().contains(word), "{error}");
        }
    };
    says(error(&made("rgb.png")), &["a colour picture", "rgb.png"]);
    says(error(&made("palette.png")), &["a colour picture", "without a colour palette"]);
    says(error(&made("five_samples.tif")), &["one channel", "channels: 5"]);
    // The first value of the crop below 300, from which 300 was taken.
    says(error(&made("int16.tif")), &["must not be negative", "value: -47", "x: 27", "y: 0", "plane: 0"]);
    says(error(&made("float16.tif")), &["must be whole numbers", "value: 0.18603516", "x: 0"]);

    let mut floats = vec![0.0_f32; 6];
    for (value, words) in [
        (f32::NAN, "must be finite"),
        (f32::INFINITY, "must be finite"),
        (-1.0, "must not be negative"),
        (0.5, "must be whole numbers"),
        (16_777_218.0, "exact to 16777216 only"),
    ] {
        floats[5] = value;
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("labels.tif");
        std::fs::write(&path, float_tiff(3, 2, &floats)).expect("written");
        says(error(&path), &[words, "x: 2", "y: 1", "plane: 0", "labels.tif"]);
    }
}

/// A float TIFF with its pixels behind the page entry.
fn float_tiff(width: u32, height: u32, values: &[f32]) -> Vec<u8> {
    let mut tags = grey_tags(width, height);
    tags[2].3 = 32;
    tags[8].3 = 4 * width * height;
    tags.push((339, 3, 1, 3));
    tags[5].3 = page(&tags).len() as u32;
    let mut bytes = page(&tags);
    bytes.extend(values.iter().flat_map(|v| v.to_le_bytes()));
    bytes
}

#[test]
fn float_labels_up_to_two_to_the_24_are_exact() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("labels.tif");
    std::fs::write(&path, float_tiff(3, 1, &[0.0, 65_536.0, 16_777_216.0])).expect("written");
    assert_eq!(open_labels(&path, &Limits::default()).expect("labels").ids, [0, 65_536, 16_777_216]);
}
