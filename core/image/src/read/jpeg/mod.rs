//! Images from JPEG files.

mod decode;
mod head;

use std::fs::File;
use std::io::Read;

use fewlabel_contract::{Error, ErrorKind, Result};

pub(super) use self::decode::Jpeg;
use super::{LARGEST_RATIO, OPERATION, check_claim, failed, planes, unreadable, unsupported};
use crate::{Calibration, Image, Limits, Pixels, Shape};

/// Reads all of `file`, which holds `file_bytes`: 8 bits, grey or colour, as stored, whatever way up a camera says it was held.
pub(super) fn read(file: File, file_bytes: u64, limits: &Limits) -> Result<Image> {
    if file_bytes > limits.bytes {
        return Err(Error::new(ErrorKind::LimitExceeded, OPERATION, "the file is larger than allowed")
            .with("file bytes", file_bytes)
            .with("allowed bytes", limits.bytes));
    }
    let mut bytes = Vec::new();
    file.take(limits.bytes).read_to_end(&mut bytes).map_err(|e| failed(&e))?;
    let jpeg = Jpeg::parse(&bytes, None)?;
    let frame = &jpeg.frame;
    if frame.components == 4 {
        return Err(unread("this JPEG image is made for print (CMYK)"));
    }
    let size = (u64::from(frame.width), u64::from(frame.height));
    check_claim(size, (u64::from(frame.components), 1), 1, (file_bytes, LARGEST_RATIO), limits)?;
    let side_by_side = jpeg.samples(frame.is_ycbcr)?;
    let channels = usize::from(frame.components);
    let samples = planes(&side_by_side, channels, channels);
    let shape = Shape::plane(channels, usize::from(frame.height), usize::from(frame.width));
    let (pixels, rgb) = (Pixels::U8(samples), channels == 3);
    Ok(Image { shape, pixels, rgb, calibration: Calibration::default(), slice_labels: Vec::new() })
}

fn unread(message: &str) -> Error {
    unsupported(message).hint("save it as an 8-bit grey or RGB image, best as TIFF or PNG")
}

fn cut_short() -> Error {
    unreadable("the JPEG image is cut short").hint("copy or export it again")
}

fn damaged() -> Error {
    unreadable("the JPEG image is damaged").hint("copy or export it again")
}

#[cfg(test)]
mod tests {
    use std::io::{Seek, SeekFrom, Write};

    use image::codecs::jpeg::JpegEncoder;
    use image::{ExtendedColorType, ImageEncoder};
    use proptest::prelude::*;

    use super::*;

    fn jpeg(pixels: &[u8], width: u32, colour: ExtendedColorType) -> Vec<u8> {
        let mut bytes = Vec::new();
        let height = pixels.len() as u32 / width / u32::from(colour.bits_per_pixel() / 8);
        JpegEncoder::new_with_quality(&mut bytes, 100).write_image(pixels, width, height, colour).expect("encoded");
        bytes
    }

    fn open(bytes: &[u8], limits: &Limits) -> Result<Image> {
        let mut file = tempfile::tempfile().expect("a file");
        file.write_all(bytes).expect("written");
        file.seek(SeekFrom::Start(0)).expect("its start");
        read(file, bytes.len() as u64, limits)
    }

    fn refused(bytes: &[u8], kind: ErrorKind, says: &str) {
        let error = open(bytes, &Limits::default()).expect_err(says);
        assert_eq!(error.kind, kind, "{error}");
        assert!(error.to_string().contains(says), "{error}");
    }

    /// That samples are as these, up to what the compression of a smooth image changes.
    fn close(image: &Image, expected: &[u8]) {
        let Pixels::U8(samples) = &image.pixels else { panic!("8 bits") };
        assert_eq!(samples.len(), expected.len());
        assert!(samples.iter().zip(expected).all(|(a, b)| a.abs_diff(*b) <= 3), "{samples:?}");
    }

    #[test]
    fn grey_and_colour() {
        let grey: Vec<u8> = (0..12 * 10).map(|n| 50 + n).collect();
        let image = open(&jpeg(&grey, 12, ExtendedColorType::L8), &Limits::default()).expect("grey");
        assert_eq!((image.shape, image.rgb), (Shape::plane(1, 10, 12), false));
        close(&image, &grey);
        let colour: Vec<u8> = grey.iter().flat_map(|&n| [n, 200 - n / 2, 90]).collect();
        let image = open(&jpeg(&colour, 12, ExtendedColorType::Rgb8), &Limits::default()).expect("colour");
        assert_eq!((image.shape, image.rgb), (Shape::plane(3, 10, 12), true));
        let planes: Vec<u8> = (0..3).flat_map(|c| colour.iter().skip(c).step_by(3).copied()).collect();
        close(&image, &planes);
    }

