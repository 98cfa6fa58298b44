//! A file whose numbers mean themselves, and that begins with the page one wants.
//!
//! Look-up tables and "white is zero" are ways to show pixels; measurements and labels are what is stored (ImageJ saves a
//! mask with objects of 255 as "white is zero", and label images with a colour table). The decoder inverts the one and
//! refuses the other, so it is shown a file in which both are plain grey. And it finds pages along their chain only, the
//! smaller copies below them not at all; so it is shown a file whose first page entry is the one that is wanted.

use std::io::{self, Read, Seek, SeekFrom};

use super::directories::Directories;

const BLACK_IS_ZERO: u64 = 1;

/// A reader that shows some bytes of a file as others.
#[derive(Debug)]
pub(super) struct AsStored<R> {
    file: R,
    position: u64,
    /// Where, and what, rising.
    shown: Vec<(u64, u8)>,
}

impl<R: Read + Seek> AsStored<R> {
    /// Shows `file` from its start, `PhotometricInterpretation` 0 and 3 as 1, and the entry at `first` as the first.
    pub(super) fn new(mut file: R, directories: &Directories, first: u64) -> io::Result<Self> {
        file.rewind()?;
        let mut shown = Vec::new();
        let mut show = |place: u64, value: u64, length: u64| {
            for i in 0..length {
                let digit = if directories.little_endian { i } else { length - 1 - i };
                shown.push((place + i, (value >> (8 * digit)) as u8));
            }
        };
        for &place in directories.not_plain() {
            show(place, BLACK_IS_ZERO, 2);
        }
        if directories.big {
            show(8, first, 8)
        } else {
            show(4, first, 4)
        }
        shown.sort_unstable();
        Ok(Self { file, position: 0, shown })
    }
}

impl<R: Read> Read for AsStored<R> {
    fn read(&mut self, bytes: &mut [u8]) -> io::Result<usize> {
        let read = self.file.read(bytes)?;
        let (start, end) = (self.position, self.position + read as u64);
        let first = self.shown.partition_point(|&(place, _)| place < start);
        for &(place, byte) in self.shown[first..].iter().take_while(|&&(place, _)| place < end) {
            bytes[(place - start) as usize] = byte;
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
