//! Codecs that turn bytes into bytes.

use std::io::{self, Read};

use fewlabel_contract::{Error, ErrorKind, Result};
use flate2::read::{MultiGzDecoder, ZlibDecoder};

use super::{OPERATION, blosc, crc32c, exceeded, shown, unreadable, unsupported, zeros};

/// Real arrays have one or two; each of many could unpack to as much as a chunk holds.
const MOST_CODECS: usize = 8;

/// Compression or checksum of a chunk.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Codec {
    Blosc,
    Crc32c,
    Gzip,
    Lz4,
    Zlib,
    Zstd,
}

impl Codec {
    /// The codec of a name in metadata; Zarr 3 has those of NumCodecs with that before their name.
    ///
    /// # Errors
    /// `unsupported` for all others.
    pub(super) fn named(name: &str) -> Result<Self> {
        match name.strip_prefix("numcodecs.").unwrap_or(name) {
            "blosc" => Ok(Self::Blosc),
            "crc32c" => Ok(Self::Crc32c),
            "gzip" => Ok(Self::Gzip),
            "lz4" => Ok(Self::Lz4),
            "zlib" => Ok(Self::Zlib),
            "zstd" => Ok(Self::Zstd),
            _ => Err(unsupported("the chunks are packed in a way that is not read here")
                .with("codec", shown(name))
                .hint("blosc, gzip, lz4, zlib and zstd are read; export the image with one of them")),
        }
    }

    /// Several of them, in the order in which they packed a chunk.
    ///
    /// # Errors
    /// `unsupported` for more than a few.
    pub(super) fn check_number(codecs: &[Self]) -> Result<()> {
        if codecs.len() > MOST_CODECS {
            return Err(unsupported("the chunks are packed more often than is read here").with("codecs", codecs.len()));
        }
        Ok(())
    }

    /// Unpacks to `most` bytes or less.
    fn unpack(self, packed: &[u8], most: usize) -> Result<Vec<u8>> {
        match self {
            Self::Blosc => blosc::unpack(packed, most),
            Self::Crc32c => crc32c::verified(packed).map(<[u8]>::to_vec).ok_or_else(|| self.damaged()),
            Self::Gzip => self.read(MultiGzDecoder::new(packed), most),
            Self::Lz4 => self.lz4(packed, most),
            Self::Zlib => self.read(ZlibDecoder::new(packed), most),
            Self::Zstd => self.read(zstd::stream::read::Decoder::with_buffer(packed).map_err(|e| self.failed(&e))?, most),
        }
    }

    /// Memory grows with what is really there, not with what a header claims.
    fn read(self, unpacker: impl Read, most: usize) -> Result<Vec<u8>> {
        let mut unpacked = Vec::new();
        unpacker.take((most as u64).saturating_add(1)).read_to_end(&mut unpacked).map_err(|e| self.failed(&e))?;
        if unpacked.len() > most {
            return Err(exceeded("a chunk holds more than its array says").with("allowed bytes", most));
        }
        Ok(unpacked)
    }

    /// A block of LZ4 behind its unpacked length, as NumCodecs writes it.
    fn lz4(self, packed: &[u8], most: usize) -> Result<Vec<u8>> {
        let (length, block) = packed.split_first_chunk::<4>().ok_or_else(|| self.damaged())?;
        let length = u32::from_le_bytes(*length) as usize;
        if length > most {
            return Err(exceeded("a chunk holds more than its array says").with("bytes", length).with("allowed bytes", most));
        }
        let mut unpacked = zeros(length)?;
        match lz4_flex::block::decompress_into(block, &mut unpacked) {
            Ok(filled) if filled == length => Ok(unpacked),
            _ => Err(self.damaged()),
        }
    }

    fn failed(self, source: &io::Error) -> Error {
        match source.kind() {
            io::ErrorKind::OutOfMemory => {
                Error::new(ErrorKind::OutOfMemory, OPERATION, "not enough memory for a chunk").because(source)
            }
            _ => self.damaged().because(source),
        }
    }

    fn damaged(self) -> Error {
        let name = format!("{self:?}").to_lowercase();
        unreadable("a chunk is damaged").with("codec", name).hint("copy or export the image again")
    }
}

/// The most bytes that `bytes` of a chunk are packed into: no codec here makes an eighth more of what it cannot pack.
pub(super) fn most_packed(bytes: usize) -> usize {
    bytes.saturating_add(bytes / 8).saturating_add(1 << 16)
}

