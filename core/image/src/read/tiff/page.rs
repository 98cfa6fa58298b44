//! One page of a TIFF file, open for reading.

use std::io::BufReader;
use std::ops::Range;

use fewlabel_contract::Result;
use tiff::decoder::{Decoder, DecodingResult};
use tiff::tags::{ByteOrder, Tag};

use super::as_stored::AsStored;
use super::compression::Compression;
use super::directories::Directories;
use super::jpeg_chunks::JpegChunks;
use super::layout::Layout;
use super::packed_chunks::{PackedChunks, Room};
use super::placing::{Part, Rectangle, place_bytes, place_halves, place_samples};
use super::small_numbers::unpacked;
use super::{Reader, allowed, broken, unreadable};
use crate::pixels::Sample;
use crate::positioned_file::PositionedFile;
use crate::{Limits, Pixels};

/// Bytes that are read at once where rows lie one behind another: they stay in the processor's cache until they are samples.
const BAND: usize = 1 << 18;

/// A page and how its samples lie.
pub(super) struct Page {
    pub decoder: Reader,
    pub layout: Layout,
    /// Where the samples begin, when they lie uncompressed one behind another, all of a pixel side by side.
    pub in_a_row: Option<u64>,
    jpeg: Option<JpegChunks>,
    packed: Option<PackedChunks>,
}

impl Page {
    /// Opens the page whose entry stands at `offset`.
    pub(super) fn open(file: &PositionedFile, directories: &Directories, offset: u64, limits: &Limits) -> Result<Self> {
        let mut decoder = decoder_at(file, directories, offset, limits)?;
        let layout = Layout::of(&mut decoder)?;
        let in_a_row = in_a_row(&mut decoder, &layout)?;
        let jpeg = JpegChunks::of(&mut decoder, &layout, limits)?;
        let packed = PackedChunks::of(file, &mut decoder, &layout, limits)?;
        Ok(Self { decoder, layout, in_a_row, jpeg, packed })
    }

    /// Puts a part of the page behind `samples`, in order `c y x`.
    pub(super) fn read<T: Sample>(&mut self, file: &PositionedFile, part: &Part, samples: &mut Vec<T>) -> Result<()> {
        match self.in_a_row {
            Some(start) => self.read_row_by_row(file, start, part, samples),
            None => self.read_chunks(file, part, part.room(samples)),
        }
    }

    /// As [`Page::read`], from samples that lie one behind another from `start` on.
    pub(super) fn read_row_by_row<T: Sample>(
        &self,
        file: &PositionedFile,
        start: u64,
        part: &Part,
        samples: &mut Vec<T>,
    ) -> Result<()> {
        let stored = self.layout.stored;
        let little_endian = self.decoder.byte_order() == ByteOrder::LittleEndian;
        if stored == 1 {
            // They come in the order in which they are wanted.
            return self.bands(file, start, part, |_, bytes| T::append(samples, bytes, little_endian));
        }
        let samples = part.room(samples);
        self.bands(file, start, part, |rows, bytes| {
            let here = Rectangle { y: rows.start, x: part.x.start, height: rows.len(), width: part.x.len() };
            place_samples(&T::from_bytes(bytes, little_endian), &here, (0, stored), part, samples);
        })
    }

    /// Gives rows of a part, and the bytes that lie there one behind another from `start` on, to `each`, some at a time.
    fn bands(&self, file: &PositionedFile, start: u64, part: &Part, mut each: impl FnMut(Range<usize>, &[u8])) -> Result<()> {
        let layout = &self.layout;
        let pixel = layout.number.bytes() as usize * layout.stored;
        // Whole rows come at once, parts of rows one by one.
        let rows = if part.x.len() == layout.width { (BAND / (pixel * layout.width).max(1)).max(1) } else { 1 };
        let mut bytes = Vec::new();
        for top in part.y.clone().step_by(rows) {
            let band = top..(top + rows).min(part.y.end);
            bytes.resize(band.len() * part.x.len() * pixel, 0);
            let place = (top * layout.width + part.x.start) as u64 * pixel as u64;
            let place = start.checked_add(place).ok_or_else(|| unreadable("the TIFF file is damaged"))?;
            file.read_exact_at(&mut bytes, place).map_err(|e| broken(&e.into()))?;
            each(band, &bytes);
        }
        Ok(())
    }

