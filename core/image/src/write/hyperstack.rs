//! Stacks as ImageJ writes them.
//!
//! ImageJ reads the planes of a stack of its own from one place on and looks at the first page entry only, so the
//! planes must lie one behind another; other programs follow the page entries, so each plane has one.

use std::path::Path;

use fewlabel_contract::{Error, ErrorKind, Result};
use tiff::encoder::{DirectoryEncoder, Rational, TiffEncoder, TiffKindStandard, TiffValue};
use tiff::tags::{CompressionMethod, PhotometricInterpretation, ResolutionUnit, SampleFormat, Tag};
use tiff::{TiffError, TiffResult};

use crate::imagej::{BYTE_COUNTS, Description, METADATA, encode_slice_labels, resolution};
use crate::{AtomicFile, Calibration, Shape};

const OPERATION: &str = "write TIFF";

/// Offsets have 32 bits; this much is left for page entries, descriptions and labels.
const LARGEST: u64 = u32::MAX as u64 - (64 << 20);

/// Whether a file has room for pixels of this shape and so many bytes each.
pub(super) fn has_room(shape: Shape, bytes: usize) -> bool {
    let extent = [shape.t, shape.z, shape.c, shape.y, shape.x, bytes];
    extent.iter().try_fold(1_u64, |product, &side| product.checked_mul(side as u64)).is_some_and(|bytes| bytes <= LARGEST)
}

/// What is written, beside the pixels.
pub(super) struct Hyperstack<'a> {
    pub channels: usize,
    pub slices: usize,
    pub frames: usize,
    pub height: usize,
    pub width: usize,
    pub calibration: &'a Calibration,
    /// Lowest and highest value to show.
    pub range: (f64, f64),
    /// One for each plane in order `t z c`, or none.
    pub slice_labels: &'a [String],
}

/// A type of pixel that ImageJ knows.
pub(super) trait ImagejPixel: Copy {
    const BITS: u16;
    const FORMAT: SampleFormat;
}

impl ImagejPixel for u16 {
    const BITS: u16 = 16;
    const FORMAT: SampleFormat = SampleFormat::Uint;
}

impl ImagejPixel for f32 {
    const BITS: u16 = 32;
    const FORMAT: SampleFormat = SampleFormat::IEEEFP;
}

