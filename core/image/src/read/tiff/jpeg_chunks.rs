//! Strips and tiles that are JPEG images, with tables that all of them share.
//!
//! Source: TIFF Technical Note 2 of 1995, which replaces what TIFF 6.0 says of JPEG.

use std::io::{Read, Seek, SeekFrom};

use fewlabel_contract::Result;
use tiff::TiffError;
use tiff::tags::{Tag, Type, ValueBuffer};

use super::super::jpeg::Jpeg;
use super::chunk_places::chunk_places;
use super::compression::Compression;
use super::layout::Layout;
use super::{Reader, broken, unreadable};
use crate::Limits;
use crate::pixels::reserved;
use crate::positioned_file::PositionedFile;

/// Where the images are, and what is needed to decode them.
pub(super) struct JpegChunks {
    /// First byte and length of each, in the order of strips or tiles.
    places: Vec<(u64, u64)>,
    tables: Option<Vec<u8>>,
    colours: Colours,
    /// Bytes that one of them may become.
    most: u64,
}

/// What `PhotometricInterpretation` says of three components side by side.
#[derive(Clone, Copy)]
enum Colours {
    /// Luminance and differences of colour, unless the image itself says that they are red, green and blue.
    YCbCr,
    /// Red, green and blue, unless the image is a JFIF file, which never holds these.
    Rgb,
    /// Any numbers.
    None,
}

/// The samples of a strip or tile side by side, row by row.
pub(super) struct Decoded {
    pub samples: Vec<u8>,
    pub width: usize,
    pub height: usize,
}

impl JpegChunks {
    /// Of the page that the decoder is at, when its strips or tiles are JPEG images.
    pub(super) fn of(decoder: &mut Reader, layout: &Layout, limits: &Limits) -> Result<Option<Self>> {
        if layout.compression != Compression::Jpeg {
            return Ok(None);
        }
        let places = chunk_places(decoder, layout)?;
        let mut tables = ValueBuffer::empty(Type::UNDEFINED);
        let found = decoder.image_ifd().find_tag_buf(Tag::JPEGTables, &mut tables).map_err(|e| broken(&e))?;
        let tables = found.map(|_| tables.as_bytes().to_vec());
        let colours = match (layout.ycbcr, layout.rgb && !layout.planar) {
            (true, _) => Colours::YCbCr,
            (false, true) => Colours::Rgb,
            (false, false) => Colours::None,
        };
        Ok(Some(Self { places, tables, colours, most: limits.bytes }))
    }

    /// Decodes a strip or tile of at most `whole` columns and rows, of which `used` lie in the page. One of no bytes is all 0.
    ///
    /// # Errors
    /// `unreadable-image` for damage, and for an image of another size or with another number of components; `limit-exceeded`.
    pub(super) fn read(
        &self,
        file: &PositionedFile,
        index: usize,
        (whole, used): ((usize, usize), (usize, usize)),
        components: usize,
    ) -> Result<Decoded> {
        let damaged = || unreadable("the TIFF file is damaged");
        let &(start, length) = self.places.get(index).ok_or_else(damaged)?;
        if length == 0 {
            let bytes = self.allowed(used, components)?;
            let mut samples = reserved(bytes)?;
            samples.resize(bytes, 0);
            return Ok(Decoded { samples, width: used.0, height: used.1 });
        }
        let mut file = file.clone();
        file.seek(SeekFrom::Start(start)).map_err(|e| broken(&e.into()))?;
        let mut bytes = Vec::new();
        // The length is only a claim: no memory is reserved for it.
        file.take(length).read_to_end(&mut bytes).map_err(|e| broken(&e.into()))?;
        let jpeg = Jpeg::parse(&bytes, self.tables.as_deref())?;
        let frame = jpeg.frame;
        let (width, height) = (usize::from(frame.width), usize::from(frame.height));
        let fits = (used.0..=whole.0).contains(&width) && (used.1..=whole.1).contains(&height);
        if !fits || usize::from(frame.components) != components {
            return Err(unreadable("a part of the TIFF file is a JPEG image of another size or kind than the file says")
                .with("columns, rows, samples", format!("{width} {height} {}", frame.components))
                .with("expected", format!("{} {} {components}", whole.0, whole.1))
                .hint("copy or export it again"));
        }
        self.allowed((width, height), components)?;
        let to_rgb = match self.colours {
            Colours::YCbCr => frame.is_ycbcr,
            Colours::Rgb => frame.is_jfif,
            Colours::None => false,
        };
        Ok(Decoded { samples: jpeg.samples(to_rgb)?, width, height })
    }
    /// The bytes of so many columns and rows.
    fn allowed(&self, (width, height): (usize, usize), components: usize) -> Result<usize> {
        let bytes = width.checked_mul(height).and_then(|n| n.checked_mul(components));
        bytes.filter(|&bytes| bytes as u64 <= self.most).ok_or_else(|| broken(&TiffError::LimitsExceeded))
    }
}
