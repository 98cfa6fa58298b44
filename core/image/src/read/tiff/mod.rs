//! Images from TIFF files.

mod as_stored;
mod chunk_places;
mod compression;
mod directories;
mod jpeg_chunks;
mod layout;
mod metadata;
mod number;
mod packed_chunks;
mod page;
mod placing;
mod slide;
mod small_numbers;

use std::fs::File;
use std::io::BufReader;
use std::sync::{Arc, Mutex, PoisonError};

use fewlabel_contract::{Error, ErrorKind, Result};
use tiff::TiffError;
use tiff::decoder::Decoder;

use self::as_stored::AsStored;
use self::compression::Compression;
use self::directories::{Directories, Directory};
use self::layout::Layout;
use self::metadata::{Metadata, with_private_tags};
use self::page::{Page, decoder_at};
use self::placing::Part;
use super::{OPERATION, check_claim, failed, unreadable, unsupported};
use crate::ome::Series;
use crate::outlines::outlines_of;
use crate::pixels::{Sample, each};
use crate::positioned_file::PositionedFile;
use crate::{ImageInfo, Limits, Outline, Pixels, Region, Shape, Source};

/// A decoder that hands over the numbers in the file, whatever a look-up table would show.
type Reader = Decoder<AsStored<BufReader<PositionedFile>>>;

/// Pages that stay open after something was read from them.
const OPEN_PAGES: usize = 16;

/// A TIFF file of which parts are read.
pub(super) struct TiffSource {
    file: PositionedFile,
    directories: Directories,
    info: ImageInfo,
    levels: Vec<Level>,
    /// Where the planes begin and how far one is from the next, when one page entry stands for all of them.
    in_a_row: Option<(u64, u64)>,
    limits: Limits,
    /// Open pages that nobody reads from now, with the places of their entries; the last was used last.
    idle: Mutex<Vec<(u64, Page)>>,
}

/// The pages of one resolution.
struct Level {
    layout: Layout,
    /// Where the entries of the pages stand, in order `t z c`, or `t z` where a page holds all channels.
    pages: Vec<u64>,
}

impl std::fmt::Debug for TiffSource {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("TiffSource").field("file", &self.file).field("info", &self.info).finish_non_exhaustive()
    }
}

impl TiffSource {
    /// Reads the page entries of `file`, which holds `file_bytes`, and whose pixels are bounded by `whole` all together and by
    /// `limits` when they are read. `name` is that of the file.
    pub(super) fn open(file: File, name: &str, file_bytes: u64, whole: &Limits, limits: &Limits) -> Result<Self> {
        let file = PositionedFile::new(Arc::new(file));
        let directories = Directories::scan(&mut BufReader::new(file.clone()), file_bytes, limits.pages)?;
        let mut pages: Vec<&Directory> = directories.pages().collect();
        let mut first = Page::open(&file, &directories, pages[0].offset, limits)?;
        let metadata = Metadata::of(&mut first.decoder, limits)?;
        if let Some(series) = &metadata.ome {
            let numbers = series.planes(pages.len(), name)?;
            pages = numbers.into_iter().filter_map(|number| pages.get(number).copied()).collect();
            first = Page::open(&file, &directories, pages[0].offset, limits)?;
        }
        if metadata.is_slide {
            pages.truncate(1);
        }
        if let Some(page) = pages.iter().position(|page| page.size != pages[0].size) {
            return Err(pages_differ(page + 1));
        }
        let layout = first.layout.clone();
        let stack = Stack::of(&first, &metadata, pages.len(), file_bytes)?;
        let claim = |(width, height): (usize, usize), planes: usize| {
            let samples = (layout.stored as u64, planes as u64);
            check_claim((width as u64, height as u64), samples, layout.number.bytes(), (file_bytes, layout.ratio()), whole)
        };
        claim((layout.width, layout.height), stack.planes)?;
        // A tile may be larger than the image, and is decoded whole.
        layout.tile.map_or(Ok(()), |tile| claim(tile, 1))?;
        let levels = levels(&file, &directories, (&pages, metadata.is_slide), &layout, limits)?;
        let (t, z, c) = metadata.axes(stack.planes, &layout)?;
        let info = ImageInfo {
            rgb: layout.rgb,
            slice_labels: metadata.slice_labels_for(stack.planes),
            channel_names: metadata.ome.as_ref().map(Series::channel_names).unwrap_or_default(),
            outlines: metadata.outlines,
            calibration: metadata.calibration,
            levels: levels.iter().map(|level| (level.layout.height, level.layout.width)).collect(),
            ..ImageInfo::new(Shape { t, z, c, y: layout.height, x: layout.width }, layout.number.pixel_type)
        };
        let idle = Mutex::new(vec![(pages[0].offset, first)]);
        Ok(Self { file, info, levels, in_a_row: stack.in_a_row, limits: *limits, idle, directories })
    }

