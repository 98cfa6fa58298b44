//! Parts of files are what the whole file has there.

mod common;

use common::made;
use fewlabel_contract::ErrorKind;
use fewlabel_image::{InMemory, Limits, Pixels, Region, Shape, Source, open, open_source};
use proptest::prelude::*;

/// Strips and tiles, side by side and in planes, packed and not, one page entry for many planes, pyramids, PNG.
const FILES: [&str; 26] = [
    "strips_lzw_big_endian.tif",
    "tiles_deflate.tif",
    "packbits.tif",
    "rgb_planar_tiles.tif",
    "rgb_alpha.tif",
    "five_samples.tif",
    "bigtiff_pages.tif",
    "predictor2_tiles.tif",
    "predictor2_rgb_big_endian.tif",
    "predictor2_planar_tiles.tif",
    "predictor3_big_endian.tif",
    "float16.tif",
    "float64.tif",
    "imagej_tifffile.tif",
    "imagej_one_entry.tif",
    "imagej_rgb_one_entry.tif",
    "imagej.tif",
    "pyramid.tif",
    "rgb.png",
    "four_bits.tif",
    "two_bits.tif",
    "one_bit_lowest_first.tif",
    "one_bit_tiles.tif",
    "fax.tif",
    "jpeg_420_tiles.tif",
    "slide.svs",
];

fn source(name: &str) -> Box<dyn Source> {
    open_source(&made(name), &Limits::default()).unwrap_or_else(|e| panic!("{name}: {e}"))
}

/// A part of an axis of this length, from two numbers between 0 and 1.
fn part(length: usize, (a, b): (f64, f64)) -> std::ops::Range<usize> {
    let place = |share: f64| ((share * length as f64) as usize).min(length - 1);
    let (a, b) = (place(a), place(b));
    a.min(b)..a.max(b) + 1
}

fn region(shape: Shape, shares: [(f64, f64); 5]) -> Region {
    let [t, z, c, y, x] = shares;
    Region { t: part(shape.t, t), z: part(shape.z, z), c: part(shape.c, c), y: part(shape.y, y), x: part(shape.x, x) }
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn a_region_is_a_part_of_the_whole(file in 0..FILES.len(), shares in any::<[(u8, u8); 5]>()) {
        let share = |n: u8| f64::from(n) / 256.0;
        let name = FILES[file];
        let source = source(name);
        let whole = InMemory::new(open(&made(name), &Limits::default()).expect(name));
        let region = region(source.info().shape, shares.map(|(a, b)| (share(a), share(b))));
        let found = source.read(0, &region).expect(name);
        prop_assert_eq!(&found, &whole.read(0, &region).expect(name), "{} {:?}", name, region);
        prop_assert_eq!(found, source.read(0, &region).expect(name), "read again");
    }
}

#[test]
fn levels_are_the_smaller_copies() {
    for name in ["pyramid.tif", "pyramid_big_endian_bigtiff.tif", "smaller_copy.tif"] {
        let source = source(name);
        let info = source.info();
        let known = [(29, 37), (15, 19), (8, 10)];
        assert_eq!(info.levels, known[..if name == "smaller_copy.tif" { 2 } else { 3 }], "{name}");
        let read = |level: usize| match source.read(level, &Region::whole(info.level(level))) {
            Ok(Pixels::U16(samples)) => samples,
            other => panic!("{name}: {other:?}"),
        };
        let whole = read(0);
        for level in 1..info.levels.len() {
            let step = 1 << level;
            let planes = whole.chunks(29 * 37);
            let rows = planes.flat_map(|plane| plane.chunks(37).step_by(step));
            let expected: Vec<u16> = rows.flat_map(|row| row.iter().step_by(step).copied()).collect();
            assert_eq!(read(level), expected, "{name}, level {level}");
        }
        let error = source.read(3, &Region::whole(info.shape)).expect_err("no such level");
        assert_eq!(error.kind, ErrorKind::InvalidRequest);
        assert!(error.to_string().contains(name), "{error}");
    }
}

#[test]
fn several_threads_read_at_once() {
    let source = source("imagej_tifffile.tif");
    let shape = source.info().shape;
    let whole = InMemory::new(source.image().expect("all"));
    std::thread::scope(|scope| {
        for first in 0..4 {
            let (source, whole) = (&source, &whole);
            scope.spawn(move || {
                for t in 0..shape.t {
                    for z in 0..shape.z {
                        let region = Region::plane(shape, t, z).rectangle(first..first + 20, 0..shape.x);
                        assert_eq!(source.read(0, &region).expect("read"), whole.read(0, &region).expect("there"));
                    }
                }
            });
        }
    });
}

#[test]
fn limits_are_those_of_the_region() {
    let limits = Limits { bytes: 2 * 37 * 10, ..Limits::default() };
    assert_eq!(open(&made("strips_lzw_big_endian.tif"), &limits).expect_err("all of it").kind, ErrorKind::LimitExceeded);
    let source = open_source(&made("strips_lzw_big_endian.tif"), &limits).expect("only its header");
    let shape = source.info().shape;
    assert!(source.read(0, &Region::whole(shape).rectangle(0..10, 0..37)).is_ok());
    let error = source.read(0, &Region::whole(shape).rectangle(0..11, 0..37)).expect_err("one row too many");
    assert_eq!(error.kind, ErrorKind::LimitExceeded, "{error}");
}
