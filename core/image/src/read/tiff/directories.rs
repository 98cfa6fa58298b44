//! The page entries of a TIFF file ("image file directories"), seen before the decoder sees them.

use std::collections::{HashMap, HashSet};
use std::io::{Read, Seek, SeekFrom};

use fewlabel_contract::{Error, ErrorKind, Result};

use super::super::unsupported;
use super::{OPERATION, broken, unreadable};

const NEW_SUBFILE_TYPE: u16 = 254;
const IMAGE_WIDTH: u16 = 256;
const IMAGE_LENGTH: u16 = 257;
const PHOTOMETRIC: u16 = 262;
const SAMPLES_PER_PIXEL: u16 = 277;
const TILE_WIDTH: u16 = 322;
const SUB_DIRECTORIES: u16 = 330;
/// Slices in a page and in its tiles (SGI).
const IMAGE_DEPTH: u16 = 32_997;
const TILE_DEPTH: u16 = 32_998;
const SHORT: u16 = 3;
/// Types of TIFF 6.0, section 2, of its first supplement, and of BigTIFF.
const KNOWN_TYPES: [u16; 16] = [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 16, 17, 18];
/// Values of `PhotometricInterpretation` for numbers that are shown as others: white is zero, palette.
const SHOWN_OTHERWISE: [u64; 2] = [0, 3];
/// Bit of `NewSubfileType` for a smaller copy of another page.
const REDUCED: u64 = 0b001;
/// Bit of `NewSubfileType` for a transparency mask.
const MASK: u64 = 0b100;
/// More entries than a pyramid has levels: from 2³² pixels a side down to one.
const MOST_BELOW: u64 = 32;

/// A page entry.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Directory {
    /// Where it stands in the file.
    pub offset: u64,
    /// Columns and rows.
    pub size: (u64, u64),
    /// Whether it is a smaller copy of another page.
    pub is_reduced: bool,
    /// Whether it is a transparency mask.
    is_mask: bool,
    /// Whether its pixels lie in tiles.
    is_tiled: bool,
    /// Where the entries below it stand: smaller copies, as a rule.
    below: Vec<u64>,
}

/// What a walk along the chain of page entries finds.
#[derive(Debug)]
pub(super) struct Directories {
    /// Byte order of the file.
    pub little_endian: bool,
    /// Whether places in the file have 64 bits.
    pub big: bool,
    /// In the order of the chain.
    chain: Vec<Directory>,
    /// Those below others, by their place.
    below: HashMap<u64, Directory>,
    not_plain: Vec<u64>,
    /// Whether one page alone is an image of its own.
    is_single: bool,
}

impl Directories {
    /// Walks along the chain, which must end, stay in a file of `file_bytes`, and hold at most `most` entries, those below others
    /// included.
    ///
    /// A value that claims to be longer than the file is found here: the decoder would ask for its memory first.
    pub(super) fn scan(file: &mut (impl Read + Seek), file_bytes: u64, most: usize) -> Result<Self> {
        let mut bytes = Bytes::at_start(file)?;
        let (little_endian, big) = (bytes.little_endian, bytes.big);
        let mut found =
            Self { little_endian, big, chain: Vec::new(), below: HashMap::new(), not_plain: Vec::new(), is_single: false };
        let mut seen = HashSet::new();
        let mut count = |offset| {
            if !seen.insert(offset) {
                return Err(unreadable("the page entries of this TIFF file form a circle"));
            }
            if seen.len() > most {
                return Err(Error::new(ErrorKind::LimitExceeded, OPERATION, "the file has more pages than allowed")
                    .with("allowed pages", most));
            }
            Ok(())
        };
        let mut next = bytes.first_directory()?;
        while next != 0 {
            count(next)?;
            let (directory, after) = found.scan_one(&mut bytes, next, file_bytes)?;
            found.chain.push(directory);
            next = after;
        }
        for offset in found.chain.iter().flat_map(|directory| directory.below.clone()).collect::<Vec<_>>() {
            count(offset)?;
            let (directory, _) = found.scan_one(&mut bytes, offset, file_bytes)?;
            found.below.insert(offset, directory);
        }
        if found.chain.is_empty() {
            return Err(unreadable("the TIFF file has no page"));
        }
        let is_single = found.pages().nth(1).is_none();
        found.is_single = is_single;
        Ok(found)
    }

    /// Pages that are images of their own: not smaller copies of others, not masks. The first entry always is one.
    pub(super) fn pages(&self) -> impl Iterator<Item = &Directory> {
        let own = |(number, page): &(usize, &Directory)| *number == 0 || !(page.is_reduced || page.is_mask);
        self.chain.iter().enumerate().filter(own).map(|(_, page)| page)
    }

