//! Chunks of Blosc 1: blocks whose bytes or bits are shuffled, then compressed by one of several methods.

use std::io::Read;

use fewlabel_contract::{Error, Result};
use flate2::read::ZlibDecoder;

use super::shuffle::{bits_in_order, bytes_in_order};
use super::{blosclz, exceeded, unreadable, unsupported, zeros};
use crate::pixels::reserved;

/// A block is compressed in one piece, or in one for each byte of its elements if these pieces are not shorter.
const SHORTEST_PIECE: usize = 128;
/// Elements with more bytes are never taken apart.
const MOST_PIECES: usize = 16;
/// Version of the format.
const VERSION: u8 = 2;
/// Bytes of the header.
const HEADER: usize = 16;

/// Unpacks a chunk to `most` bytes or less.
///
/// # Errors
/// `unreadable-image` for a damaged one, `unsupported` for a method that is not read here.
pub(super) fn unpack(packed: &[u8], most: usize) -> Result<Vec<u8>> {
    let header = Header::of(packed, most)?;
    let mut unpacked = reserved(header.bytes)?;
    if header.stored {
        unpacked.extend_from_slice(packed.get(HEADER..).filter(|content| content.len() == header.bytes).ok_or_else(damaged)?);
        return Ok(unpacked);
    }
    let mut starts = packed.get(HEADER..).unwrap_or_default().as_chunks::<4>().0.iter();
    while unpacked.len() < header.bytes {
        let start = u32::from_le_bytes(*starts.next().ok_or_else(damaged)?) as usize;
        let length = header.block.min(header.bytes - unpacked.len());
        let block = header.block(packed.get(start..).ok_or_else(damaged)?, length)?;
        unpacked.extend_from_slice(&block);
    }
    Ok(unpacked)
}

/// How a block was compressed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Method {
    BloscLz,
    Lz4,
    Zlib,
    Zstd,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Shuffle {
    None,
    Bytes,
    Bits,
}

/// Version, version of the method, flags, bytes of an element, then three numbers of 32 bits: bytes of the content, of a
/// block, and of the chunk.
struct Header {
    method: Method,
    shuffle: Shuffle,
    /// Whether the content stands there as it is.
    stored: bool,
    /// Whether blocks are in one piece.
    whole: bool,
    element: usize,
    bytes: usize,
    block: usize,
}

impl Header {
    fn of(packed: &[u8], most: usize) -> Result<Self> {
        let Some((&[version, _, flags, element, ref numbers @ ..], _)) = packed.split_first_chunk::<HEADER>() else {
            return Err(damaged());
        };
        let [bytes, block, length] = [0, 4, 8].map(|at| numbers.get(at..).and_then(|n| n.first_chunk::<4>()));
        let (Some(bytes), Some(block), Some(length)) = (bytes, block, length) else { return Err(damaged()) };
        let [bytes, block, length] = [bytes, block, length].map(|number| u32::from_le_bytes(*number) as usize);
        if version != VERSION || flags & 8 != 0 {
            return Err(unsupported("a chunk is of another version of Blosc").with("version", version));
        }
        if element == 0 || length != packed.len() || block == 0 && bytes > 0 || block > bytes {
            return Err(damaged());
        }
        if bytes > most {
            return Err(exceeded("a chunk holds more than its array says").with("bytes", bytes).with("allowed bytes", most));
        }
        let method = match flags >> 5 {
            0 => Method::BloscLz,
            1 => Method::Lz4,
            3 => Method::Zlib,
            4 => Method::Zstd,
            _ if flags & 2 != 0 => Method::BloscLz,
            2 => return Err(unsupported("a chunk is compressed by Snappy")),
            other => return Err(unsupported("a chunk is compressed in an unknown way").with("method of Blosc", other)),
        };
        let shuffle = match (flags & 1, flags & 4) {
            (1, _) => Shuffle::Bytes,
            (_, 4) => Shuffle::Bits,
            _ => Shuffle::None,
        };
        let (stored, whole) = (flags & 2 != 0, flags & 16 != 0);
        Ok(Self { method, shuffle, stored, whole, element: element.into(), bytes, block })
    }

