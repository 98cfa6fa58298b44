//! Shards: files that hold many chunks, and an index of where these lie (codec `sharding_indexed` of Zarr 3).

use std::fs::File;
use std::sync::Arc;

use fewlabel_contract::{Error, Result};

use super::codec::most_packed;
use super::{OPERATION, crc32c, unreadable, zeros};
use crate::positioned_file::PositionedFile;

/// How the index of a shard is written. For each chunk it has two numbers of 64 bits, offset and length.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Index {
    /// Whether it stands before the chunks and not behind them.
    pub(super) at_start: bool,
    /// Whether the lowest byte of its numbers comes first.
    pub(super) little_endian: bool,
    /// Whether its checksum follows it.
    pub(super) checksum: bool,
}

/// An open shard.
pub(super) struct Shard {
    file: PositionedFile,
    length: u64,
    index: Vec<u8>,
    little_endian: bool,
}

impl Shard {
    /// Reads the index of a shard of so many chunks.
    ///
    /// # Errors
    /// `unreadable-image` for a shard that is too short for it or an index whose checksum is wrong; `io`, `out-of-memory`.
    pub(super) fn open(file: File, length: u64, chunks: usize, how: Index) -> Result<Self> {
        let bytes = chunks.saturating_mul(16).saturating_add(if how.checksum { 4 } else { 0 });
        let behind = length.checked_sub(bytes as u64).ok_or_else(damaged)?;
        let file = PositionedFile::new(Arc::new(file));
        let index = read(&file, if how.at_start { 0 } else { behind }, bytes)?;
        let index = if how.checksum { crc32c::verified(&index).ok_or_else(damaged)?.to_vec() } else { index };
        Ok(Self { file, length, index, little_endian: how.little_endian })
    }

    /// What is packed of a chunk that has `bytes`; `None` where it is not there.
    ///
    /// # Errors
    /// `unreadable-image` for one that would lie outside of the file or is longer than it can be; `io`, `out-of-memory`.
    pub(super) fn chunk(&self, number: usize, bytes: usize) -> Result<Option<Vec<u8>>> {
        let (entries, _) = self.index.as_chunks::<8>();
        let entry = |at: usize| entries.get(at).copied().ok_or_else(damaged);
        let [offset, length] = [entry(2 * number)?, entry(2 * number + 1)?]
            .map(|entry| if self.little_endian { u64::from_le_bytes(entry) } else { u64::from_be_bytes(entry) });
        if (offset, length) == (u64::MAX, u64::MAX) {
            return Ok(None);
        }
        let inside = offset.checked_add(length).is_some_and(|end| end <= self.length);
        match usize::try_from(length) {
            Ok(length) if inside && length <= most_packed(bytes) => read(&self.file, offset, length).map(Some),
            _ => Err(damaged().with("chunk", number).with("offset", offset).with("length", length)),
        }
    }
}

fn read(file: &PositionedFile, place: u64, length: usize) -> Result<Vec<u8>> {
    let mut bytes = zeros(length)?;
    file.read_exact_at(&mut bytes, place).map_err(|e| match e.kind() {
        std::io::ErrorKind::UnexpectedEof => damaged().because(&e),
        _ => {
            let mut error = Error::io(OPERATION, "", &e);
            error.context.clear();
            error
        }
    })?;
    Ok(bytes)
}

fn damaged() -> Error {
    unreadable("the index of a shard is damaged, or the shard is cut short").hint("copy or export the image again")
}

#[cfg(test)]
mod tests {
    use super::*;

    const LITTLE: Index = Index { at_start: false, little_endian: true, checksum: true };

    fn shard(content: &[u8], chunks: usize, how: Index) -> Result<Shard> {
        let file = tempfile::NamedTempFile::new().expect("a file");
        std::fs::write(file.path(), content).expect("written");
        Shard::open(File::open(file.path()).expect("open"), content.len() as u64, chunks, how)
    }

    fn index(numbers: &[u64]) -> Vec<u8> {
        numbers.iter().flat_map(|number| number.to_le_bytes()).collect()
    }

    #[test]
    fn chunks_are_found_by_the_index() {
        let index = index(&[3, 2, u64::MAX, u64::MAX]);
        let content = [b"...ab", &index[..], &crc32c::crc32c(&index).to_le_bytes()].concat();
        let found = shard(&content, 2, LITTLE).expect("a shard");
        assert_eq!(found.chunk(0, 2).expect("read").as_deref(), Some(&b"ab"[..]));
        assert_eq!(found.chunk(1, 2).expect("missing"), None);
        assert!(found.chunk(2, 2).is_err(), "there are two");
        let at_start = Index { at_start: true, little_endian: false, checksum: false };
        let content = [&16_u64.to_be_bytes()[..], &2_u64.to_be_bytes(), b"ab"].concat();
        assert_eq!(shard(&content, 1, at_start).expect("a shard").chunk(0, 2).expect("read").as_deref(), Some(&b"ab"[..]));
    }

    #[test]
    fn a_damaged_index_leads_nowhere() {
        let plain = Index { checksum: false, ..LITTLE };
        for (offset, length) in [(u64::MAX, 1), (1, u64::MAX), (u64::MAX - 1, 2), (0, 1 << 40), (20, 1), (0, 17)] {
            let found = shard(&index(&[offset, length]), 1, plain).expect("a shard");
            assert!(found.chunk(0, 2).is_err(), "{offset} {length}");
        }
        assert!(shard(&index(&[0, 1]), 2, plain).is_err(), "too short");
        assert!(shard(&index(&[0, 1]), usize::MAX, plain).is_err(), "absurd");
        assert!(shard(&[&index(&[0, 1])[..], &[1, 2, 3, 4]].concat(), 1, LITTLE).is_err(), "another checksum");
    }

    #[test]
    fn a_chunk_is_not_longer_than_it_can_be() {
        let content = [vec![0; 200_000], index(&[0, 200_000])].concat();
        let found = shard(&content, 1, Index { checksum: false, ..LITTLE }).expect("a shard");
        assert!(found.chunk(0, 200_000).is_ok_and(|chunk| chunk.is_some()));
        assert!(found.chunk(0, 4).is_err());
    }
}
