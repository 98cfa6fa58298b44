//! A TIFF file that grows at its end.

use std::io::{self, Seek, SeekFrom, Write};

use fewlabel_contract::{Error, Result};
use sha2::{Digest, Sha256};

use super::OPERATION;
use crate::AtomicFile;

/// Some bytes of the file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Stretch {
    /// Where they begin.
    pub place: u64,
    /// How many they are.
    pub length: u64,
}

/// A file whose byte order is little endian and whose places have 32 bits, or 64 in a `big` one.
pub(super) struct TiffFile {
    file: AtomicFile,
    big: bool,
    end: u64,
    hash: Sha256,
}

impl TiffFile {
    /// Writes the header, in which the place of the first page entry is left open.
    pub(super) fn begin(file: AtomicFile, big: bool) -> Result<Self> {
        let mut begun = Self { file, big, end: 0, hash: Sha256::new() };
        // Of a big file: the version, the bytes of a place, and two more that are 0.
        let header: &[u8] = if big { b"II+\0\x08\0\0\0" } else { b"II*\0" };
        begun.append(header)?;
        let open = begun.number(0)?;
        begun.append(&open)?;
        Ok(begun)
    }

    /// Whether places have 64 bits.
    pub(super) fn is_big(&self) -> bool {
        self.big
    }

    /// Where the next bytes will lie, which is a multiple of 8, as entries and values want it.
    pub(super) fn aligned(&mut self) -> Result<u64> {
        let missing = self.end.next_multiple_of(8) - self.end;
        self.append(&[0; 8][..missing as usize])?;
        Ok(self.end)
    }

    /// Puts bytes at the end.
    pub(super) fn append(&mut self, bytes: &[u8]) -> Result<Stretch> {
        self.file.write_all(bytes).map_err(|e| self.error(&e))?;
        let stretch = Stretch { place: self.end, length: bytes.len() as u64 };
        self.end += stretch.length;
        self.hash.update(bytes);
        Ok(stretch)
    }

    /// A hash of all that was written so far and of `more`.
    pub(super) fn hash(&self, more: &str) -> [u8; 16] {
        let hash: [u8; 32] = self.hash.clone().chain_update(more).finalize().into();
        std::array::from_fn(|i| hash[i])
    }

    /// A place or a length, as this file writes it.
    pub(super) fn number(&self, number: u64) -> Result<Vec<u8>> {
        if self.big {
            return Ok(number.to_le_bytes().to_vec());
        }
        let small = u32::try_from(number);
        small.map(|n| n.to_le_bytes().to_vec()).map_err(|e| {
            Error::internal(OPERATION, "a file that was expected to stay below 4 GB grew beyond")
                .with("place", number)
                .because(&e)
        })
    }

    /// Says in the header where the first page entry is.
    pub(super) fn finish(&mut self, first: u64) -> Result<()> {
        let place = self.number(first)?;
        let at = SeekFrom::Start(if self.big { 8 } else { 4 });
        self.file.seek(at).and_then(|_| self.file.write_all(&place)).map_err(|e| self.error(&e))
    }

    /// What an error while making the file means.
    pub(super) fn error(&self, source: &io::Error) -> Error {
        self.file.error(source)
    }

    /// Gives the file its name.
    pub(super) fn commit(self) -> Result<()> {
        self.file.commit()
    }
}
