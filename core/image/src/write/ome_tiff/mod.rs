//! OME-TIFF with tiles, smaller copies and compression: what viewers of large images open at once.
//!
//! Source: TIFF 6.0 (tiles: section 15, differences: section 14), TIFF Technical Note 1 (trees of pages), the BigTIFF layout, and
//! the OME-TIFF specification 6 ("Sub-resolutions").
//!
//! Tiles are written as they come, and the page entries after all of them, when it is known where the tiles are.

mod directory;
mod labels;
mod maps;
mod page;
mod pixel;
mod pyramid;
mod tiff_file;

pub use labels::write_labels_ome;
pub use maps::write_maps_ome;

use std::ops::Range;
use std::path::Path;

use fewlabel_contract::{Error, ErrorKind, Result};

use crate::ome::Description;
use crate::{AtomicFile, Calibration, Shape};
use page::Page;
use pixel::TilePixel;
use pyramid::Pyramid;
use tiff_file::TiffFile;

const OPERATION: &str = "write OME-TIFF";

/// Each plane has a page entry and a line of OME-XML, and both are read as a whole by other programs.
const MOST_PLANES: u64 = 1 << 18;

/// From so many bytes before compression on, a file gets places of 64 bits. Compressed, all below it fit in 32 bits: Deflate adds
/// less than a thousandth to what it cannot compress.
const BIG: u64 = 2 << 30;

/// What is written, beside the pixels.
struct OmeTiff<'a> {
    shape: Shape,
    calibration: &'a Calibration,
    /// One for each channel, or none.
    channel_names: &'a [String],
    /// One for each plane in order `t z c`, or none.
    slice_labels: &'a [String],
}

/// A plane that is asked for, by slice, channel and frame.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct PlaneIndex {
    t: usize,
    z: usize,
    c: usize,
}

impl OmeTiff<'_> {
    /// Writes planes in order `t z c`, each from top to bottom: `rows` gives some rows of one.
    fn write<T: TilePixel>(
        &self,
        path: &Path,
        existing_ok: bool,
        rows: impl FnMut(PlaneIndex, Range<usize>) -> Result<Vec<T>>,
    ) -> Result<()> {
        self.check(path)?;
        let Shape { t, z, c, y, x } = self.shape;
        let pyramid = Pyramid::of(y, x);
        let bytes = pyramid.pixels().saturating_mul((t * z * c) as u64).saturating_mul(u64::from(T::BITS / 8));
        let mut file = TiffFile::begin(AtomicFile::create(path, existing_ok)?, bytes > BIG)?;
        self.write_to(&mut file, &path.file_name().unwrap_or_default().to_string_lossy(), &pyramid, rows)?;
        file.commit()
    }

    fn write_to<T: TilePixel>(
        &self,
        file: &mut TiffFile,
        name: &str,
        pyramid: &Pyramid,
        mut rows: impl FnMut(PlaneIndex, Range<usize>) -> Result<Vec<T>>,
    ) -> Result<()> {
        let Shape { t, z, c, .. } = self.shape;
        let mut pages = Vec::new();
        for plane in (0..t).flat_map(|t| (0..z).flat_map(move |z| (0..c).map(move |c| PlaneIndex { t, z, c }))) {
            let tiles = pyramid.write(file, |range| rows(plane, range))?;
            let mut levels = pyramid.levels.iter().zip(tiles).enumerate().map(|(level, (&size, tiles))| Page {
                size,
                tile: pyramid.tile,
                tiles,
                is_smaller: level > 0,
                smaller: Vec::new(),
                calibration: (level == 0).then_some(self.calibration),
            });
            let Some(mut page) = levels.next() else { continue };
            for smaller in levels {
                page.smaller.push(smaller.directory::<T>(file, None)?.write(file, true)?);
            }
            pages.push(page);
        }
        let description = Description {
            name,
            shape: self.shape,
            pixel_type: T::TYPE,
            calibration: self.calibration,
            channel_names: self.channel_names,
            slice_labels: self.slice_labels,
            hash: file.hash(&format!("{name} {:?}", self.shape)),
        };
        let description = description.text()?;
        let mut first = Some(&description[..]);
        let entries = pages.iter().map(|page| page.directory::<T>(file, first.take())).collect::<Result<Vec<_>>>()?;
        let places = entries.iter().enumerate().map(|(page, entry)| entry.write(file, page + 1 == entries.len()));
        let places = places.collect::<Result<Vec<_>>>()?;
        file.finish(places.first().copied().unwrap_or(0))
    }

    fn check(&self, path: &Path) -> Result<()> {
        let Shape { t, z, c, y, x } = self.shape;
        let fault = |message: &str| Error::internal(OPERATION, message).file(path);
        if [t, z, c, y, x].contains(&0) {
            return Err(fault("an image without pixels"));
        }
        let planes = [z, c].iter().try_fold(t as u64, |n, &f| n.checked_mul(f as u64)).filter(|&n| n <= MOST_PLANES);
        let fits = |side: usize| i32::try_from(side).is_ok();
        let (Some(planes), true) = (planes, fits(y) && fits(x)) else {
            return Err(Error::new(ErrorKind::LimitExceeded, OPERATION, "the result is too large for an OME-TIFF")
                .file(path)
                .with("frames", t)
                .with("slices", z)
                .with("channels", c)
                .with("height", y)
                .with("width", x)
                .with("allowed planes", MOST_PLANES)
                .with("allowed side", i32::MAX)
                .hint("cut the image into parts"));
        };
        if !self.channel_names.is_empty() && self.channel_names.len() != c {
            return Err(fault("names for another number of channels")
                .with("names", self.channel_names.len())
                .with("channels", c));
        }
        if !self.slice_labels.is_empty() && self.slice_labels.len() as u64 != planes {
            return Err(fault("slice labels for another number of planes")
                .with("labels", self.slice_labels.len())
                .with("planes", planes));
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests;
