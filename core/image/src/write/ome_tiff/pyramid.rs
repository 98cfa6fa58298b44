//! A plane and its smaller copies, made tile by tile while the rows of the plane come in.

use std::ops::Range;

use fewlabel_contract::{Error, Result};
use flate2::Compression;
use flate2::write::ZlibEncoder;

use super::OPERATION;
use super::pixel::{TilePixel, halve};
use super::tiff_file::{Stretch, TiffFile};

/// Longest side of a tile.
const LARGEST_TILE: usize = 512;
/// Sides of tiles are multiples of this (TIFF 6.0, section 15).
const STEP: usize = 16;
const DEFLATE: Compression = Compression::new(6);

/// Extent of a plane, of its tiles and of its smaller copies.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Pyramid {
    /// Rows and columns of a tile of any level.
    pub tile: (usize, usize),
    /// Rows and columns of each level, the plane itself first.
    pub levels: Vec<(usize, usize)>,
}

impl Pyramid {
    /// Levels halve, rounded up, until one fits in a tile or a side is a single pixel.
    pub(super) fn of(height: usize, width: usize) -> Self {
        let side = |extent: usize| extent.next_multiple_of(STEP).clamp(STEP, LARGEST_TILE);
        let mut levels = vec![(height, width)];
        let (mut y, mut x) = (height, width);
        while y.max(x) > LARGEST_TILE && y.min(x) > 1 {
            (y, x) = (y.div_ceil(2), x.div_ceil(2));
            levels.push((y, x));
        }
        Self { tile: (side(height), side(width)), levels }
    }

    /// Pixels of all tiles of all levels, those that only fill up tiles included.
    pub(super) fn pixels(&self) -> u64 {
        let filled = |extent: usize, tile: usize| extent.next_multiple_of(tile) as u64;
        self.levels
            .iter()
            .map(|&(y, x)| filled(y, self.tile.0).saturating_mul(filled(x, self.tile.1)))
            .fold(0, u64::saturating_add)
    }

    /// Writes the tiles of all levels, and says where they are, for each level row by row. In memory is a row of tiles of each
    /// level.
    pub(super) fn write<T: TilePixel>(
        &self,
        file: &mut TiffFile,
        mut rows: impl FnMut(Range<usize>) -> Result<Vec<T>>,
    ) -> Result<Vec<Vec<Stretch>>> {
        let (height, width) = self.levels.first().copied().unwrap_or_default();
        let mut bands: Vec<Band<T>> = self.levels.iter().map(|&level| Band::new(level, self.tile)).collect();
        for top in (0..height).step_by(self.tile.0) {
            let range = top..height.min(top + self.tile.0);
            let mut next = rows(range.clone())?;
            if next.len() != range.len() * width {
                return Err(Error::internal(OPERATION, "rows of another length than the image's")
                    .with("rows", range.len())
                    .with("width", width)
                    .with("pixels", next.len()));
            }
            for band in &mut bands {
                band.add(next);
                if !band.is_whole() {
                    break;
                }
                next = band.write(file)?;
            }
        }
        Ok(bands.into_iter().map(|band| band.tiles).collect())
    }
}

/// The rows of one level that make a row of its tiles.
struct Band<T> {
    height: usize,
    width: usize,
    tile: (usize, usize),
    /// Rows above these ones.
    above: usize,
    rows: Vec<T>,
    tiles: Vec<Stretch>,
}

impl<T: TilePixel> Band<T> {
    fn new((height, width): (usize, usize), tile: (usize, usize)) -> Self {
        Self { height, width, tile, above: 0, rows: Vec::new(), tiles: Vec::new() }
    }

    fn add(&mut self, mut rows: Vec<T>) {
        if self.rows.is_empty() {
            self.rows = rows;
        } else {
            self.rows.append(&mut rows);
        }
    }

    /// Whether no row is missing: a tile's height is even, so that rows of two bands above make one here.
    fn is_whole(&self) -> bool {
        let rows = self.rows.len() / self.width;
        rows == self.tile.0 || self.above + rows == self.height
    }

    /// Writes the row of tiles; what is left is it at half the size.
    fn write(&mut self, file: &mut TiffFile) -> Result<Vec<T>> {
        for left in (0..self.width).step_by(self.tile.1) {
            let bytes = self.compressed(left..self.width.min(left + self.tile.1)).map_err(|e| file.error(&e))?;
            self.tiles.push(file.append(&bytes)?);
        }
        let rows = std::mem::take(&mut self.rows);
        self.above += rows.len() / self.width;
        Ok(halve(&rows, self.width))
    }

    /// The tile with these columns; beyond the edges of the image it is 0.
    fn compressed(&self, columns: Range<usize>) -> std::io::Result<Vec<u8>> {
        let (tile_rows, tile_columns) = self.tile;
        let mut bytes = Vec::with_capacity(tile_rows * tile_columns * usize::from(T::BITS / 8));
        let mut padded = vec![T::default(); tile_columns];
        for row in self.rows.chunks_exact(self.width) {
            let (inside, _) = padded.split_at_mut(columns.len());
            inside.copy_from_slice(&row[columns.clone()]);
            T::encode(&padded, &mut bytes);
        }
        bytes.resize(tile_rows * tile_columns * usize::from(T::BITS / 8), 0);
        let mut encoder = ZlibEncoder::new(Vec::new(), DEFLATE);
        std::io::Write::write_all(&mut encoder, &bytes)?;
        encoder.finish()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn levels_halve_until_they_fit_in_a_tile() {
        assert_eq!(Pyramid::of(5, 7), Pyramid { tile: (16, 16), levels: vec![(5, 7)] });
        assert_eq!(Pyramid::of(512, 500), Pyramid { tile: (512, 512), levels: vec![(512, 500)] });
        assert_eq!(Pyramid::of(513, 100), Pyramid { tile: (512, 112), levels: vec![(513, 100), (257, 50)] });
        assert_eq!(Pyramid::of(2051, 1024).levels, [(2051, 1024), (1026, 512), (513, 256), (257, 128)]);
        // Smaller copies have fewer rows and columns than the one before.
        assert_eq!(Pyramid::of(1, 100_000).levels, [(1, 100_000)]);
        assert_eq!(Pyramid::of(3, 100_000).levels, [(3, 100_000), (2, 50_000), (1, 25_000)]);
        assert_eq!(Pyramid::of(513, 100).pixels(), (1024 + 512) * 112);
        assert_eq!(Pyramid::of(i32::MAX as usize, i32::MAX as usize).levels.len(), 23);
    }
}
