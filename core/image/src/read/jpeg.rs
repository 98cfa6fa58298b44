//! Images from JPEG files.

use std::fs::File;
use std::io::{BufRead, BufReader, Read, Seek, SeekFrom};

use fewlabel_contract::{Error, ErrorKind, Result};
use image::codecs::jpeg::JpegDecoder;
use image::{DynamicImage, ImageError};

use super::{LARGEST_RATIO, OPERATION, check_claim, failed, unreadable, unsupported};
use crate::{Calibration, Image, Limits, Pixels, Shape};

/// Reads all of `file`, which holds `file_bytes`: 8 bits, grey or colour, as stored, whatever way up a camera says it was held.
pub(super) fn read(mut file: File, file_bytes: u64, limits: &Limits) -> Result<Image> {
    let frame = Frame::find(&mut BufReader::new(&mut file))?;
    let size = (u64::from(frame.width), u64::from(frame.height));
    check_claim(size, (u64::from(frame.components), 1), 1, (file_bytes, LARGEST_RATIO), limits)?;
    // The decoder holds the whole file.
    if file_bytes > limits.bytes {
        return Err(Error::new(ErrorKind::LimitExceeded, OPERATION, "the file is larger than allowed")
            .with("file bytes", file_bytes)
            .with("allowed bytes", limits.bytes));
    }
    file.seek(SeekFrom::Start(0)).map_err(|e| failed(&e))?;
    let decoder = JpegDecoder::new(BufReader::new(file)).map_err(|e| broken(&e))?;
    let (channels, samples) = match DynamicImage::from_decoder(decoder).map_err(|e| broken(&e))? {
        DynamicImage::ImageLuma8(grey) => (1, grey.into_raw()),
        DynamicImage::ImageRgb8(colour) => {
            let pixels = colour.as_raw();
            (3, (0..3).flat_map(|c| pixels.iter().skip(c).step_by(3).copied()).collect())
        }
        other => return Err(Error::internal(OPERATION, format!("JPEG decoded as {:?}", other.color()))),
    };
    let shape = Shape::plane(channels, usize::from(frame.height), usize::from(frame.width));
    if samples.len() != shape.len() {
        return Err(unreadable("the JPEG file is damaged").hint("copy or export it again"));
    }
    let (pixels, rgb) = (Pixels::U8(samples), channels == 3);
    Ok(Image { shape, pixels, rgb, calibration: Calibration::default(), slice_labels: Vec::new() })
}

/// What the frame header says (ITU T.81, B.2.2).
struct Frame {
    width: u16,
    height: u16,
    components: u8,
}

impl Frame {
    /// Walks over the segments before the first scan (ITU T.81, B.1.1), and looks whether the image has an end: the decoder fills
    /// up what is missing with grey.
    fn find(file: &mut impl BufRead) -> Result<Self> {
        let mut frame = None;
        if array(file)? != [0xff, 0xd8] {
            return Err(damaged());
        }
        loop {
            let [marker] = array(file)?;
            if marker != 0xff {
                return Err(damaged());
            }
            let mut code = 0xff;
            // Before a marker there may be any number of 0xff.
            while code == 0xff {
                [code] = array(file)?;
            }
            let length = u16::from_be_bytes(array(file)?).checked_sub(2).ok_or_else(damaged)?;
            let mut segment = file.take(length.into());
            match code {
                // Baseline, extended sequential, progressive. Of the same range, 0xc4 is a table.
                0xc0..=0xc2 => frame = Some(Self::read(&mut segment)?),
                0xc3 | 0xc5..=0xcf => return Err(unread("JPEG images that are lossless or coded arithmetically are not read")),
                0xda => break,
                _ => {}
            }
            std::io::copy(&mut segment, &mut std::io::sink()).map_err(|e| failed(&e))?;
        }
        let frame = frame.ok_or_else(damaged)?;
        if ends(file)? { Ok(frame) } else { Err(cut_short()) }
    }

    fn read(segment: &mut impl Read) -> Result<Self> {
        let [precision, h0, h1, w0, w1, components] = array(segment)?;
        if precision != 8 {
            return Err(unread("JPEG images of more than 8 bits are not read").with("bits", precision));
        }
        match components {
            1 | 3 => Ok(Self { width: u16::from_be_bytes([w0, w1]), height: u16::from_be_bytes([h0, h1]), components }),
            4 => Err(unread("this JPEG image is made for print (CMYK)")),
            _ => Err(unread("JPEG images of one or three components are read").with("components", components)),
        }
    }
}

/// Whether the marker of the end comes: the bytes of a scan never look like it.
fn ends(file: &mut impl BufRead) -> Result<bool> {
    let mut last = 0;
    loop {
        let bytes = file.fill_buf().map_err(|e| failed(&e))?;
        let Some(&newest) = bytes.last() else { return Ok(false) };
        if (last == 0xff && bytes.first() == Some(&0xd9)) || bytes.windows(2).any(|pair| pair == [0xff, 0xd9]) {
            return Ok(true);
        }
        last = newest;
        let length = bytes.len();
        file.consume(length);
    }
}

fn array<const N: usize>(file: &mut impl Read) -> Result<[u8; N]> {
    let mut bytes = [0; N];
    file.read_exact(&mut bytes).map_err(|e| match e.kind() {
        std::io::ErrorKind::UnexpectedEof => cut_short(),
        _ => failed(&e),
    })?;
    Ok(bytes)
}

fn unread(message: &str) -> Error {
    unsupported(message).hint("save it as an 8-bit grey or RGB image, best as TIFF or PNG")
}

fn cut_short() -> Error {
    unreadable("the JPEG file is cut short").hint("copy or export it again")
}

fn damaged() -> Error {
    unreadable("the JPEG file is damaged").hint("copy or export it again")
}

fn broken(source: &ImageError) -> Error {
    match source {
        ImageError::Unsupported(_) => unread("this kind of JPEG is not read here").because(source),
        ImageError::IoError(e) if e.kind() != std::io::ErrorKind::UnexpectedEof => failed(e),
        _ => damaged().because(source),
    }
}

#[cfg(test)]
mod tests {
    use std::io::Write;

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
        for bytes in [&include_bytes!("../../tests/data/grey.jpg")[..], include_bytes!("../../tests/data/progressive.jpg")] {
            let image = open(bytes, &Limits::default()).expect("an image");
            assert_eq!(image.shape, Shape::plane(1, 4, 8));
            close(&image, &ramp);
        }
        refused(include_bytes!("../../tests/data/cmyk.jpg"), ErrorKind::Unsupported, "CMYK");
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
        let limits = Limits { bytes: 4095, ..Limits::default() };
        assert_eq!(open(&good, &limits).expect_err("4096 pixels").kind, ErrorKind::LimitExceeded);
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
