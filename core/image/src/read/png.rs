//! Images from PNG files.

use std::fs::File;
use std::io::{BufReader, Read, Seek, SeekFrom};

use fewlabel_contract::{Error, ErrorKind, Result};
use image::codecs::png::PngDecoder;
use image::{DynamicImage, ImageDecoder, ImageError};

use super::{LARGEST_RATIO, OPERATION, check_claim, failed, planes, unreadable};
use crate::{Calibration, Image, Limits, Pixels, Shape};

/// Reads all of `file`, which holds `file_bytes`.
pub(super) fn read(mut file: File, file_bytes: u64, limits: &Limits) -> Result<Image> {
    let header = Header::read(&mut file)?;
    let ratio = LARGEST_RATIO * header.decoded_bits() / header.stored_bits();
    check_palette(&mut file)?;
    check_claim((header.width, header.height), (header.decoded_bits() / 8, 1), 1, (file_bytes, ratio), limits)?;
    file.seek(SeekFrom::Start(0)).map_err(|e| failed(&e))?;
    let mut allowed = image::Limits::no_limits();
    allowed.max_alloc = Some(limits.bytes);
    let decoder = PngDecoder::with_limits(BufReader::new(file), allowed).map_err(|e| broken(&e))?;
    let (x, y) = decoder.dimensions();
    let decoded = DynamicImage::from_decoder(decoder).map_err(|e| broken(&e))?;
    let (channels, pixels) = samples(decoded, &header)?;
    Ok(Image {
        shape: Shape::plane(channels, y as usize, x as usize),
        pixels,
        rgb: channels == 3,
        calibration: Calibration::default(),
        slice_labels: Vec::new(),
    })
}

/// That a palette is made of whole colours: the decoder takes that for granted.
fn check_palette(file: &mut File) -> Result<()> {
    file.seek(SeekFrom::Start(8)).map_err(|e| failed(&e))?;
    let mut chunk = [0; 8];
    // The decoder says what else is wrong with the chunks.
    while file.read_exact(&mut chunk).is_ok() && !chunk.ends_with(b"IDAT") {
        let [l0, l1, l2, l3, ..] = chunk;
        let length = u32::from_be_bytes([l0, l1, l2, l3]);
        if chunk.ends_with(b"PLTE") && !length.is_multiple_of(3) {
            return Err(unreadable("the palette of the PNG file is damaged")
                .with("bytes", length)
                .hint("copy or export it again"));
        }
        let checksum = 4;
        file.seek(SeekFrom::Current(i64::from(length) + checksum)).map_err(|e| failed(&e))?;
    }
    Ok(())
}

/// The chunk that begins every PNG file: after eight bytes of signature its length, `IHDR`, width, height, bits of a
/// sample, and colour type (0 grey, 2 colour, 3 palette, 4 grey with alpha, 6 colour with alpha).
struct Header {
    width: u64,
    height: u64,
    depth: u8,
    colour: u8,
}

impl Header {
    fn read(file: &mut File) -> Result<Self> {
        let mut bytes = [0; 26];
        file.read_exact(&mut bytes).map_err(|_| unreadable("the PNG file is cut short"))?;
        let [.., w0, w1, w2, w3, h0, h1, h2, h3, depth, colour] = bytes;
        let known = matches!(depth, 1 | 2 | 4 | 8 | 16) && matches!(colour, 0 | 2 | 3 | 4 | 6);
        if &bytes[12..16] != b"IHDR" || !known {
            return Err(unreadable("the PNG file is damaged").hint("copy or export it again"));
        }
        Ok(Self {
            width: u32::from_be_bytes([w0, w1, w2, w3]).into(),
            height: u32::from_be_bytes([h0, h1, h2, h3]).into(),
            depth,
            colour,
        })
    }

    /// Bits of a pixel in the file.
    fn stored_bits(&self) -> u64 {
        let samples = match self.colour {
            2 => 3,
            4 => 2,
            6 => 4,
            _ => 1,
        };
        samples * u64::from(self.depth)
    }

    /// Bits of a pixel as it is decoded: at least 8 a sample, palettes as colours with alpha.
    fn decoded_bits(&self) -> u64 {
        if self.colour == 3 { 32 } else { self.stored_bits().max(8) }
    }

    /// What fewer than 8 bits of grey are multiplied by to fill the range of 8; 1 for all others.
    fn stretch(&self) -> u8 {
        if self.colour == 0 && self.depth < 8 { 255 / ((1 << self.depth) - 1) } else { 1 }
    }
}

/// Channels, and their samples in order `c y x`.
fn samples(decoded: DynamicImage, header: &Header) -> Result<(usize, Pixels)> {
    Ok(match decoded {
        DynamicImage::ImageLuma8(grey) => (1, Pixels::U8(as_stored(grey.into_raw(), header.stretch()))),
        DynamicImage::ImageLumaA8(grey) => (1, Pixels::U8(as_stored(planes(grey.as_raw(), 2, 1), header.stretch()))),
        DynamicImage::ImageRgb8(colour) => (3, Pixels::U8(planes(colour.as_raw(), 3, 3))),
        DynamicImage::ImageRgba8(colour) => (3, Pixels::U8(planes(colour.as_raw(), 4, 3))),
        DynamicImage::ImageLuma16(grey) => (1, Pixels::U16(grey.into_raw())),
        DynamicImage::ImageLumaA16(grey) => (1, Pixels::U16(planes(grey.as_raw(), 2, 1))),
        DynamicImage::ImageRgb16(colour) => (3, Pixels::U16(planes(colour.as_raw(), 3, 3))),
        DynamicImage::ImageRgba16(colour) => (3, Pixels::U16(planes(colour.as_raw(), 4, 3))),
        other => return Err(Error::internal(OPERATION, format!("PNG decoded as {:?}", other.color()))),
    })
}

/// The decoder stretches fewer than 8 bits over the range of 8; numbers of labels must stay what they are.
fn as_stored(mut grey: Vec<u8>, stretch: u8) -> Vec<u8> {
    if stretch > 1 {
        grey.iter_mut().for_each(|value| *value /= stretch);
    }
    grey
}

fn broken(source: &ImageError) -> Error {
    match source {
        ImageError::Limits(_) => {
            Error::new(ErrorKind::LimitExceeded, OPERATION, "the image needs more memory than allowed").because(source)
        }
        ImageError::IoError(e) if e.kind() != std::io::ErrorKind::UnexpectedEof => failed(e),
        _ => unreadable("the PNG file is cut short or damaged").hint("copy or export it again").because(source),
    }
}
