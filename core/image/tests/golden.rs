//! Pixels that were computed independently, with Pillow, NumPy and tifffile.

mod common;

use common::{data, fingerprint, made};
use fewlabel_contract::ErrorKind;
use fewlabel_image::{Calibration, Limits, open, open_source};

/// Files of `tests/data`: shape and type, and SHA-256 of shape, type and samples as Pillow 13 decodes them.
const REAL: [(&str, &str, &str); 8] = [
    ("bbbc039/images/C02_s4.png", "1 1 1 520 696 u16", "3f6612502798ca8746fc86ddcb34874004c30be46702ee77749ce8952cbf1cbc"),
    ("bbbc039/images/E19_s2.png", "1 1 1 520 696 u16", "fd3a582f9801777fefb3013c267927fb49c5ed5510d7236f83d5bfc489ccfb06"),
    ("bbbc039/images/G22_s5.png", "1 1 1 520 696 u16", "a5a7f439ef667bcbcc12d09e9faae2fe93ebe4ed46ce6483ba1101e20598e133"),
    ("bbbc039/labels/C02_s4.png", "1 1 1 520 696 u16", "4eb907cc9b59e42c1bbb823f9d6eddb483bf3adeb269ba4b735925be4181d46e"),
    ("bbbc039/labels/E19_s2.png", "1 1 1 520 696 u16", "fb6a59c4abd4c22a5ffaf712d45500e3f9ed000d0ba0916d589edd0bc3b98528"),
    ("bbbc039/labels/G22_s5.png", "1 1 1 520 696 u16", "e0313755f8d8f5673db5ae404b24bdca67409e4f6978c3d60e302383ecbc72ae"),
    (
        "fluorescence/images/003cee89357d9fe13516167fd67b609a164651b21934585648c740d2c3d86dc1.png",
        "1 1 1 256 256 u8",
        "e46cee1e676c17dad30f65444367815f6e35cef076a4be1f1d5c96a6a22e4c07",
    ),
    (
        "histology/images/00ae65c1c6631ae6f2be1a449902976e6eb8483bf6b0740d00530220832c6d3e.png",
        "1 1 3 256 320 u8",
        "306e748add19d228cd3f0f895ea1daacabac651b59034ad6636d89b804f9f5e7",
    ),
];

