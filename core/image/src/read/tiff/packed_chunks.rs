//! Strips and tiles that are packed with Deflate or LZW, each unpacked in one go.
//!
//! The decoder unpacks any kind, as a stream: piece by piece, through a window, into memory that is new each time. Most tiled
//! images are packed with Deflate, and this is faster; and of tiles that reach beyond the image it reads row by row, where its
//! stream of LZW stops short. What is unusual is left to the decoder, and so is saying what is wrong.

use std::io::{Seek, SeekFrom};

use fewlabel_contract::Result;
use libdeflater::Decompressor;
use tiff::tags::{ByteOrder, CompressionMethod, Predictor, Tag};
use weezl::decode::Decoder;
use weezl::{BitOrder, LzwStatus};

use super::super::failed;
use super::chunk_places::chunk_places;
use super::layout::Layout;
use super::placing::Numbers;
use super::{Reader, broken};
use crate::Limits;
use crate::positioned_file::PositionedFile;

/// The most bytes of a strip or tile, packed or not, that is unpacked in one go: a stream needs no memory for the packed ones.
const MOST_BYTES: usize = 1 << 26;

/// How strips and tiles are packed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Packing {
    Deflate,
    Lzw,
}

/// Where the strips or tiles are, and how their samples lie in them.
pub(super) struct PackedChunks {
    packing: Packing,
    /// First byte and length of each, in their order.
    places: Vec<(u64, u64)>,
    file_bytes: u64,
    /// The most bytes of one, packed or not.
    most: usize,
    /// What the bytes mean.
    pub numbers: Numbers,
}

/// Memory that one strip or tile after the other is unpacked in.
#[derive(Default)]
pub(super) struct Room {
    decompressor: Decompressor,
    packed: Vec<u8>,
    unpacked: Vec<u8>,
}

impl PackedChunks {
    /// Of the page that the decoder is at, when its strips or tiles can be unpacked here.
    pub(super) fn of(file: &PositionedFile, decoder: &mut Reader, layout: &Layout, limits: &Limits) -> Result<Option<Self>> {
        let mut tag = |tag| decoder.find_tag_unsigned::<u16>(tag).map_err(|e| broken(&e));
        let compression = tag(Tag::Compression)?.map(CompressionMethod::from_u16_exhaustive);
        let predictor = tag(Tag::Predictor)?.map_or(Some(Predictor::None), Predictor::from_u16);
        let differences = predictor == Some(Predictor::Horizontal);
        let packing = match compression {
            Some(CompressionMethod::Deflate | CompressionMethod::OldDeflate) => Packing::Deflate,
            Some(CompressionMethod::LZW) => Packing::Lzw,
            _ => return Ok(None),
        };
        let plain = predictor == Some(Predictor::None);
        if !(layout.number.is_as_stored() && (differences || plain) || layout.number.is_half() && plain) {
            return Ok(None);
        }
        let places = chunk_places(decoder, layout)?;
        let file_bytes = file.clone().seek(SeekFrom::End(0)).map_err(|e| failed(&e))?;
        let little_endian = decoder.byte_order() == ByteOrder::LittleEndian;
        let most = usize::try_from(limits.bytes).unwrap_or(usize::MAX).min(MOST_BYTES);
        Ok(Some(Self { packing, places, file_bytes, most, numbers: Numbers { little_endian, differences } }))
    }

    /// Unpacks a strip or tile of at most `most` bytes. Nothing where that does not work: the decoder says why.
    pub(super) fn read<'a>(&self, file: &PositionedFile, index: usize, most: usize, room: &'a mut Room) -> Option<&'a [u8]> {
        let &(start, length) = self.places.get(index)?;
        start.checked_add(length).filter(|&end| end <= self.file_bytes)?;
        let packed = self.first(&mut room.packed, usize::try_from(length).ok()?)?;
        file.read_exact_at(packed, start).ok()?;
        let unpacked = self.first(&mut room.unpacked, most)?;
        let length = match self.packing {
            Packing::Deflate => room.decompressor.zlib_decompress(packed, unpacked).ok()?,
            Packing::Lzw => unpack_lzw(packed, unpacked)?,
        };
        unpacked.get(..length)
    }

    /// The first `length` of these bytes, which are made more where they are too few.
    fn first<'a>(&self, bytes: &'a mut Vec<u8>, length: usize) -> Option<&'a mut [u8]> {
        if length > self.most {
            return None;
        }
        let missing = length.saturating_sub(bytes.len());
        bytes.try_reserve(missing).ok()?;
        bytes.resize(bytes.len() + missing, 0);
        bytes.get_mut(..length)
    }
}