    /// As [`Page::read`], from strips or tiles.
    fn read_chunks<T: Sample>(&mut self, file: &PositionedFile, part: &Part, samples: &mut [T]) -> Result<()> {
        let layout = &self.layout;
        let (chunk_width, chunk_height) = self.decoder.chunk_dimensions();
        let (chunk_width, chunk_height) = (chunk_width as usize, chunk_height as usize);
        if chunk_width == 0 || chunk_height == 0 {
            return Err(unreadable("a part of the TIFF file has no pixels"));
        }
        let across = layout.width.div_ceil(chunk_width);
        let down = layout.height.div_ceil(chunk_height);
        // In planes of their own, the first sample's chunks come first, then the second's; side by side they share chunks.
        let (planes, per_chunk) = if layout.planar { (part.c.clone(), 1) } else { (0..1, layout.stored) };
        let rows = part.y.start / chunk_height..part.y.end.div_ceil(chunk_height);
        let columns = part.x.start / chunk_width..part.x.end.div_ceil(chunk_width);
        let mut room = Room::default();
        for (plane, row, column) in planes.flat_map(|plane| {
            let columns = columns.clone();
            rows.clone().flat_map(move |row| columns.clone().map(move |column| (plane, row, column)))
        }) {
            let index = (plane * down + row) * across + column;
            let chunk = u32::try_from(index).map_err(|_| unreadable("the TIFF file has too many parts"))?;
            let (width, height) = self.decoder.chunk_data_dimensions(chunk);
            let (width, height) = (width as usize, height as usize);
            let (y, x) = (row * chunk_height, column * chunk_width);
            if let Some(packed) = &self.packed {
                let here = Rectangle { y, x, height, width: chunk_width };
                let most = here.width.saturating_mul(per_chunk).saturating_mul(size_of::<T>());
                let most = most.saturating_mul(chunk_height.min(layout.tile.map_or(layout.height, |tile| tile.1)));
                let bytes = packed.read(file, index, most, &mut room);
                let place = |bytes: &[u8]| match layout.number.is_half() {
                    true => place_halves(bytes, packed.numbers, &here, (plane, per_chunk), part, samples),
                    false => place_bytes(bytes, packed.numbers, &here, (plane, per_chunk), part, samples),
                };
                if bytes.is_some_and(place) {
                    continue;
                }
            }
            let (mut values, width, height) = match &self.jpeg {
                Some(jpeg) => {
                    // A strip may claim to be longer than the page; encoders fill up blocks of 16 rows at most.
                    let whole = (chunk_width, chunk_height.min(layout.height.next_multiple_of(16)));
                    let size = (layout.tile.unwrap_or(whole), (width, height));
                    let decoded = jpeg.read(file, index, size, per_chunk)?;
                    (Pixels::U8(decoded.samples), decoded.width, decoded.height)
                }
                None => (pixels(self.decoder.read_chunk(chunk).map_err(|e| broken(&e))?, layout, width), width, height),
            };
            let other = || unreadable("a part of the TIFF file has another type than the rest");
            let values = T::of(&mut values).ok_or_else(other)?;
            let here = Rectangle { y, x, height, width };
            place_samples(values, &here, (plane, per_chunk), part, samples);
        }
        Ok(())
    }
}

/// A decoder at the page whose entry stands at `offset`.
pub(super) fn decoder_at(file: &PositionedFile, directories: &Directories, offset: u64, limits: &Limits) -> Result<Reader> {
    let file = AsStored::new(BufReader::new(file.clone()), directories, offset).map_err(|e| broken(&e.into()))?;
    Ok(Decoder::new(file).map_err(|e| broken(&e))?.with_limits(allowed(limits)))
}

/// A strip or tile of `width` columns in a type that images have: 16-bit floats as 32-bit ones, numbers that share a byte as bytes.
fn pixels(chunk: DecodingResult, layout: &Layout, width: usize) -> Pixels {
    match chunk {
        DecodingResult::U8(v) if layout.number.bits < 8 => Pixels::U8(unpacked(&v, width, layout.number, layout.lowest_first)),
        DecodingResult::U8(v) => Pixels::U8(v),
        DecodingResult::U16(v) => Pixels::U16(v),
        DecodingResult::U32(v) => Pixels::U32(v),
        DecodingResult::U64(v) => Pixels::U64(v),
        DecodingResult::I8(v) => Pixels::I8(v),
        DecodingResult::I16(v) => Pixels::I16(v),
        DecodingResult::I32(v) => Pixels::I32(v),
        DecodingResult::I64(v) => Pixels::I64(v),
        DecodingResult::F16(v) => Pixels::F32(v.into_iter().map(f32::from).collect()),
        DecodingResult::F32(v) => Pixels::F32(v),
        DecodingResult::F64(v) => Pixels::F64(v),
    }
}

/// Where the samples of a page begin, when its strips lie uncompressed one behind another.
fn in_a_row(decoder: &mut Reader, layout: &Layout) -> Result<Option<u64>> {
    if layout.compression != Compression::None || layout.planar || layout.tile.is_some() || !layout.number.is_as_stored() {
        return Ok(None);
    }
    let mut list = |tag| decoder.find_tag_unsigned_vec::<u64>(tag).map_err(|e| broken(&e));
    let starts = list(Tag::StripOffsets)?.unwrap_or_default();
    let lengths = list(Tag::StripByteCounts)?.unwrap_or_default();
    let in_a_row = starts.windows(2).zip(&lengths).all(|(pair, length)| pair[0].checked_add(*length) == Some(pair[1]));
    // Programs that write one strip often state no right length for it.
    let whole = starts.len() == 1 || lengths.iter().try_fold(0_u64, |sum, n| sum.checked_add(*n)) == Some(layout.plane_bytes());
    Ok(starts.first().copied().filter(|_| in_a_row && whole))
}
