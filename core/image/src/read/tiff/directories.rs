//! The page entries of a TIFF file ("image file directories"), seen before the decoder sees them.

use std::collections::HashSet;
use std::io::{Read, Seek, SeekFrom};

use fewlabel_contract::{Error, ErrorKind, Result};
use tiff::tags::Tag;

use super::{OPERATION, Reader, broken, unreadable};

const NEW_SUBFILE_TYPE: u16 = 254;
const IMAGE_WIDTH: u16 = 256;
const IMAGE_LENGTH: u16 = 257;
const PHOTOMETRIC: u16 = 262;
const SHORT: u16 = 3;
/// Values of `PhotometricInterpretation` for numbers that are shown as others: white is zero, palette.
const SHOWN_OTHERWISE: [u64; 2] = [0, 3];
/// Bits of `NewSubfileType`: a smaller copy of another page, and a transparency mask.
const NO_PAGE: u64 = 0b101;

/// What a walk along the chain of page entries finds.
pub(super) struct Directories {
    little_endian: bool,
    /// Width and height of each page.
    pages: Vec<(u64, u64)>,
    not_plain: Vec<u64>,
}

impl Directories {
    /// Walks along the chain, which must end, stay in a file of `file_bytes`, and hold at most `most` entries.
    ///
    /// A value that claims to be longer than the file is found here: the decoder would ask for its memory first.
    pub(super) fn scan(file: &mut (impl Read + Seek), file_bytes: u64, most: usize) -> Result<Self> {
        let mut bytes = Bytes::at_start(file)?;
        let mut found = Self { little_endian: bytes.little_endian, pages: Vec::new(), not_plain: Vec::new() };
        let mut seen = HashSet::new();
        let mut next = bytes.first_directory()?;
        while next != 0 {
            if !seen.insert(next) {
                return Err(unreadable("the page entries of this TIFF file form a circle"));
            }
            if seen.len() > most {
                return Err(Error::new(ErrorKind::LimitExceeded, OPERATION, "the file has more pages than allowed")
                    .with("allowed pages", most));
            }
            next = found.scan_one(&mut bytes, next, file_bytes)?;
        }
        if found.pages.is_empty() {
            return Err(unreadable("the TIFF file has no page"));
        }
        Ok(found)
    }

    /// Pages that are images of their own: not smaller copies of others, not masks.
    pub(super) fn pages(&self) -> usize {
        self.pages.len()
    }

    /// The first page, from 1, whose width or height is not that of the first.
    pub(super) fn first_of_other_size(&self) -> Option<usize> {
        self.pages.iter().position(|size| *size != self.pages[0]).map(|i| i + 1)
    }

    /// Where in the file a `PhotometricInterpretation` stands that is "white is zero" or a palette.
    pub(super) fn not_plain(&self) -> &[u64] {
        &self.not_plain
    }

    /// Byte order of the file.
    pub(super) fn little_endian(&self) -> bool {
        self.little_endian
    }

    /// Looks at the entry at `offset`, and says where the next one is (0: none).
    fn scan_one(&mut self, bytes: &mut Bytes<impl Read + Seek>, offset: u64, file_bytes: u64) -> Result<u64> {
        bytes.go_to(offset)?;
        let tags = if bytes.big { bytes.number(8)? } else { bytes.number(2)? };
        let (entry, inline) = if bytes.big { (20, 12) } else { (12, 8) };
        if tags.saturating_mul(entry) > file_bytes {
            return Err(unreadable("the TIFF file is cut short or damaged").with("tags claimed", tags));
        }
        let (mut is_page, mut width, mut height) = (true, 0, 0);
        let first = offset + if bytes.big { 8 } else { 2 };
        for at in (0..tags).map(|i| first + i * entry) {
            let (tag, kind) = (bytes.number(2)? as u16, bytes.number(2)? as u16);
            let count = bytes.number(inline - 4)?;
            let value = bytes.inline_number(entry - inline, size_of_type(kind))?;
            if count.saturating_mul(size_of_type(kind)) > file_bytes {
                return Err(unreadable("the TIFF file is cut short or damaged").with("tag", tag).with("values claimed", count));
            }
            match tag {
                IMAGE_WIDTH => width = value,
                IMAGE_LENGTH => height = value,
                NEW_SUBFILE_TYPE => is_page = value & NO_PAGE == 0,
                // The standard allows no other type than SHORT.
                PHOTOMETRIC if kind == SHORT && SHOWN_OTHERWISE.contains(&value) => self.not_plain.push(at + inline),
                _ => {}
            }
        }
        // The decoder begins at the first entry, whatever that says of itself.
        if is_page || self.pages.is_empty() {
            self.pages.push((width, height));
        }
        if bytes.big { bytes.number(8) } else { bytes.number(4) }
    }
}

/// Goes on to the next page that is an image of its own; whether there is one.
pub(super) fn next_page(decoder: &mut Reader) -> Result<bool> {
    while decoder.more_images() {
        decoder.next_image().map_err(|e| broken(&e))?;
        let kind = decoder.find_tag_unsigned::<u64>(Tag::NewSubfileType).map_err(|e| broken(&e))?;
        if kind.unwrap_or(0) & NO_PAGE == 0 {
            return Ok(true);
        }
    }
    Ok(false)
}

/// Bytes of one value of a type of TIFF 6.0, section 2, and BigTIFF; 1 for types that are not known.
fn size_of_type(kind: u16) -> u64 {
    match kind {
        3 | 8 => 2,
        4 | 9 | 11 | 13 => 4,
        5 | 10 | 12 | 16..=18 => 8,
        _ => 1,
    }
}

/// Numbers in the byte order of the file.
struct Bytes<'a, R> {
    file: &'a mut R,
    little_endian: bool,
    big: bool,
}

impl<'a, R: Read + Seek> Bytes<'a, R> {
    fn at_start(file: &'a mut R) -> Result<Self> {
        let mut magic = [0; 4];
        file.read_exact(&mut magic).map_err(|e| broken(&e.into()))?;
        let little_endian = magic[0] == b'I';
        Ok(Self { file, little_endian, big: magic.contains(&b'+') })
    }

    fn first_directory(&mut self) -> Result<u64> {
        if self.big {
            // Size of an offset and a zero stand before it.
            self.number(4)?;
            self.number(8)
        } else {
            self.number(4)
        }
    }

    fn go_to(&mut self, offset: u64) -> Result<()> {
        self.file.seek(SeekFrom::Start(offset)).map(|_| ()).map_err(|e| broken(&e.into()))
    }

    /// The value in the field of `length` bytes in which the place of longer values stands: it fills the first `size`.
    fn inline_number(&mut self, length: u64, size: u64) -> Result<u64> {
        let field = self.number(length)?;
        let unused = 8 * length.saturating_sub(size);
        let mask = u64::MAX >> (64 - 8 * length.min(size));
        Ok(if self.little_endian { field & mask } else { field >> unused })
    }

    /// A whole number of up to 8 bytes.
    fn number(&mut self, length: u64) -> Result<u64> {
        let mut bytes = [0; 8];
        let bytes = &mut bytes[..length as usize];
        self.file.read_exact(bytes).map_err(|e| broken(&e.into()))?;
        let digits = |n: u64, &byte: &u8| n << 8 | u64::from(byte);
        Ok(if self.little_endian { bytes.iter().rev().fold(0, digits) } else { bytes.iter().fold(0, digits) })
    }
}