    /// Unpacks the block that `packed` begins with. Each of its pieces has its length before it.
    fn block(&self, mut packed: &[u8], length: usize) -> Result<Vec<u8>> {
        let pieces = self.pieces(length);
        if !length.is_multiple_of(pieces) {
            return Err(damaged());
        }
        let mut block = zeros(length)?;
        for piece in block.chunks_exact_mut(length / pieces) {
            let (bytes, rest) = packed.split_first_chunk::<4>().ok_or_else(damaged)?;
            let bytes = u32::from_le_bytes(*bytes) as usize;
            let (content, rest) = rest.split_at_checked(bytes).ok_or_else(damaged)?;
            packed = rest;
            if bytes == piece.len() {
                piece.copy_from_slice(content);
            } else if self.method.unpack(content, piece) != Some(piece.len()) {
                return Err(damaged());
            }
        }
        Ok(match self.shuffle {
            Shuffle::Bytes if self.element > 1 => bytes_in_order(&block, self.element),
            Shuffle::Bits => bits_in_order(&block, self.element),
            _ => block,
        })
    }

    fn pieces(&self, length: usize) -> usize {
        let split =
            !self.whole && self.element <= MOST_PIECES && length == self.block && self.block / self.element >= SHORTEST_PIECE;
        if split { self.element } else { 1 }
    }
}

impl Method {
    /// Fills `room` and tells how far; `None` for bytes that are damaged.
    fn unpack(self, packed: &[u8], room: &mut [u8]) -> Option<usize> {
        match self {
            Self::BloscLz => blosclz::unpack(packed, room),
            Self::Lz4 => lz4_flex::block::decompress_into(packed, room).ok(),
            Self::Zlib => ZlibDecoder::new(packed).read_exact(room).ok().map(|()| room.len()),
            Self::Zstd => zstd::bulk::decompress_to_buffer(packed, room).ok(),
        }
    }
}

fn damaged() -> Error {
    unreadable("a chunk is damaged").with("compression", "blosc").hint("copy or export the image again")
}

#[cfg(test)]
mod tests {
    use fewlabel_contract::ErrorKind;

    use super::*;

    /// Numbers of 16 bits, of which each 25 are the same, as NumCodecs 0.16.6 packs them; how many, and the bytes.
    const GOLDEN: [(&str, u16, &str); 7] = [
        (
            "blosclz, bytes shuffled",
            403,
            "0201010226030000260300008000000014000000570000002300000000e00c030003e00f000006e00f000009e00f00000ce00f00000f\
             e00f000012e00f000015e00f000018e00f00001be00f00001ee00f000021e00f000024e00f000027e00f00002ae00f00002de00f0002\
             3030300d0000002300000000e0ff840302000000",
        ),
        (
            "lz4, bytes shuffled",
            403,
            "0201210226030000260300007e00000014000000560000001f000100051f030100051f060100051f090100051f0c0100051f0f010005\
             1f120100051f150100051f180100051f1b0100051f1e0100051f210100051f240100051f270100051f2a0100051f2d010003502d2d30\
             30300c0000001f000100ff7b500000000000",
        ),
        (
            "lz4hc, bits shuffled",
            400,
            "020124022003000020030000a10000001400000079000000ff0a000000feffff030000f8ffff0f0000e0ffff3f000080ffffff19000c\
             71ffffff07000000190041ffffff7f0c000f19000741000000fc190011f01600064b000f19000911007d0014ff1900000100040f0024\
             ff07220012c010001d0001000319000e32000f0100161bf842001f0001004b5000000000000c0000001f000100ff78500000000000",
        ),
        (
            "zlib, as they are",
            403,
            "02016002260300002603000062000000140000002300000078da6360201530930cd948869c24431e92213fc9508864284a3294609000\
             00246308652300000078da63906020054a930ce548868a24431592a13ac9508b64a84b32340043001d101b55",
        ),
        (
            "zstd, bits shuffled",
            400,
            "0201940220030000200300006e000000140000005600000028b52ffd60200265020092040a0fe02d071286af2000d84309bc9d00a497\
             6e33dfb6df96be0da99f6c7bd8b6ad3cb6b3d8d2605b0f0e204067c276f0aa3819430c306075b79e9bb3e184b90167918b604397899b\
             3806",
        ),
        (
            "zstd, blocks of 512 bytes",
            403,
            "0201910226030000000200006800000018000000410000002500000028b52ffd600001dd000060000306090c0f1215181b1e000c5001\
             007c6a41100441100441302300000028b52ffd602600cd0000581e2124272a2d3030300000079010e0f1000e0a044120e8d5",
        ),
        (
            "blosclz, as they are",
            403,
            "0201000226030000260300008d00000014000000370000002300000000e02403010003e02701010006e02701010009e0270101000ce0\
             270101000fe02701010012e02701010015e0270103001800183a0000002300180018e0210301001be0270101001ee02701010021e027\
             01010024e02701010027e0270101002ae0270101002de027010600300030003000",
        ),
    ];