/// Unpacks LZW as TIFF has it, and tells how many bytes there were. Nothing for its first form, with the bits in the other order.
fn unpack_lzw(packed: &[u8], unpacked: &mut [u8]) -> Option<usize> {
    if packed.starts_with(&[0, 1]) {
        return None;
    }
    let mut decoder = Decoder::with_tiff_size_switch(BitOrder::Msb, 8);
    let (mut read, mut written) = (0, 0);
    loop {
        let step = decoder.decode_bytes(packed.get(read..)?, unpacked.get_mut(written..)?);
        read += step.consumed_in;
        written += step.consumed_out;
        match step.status.ok()? {
            LzwStatus::Done => return Some(written),
            // Some writers leave out the code for the end.
            _ if step.consumed_in + step.consumed_out == 0 => return Some(written),
            _ => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use std::fs::File;
    use std::io::Write;
    use std::sync::Arc;

    use flate2::Compression;
    use flate2::write::ZlibEncoder;

    use super::*;

    #[test]
    fn what_cannot_be_unpacked_in_one_go_is_left_to_the_decoder() {
        let samples: Vec<u8> = (0..=255).cycle().take(2000).collect();
        let mut encoder = ZlibEncoder::new(Vec::new(), Compression::default());
        encoder.write_all(&samples).expect("packed");
        let packed = encoder.finish().expect("packed");
        let length = packed.len() as u64;
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("file");
        std::fs::write(&path, &packed).expect("written");
        let file = PositionedFile::new(Arc::new(File::open(path).expect("open")));
        let damaged = (1, length - 1);
        let places = vec![(0, length), damaged, (0, length - 1), (0, length + 1), (u64::MAX, 2), (0, 0)];
        let numbers = Numbers { little_endian: true, differences: false };
        let chunks = PackedChunks { packing: Packing::Deflate, places, file_bytes: length, most: 3000, numbers };
        let mut room = Room::default();
        let mut read = |index, most| chunks.read(&file, index, most, &mut room).map(<[u8]>::to_vec);
        assert_eq!(read(0, 2000), Some(samples.clone()));
        assert_eq!(read(0, 3000), Some(samples), "fewer than there may be");
        assert_eq!(read(0, 1999), None, "more than there may be");
        assert_eq!(read(0, 3001), None, "more than is allowed");
        for index in 1..7 {
            assert_eq!(read(index, 2000), None, "{index}");
        }
    }

    #[test]
    fn lzw_with_and_without_its_end() {
        let samples: Vec<u8> = (0..6000_u32).map(|n| ((n * n) >> 5) as u8).collect();
        let packed = weezl::encode::Encoder::with_tiff_size_switch(BitOrder::Msb, 8).encode(&samples).expect("packed");
        let mut room = vec![0; 7000];
        assert_eq!(unpack_lzw(&packed, &mut room), Some(6000));
        assert_eq!(room[..6000], samples);
        assert_eq!(unpack_lzw(&packed, &mut room[..5000]), Some(5000), "as many as there is room for");
        assert_eq!(unpack_lzw(&packed[..packed.len() / 2], &mut room).map(|length| length < 6000), Some(true), "what is there");
        assert_eq!(unpack_lzw(&[0, 1, 2, 3], &mut room), None, "the bits in the other order");
        assert_eq!(unpack_lzw(&[], &mut room), Some(0));
    }
}
