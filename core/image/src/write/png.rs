//! Colour pictures as PNG.

use std::io::{Cursor, Write};
use std::path::Path;

use fewlabel_contract::{Error, Result};
use image::codecs::png::PngEncoder;
use image::{ExtendedColorType, ImageEncoder};

use crate::{AtomicFile, Plane};

const OPERATION: &str = "write PNG";

/// Writes a picture in red, green and blue, 8 bits each.
///
/// # Errors
/// Those of [`AtomicFile`] and [`encode_png_rgb`].
pub fn write_png_rgb(path: &Path, picture: &Plane<[u8; 3]>, existing_ok: bool) -> Result<()> {
    let bytes = encode_png_rgb(picture)?;
    let mut file = AtomicFile::create(path, existing_ok)?;
    file.write_all(&bytes).map_err(|e| file.error(&e))?;
    file.commit()
}

/// A picture in red, green and blue, 8 bits each, as the bytes of a PNG file.
///
/// # Errors
/// `internal` for a picture without pixels or one longer than 2³² - 1.
pub fn encode_png_rgb(picture: &Plane<[u8; 3]>) -> Result<Vec<u8>> {
    let fault = |message: &str| Error::internal(OPERATION, message).with("width", picture.width).with("height", picture.height);
    let (Ok(width), Ok(height)) = (u32::try_from(picture.width), u32::try_from(picture.height)) else {
        return Err(fault("a picture too large for PNG"));
    };
    if picture.data.is_empty() {
        return Err(fault("a picture without pixels"));
    }
    let mut bytes = Cursor::new(Vec::new());
    PngEncoder::new(&mut bytes)
        .write_image(picture.data.as_flattened(), width, height, ExtendedColorType::Rgb8)
        .map_err(|e| fault("the PNG encoder failed").because(&e))?;
    Ok(bytes.into_inner())
}