impl Hyperstack<'_> {
    /// Writes samples that come piece after piece: plane after plane in order `t z c`, each of `height * width` pixels.
    ///
    /// # Errors
    /// `limit-exceeded` beyond 4 GB, `internal` when numbers do not fit each other, those of the pieces, and those of
    /// [`AtomicFile`].
    pub(super) fn write<T: ImagejPixel>(
        &self,
        path: &Path,
        pieces: impl Iterator<Item = Result<Vec<T>>>,
        existing_ok: bool,
    ) -> Result<()>
    where
        [T]: TiffValue,
    {
        self.check::<T>(path)?;
        let mut file = AtomicFile::create(path, existing_ok)?;
        let mut failed = None;
        let pieces = pieces.map_while(|piece| piece.map_err(|error| failed = Some(error)).ok());
        let encoded = self.encode(&mut file, pieces);
        if let Some(error) = failed {
            return Err(error);
        }
        match encoded {
            Ok(written) if written == self.planes() * self.height * self.width => file.commit(),
            Ok(written) => {
                Err(Error::internal(OPERATION, "the samples do not fill their shape").file(path).with("samples", written))
            }
            Err(TiffError::IoError(error)) => Err(file.error(&error)),
            Err(other) => Err(Error::internal(OPERATION, "the TIFF encoder failed").file(path).because(&other)),
        }
    }

    fn planes(&self) -> usize {
        self.channels * self.slices * self.frames
    }

    fn check<T: ImagejPixel>(&self, path: &Path) -> Result<()> {
        let fault = |message: &str| Error::internal(OPERATION, message).file(path);
        if self.planes() == 0 || self.height == 0 || self.width == 0 {
            return Err(fault("an image without pixels"));
        }
        if !self.slice_labels.is_empty() && self.slice_labels.len() != self.planes() {
            return Err(fault("slice labels for another number of planes")
                .with("labels", self.slice_labels.len())
                .with("planes", self.planes()));
        }
        let shape = Shape { t: self.frames, z: self.slices, c: self.channels, y: self.height, x: self.width };
        match has_room(shape, size_of::<T>()) {
            true => Ok(()),
            false => Err(Error::new(ErrorKind::LimitExceeded, OPERATION, "the result is too large for a TIFF file of ImageJ")
                .file(path)
                .with("planes", self.planes())
                .with("height", self.height)
                .with("width", self.width)
                .with("allowed bytes", LARGEST)
                .hint("cut the image into parts")),
        }
    }

    /// Writes pixels and page entries; how many samples there were.
    fn encode<T: ImagejPixel>(&self, file: &mut AtomicFile, pieces: impl Iterator<Item = Vec<T>>) -> TiffResult<usize>
    where
        [T]: TiffValue,
    {
        let mut tiff = TiffEncoder::new(file)?;
        let mut first = tiff.image_directory()?;
        let (mut start, mut written) = (None, 0);
        for piece in pieces {
            // Pieces of whole words lie one behind another.
            let offset = first.write_data(&piece[..])?;
            start.get_or_insert(offset);
            written += piece.len();
        }
        let plane = (self.height * self.width) as u64 * u64::from(T::BITS / 8);
        let offset = |number: usize| u32::try_from(start.unwrap_or(0) + number as u64 * plane);
        self.entry::<T>(&mut first, offset(0)?)?;
        self.first_entry(&mut first)?;
        first.finish()?;
        for number in 1..self.planes() {
            let mut next = tiff.image_directory()?;
            self.entry::<T>(&mut next, offset(number)?)?;
            next.finish()?;
        }
        Ok(written)
    }

    /// What every page says.
    fn entry<T: ImagejPixel>(
        &self,
        to: &mut DirectoryEncoder<'_, &mut AtomicFile, TiffKindStandard>,
        offset: u32,
    ) -> TiffResult<()> {
        let (width, height) = (u32::try_from(self.width)?, u32::try_from(self.height)?);
        to.write_tag(Tag::ImageWidth, width)?;
        to.write_tag(Tag::ImageLength, height)?;
        to.write_tag(Tag::BitsPerSample, T::BITS)?;
        to.write_tag(Tag::SampleFormat, T::FORMAT.to_u16())?;
        to.write_tag(Tag::SamplesPerPixel, 1_u16)?;
        to.write_tag(Tag::Compression, CompressionMethod::None.to_u16())?;
        to.write_tag(Tag::PhotometricInterpretation, PhotometricInterpretation::BlackIsZero.to_u16())?;
        to.write_tag(Tag::RowsPerStrip, height)?;
        to.write_tag(Tag::StripOffsets, offset)?;
        to.write_tag(Tag::StripByteCounts, width * height * u32::from(T::BITS / 8))?;
        if let (Some(x), Some(y), Some(_)) = (self.calibration.x, self.calibration.y, &self.calibration.unit)
            && let (Some(x), Some(y)) = (resolution(x), resolution(y))
        {
            to.write_tag(Tag::XResolution, Rational { n: x.0, d: x.1 })?;
            to.write_tag(Tag::YResolution, Rational { n: y.0, d: y.1 })?;
            // The unit stands in the description.
            to.write_tag(Tag::ResolutionUnit, ResolutionUnit::None.to_u16())?;
        }
        Ok(())
    }

    /// What the first page says for all.
    fn first_entry(&self, to: &mut DirectoryEncoder<'_, &mut AtomicFile, TiffKindStandard>) -> TiffResult<()> {
        let description = Description::new(self.channels, self.slices, self.frames, self.calibration, self.range).text();
        to.write_tag(Tag::ImageDescription, description.as_str())?;
        if self.slice_labels.iter().any(|label| !label.is_empty()) {
            let (lengths, metadata) = encode_slice_labels(self.slice_labels);
            to.write_tag(Tag::Unknown(BYTE_COUNTS), &lengths[..])?;
            to.write_tag(Tag::Unknown(METADATA), &metadata[..])?;
        }
        Ok(())
    }
}