    /// Smaller copies of `page`, ever smaller: those below it, or, in a file with a single page, those behind it. Of a slide
    /// ([`Slide`](super::slide::Slide)) they are what lies in tiles behind the first page.
    pub(super) fn smaller(&self, page: &Directory, of_slide: bool) -> Vec<&Directory> {
        let below: Vec<&Directory> = page.below.iter().filter_map(|offset| self.below.get(offset)).collect();
        let behind = self.chain.iter().skip(1);
        let copies = match below.is_empty() && self.is_single {
            _ if of_slide => behind.filter(|other| other.is_tiled).collect(),
            true => behind.filter(|other| other.is_reduced && !other.is_mask).collect(),
            false => below,
        };
        let mut smaller: Vec<&Directory> = Vec::new();
        for copy in copies {
            let (width, height) = smaller.last().map_or(page.size, |last| last.size);
            if copy.size.0 < width && copy.size.1 < height && copy.size.0 > 0 && copy.size.1 > 0 {
                smaller.push(copy);
            }
        }
        smaller
    }

    /// Where in the file a `PhotometricInterpretation` stands that is "white is zero" or a palette.
    pub(super) fn not_plain(&self) -> &[u64] {
        &self.not_plain
    }

    /// Looks at the entry at `offset`, and says where the next one is (0: none).
    fn scan_one(&mut self, bytes: &mut Bytes<impl Read + Seek>, offset: u64, file_bytes: u64) -> Result<(Directory, u64)> {
        bytes.go_to(offset)?;
        let tags = if bytes.big { bytes.number(8)? } else { bytes.number(2)? };
        let (entry, inline) = if bytes.big { (20, 12) } else { (12, 8) };
        if tags.saturating_mul(entry) > file_bytes {
            return Err(unreadable("the TIFF file is cut short or damaged").with("tags claimed", tags));
        }
        let mut directory =
            Directory { offset, size: (0, 0), is_reduced: false, is_mask: false, is_tiled: false, below: Vec::new() };
        let (mut below, mut samples) = (None, 1);
        let first = offset + if bytes.big { 8 } else { 2 };
        for at in (0..tags).map(|i| first + i * entry) {
            let (tag, kind) = (bytes.number(2)? as u16, bytes.number(2)? as u16);
            let count = bytes.number(inline - 4)?;
            let size = size_of_type(kind);
            let value = bytes.inline_number(entry - inline, size)?;
            let damaged = || unreadable("the TIFF file is cut short or damaged").with("tag", tag).with("values claimed", count);
            if count.saturating_mul(size) > file_bytes {
                return Err(damaged());
            }
            // `tiff` skips half of such an entry, and takes what it finds then for entries.
            if bytes.big && !KNOWN_TYPES.contains(&kind) {
                return Err(unsupported("this BigTIFF has a value of an unknown type").with("tag", tag).with("type", kind));
            }
            match tag {
                IMAGE_WIDTH => directory.size.0 = value,
                IMAGE_LENGTH => directory.size.1 = value,
                SAMPLES_PER_PIXEL => samples = value,
                NEW_SUBFILE_TYPE => {
                    directory.is_reduced = value & REDUCED != 0;
                    directory.is_mask = value & MASK != 0;
                }
                TILE_WIDTH => directory.is_tiled = true,
                IMAGE_DEPTH | TILE_DEPTH if value > 1 => {
                    return Err(unsupported("this TIFF has several slices in one page, which are not read here")
                        .with("slices", value)
                        .hint("save it with a page for each slice"));
                }
                SUB_DIRECTORIES if count > MOST_BELOW => return Err(damaged()),
                SUB_DIRECTORIES if size >= 4 => below = Some((at + inline, count, size)),
                // The standard allows no other type than SHORT.
                PHOTOMETRIC if kind == SHORT && SHOWN_OTHERWISE.contains(&value) => self.not_plain.push(at + inline),
                _ => {}
            }
        }
        // More strips than `tiff` can count.
        if directory.size.1.saturating_mul(samples) > u32::MAX.into() {
            return Err(unreadable("the TIFF file is damaged").with("rows", directory.size.1).with("samples a pixel", samples));
        }
        let next = if bytes.big { bytes.number(8)? } else { bytes.number(4)? };
        if let Some((field, count, size)) = below {
            bytes.go_to(field)?;
            if count * size > entry - inline {
                let place = if bytes.big { bytes.number(8)? } else { bytes.number(4)? };
                bytes.go_to(place)?;
            }
            directory.below = (0..count).map(|_| bytes.number(size)).collect::<Result<_>>()?;
        }
        Ok((directory, next))
    }
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
