//! Images that stay in their file until a part of them is asked for.

use std::borrow::Cow;

use fewlabel_contract::{Error, ErrorKind, Result};

use crate::{Calibration, Image, Limits, NiftiHeader, PixelType, Pixels, Region, Shape};

/// What the header of an image says.
#[derive(Clone, Debug, PartialEq)]
pub struct ImageInfo {
    /// Extent at full resolution; each axis is 1 or more.
    pub shape: Shape,
    /// Type of the samples.
    pub pixel_type: PixelType,
    /// Whether the three channels are the red, green and blue of one colour picture.
    pub rgb: bool,
    /// What a pixel measures at full resolution.
    pub calibration: Calibration,
    /// ImageJ's slice labels, one for each plane in order `t z c` (a plane of colours counts once), or none.
    pub slice_labels: Vec<String>,
    /// Names of the channels, one for each, or none.
    pub channel_names: Vec<String>,
    /// Outlines in ImageJ's overlay, as [`read_outlines`](crate::read_outlines) counts them.
    pub outlines: usize,
    /// Rows and columns of each level of a pyramid, the first at full resolution, the others ever smaller; at least one.
    pub levels: Vec<(usize, usize)>,
}

impl ImageInfo {
    /// Of an image with one level, without calibration and names.
    pub fn new(shape: Shape, pixel_type: PixelType) -> Self {
        Self {
            shape,
            pixel_type,
            rgb: false,
            calibration: Calibration::default(),
            slice_labels: Vec::new(),
            channel_names: Vec::new(),
            outlines: 0,
            levels: vec![(shape.y, shape.x)],
        }
    }

    /// Room for a region of a level, all 0.
    ///
    /// # Errors
    /// `invalid-request` for what is not there; `limit-exceeded`; `out-of-memory`.
    pub(crate) fn room(&self, level: usize, region: &Region, limits: &Limits) -> Result<Pixels> {
        Pixels::zeros(self.pixel_type, self.samples(level, region, limits)?)
    }

    /// As [`ImageInfo::room`], without any samples yet: for those that come in order, which saves writing twice.
    ///
    /// # Errors
    /// As [`ImageInfo::room`].
    pub(crate) fn empty_room(&self, level: usize, region: &Region, limits: &Limits) -> Result<Pixels> {
        Pixels::with_room(self.pixel_type, self.samples(level, region, limits)?)
    }

    /// How many samples a region of a level has, when it is there and within `limits`.
    fn samples(&self, level: usize, region: &Region, limits: &Limits) -> Result<usize> {
        if level >= self.levels.len() {
            return Err(Error::new(ErrorKind::InvalidRequest, "read region", "the image has no such level")
                .with("level", level)
                .with("levels", self.levels.len()));
        }
        region.check(self.level(level))?;
        let s = region.shape();
        let length = [s.z, s.c, s.y, s.x].iter().try_fold(s.t, |n, &f| n.checked_mul(f));
        let bytes = length.and_then(|n| n.checked_mul(self.pixel_type.bytes()));
        match (length, bytes) {
            (Some(length), Some(bytes)) if bytes as u64 <= limits.bytes => Ok(length),
            _ => Err(Error::new(ErrorKind::LimitExceeded, "open image", "the image is larger than allowed")
                .with("width", s.x)
                .with("height", s.y)
                .with("planes", s.t * s.z)
                .with("allowed bytes", limits.bytes)
                .hint("read a region of it")),
        }
    }

    /// Extent as outlines count planes: ImageJ counts those of a colour picture once.
    pub fn counted(&self) -> Shape {
        Shape { c: if self.rgb { 1 } else { self.shape.c }, ..self.shape }
    }

    /// Extent of a level: all axes but rows and columns are those of the image.
    ///
    /// # Panics
    /// When there is no such level.
    pub fn level(&self, level: usize) -> Shape {
        let (y, x) = self.levels[level];
        Shape { y, x, ..self.shape }
    }
}

/// An open image, of which parts can be read from several threads at once.
pub trait Source: Send + Sync + std::fmt::Debug {
    /// What its header says.
    fn info(&self) -> &ImageInfo;

    /// The samples of a region of a level, in order `t z c y x`.
    ///
    /// No more memory is used than for the region itself and the parts of the file (strips, tiles, chunks) that hold it.
    ///
    /// # Errors
    /// `invalid-request` for a region outside of the level; those of reading: `unreadable-image`, `limit-exceeded`, `io`.
    fn read(&self, level: usize, region: &Region) -> Result<Pixels>;