    /// Written by Pillow 13 (`make_jpeg.py`).
    #[test]
    fn files_of_pillow() {
        let ramp: Vec<u8> = (0..32).map(|n| 50 + 4 * n).collect();
        for bytes in [&include_bytes!("../../../tests/data/grey.jpg")[..], include_bytes!("../../../tests/data/progressive.jpg")]
        {
            let image = open(bytes, &Limits::default()).expect("an image");
            assert_eq!(image.shape, Shape::plane(1, 4, 8));
            close(&image, &ramp);
        }
        refused(include_bytes!("../../../tests/data/cmyk.jpg"), ErrorKind::Unsupported, "CMYK");
    }

    #[test]
    fn what_cannot_be_read_is_said() {
        let good = jpeg(&[100; 64 * 64], 64, ExtendedColorType::L8);
        refused(b"", ErrorKind::UnreadableImage, "cut short");
        refused(b"\xff\xd8\xff\xe0rest", ErrorKind::UnreadableImage, "cut short");
        refused(b"\xff\xd8\x00\x00", ErrorKind::UnreadableImage, "damaged");
        refused(b"\xff\xd8\xff\xda\0\x02\xff\xd9", ErrorKind::UnreadableImage, "damaged");
        refused(&good[..good.len() - 2], ErrorKind::UnreadableImage, "cut short");
        let frame = good.windows(2).position(|pair| pair == [0xff, 0xc0]).expect("a frame");
        let with = |place: usize, new: &[u8]| {
            let mut bytes = good.clone();
            bytes[frame + place..frame + place + new.len()].copy_from_slice(new);
            bytes
        };
        refused(&with(4, &[12]), ErrorKind::Unsupported, "more than 8 bits");
        refused(&with(1, &[0xc9]), ErrorKind::Unsupported, "arithmetically");
        refused(&with(9, &[2]), ErrorKind::Unsupported, "components: 2");
        refused(&with(5, &[0, 0]), ErrorKind::UnreadableImage, "no pixels");
        refused(&with(5, &[0xff; 4]), ErrorKind::UnreadableImage, "more pixels than it can hold");
        let limits = Limits { bytes: good.len() as u64 - 1, ..Limits::default() };
        assert_eq!(open(&good, &limits).expect_err("a longer file").kind, ErrorKind::LimitExceeded);
        let limits = Limits { bytes: 4095, ..Limits::default() };
        assert_eq!(open(&good, &limits).expect_err("4096 pixels").kind, ErrorKind::LimitExceeded);
    }

    /// Three components without the names and programs that tell what they are.
    #[test]
    fn colours_are_told_by_the_marks_of_programs() {
        let bytes = jpeg(&[10, 200, 90].repeat(16 * 16), 16, ExtendedColorType::Rgb8);
        let markers = |bytes: &[u8], code: u8| bytes.windows(2).position(|pair| pair == [0xff, code]);
        let start = markers(&bytes, 0xe0).expect("JFIF");
        let mut plain = bytes.clone();
        plain.drain(start..start + 18);
        let adobe = |transform: u8| {
            let mut bytes = plain.clone();
            let segment = [&b"\xff\xee\0\x0eAdobe\0\x64\0\0\0\0"[..], &[transform]].concat();
            bytes.splice(2..2, segment);
            bytes
        };
        let mut named = plain.clone();
        let frame = markers(&named, 0xc0).expect("a frame");
        let scan = markers(&named, 0xda).expect("a scan");
        for (component, name) in b"RGB".iter().enumerate() {
            named[frame + 10 + 3 * component] = *name;
            named[scan + 5 + 2 * component] = *name;
        }
        let first = |bytes: &[u8]| {
            let image = open(bytes, &Limits::default()).expect("an image");
            let Pixels::U8(samples) = image.pixels else { panic!("8 bits") };
            [0, 256, 512].map(|place| samples[place])
        };
        let shown = first(&bytes);
        assert!(shown.iter().zip([10, 200, 90]).all(|(a, b)| a.abs_diff(b) <= 2), "{shown:?}");
        assert_eq!([first(&plain), first(&adobe(1))], [shown; 2]);
        let stored = first(&named);
        assert_eq!(first(&adobe(0)), stored);
        assert!(stored[1] < 128 && stored[0] > 110, "luminance and differences: {stored:?}");
    }

    proptest! {
        #[test]
        fn damage_is_no_panic(place in 2..300_usize, byte: u8) {
            let mut bytes = jpeg(&[7; 16 * 16], 16, ExtendedColorType::L8);
            let place = place % bytes.len();
            bytes[place] = byte;
            drop(open(&bytes, &Limits::default()));
        }
    }
}