/// Unpacks a chunk of `bytes` that went through all of `codecs`.
///
/// # Errors
/// `unreadable-image` for one that is damaged or not so long, `limit-exceeded` for one that unpacks to much more,
/// `out-of-memory`.
pub(super) fn unpack(codecs: &[Codec], packed: Vec<u8>, bytes: usize) -> Result<Vec<u8>> {
    let mut content = packed;
    for codec in codecs.iter().rev() {
        content = codec.unpack(&content, most_packed(bytes))?;
    }
    if content.len() != bytes {
        return Err(unreadable("a chunk does not hold what its array says")
            .with("bytes", content.len())
            .with("expected", bytes)
            .hint("copy or export the image again"));
    }
    Ok(content)
}

#[cfg(test)]
mod tests {
    use std::io::Write;

    use flate2::Compression;
    use flate2::write::{GzEncoder, ZlibEncoder};

    use super::*;

    fn content() -> Vec<u8> {
        (0..3000_u32).map(|i| (i / 7 % 256) as u8).collect()
    }

    fn packed(codec: Codec) -> Vec<u8> {
        let content = content();
        match codec {
            Codec::Gzip => {
                let mut encoder = GzEncoder::new(Vec::new(), Compression::fast());
                encoder.write_all(&content).and_then(|()| encoder.finish()).expect("packed")
            }
            Codec::Zlib => {
                let mut encoder = ZlibEncoder::new(Vec::new(), Compression::fast());
                encoder.write_all(&content).and_then(|()| encoder.finish()).expect("packed")
            }
            Codec::Zstd => zstd::bulk::compress(&content, 1).expect("packed"),
            Codec::Lz4 => lz4_flex::block::compress_prepend_size(&content),
            Codec::Crc32c => [&content[..], &crc32c::crc32c(&content).to_le_bytes()].concat(),
            // A chunk that is stored as it is.
            Codec::Blosc => {
                let numbers = [content.len(), content.len(), content.len() + 16].map(|n| (n as u32).to_le_bytes());
                [&[2, 1, 2, 1][..], numbers.as_flattened(), &content].concat()
            }
        }
    }

    const ALL: [Codec; 6] = [Codec::Blosc, Codec::Crc32c, Codec::Gzip, Codec::Lz4, Codec::Zlib, Codec::Zstd];

    #[test]
    fn each_codec_unpacks_its_own_and_no_damaged_chunks() {
        let (content, bytes) = (content(), content().len());
        for codec in ALL {
            let packed = packed(codec);
            assert_eq!(unpack(&[codec], packed.clone(), bytes).expect("whole"), content, "{codec:?}");
            assert!(unpack(&[codec], packed.clone(), bytes + 1).is_err(), "{codec:?} of another length");
            for length in 0..packed.len() {
                assert!(unpack(&[codec], packed[..length].to_vec(), bytes).is_err(), "{codec:?} cut at {length}");
            }
            for at in 0..packed.len() {
                let mut bad = packed.clone();
                bad[at] ^= 0x55;
                // Not all of them have a checksum: it is enough that nothing but an error or a whole chunk comes out.
                if let Ok(unpacked) = unpack(&[codec], bad, bytes) {
                    assert_eq!(unpacked.len(), bytes, "{codec:?}");
                }
            }
        }
    }

    #[test]
    fn a_chunk_unpacks_to_no_more_than_it_may() {
        for codec in [Codec::Blosc, Codec::Gzip, Codec::Lz4, Codec::Zlib, Codec::Zstd] {
            let error = codec.unpack(&packed(codec), 2999).expect_err("one byte too many");
            assert_eq!(error.kind, ErrorKind::LimitExceeded, "{codec:?}");
        }
    }

    #[test]
    fn codecs_follow_each_other() {
        let bytes = content().len();
        let once = packed(Codec::Zlib);
        let twice = [&once[..], &crc32c::crc32c(&once).to_le_bytes()].concat();
        assert_eq!(unpack(&[Codec::Zlib, Codec::Crc32c], twice, bytes).expect("whole"), content());
        assert_eq!(unpack(&[], content(), bytes).expect("as it is"), content());
        assert!(Codec::check_number(&[Codec::Zlib; 9]).is_err_and(|e| e.kind == ErrorKind::Unsupported));
    }

    #[test]
    fn names() {
        assert_eq!(Codec::named("zstd").expect("known"), Codec::Zstd);
        assert_eq!(Codec::named("numcodecs.zlib").expect("known"), Codec::Zlib);
        assert!(Codec::named("bz2").is_err_and(|e| e.kind == ErrorKind::Unsupported && e.to_string().contains("bz2")));
    }
}