    /// An open page, to be given back to [`Self::keep`].
    fn page(&self, offset: u64) -> Result<Page> {
        let mut idle = self.idle.lock().unwrap_or_else(PoisonError::into_inner);
        let there = idle.iter().position(|(other, _)| *other == offset).map(|place| idle.remove(place).1);
        drop(idle);
        there.map_or_else(|| Page::open(&self.file, &self.directories, offset, &self.limits), Ok)
    }

    fn keep(&self, offset: u64, page: Page) {
        let mut idle = self.idle.lock().unwrap_or_else(PoisonError::into_inner);
        if idle.len() == OPEN_PAGES {
            idle.remove(0);
        }
        idle.push((offset, page));
    }

    /// Puts the samples of a region behind `samples`.
    fn append<T: Sample>(&self, level: &Level, region: &Region, samples: &mut Vec<T>) -> Result<()> {
        let s = self.info.shape;
        let kept = level.layout.kept;
        for slice in region.t.clone().flat_map(|t| region.z.clone().map(move |z| t * s.z + z)) {
            for page in region.c.start / kept..region.c.end.div_ceil(kept) {
                let first = page * kept;
                let channels = region.c.start.max(first)..region.c.end.min(first + kept);
                let c = channels.start - first..channels.end - first;
                let part = Part { c, y: region.y.clone(), x: region.x.clone() };
                self.read_page(level, slice * (s.c / kept) + page, &part, samples)?;
            }
        }
        Ok(())
    }

    fn read_page<T: Sample>(&self, level: &Level, number: usize, part: &Part, samples: &mut Vec<T>) -> Result<()> {
        if let Some((start, step)) = self.in_a_row {
            let offset = level.pages[0];
            let page = self.page(offset)?;
            let place = step.checked_mul(number as u64).and_then(|n| n.checked_add(start));
            let place = place.ok_or_else(|| unreadable("the TIFF file is damaged"))?;
            page.read_row_by_row(&self.file, place, part, samples)?;
            self.keep(offset, page);
            return Ok(());
        }
        let offset = level.pages[number];
        let mut page = self.page(offset)?;
        if !page.layout.is_like(&level.layout) {
            return Err(pages_differ(number + 1));
        }
        page.read(&self.file, part, samples)?;
        self.keep(offset, page);
        Ok(())
    }
}

impl Source for TiffSource {
    fn info(&self) -> &ImageInfo {
        &self.info
    }

    fn read(&self, level: usize, region: &Region) -> Result<Pixels> {
        let mut pixels = self.info.empty_room(level, region, &self.limits)?;
        let level = &self.levels[level];
        each!(&mut pixels, samples => self.append(level, region, samples))?;
        Ok(pixels)
    }
}

/// The outlines that ImageJ saved with the image in `file`, which holds `file_bytes`; the image itself need not be of a kind that
/// is read here.
///
/// # Errors
/// Those of [`outlines_of`]; `unreadable-image` for page entries that are damaged; `limit-exceeded`; `io`.
pub(crate) fn outlines(file: File, file_bytes: u64, limits: &Limits) -> Result<Vec<Outline>> {
    let file = PositionedFile::new(Arc::new(file));
    let directories = Directories::scan(&mut BufReader::new(file.clone()), file_bytes, limits.pages)?;
    let Some(first) = directories.pages().next() else { return Ok(Vec::new()) };
    let mut decoder = decoder_at(&file, &directories, first.offset, limits)?;
    with_private_tags(&mut decoder, |tags| outlines_of(&tags, limits))?
}

