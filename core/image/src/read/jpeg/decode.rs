//! From the bytes of a JPEG image to its samples.

use fewlabel_contract::{Error, Result};
use zune_jpeg::JpegDecoder;
use zune_jpeg::errors::DecodeErrors;
use zune_jpeg::zune_core::bytestream::ZCursor;
use zune_jpeg::zune_core::options::DecoderOptions;

use super::head::{Frame, Head};
use super::{damaged, unread};
use crate::pixels::reserved;

/// An image and the tables it needs.
pub(in super::super) struct Jpeg<'a> {
    head: Head<'a>,
    tables: Option<Head<'a>>,
    pub frame: Frame,
}

impl<'a> Jpeg<'a> {
    /// Reads the header of the image in `bytes`, some of whose tables may be in a stream of their own (as in TIFF, Technical
    /// Note 2).
    ///
    /// # Errors
    /// `unreadable-image` for bytes that are cut short or damaged; `unsupported` for kinds of JPEG that are not read.
    pub(in super::super) fn parse(bytes: &'a [u8], tables: Option<&'a [u8]>) -> Result<Self> {
        let head = Head::parse(bytes)?;
        let frame = head.frame()?;
        Ok(Self { head, tables: tables.map(Head::parse).transpose()?, frame })
    }

    /// The samples, those of a pixel side by side, row by row; with `to_rgb` the three components, luminance and differences of
    /// colour, as red, green and blue.
    ///
    /// # Errors
    /// `unreadable-image` for damage; `unsupported`; `out-of-memory`.
    pub(in super::super) fn samples(&self, to_rgb: bool) -> Result<Vec<u8>> {
        let bytes = self.head.with_tables(self.tables.as_ref());
        // What is missing or damaged would be filled up with grey otherwise.
        let options = DecoderOptions::default().set_max_width(usize::MAX).set_max_height(usize::MAX).set_strict_mode(true);
        let mut decoder = JpegDecoder::new_with_options(ZCursor::new(&bytes), options);
        decoder.decode_headers().map_err(|e| broken(&e))?;
        let stored = decoder.input_colorspace().ok_or_else(damaged)?;
        decoder.set_options(options.jpeg_set_out_colorspace(stored));
        let length = usize::from(self.frame.width) * usize::from(self.frame.height) * usize::from(self.frame.components);
        if decoder.output_buffer_size() != Some(length) {
            return Err(damaged());
        }
        let mut samples = reserved(length)?;
        samples.resize(length, 0);
        decoder.decode_into(&mut samples).map_err(|e| broken(&e))?;
        if to_rgb && self.frame.components == 3 {
            samples.as_chunks_mut().0.iter_mut().for_each(|pixel| *pixel = rgb(*pixel));
        }
        Ok(samples)
    }
}

/// Red, green and blue of luminance and differences of colour (ITU T.871, section 7), in 16 bits of fraction as libjpeg.
fn rgb([y, cb, cr]: [u8; 3]) -> [u8; 3] {
    const RED: i32 = 91_881;
    const GREEN_OF_BLUE: i32 = 22_554;
    const GREEN_OF_RED: i32 = 46_802;
    const BLUE: i32 = 116_130;
    const HALF: i32 = 1 << 15;
    let [y, cb, cr] = [i32::from(y), i32::from(cb) - 128, i32::from(cr) - 128];
    let plus = |difference: i32| (y + ((difference + HALF) >> 16)).clamp(0, 255) as u8;
    [plus(RED * cr), plus(-GREEN_OF_BLUE * cb - GREEN_OF_RED * cr), plus(BLUE * cb)]
}

fn broken(source: &DecodeErrors) -> Error {
    match source {
        DecodeErrors::Unsupported(_) => unread("this kind of JPEG is not read here").because(source),
        _ => damaged().because(source),
    }
}

#[cfg(test)]
mod tests {
    use super::rgb;

    #[test]
    fn colours_of_the_standard() {
        for (stored, shown) in [
            ([0, 128, 128], [0, 0, 0]),
            ([255, 128, 128], [255, 255, 255]),
            ([76, 85, 255], [254, 0, 0]),
            ([150, 44, 21], [0, 255, 1]),
            ([29, 255, 107], [0, 0, 254]),
            ([255, 0, 0], [76, 255, 28]),
        ] {
            assert_eq!(rgb(stored), shown, "{stored:?}");
        }
    }
}
