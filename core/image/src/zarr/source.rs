//! An OME-Zarr image that stays in its folder until a part of it is asked for.

use std::path::Path;

use fewlabel_contract::{Error, ErrorKind, Result};

use super::array::Array;
use super::multiscale::Multiscale;
use super::omero::{self, ZarrChannel};
use super::{OPERATION, ZARR_JSON, ZARRAY, ZATTRS, ZGROUP, file, series, unreadable, within};
use crate::{ImageInfo, Limits, Pixels, Region, Shape, Source};

/// An OME-Zarr image of version 0.4 (Zarr 2) or 0.5 (Zarr 3).
///
/// * Axes are any of `t c z y x`, in any order, with y and x among them. Numbers are whole ones of 8 to 64 bits, bool (0 and
///   1), and floats of 16 (read as 32), 32 and 64 bits, in either order of bytes.
/// * Chunks are plain or packed by blosc (not with Snappy), gzip, lz4, zlib or zstd, with or without CRC-32C; they may be
///   transposed, and lie in shards. One that is not there is full of the fill value.
/// * Levels of the pyramid are those arrays whose rows and columns alone shrink. Where slices are merged, too, a level is left
///   out: its planes are not those of the image.
/// * Calibration is the scale at full resolution in the unit of x. Translations are not read.
#[derive(Debug)]
pub struct ZarrSource {
    info: ImageInfo,
    levels: Vec<Array>,
    limits: Limits,
    series: usize,
    channels: Vec<ZarrChannel>,
    labels: bool,
}

/// Whether a folder is a Zarr hierarchy.
pub fn is_zarr(folder: &Path) -> bool {
    [ZARR_JSON, ZATTRS, ZGROUP, ZARRAY].iter().any(|name| folder.join(name).is_file())
}

impl ZarrSource {
    /// Opens the image in `folder`, or the first one where bioformats2raw has put several there; [`series`](Self::series) says
    /// how many there are. Only metadata is read.
    ///
    /// # Errors
    /// `not-found`; `unreadable-image` for missing or damaged metadata; `unsupported` for what is not read here;
    /// `limit-exceeded` for a side, planes, a chunk, levels or metadata over what is allowed; `io`.
    pub fn open(folder: &Path, limits: &Limits) -> Result<Self> {
        Self::of(folder, limits).map_err(|e| within(e, folder))
    }

    fn of(folder: &Path, limits: &Limits) -> Result<Self> {
        let series = series::find(folder, limits)?;
        let multiscales = series.attributes.multiscales.unwrap_or_default();
        let multiscale = Multiscale::of(multiscales.first().ok_or_else(|| unreadable("the image has no levels"))?)?;
        let mut levels: Vec<Array> = Vec::new();
        for path in &multiscale.datasets {
            let array = Array::open(file::below(&series.folder, path)?, series.version, &multiscale.axes, limits)?;
            if levels.last().is_none_or(|above| is_below(above, &array)) {
                levels.push(array);
            }
        }
        let full = levels.first().ok_or_else(|| unreadable("the image has no levels"))?;
        let [t, z, c, y, x] = full.shape;
        let channels = omero::channels(series.attributes.omero.as_ref(), c);
        let info = ImageInfo {
            calibration: multiscale.calibration,
            channel_names: omero::names(&channels),
            levels: levels.iter().map(|level| (level.shape[3], level.shape[4])).collect(),
            ..ImageInfo::new(Shape { t, z, c, y, x }, full.number.pixel_type)
        };
        let labels = series.attributes.image_label.is_some();
        Ok(Self { info, levels, limits: *limits, series: series.number, channels, labels })
    }

    /// Number of images in the folder, of which this is the first.
    pub fn series(&self) -> usize {
        self.series
    }

    /// How the channels are called and shown: one for each, or none.
    pub fn channels(&self) -> &[ZarrChannel] {
        &self.channels
    }

    /// Whether the image calls itself a label image.
    pub fn is_labels(&self) -> bool {
        self.labels
    }
}

/// Whether an array is the next level of a pyramid: smaller rows or columns of the same planes.
fn is_below(above: &Array, array: &Array) -> bool {
    let (a, b) = (above.shape, array.shape);
    above.number == array.number && a[..3] == b[..3] && b[3] <= a[3] && b[4] <= a[4] && b != a
}

impl Source for ZarrSource {
    fn info(&self) -> &ImageInfo {
        &self.info
    }

    fn read(&self, level: usize, region: &Region) -> Result<Pixels> {
        let array = self.levels.get(level).ok_or_else(|| {
            Error::new(ErrorKind::InvalidRequest, OPERATION, "the image has no such level")
                .with("level", level)
                .with("levels", self.levels.len())
        })?;
        region.check(self.info.level(level))?;
        let Region { t, z, c, y, x } = region.clone();
        array.read(&[t, z, c, y, x], &self.limits)
    }
}

#[cfg(test)]
mod tests;
