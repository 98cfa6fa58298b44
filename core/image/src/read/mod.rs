//! Images from files, by what the files hold, not by what they are called.

mod file_kind;
mod jpeg;
mod label_kind;
mod labels;
mod png;
mod tiff;

use std::fs::File;
use std::path::{Path, PathBuf};

use fewlabel_contract::{Error, ErrorKind, Result};

use self::file_kind::FileKind;
use crate::nifti::NiftiSource;
use crate::refusal::{OPEN_IMAGE as OPERATION, failed, unreadable, unsupported};
use crate::zarr::{ZarrSource, is_zarr};
use crate::{Image, ImageInfo, InMemory, Limits, NiftiHeader, Pixels, Region, Source};

pub use label_kind::LabelKind;
pub use labels::{open_labels, open_labels_across};
pub(crate) use tiff::outlines as tiff_outlines;

/// No compression that is read here makes less than a byte of this many: deflate needs one for 1032, LZW with its
/// codes of 12 bits one for about 2700.
const LARGEST_RATIO: u64 = 4096;

/// Reads all of an image file. For what is read and how see [`open_source`].
///
/// Nothing is allocated that is over `limits`, or more than a file of this size can hold.
///
/// # Errors
/// Those of [`open_source`]; `limit-exceeded` when its pixels are more than `limits` allow.
pub fn open(path: &Path, limits: &Limits) -> Result<Image> {
    opened(path, limits, limits)?.image()
}

/// Opens an image file: reads what its header says, and leaves the pixels where they are.
///
/// * **TIFF** with strips or tiles, classic or BigTIFF, one page or many: grey of 1, 2 and 4 bits, whole numbers and floats of 8 to
///   64 bits. Several samples a pixel are channels; red, green, blue are `rgb`, also where JPEG stores luminance and differences
///   of colour; alpha is dropped. Values are those in the file, also where a look-up table or "white is zero" would show them
///   otherwise. Smaller copies of the pages are the levels of a pyramid. Of Aperio's slides the image is read.
/// * Axes and calibration are ImageJ's, where the file has them, also in its form for more than 4 GB (one page
///   entry, all planes in a row); or those of OME-XML, of whose images the first is read. Pages of other TIFF files are slices.
///   Without such a text only a resolution in centimetres counts: one in inches is the print density of other programs.
/// * **PNG** with 8 or 16 bits, grey or colour; alpha is dropped, palettes become colours, fewer than 8 bits of grey stay
///   the numbers they are. All of it is read at once, as of **JPEG**.
/// * **NIfTI** (`.nii`, `.nii.gz`): rows and columns lie as they are stored; scaled samples are what the file means.
/// * **OME-Zarr** 0.4 and 0.5, a folder: the first image in it, with its levels.
///
/// # Errors
/// `not-found`; `unreadable-image` for a file that is empty, cut short, damaged, or not an image; `unsupported` for
/// an image that is of a kind not read here; `limit-exceeded`; `io`.
pub fn open_source(path: &Path, limits: &Limits) -> Result<Box<dyn Source>> {
    // How much is held in memory is known only when a region is asked for.
    opened(path, &Limits { bytes: u64::MAX, ..*limits }, limits)
}

