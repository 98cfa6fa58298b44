//! What the entry of a page says.

use fewlabel_contract::Result;

use super::directory::{Directory, Value};
use super::pixel::TilePixel;
use super::tiff_file::{Stretch, TiffFile};
use crate::Calibration;
use crate::imagej::resolution;
use crate::ome::centimetres;

const ADOBE_DEFLATE: u16 = 8;
const BLACK_IS_ZERO: u16 = 1;
const CHUNKY: u16 = 1;
const CENTIMETRE: u16 = 3;

/// A plane, or a smaller copy of one, whose tiles are in the file.
pub(super) struct Page<'a> {
    /// Rows and columns.
    pub size: (usize, usize),
    /// Rows and columns of a tile.
    pub tile: (usize, usize),
    /// Row by row.
    pub tiles: Vec<Stretch>,
    /// Whether it is a smaller copy.
    pub is_smaller: bool,
    /// Where the entries of its smaller copies are, the largest first.
    pub smaller: Vec<u64>,
    /// What one of its pixels measures.
    pub calibration: Option<&'a Calibration>,
}

impl Page<'_> {
    /// The entry, with a description or not. Values that are too long for it are written.
    pub(super) fn directory<T: TilePixel>(&self, file: &mut TiffFile, description: Option<&str>) -> Result<Directory> {
        let mut entry = Directory::default();
        let mut add = |tag, value| entry.add(file, tag, &value);
        // Sides are below 2³¹: checked before anything is written.
        let long = |side: usize| Value::Long(side as u32);
        add(254, Value::Long(u32::from(self.is_smaller)))?; // NewSubfileType
        add(256, long(self.size.1))?; // ImageWidth
        add(257, long(self.size.0))?; // ImageLength
        add(258, Value::Short(T::BITS))?; // BitsPerSample
        add(259, Value::Short(ADOBE_DEFLATE))?; // Compression
        add(262, Value::Short(BLACK_IS_ZERO))?; // PhotometricInterpretation
        if let Some(description) = description {
            add(270, Value::Text(description))?; // ImageDescription
        }
        add(277, Value::Short(1))?; // SamplesPerPixel
        let pixels_a_centimetre = self.resolution();
        if let Some([x, y]) = pixels_a_centimetre {
            add(282, Value::Rational(x.0, x.1))?; // XResolution
            add(283, Value::Rational(y.0, y.1))?; // YResolution
        }
        add(284, Value::Short(CHUNKY))?; // PlanarConfiguration
        if pixels_a_centimetre.is_some() {
            add(296, Value::Short(CENTIMETRE))?; // ResolutionUnit
        }
        add(317, Value::Short(T::PREDICTOR))?; // Predictor
        add(322, long(self.tile.1))?; // TileWidth
        add(323, long(self.tile.0))?; // TileLength
        add(324, Value::Places(self.tiles.iter().map(|tile| tile.place).collect()))?; // TileOffsets
        add(325, Value::Places(self.tiles.iter().map(|tile| tile.length).collect()))?; // TileByteCounts
        if !self.smaller.is_empty() {
            add(330, Value::Places(self.smaller.clone()))?; // SubIFDs
        }
        add(339, Value::Short(T::FORMAT))?; // SampleFormat
        Ok(entry)
    }

    fn resolution(&self) -> Option<[(u32, u32); 2]> {
        let calibration = self.calibration?;
        let unit = calibration.unit.as_deref()?;
        let pixels = |size: f64| centimetres(size, unit).and_then(resolution);
        Some([pixels(calibration.x?)?, pixels(calibration.y?)?])
    }
}