/// Files of `tests/files`, as `make.py` prints them.
#[rustfmt::skip]
const MADE: [(&str, &str, &str); 49] = [
    ("strips_lzw_big_endian.tif", "1 1 1 29 37 u16", "2114cde9ce83dee69b172779056d603bf54cc150c3752159288b6065c5ecd9b6"),
    ("tiles_deflate.tif", "1 1 1 29 37 u8", "027608eb26910a5b5b4f96112f9f43b11e22ffb639a75a194c7d55bbe37ad999"),
    ("packbits.tif", "1 1 1 29 37 u16", "24e1bdb3e5b73343c1c33a7bd634bd17e17e36331442d57701b61381cf71af4d"),
    ("rgb_planar_tiles.tif", "1 1 3 29 37 u8", "5e68aeac12ac222b18dca2abcb1cfee0efbce2713879310a487f10deae8c94d5"),
    ("rgb_alpha.tif", "1 1 3 29 37 u8", "5e68aeac12ac222b18dca2abcb1cfee0efbce2713879310a487f10deae8c94d5"),
    ("rgb16.tif", "1 1 3 29 37 u16", "534a035f44a98289c4565f31313a060c36fd9084dfdb2c3b08146fba453d47bb"),
    ("five_samples.tif", "1 1 5 29 37 u16", "be4c47a51802d5f45c44069e54c6729b72cdae5af6e04e722c1e61e8eda0b9bd"),
    ("grey_alpha.tif", "1 1 1 29 37 u16", "2114cde9ce83dee69b172779056d603bf54cc150c3752159288b6065c5ecd9b6"),
    ("bigtiff_pages.tif", "1 3 1 29 37 f32", "47e60b124ee5d19b25c99d9b27288d75defd4f251e1438140fe8c3df9478a3ef"),
    ("predictor2_tiles.tif", "1 1 1 29 37 u16", "2114cde9ce83dee69b172779056d603bf54cc150c3752159288b6065c5ecd9b6"),
    ("predictor2_rgb_big_endian.tif", "1 1 3 29 37 u16", "534a035f44a98289c4565f31313a060c36fd9084dfdb2c3b08146fba453d47bb"),
    ("predictor2_planar_tiles.tif", "1 1 3 29 37 u8", "5e68aeac12ac222b18dca2abcb1cfee0efbce2713879310a487f10deae8c94d5"),
    ("predictor3_big_endian.tif", "1 1 1 29 37 f32", "2fe729c82d3ef3b65e544e1a3e6e96b00f8a1905db94b1966598c3f19719ed5e"),
    ("white_is_zero.tif", "1 1 1 29 37 u8", "2675e27db33693906fa06cf980e50892a03418273fd7acfe3806b2402f10e79e"),
    ("white_is_zero_big_endian_bigtiff.tif", "1 1 1 29 37 u16", "24e1bdb3e5b73343c1c33a7bd634bd17e17e36331442d57701b61381cf71af4d"),
    ("palette.tif", "1 1 1 29 37 u8", "2675e27db33693906fa06cf980e50892a03418273fd7acfe3806b2402f10e79e"),
    ("int8.tif", "1 1 1 29 37 i8", "233a7825f4884ff748ecf1ffecaebac8654ee3177f7a5af9a932ff66fe71a9b6"),
    ("int16.tif", "1 1 1 29 37 i16", "43efafa840db1e703907dd8bbb642436f70303cdabfd57025ebf376958ea3907"),
    ("int32.tif", "1 1 1 29 37 i32", "57b42abc105f4def3c89a174e9c26f2950d4948cefbc383d83201c0ac637beb1"),
    ("int64_negative.tif", "1 1 1 29 37 i64", "77f76c90a759de756098bed6864fe8dbe2f44c2768bdab5762e603eff7e8240e"),
    ("uint64.tif", "1 1 1 29 37 u64", "d9b7764d50366ce1470f5a50408e1b23ef09354686cfbfdb293c4853b255b23b"),
    ("float16.tif", "1 1 1 29 37 f32", "2fe729c82d3ef3b65e544e1a3e6e96b00f8a1905db94b1966598c3f19719ed5e"),
    ("float64.tif", "1 1 1 29 37 f64", "2c8649d24d251ee0cf8296e3fa43652a63f784b8c821945ce51ea78c811152aa"),
    ("smaller_copy.tif", "1 1 1 29 37 u16", "2114cde9ce83dee69b172779056d603bf54cc150c3752159288b6065c5ecd9b6"),
    ("pyramid.tif", "1 2 1 29 37 u16", "03a4ef2cf0fd9d9461d17228c17b6c1db1c96d74df8a741fb345035d17125786"),
    ("pyramid_big_endian_bigtiff.tif", "1 2 1 29 37 u16", "03a4ef2cf0fd9d9461d17228c17b6c1db1c96d74df8a741fb345035d17125786"),
    ("imagej_tifffile.tif", "2 3 2 29 37 u16", "bd1b63138dbaaa5811b90a94166120fe5e5bd7ee4bca64f3838f17aa381710cd"),
    ("ome_tifffile.tif", "2 3 2 29 37 u16", "bd1b63138dbaaa5811b90a94166120fe5e5bd7ee4bca64f3838f17aa381710cd"),
    ("imagej_one_entry.tif", "2 3 2 29 37 u16", "bd1b63138dbaaa5811b90a94166120fe5e5bd7ee4bca64f3838f17aa381710cd"),
    ("imagej_rgb_one_entry.tif", "2 1 3 29 37 u8", "662a9c00053325c534d07cc4dc9402f5fb5634c790d14a522633c6790abaed3c"),
    ("overlay.tif", "1 1 1 29 37 u16", "2114cde9ce83dee69b172779056d603bf54cc150c3752159288b6065c5ecd9b6"),
    ("overlay_big_endian.tif", "1 1 1 29 37 u16", "24e1bdb3e5b73343c1c33a7bd634bd17e17e36331442d57701b61381cf71af4d"),
    ("selection.tif", "1 1 1 29 37 u16", "24e1bdb3e5b73343c1c33a7bd634bd17e17e36331442d57701b61381cf71af4d"),
    ("four_bits.tif", "1 1 1 29 37 u8", "ae3c218b39c7ba560ad932233aff91d3a4463b5be86dc08e0a152a393b5b8099"),
    ("two_bits.tif", "1 1 1 29 37 u8", "f5ee168ccc62c1289df8f2e51f155f2aa9b1b01c4a094f526e8aaa47349faeba"),
    ("one_bit_lowest_first.tif", "1 1 1 29 37 u8", "00db2a8e28e060201c9e990ba111800a7ef25affa8d85490fb05c1a99b9898c5"),
    ("palette_four_bits.tif", "1 1 1 29 37 u8", "ae3c218b39c7ba560ad932233aff91d3a4463b5be86dc08e0a152a393b5b8099"),
    ("one_bit.tif", "1 1 1 29 37 u8", "456e0080089c52f5c60859bd4e605d50d19f4f83e6740e517c8d5b8feadd592e"),
    ("one_bit_tiles.tif", "1 1 1 29 37 u8", "456e0080089c52f5c60859bd4e605d50d19f4f83e6740e517c8d5b8feadd592e"),
    ("fax.tif", "1 1 1 29 37 u8", "456e0080089c52f5c60859bd4e605d50d19f4f83e6740e517c8d5b8feadd592e"),
    ("grey8.png", "1 1 1 29 37 u8", "027608eb26910a5b5b4f96112f9f43b11e22ffb639a75a194c7d55bbe37ad999"),
    ("grey16.png", "1 1 1 29 37 u16", "2114cde9ce83dee69b172779056d603bf54cc150c3752159288b6065c5ecd9b6"),
    ("rgb.png", "1 1 3 29 37 u8", "5e68aeac12ac222b18dca2abcb1cfee0efbce2713879310a487f10deae8c94d5"),
    ("rgb_alpha.png", "1 1 3 29 37 u8", "5e68aeac12ac222b18dca2abcb1cfee0efbce2713879310a487f10deae8c94d5"),
    ("grey_alpha.png", "1 1 1 29 37 u8", "027608eb26910a5b5b4f96112f9f43b11e22ffb639a75a194c7d55bbe37ad999"),
    ("palette.png", "1 1 3 29 37 u8", "b6d4d8adfd198924444d46df8aadd4564907373b6e453f572bc7ca2d622c52ba"),
    ("palette_transparent.png", "1 1 3 29 37 u8", "b6d4d8adfd198924444d46df8aadd4564907373b6e453f572bc7ca2d622c52ba"),
    ("one_bit.png", "1 1 1 29 37 u8", "456e0080089c52f5c60859bd4e605d50d19f4f83e6740e517c8d5b8feadd592e"),
    ("imagej.tif", "2 3 2 29 37 u16", "bd1b63138dbaaa5811b90a94166120fe5e5bd7ee4bca64f3838f17aa381710cd"),
];

