//! How the samples of a page lie in the file.

use fewlabel_contract::Result;
use tiff::ColorType;
use tiff::decoder::ChunkType;
use tiff::tags::{PhotometricInterpretation, PlanarConfiguration, SampleFormat, Tag};

use super::compression::Compression;
use super::number::Number;
use super::{Reader, broken, unsupported};
use crate::PixelType;

/// Values of `ExtraSamples` that stand for transparency: associated and unassociated alpha.
const ALPHA: [u16; 2] = [1, 2];

/// Value of `FillOrder` for bytes that begin with their lowest bit.
const LOWEST_FIRST: u16 = 2;

/// Extent and samples of a page.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Layout {
    /// Columns.
    pub width: usize,
    /// Rows.
    pub height: usize,
    /// Samples a pixel in the file.
    pub stored: usize,
    /// Samples a pixel that are kept, the first ones: all but alpha.
    pub kept: usize,
    /// Type of a sample.
    pub number: Number,
    /// Whether the samples of a pixel lie in planes of their own instead of side by side.
    pub planar: bool,
    /// Whether the three kept samples are red, green and blue.
    pub rgb: bool,
    /// How strips or tiles are packed.
    pub compression: Compression,
    /// Whether red, green and blue are stored as luminance and differences of colour.
    pub ycbcr: bool,
    /// Whether the first of several values in a byte stands in its lowest bits.
    pub lowest_first: bool,
    /// Columns and rows of a tile, where there are tiles.
    pub tile: Option<(usize, usize)>,
}

impl Layout {
    /// Of the page that the decoder is at.
    pub(super) fn of(decoder: &mut Reader) -> Result<Self> {
        let (width, height) = decoder.dimensions().map_err(|e| broken(&e))?;
        let compression = decoder.find_tag_unsigned::<u16>(Tag::Compression).map_err(|e| broken(&e))?.unwrap_or(1);
        let compression = Compression::of(compression)?;
        let color = decoder.colortype().map_err(|e| broken(&e))?;
        let mut tag = |tag| decoder.find_tag_unsigned_vec::<u16>(tag).map_err(|e| broken(&e));
        let extra = tag(Tag::ExtraSamples)?.unwrap_or_default();
        let format = tag(Tag::SampleFormat)?.and_then(|v| v.first().copied()).unwrap_or(1);
        let photometric = tag(Tag::PhotometricInterpretation)?.and_then(|v| v.first().copied());
        let lowest_first = tag(Tag::FillOrder)?.and_then(|v| v.first().copied()) == Some(LOWEST_FIRST);
        let planar = tag(Tag::PlanarConfiguration)?.and_then(|v| v.first().copied()).unwrap_or(1);
        let stored = usize::from(tag(Tag::SamplesPerPixel)?.and_then(|v| v.first().copied()).unwrap_or(1));
        let (rgb, kept) = match color {
            ColorType::Gray(_) => (false, 1),
            ColorType::RGB(_) => (true, 3),
            ColorType::RGBA(_) => (true, 3),
            ColorType::YCbCr(_) if compression == Compression::Jpeg => (true, 3),
            ColorType::Multiband { .. } => {
                let alpha = extra.last().is_some_and(|kind| ALPHA.contains(kind));
                (false, stored - usize::from(alpha && stored > 1))
            }
            other => {
                return Err(unsupported("colours of this kind are not read here")
                    .with("colours", format!("{other:?}"))
                    .hint("save it as RGB or grey, in Fiji with Image > Type > RGB Color"));
            }
        };
        if stored != usize::from(color.num_samples()) {
            return Err(unsupported("a colour picture with further channels is not read here")
                .with("samples a pixel", stored)
                .hint("save the channels without colour, one plane each"));
        }
        let number = Number::new(SampleFormat::from_u16_exhaustive(format), color.bit_depth())?;
        if number.bits < 8 && stored > 1 {
            return Err(unsupported("several samples a pixel of fewer than 8 bits are not read here")
                .with("bits", number.bits)
                .with("samples a pixel", stored)
                .hint("save it as 8 bit"));
        }
        if compression == Compression::Jpeg && number.pixel_type != PixelType::U8 {
            return Err(unsupported("JPEG in TIFF is read with 8 bits here")
                .with("bits", number.bits)
                .hint("save it with LZW or Deflate compression"));
        }
        if lowest_first && !(number.bits < 8 && compression == Compression::None) {
            return Err(unsupported("the bits of this TIFF are in the reverse order (FillOrder 2)").hint("save it again"));
        }
        let tile = match decoder.get_chunk_type() {
            ChunkType::Tile => Some(decoder.chunk_dimensions()),
            ChunkType::Strip => None,
        };
        Ok(Self {
            width: width as usize,
            height: height as usize,
            stored,
            kept,
            number,
            planar: planar == PlanarConfiguration::Planar.to_u16(),
            rgb,
            compression,
            ycbcr: photometric == Some(PhotometricInterpretation::YCbCr.to_u16()),
            lowest_first,
            tile: tile.map(|(width, height)| (width as usize, height as usize)),
        })
    }

    /// The most bytes of samples that one byte in the file may become.
    pub(super) fn ratio(&self) -> u64 {
        self.compression.ratio(self.width).saturating_mul(self.number.in_a_byte() as u64)
    }

    /// Bytes of one page as numbers side by side.
    pub(super) fn plane_bytes(&self) -> u64 {
        self.number.bytes() * self.stored as u64 * self.height as u64 * self.width as u64
    }

    /// Whether pages of this and of the other layout are planes of one image.
    pub(super) fn is_like(&self, other: &Self) -> bool {
        let of = |layout: &Self| (layout.width, layout.height, layout.kept, layout.number, layout.rgb);
        of(self) == of(other)
    }
}