/// Opens a file whose pixels are bounded by `whole` all together and by `limits` when they are read.
fn opened(path: &Path, whole: &Limits, limits: &Limits) -> Result<Box<dyn Source>> {
    let mut file = File::open(path).map_err(|e| Error::io(OPERATION, path, &e))?;
    let metadata = file.metadata().map_err(|e| Error::io(OPERATION, path, &e))?;
    if metadata.is_dir() && is_zarr(path) {
        return Ok(Box::new(ZarrSource::open(path, limits)?));
    }
    if metadata.is_dir() {
        return Err(Error::new(ErrorKind::InvalidRequest, OPERATION, "this is a folder, not an image").file(path));
    }
    let source: Result<Box<dyn Source>> = match file_kind::recognise(&mut file).map_err(|e| Error::io(OPERATION, path, &e))? {
        FileKind::Empty => Err(unreadable("the file is empty").hint("copy or export it again")),
        FileKind::Tiff => {
            let name = path.file_name().unwrap_or_default().to_string_lossy();
            tiff::TiffSource::open(file, &name, metadata.len(), whole, limits).map(|source| Box::new(source) as _)
        }
        FileKind::Png => png::read(file, metadata.len(), limits).map(|image| Box::new(InMemory::new(image)) as _),
        FileKind::Jpeg => jpeg::read(file, metadata.len(), limits).map(|image| Box::new(InMemory::new(image)) as _),
        FileKind::Nifti | FileKind::Gzip => NiftiSource::open(file, metadata.len(), limits).map(|source| Box::new(source) as _),
        FileKind::Npy => {
            Err(unsupported("this is a NumPy array, which holds labels here, not an image").hint("save the image as TIFF"))
        }
        FileKind::Other(what) => Err(Error::new(ErrorKind::Unsupported, OPERATION, format!("this is {what}"))
            .hint("save it as TIFF, OME-TIFF, OME-Zarr, NIfTI, PNG or JPEG")),
        FileKind::Unknown => Err(unreadable("this is not an image that is known here")
            .hint("TIFF, OME-TIFF, OME-Zarr, NIfTI, PNG and JPEG are read, whatever they are called")),
    };
    source.map(|source| Box::new(Named { source, path: path.to_owned() }) as _).map_err(|e| e.file(path))
}

/// A source whose errors name its file.
#[derive(Debug)]
struct Named {
    source: Box<dyn Source>,
    path: PathBuf,
}

impl Source for Named {
    fn info(&self) -> &ImageInfo {
        self.source.info()
    }

    fn read(&self, level: usize, region: &Region) -> Result<Pixels> {
        self.source.read(level, region).map_err(|e| e.file(&self.path))
    }

    fn nifti_header(&self) -> Option<NiftiHeader> {
        self.source.nifti_header()
    }
}

/// Checks what a file claims, before memory is asked for: `planes` of `samples` values a pixel and `sample_bytes` each,
/// from `file_bytes` that are packed at most `ratio` times.
fn check_claim(
    (width, height): (u64, u64),
    (samples, planes): (u64, u64),
    sample_bytes: u64,
    (file_bytes, ratio): (u64, u64),
    limits: &Limits,
) -> Result<()> {
    let exceeded = |message: &str| {
        Error::new(ErrorKind::LimitExceeded, OPERATION, message)
            .with("width", width)
            .with("height", height)
            .with("planes", planes)
    };
    if width == 0 || height == 0 || samples == 0 || planes == 0 {
        return Err(unreadable("the image has no pixels").with("width", width).with("height", height));
    }
    if width.max(height) > limits.side as u64 {
        return Err(exceeded("the image is longer than allowed").with("allowed side", limits.side));
    }
    if planes > limits.pages as u64 {
        return Err(exceeded("the image has more planes than allowed").with("allowed planes", limits.pages));
    }
    let bytes = [height, samples, planes, sample_bytes].iter().try_fold(width, |n, &f| n.checked_mul(f));
    let Some(bytes) = bytes.filter(|&n| n <= limits.bytes) else {
        return Err(exceeded("the image is larger than allowed").with("allowed bytes", limits.bytes));
    };
    if bytes > file_bytes.saturating_mul(ratio) {
        return Err(unreadable("the file claims more pixels than it can hold")
            .with("width", width)
            .with("height", height)
            .with("planes", planes)
            .with("file bytes", file_bytes)
            .hint("the file is cut short or damaged; copy or export it again"));
    }
    Ok(())
}

/// The first `kept` of each `stored` interleaved samples, one plane after another.
fn planes<T: Copy>(samples: &[T], stored: usize, kept: usize) -> Vec<T> {
    (0..kept).flat_map(|c| samples.iter().skip(c).step_by(stored).copied()).collect()
}