/// Where the planes of a file lie.
struct Stack {
    /// How many there are: `t * z * c`, or `t * z` where a page holds all channels.
    planes: usize,
    /// As in [`TiffSource`].
    in_a_row: Option<(u64, u64)>,
}

impl Stack {
    /// Of a file with `found` pages. ImageJ writes stacks of more than 4 GB with a page entry for the first plane only, the
    /// others one behind another from there.
    fn of(first: &Page, metadata: &Metadata, found: usize, file_bytes: u64) -> Result<Self> {
        let claimed = metadata.description.as_ref().and_then(|d| d.images).unwrap_or(found);
        if claimed == found {
            return Ok(Self { planes: found, in_a_row: None });
        }
        let plane = first.layout.plane_bytes();
        if found == 1 && first.layout.compression == Compression::None && claimed as u64 <= file_bytes / plane.max(1) {
            let Some(start) = first.in_a_row else {
                return Err(unsupported("only the first plane of this stack can be found")
                    .hint("open it in ImageJ and save it again, or save its planes as files of their own"));
            };
            return Ok(Self { planes: claimed, in_a_row: Some((start, plane)) });
        }
        Err(unreadable("the file does not hold the planes that its description names")
            .with("planes named", claimed)
            .with("planes there", found)
            .hint("the file is cut short, or was changed by a program that left ImageJ's description as it was"))
    }
}

/// The pages at full resolution, and those of their smaller copies that all of them have in the same sizes.
fn levels(
    file: &PositionedFile,
    directories: &Directories,
    (pages, of_slide): (&[&Directory], bool),
    layout: &Layout,
    limits: &Limits,
) -> Result<Vec<Level>> {
    let mut levels = vec![Level { layout: layout.clone(), pages: pages.iter().map(|page| page.offset).collect() }];
    let smaller: Vec<Vec<&Directory>> = pages.iter().map(|page| directories.smaller(page, of_slide)).collect();
    for number in 0..smaller[0].len() {
        let size = smaller[0][number].size;
        let copies: Option<Vec<u64>> =
            smaller.iter().map(|copies| copies.get(number).filter(|copy| copy.size == size).map(|copy| copy.offset)).collect();
        let Some(copies) = copies else { break };
        let Ok(first) = Page::open(file, directories, copies[0], limits) else { break };
        let is_like = first.layout.number == layout.number && first.layout.kept == layout.kept && first.layout.rgb == layout.rgb;
        if !is_like {
            break;
        }
        levels.push(Level { layout: first.layout, pages: copies });
    }
    Ok(levels)
}

fn pages_differ(page: usize) -> Error {
    unsupported("the pages of this file differ in size or type").with("page", page).hint("save its pages as files of their own")
}

/// Bounds for the decoder, which holds one strip or tile at a time.
fn allowed(limits: &Limits) -> tiff::decoder::Limits {
    let bytes = usize::try_from(limits.bytes).unwrap_or(usize::MAX);
    let mut allowed = tiff::decoder::Limits::default();
    allowed.decoding_buffer_size = bytes;
    allowed.intermediate_buffer_size = bytes;
    allowed
}

fn broken(source: &TiffError) -> Error {
    match source {
        TiffError::IoError(e) if e.kind() == std::io::ErrorKind::UnexpectedEof => {
            unreadable("the TIFF file is cut short").hint("copy or export it again")
        }
        // Decompressors report damage as errors of input that carry no number of the operating system, and the system calls
        // a place invalid that no file can have.
        TiffError::IoError(e) if e.raw_os_error().is_some() && e.kind() != std::io::ErrorKind::InvalidInput => failed(e),
        TiffError::UnsupportedError(_) => unsupported("this kind of TIFF is not read here")
            .because(source)
            .hint("save it uncompressed, as 8, 16 or 32 bit, grey or RGB"),
        TiffError::LimitsExceeded => {
            Error::new(ErrorKind::LimitExceeded, OPERATION, "a part of the TIFF file is larger than allowed")
        }
        _ => unreadable("the TIFF file is damaged").because(source).hint("copy or export it again"),
    }
}
