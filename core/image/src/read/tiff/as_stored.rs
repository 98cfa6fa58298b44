//! A file whose numbers mean themselves.
//!
//! Look-up tables and "white is zero" are ways to show pixels; measurements and labels are what is stored (ImageJ saves a
//! mask with objects of 255 as "white is zero", and label images with a colour table). The decoder inverts the one and
//! refuses the other, so it is shown a file in which both are plain grey.

use std::io::{self, Read, Seek, SeekFrom};

use super::directories::Directories;

const BLACK_IS_ZERO: u16 = 1;

/// A reader that shows `PhotometricInterpretation` 0 and 3 as 1.
#[derive(Debug)]
pub(super) struct AsStored<R> {
    file: R,
    position: u64,
    plain: [u8; 2],
    /// Where to show it, rising.
    places: Vec<u64>,
}

impl<R: Read + Seek> AsStored<R> {
    /// Shows `file` from its start.
    pub(super) fn new(mut file: R, directories: &Directories) -> io::Result<Self> {
        file.rewind()?;
        let mut places = directories.not_plain().to_vec();
        places.sort_unstable();
        let plain = if directories.little_endian() { BLACK_IS_ZERO.to_le_bytes() } else { BLACK_IS_ZERO.to_be_bytes() };
        Ok(Self { file, position: 0, plain, places })
    }
}

impl<R: Read> Read for AsStored<R> {
    fn read(&mut self, bytes: &mut [u8]) -> io::Result<usize> {
        let read = self.file.read(bytes)?;
        let (start, end) = (self.position, self.position + read as u64);
        let first = self.places.partition_point(|&place| place + 2 <= start);
        for &place in self.places[first..].iter().take_while(|&&place| place < end) {
            for (at, byte) in (place..).zip(self.plain) {
                if (start..end).contains(&at) {
                    bytes[(at - start) as usize] = byte;
                }
            }
        }
        self.position = end;
        Ok(read)
    }
}

impl<R: Seek> Seek for AsStored<R> {
    fn seek(&mut self, to: SeekFrom) -> io::Result<u64> {
        self.position = self.file.seek(to)?;
        Ok(self.position)
    }
}
