//! A file that is read at places of its own, so that several readers share one open file.

use std::fs::File;
use std::io::{self, Read, Seek, SeekFrom};
use std::sync::Arc;

use crate::pixels::Sample;

/// A reader of a shared file, with a position that no other moves.
#[derive(Clone, Debug)]
pub(crate) struct PositionedFile {
    file: Arc<File>,
    position: u64,
}

impl PositionedFile {
    /// At the start of `file`.
    pub(crate) fn new(file: Arc<File>) -> Self {
        Self { file, position: 0 }
    }

    /// Fills `bytes` with what stands at `place`.
    pub(crate) fn read_exact_at(&self, bytes: &mut [u8], place: u64) -> io::Result<()> {
        let mut at = Self { file: Arc::clone(&self.file), position: place };
        at.read_exact(bytes)
    }

    /// The numbers that stand side by side from `place` on, the lowest byte of each first.
    pub(crate) fn numbers_at<T: Sample>(&self, place: u64, count: usize) -> io::Result<Vec<T>> {
        let mut bytes = vec![0; count * size_of::<T>()];
        self.read_exact_at(&mut bytes, place)?;
        Ok(T::from_bytes(&bytes, true))
    }
}

impl Read for PositionedFile {
    fn read(&mut self, bytes: &mut [u8]) -> io::Result<usize> {
        let read = read_at(&self.file, bytes, self.position)?;
        self.position += read as u64;
        Ok(read)
    }
}

impl Seek for PositionedFile {
    fn seek(&mut self, to: SeekFrom) -> io::Result<u64> {
        let moved = match to {
            SeekFrom::Start(place) => Some(place),
            SeekFrom::Current(by) => self.position.checked_add_signed(by),
            SeekFrom::End(by) => self.file.metadata()?.len().checked_add_signed(by),
        };
        self.position = moved.ok_or_else(|| io::Error::from(io::ErrorKind::InvalidInput))?;
        Ok(self.position)
    }
}

#[cfg(unix)]
fn read_at(file: &File, bytes: &mut [u8], place: u64) -> io::Result<usize> {
    std::os::unix::fs::FileExt::read_at(file, bytes, place)
}

#[cfg(windows)]
fn read_at(file: &File, bytes: &mut [u8], place: u64) -> io::Result<usize> {
    std::os::windows::fs::FileExt::seek_read(file, bytes, place)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn readers_do_not_move_each_other() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("file");
        std::fs::write(&path, b"abcdef").expect("written");
        let mut one = PositionedFile::new(Arc::new(File::open(&path).expect("open")));
        let mut other = one.clone();
        let mut bytes = [0; 2];
        one.read_exact(&mut bytes).expect("read");
        other.seek(SeekFrom::End(-1)).expect("seek");
        one.read_exact(&mut bytes).expect("read");
        assert_eq!(&bytes, b"cd");
        one.read_exact_at(&mut bytes, 4).expect("read");
        assert_eq!(&bytes, b"ef");
        assert_eq!(other.read(&mut bytes).expect("read"), 1);
        assert!(other.seek(SeekFrom::Current(-7)).is_err());
    }
}