    fn content(length: u16) -> Vec<u8> {
        (0..length).flat_map(|i| (i / 25 * 3).to_le_bytes()).collect()
    }

    fn golden() -> impl Iterator<Item = (&'static str, Vec<u8>, Vec<u8>)> {
        GOLDEN.into_iter().map(|(name, length, digits)| {
            let digits: Vec<u8> = digits.bytes().map(|digit| (digit as char).to_digit(16).expect("a digit") as u8).collect();
            (name, digits.as_chunks::<2>().0.iter().map(|[high, low]| high << 4 | low).collect(), content(length))
        })
    }

    #[test]
    fn chunks_of_another_program() {
        for (name, packed, content) in golden() {
            assert_eq!(unpack(&packed, 806).expect(name), content, "{name}");
        }
    }

    #[test]
    fn damaged_chunks_unpack_to_errors_or_to_their_length() {
        for (name, packed, content) in golden() {
            for length in 0..packed.len() {
                assert!(unpack(&packed[..length], 806).is_err(), "{name} cut at {length}");
            }
            for (at, change) in (0..packed.len()).flat_map(|at| [1, 0x80, 0xff].map(|change| (at, change))) {
                let mut bad = packed.clone();
                bad[at] ^= change;
                assert!(unpack(&bad, 806).is_ok_and(|unpacked| unpacked.len() == content.len()) || unpack(&bad, 806).is_err());
            }
        }
    }

    #[test]
    fn headers_that_are_not_read() {
        let header = |flags: u8, bytes: u32, block: u32| {
            let numbers = [bytes, block, 16].map(u32::to_le_bytes);
            [&[2, 1, flags, 2][..], numbers.as_flattened()].concat()
        };
        for (packed, kind) in [
            (header(0x40, 8, 8), ErrorKind::Unsupported),
            (header(0xa0, 8, 8), ErrorKind::Unsupported),
            (header(0x28, 8, 8), ErrorKind::Unsupported),
            (header(0x21, 9, 9), ErrorKind::LimitExceeded),
            (header(0x21, u32::MAX, 8), ErrorKind::LimitExceeded),
            (header(0x21, 8, 0), ErrorKind::UnreadableImage),
            (header(0x21, 8, 9), ErrorKind::UnreadableImage),
            (header(0x21, 8, 8), ErrorKind::UnreadableImage),
            (header(0x02, 8, 8), ErrorKind::UnreadableImage),
            (Vec::new(), ErrorKind::UnreadableImage),
        ] {
            assert!(unpack(&packed, 8).is_err_and(|e| e.kind == kind), "{packed:?}");
        }
        assert_eq!(unpack(&header(0x21, 0, 0), 8).expect("empty"), [0; 0]);
    }
}