#[test]
fn real_images_are_what_pillow_reads() {
    for (name, shape, hash) in REAL {
        let image = open(&data(name), &Limits::default()).unwrap_or_else(|e| panic!("{name}: {e}"));
        assert_eq!(fingerprint(&image), (shape.to_owned(), hash.to_owned()), "{name}");
        assert_eq!(image.rgb, image.shape.c == 3, "{name}");
        assert_eq!(image.calibration, Calibration::default(), "{name}");
    }
}

#[test]
fn files_of_other_programs_hold_the_pixels_they_were_given() {
    for (name, shape, hash) in MADE {
        let image = open(&made(name), &Limits::default()).unwrap_or_else(|e| panic!("{name}: {e}"));
        assert_eq!(fingerprint(&image), (shape.to_owned(), hash.to_owned()), "{name}");
        assert_eq!(image.rgb, image.shape.c == 3, "{name}");
    }
}

fn summary(name: &str) -> String {
    open_source(&made(name), &Limits::default()).unwrap_or_else(|e| panic!("{name}: {e}")).info().summary()
}

#[test]
fn axes_calibration_and_labels_of_imagej_come_along() {
    let image = open(&made("imagej_tifffile.tif"), &Limits::default()).expect("a stack");
    let expected =
        Calibration { x: Some(13.0 / 40.0), y: Some(0.25), z: Some(1.5), unit: Some("µm".into()), frame_interval: Some(30.0) };
    assert_eq!(image.calibration, expected);
    assert_eq!(image.slice_labels.len(), 12);
    assert_eq!(image.slice_labels[9], "t1 z1 c1 µ");
    assert_eq!(
        summary("imagej_tifffile.tif"),
        "2 channels, 3 z, 2 t, 37 x 29, 16 bit, 0.325 x 0.25 µm, slices 1.5 µm apart, a frame every 30 s"
    );

    // Saved again by ImageJ: the frame interval is half a minute, the resolution 3076923 / 1000000.
    let again = open(&made("imagej.tif"), &Limits::default()).expect("a stack");
    assert_eq!(again.calibration, Calibration { x: Some(1e6 / 3_076_923.0), ..expected });
    assert_eq!(again.slice_labels[0], "first");
    assert_eq!(again.slice_labels[1..], image.slice_labels[1..]);
    assert_eq!(summary("imagej.tif"), summary("imagej_tifffile.tif"));

    let without = open(&made("imagej_one_entry.tif"), &Limits::default()).expect("a stack");
    assert_eq!(without.slice_labels, Vec::<String>::new());
    assert_eq!(without.calibration, image.calibration);
}

#[test]
fn a_resolution_without_unit_is_no_calibration() {
    let image = open(&made("strips_lzw_big_endian.tif"), &Limits::default()).expect("an image");
    assert_eq!(image.calibration, Calibration::default());
    assert_eq!(summary("strips_lzw_big_endian.tif"), "1 channel, 1 z, 1 t, 37 x 29, 16 bit, no pixel size");
    assert_eq!(summary("pyramid.tif"), "1 channel, 2 z, 1 t, 37 x 29, 16 bit, no pixel size, a pyramid of 3 levels");
    assert_eq!(summary("imagej_rgb_one_entry.tif"), "RGB, 1 z, 2 t, 37 x 29, 8 bit, no pixel size");
}

#[test]
fn kinds_that_are_not_read_are_refused_by_name() {
    for (name, says) in [
        ("refused_cmyk.tif", "CMYK"),
        ("refused_jpeg2000.tif", "JPEG 2000"),
        ("refused_ycbcr.tif", "YCbCr"),
        ("refused_reverse_bits.tif", "reverse order"),
        ("refused_sizes_differ.tif", "differ in size"),
    ] {
        let error = open(&made(name), &Limits::default()).expect_err(name);
        assert_eq!(error.kind, ErrorKind::Unsupported, "{name}: {error}");
        assert!(error.to_string().contains(says), "{name}: {error}");
        assert!(error.to_string().contains(name) && error.hint.is_some(), "{name}: {error}");
    }
}
