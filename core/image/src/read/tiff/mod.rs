//! Images from TIFF files.

mod as_stored;
mod contiguous;
mod directories;
mod exact;
mod layout;
mod metadata;
mod page;
mod sample;

use std::fs::File;
use std::io::BufReader;

use fewlabel_contract::{Error, ErrorKind, Result};
use tiff::TiffError;
use tiff::decoder::Decoder;

use self::as_stored::AsStored;
use self::directories::Directories;
use self::layout::Layout;
use self::metadata::Metadata;
use self::sample::{Number, Sample};
use super::{LARGEST_RATIO, OPERATION, check_claim, failed, reserved, unreadable, unsupported};
use crate::{Image, Limits, Pixels, Shape};

/// A decoder that hands over the numbers in the file, whatever a look-up table would show.
type Reader = Decoder<AsStored<BufReader<File>>>;

/// Reads all pages of `file`, which holds `file_bytes`.
pub(super) fn read(file: File, file_bytes: u64, limits: &Limits) -> Result<Image> {
    let mut file = BufReader::new(file);
    let directories = Directories::scan(&mut file, file_bytes, limits.pages)?;
    if let Some(page) = directories.first_of_other_size() {
        return Err(pages_differ(page));
    }
    let file = AsStored::new(file, &directories).map_err(|e| broken(&e.into()))?;
    let mut decoder = Decoder::new(file).map_err(|e| broken(&e))?.with_limits(allowed(limits));
    let layout = Layout::of(&mut decoder)?;
    let metadata = Metadata::of(&mut decoder)?;
    let stack = Stack::of(&layout, &metadata, &directories, file_bytes)?;
    let claim = |(width, height): (usize, usize), planes: usize| {
        let ratio = if layout.compressed { LARGEST_RATIO } else { 1 };
        let samples = (layout.stored as u64, planes as u64);
        check_claim((width as u64, height as u64), samples, layout.number.bytes(), (file_bytes, ratio), limits)
    };
    claim((layout.width, layout.height), stack.planes)?;
    // A tile may be larger than the image, and is decoded whole.
    layout.tile.map_or(Ok(()), |tile| claim(tile, 1))?;
    let pixels = match layout.number {
        Number::U8 => Pixels::U8(stack.read(decoder, &layout)?),
        Number::U16 => Pixels::U16(stack.read(decoder, &layout)?),
        Number::U32 => Pixels::U32(stack.read(decoder, &layout)?),
        Number::F16 | Number::F32 => Pixels::F32(stack.read(decoder, &layout)?),
        Number::I8 => Pixels::F32(stack.read::<i8>(decoder, &layout)?.into_iter().map(f32::from).collect()),
        Number::I16 => Pixels::F32(stack.read::<i16>(decoder, &layout)?.into_iter().map(f32::from).collect()),
        Number::I32 => exact::whole_numbers(&stack.read::<i32>(decoder, &layout)?)?,
        Number::I64 => exact::whole_numbers(&stack.read::<i64>(decoder, &layout)?)?,
        Number::U64 => exact::whole_numbers(&stack.read::<u64>(decoder, &layout)?)?,
        Number::F64 => exact::floats(&stack.read::<f64>(decoder, &layout)?)?,
    };
    let (t, z, c) = metadata.axes(stack.planes, &layout)?;
    Ok(Image {
        shape: Shape { t, z, c, y: layout.height, x: layout.width },
        pixels,
        rgb: layout.rgb,
        slice_labels: metadata.slice_labels_for(stack.planes),
        calibration: metadata.calibration,
    })
}

/// Where the planes of a file lie.
struct Stack {
    /// How many there are: `t * z * c`, or `t * z` where a page holds all channels.
    planes: usize,
    /// Whether one page entry stands for all of them, so that only the first is found by its entry.
    contiguous: bool,
}

impl Stack {
    fn of(layout: &Layout, metadata: &Metadata, directories: &Directories, file_bytes: u64) -> Result<Self> {
        let found = directories.pages();
        let claimed = metadata.description.as_ref().and_then(|d| d.images).unwrap_or(found);
        if claimed == found {
            return Ok(Self { planes: found, contiguous: false });
        }
        if found == 1 && !layout.compressed {
            let held = file_bytes / layout.plane_bytes().max(1);
            if claimed as u64 <= held {
                return Ok(Self { planes: claimed, contiguous: true });
            }
        }
        Err(unreadable("the file does not hold the planes that its description names")
            .with("planes named", claimed)
            .with("planes there", found)
            .hint("the file is cut short, or was changed by a program that left ImageJ's description as it was"))
    }

    /// All samples, plane after plane, in each plane channel after channel.
    fn read<T: Sample>(&self, mut decoder: Reader, layout: &Layout) -> Result<Vec<T>> {
        let plane = layout.kept * layout.height * layout.width;
        let mut samples = reserved(self.planes * plane)?;
        if self.contiguous {
            contiguous::append(&mut decoder, layout, self.planes, &mut samples)?;
            return Ok(samples);
        }
        loop {
            page::append(&mut decoder, layout, &mut samples)?;
            if !directories::next_page(&mut decoder)? {
                break;
            }
            if Layout::of(&mut decoder)? != *layout {
                return Err(pages_differ(samples.len() / plane + 1));
            }
        }
        Ok(samples)
    }
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