    /// The header of a NIfTI image, with which results are written so that they lie where the image lies.
    fn nifti_header(&self) -> Option<NiftiHeader> {
        None
    }

    /// All of it in memory.
    ///
    /// # Errors
    /// As [`Source::read`]; `out-of-memory`.
    fn image(&self) -> Result<Image> {
        self.part(&Region::whole(self.info().shape))
    }

    /// A region at full resolution as an image of its own. Slice labels stay where all channels are asked for.
    ///
    /// # Errors
    /// As [`Source::read`]; `out-of-memory`.
    fn part(&self, region: &Region) -> Result<Image> {
        let info = self.info();
        Ok(Image {
            shape: region.shape(),
            pixels: self.read(0, region)?,
            rgb: info.rgb && region.c.len() == 3,
            calibration: info.calibration.clone(),
            slice_labels: slice_labels(info, region),
        })
    }
}

/// The labels of the planes of a region; none where it leaves out channels, of which each has a label of its own.
fn slice_labels(info: &ImageInfo, region: &Region) -> Vec<String> {
    let s = info.shape;
    let for_each_slice = info.slice_labels.len() / (s.t * s.z);
    if for_each_slice == 0 || region.c.len() != s.c {
        return Vec::new();
    }
    let slices = region.t.clone().flat_map(|t| region.z.clone().map(move |z| t * s.z + z));
    slices.flat_map(|slice| info.slice_labels[slice * for_each_slice..(slice + 1) * for_each_slice].iter().cloned()).collect()
}

/// An image in memory is a source, too.
#[derive(Debug)]
pub struct InMemory<'a> {
    info: ImageInfo,
    pixels: Cow<'a, Pixels>,
}

impl InMemory<'static> {
    /// Takes an image.
    pub fn new(image: Image) -> Self {
        let info = in_memory(&image);
        Self { info, pixels: Cow::Owned(image.pixels) }
    }
}

impl<'a> InMemory<'a> {
    /// Looks at an image.
    pub fn of(image: &'a Image) -> Self {
        Self { info: in_memory(image), pixels: Cow::Borrowed(&image.pixels) }
    }
}

fn in_memory(image: &Image) -> ImageInfo {
    ImageInfo {
        rgb: image.rgb,
        calibration: image.calibration.clone(),
        slice_labels: image.slice_labels.clone(),
        ..ImageInfo::new(image.shape, image.pixels.pixel_type())
    }
}

impl Source for InMemory<'_> {
    fn info(&self) -> &ImageInfo {
        &self.info
    }

    fn read(&self, _: usize, region: &Region) -> Result<Pixels> {
        let s = self.info.shape;
        region.check(s)?;
        if self.pixels.len() != s.len() {
            return Err(Error::new(
                ErrorKind::InvalidRequest,
                "read region",
                "the image does not hold the pixels that it claims",
            )
            .with("claimed", s.len())
            .with("held", self.pixels.len()));
        }
        let planes = region.t.clone().flat_map(|t| region.z.clone().map(move |z| t * s.z + z));
        let rows = planes.flat_map(|plane| region.c.clone().map(move |c| plane * s.c + c));
        let rows = rows.flat_map(|channel| region.y.clone().map(move |y| (channel * s.y + y) * s.x));
        let ranges = rows.map(|row| row + region.x.start..row + region.x.end);
        Ok(crate::pixels::map_each!(&*self.pixels, v => ranges.flat_map(|range| v[range].iter().copied()).collect()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parts_of_an_image_in_memory() {
        let shape = Shape { t: 1, z: 2, c: 2, y: 2, x: 3 };
        let labels = ["a", "b", "c", "d"].map(str::to_owned).to_vec();
        let image = Image {
            shape,
            pixels: Pixels::I16((0..24).collect()),
            rgb: false,
            calibration: Calibration::default(),
            slice_labels: labels,
        };
        let source = InMemory::new(image.clone());
        assert_eq!(source.image().expect("all"), image);
        let part = source.part(&Region::plane(shape, 0, 1).rectangle(1..2, 1..3)).expect("a part");
        assert_eq!(part.pixels, Pixels::I16(vec![16, 17, 22, 23]));
        assert_eq!(part.slice_labels, ["c", "d"]);
        let one = source.part(&Region { c: 1..2, ..Region::plane(shape, 0, 0) }).expect("a channel");
        assert_eq!((one.pixels, one.slice_labels.len()), (Pixels::I16((6..12).collect()), 0));
        assert!(source.read(0, &Region { c: 1..3, ..Region::whole(shape) }).is_err());
    }
}
