//! Images from files, by what the files hold, not by what they are called.

mod file_kind;
mod labels;
mod png;
mod tiff;

use std::fs::File;
use std::io;
use std::path::Path;

use fewlabel_contract::{Error, ErrorKind, Result};

use self::file_kind::FileKind;
use crate::{Image, Limits};

pub use labels::open_labels;

const OPERATION: &str = "open image";

/// No compression that is read here makes less than a byte of this many: deflate needs one for 1032, LZW with its
/// codes of 12 bits one for about 2700.
const LARGEST_RATIO: u64 = 4096;

/// Reads a TIFF or PNG file.
///
/// * **TIFF** with strips or tiles, classic or BigTIFF, one page or many: 8, 16 and 32-bit whole numbers and 16 and
///   32-bit floats; signed and 64-bit numbers as long as [`Pixels`](crate::Pixels) holds each value exactly. Several samples a
///   pixel are channels; red, green, blue are `rgb`; alpha is dropped. Values are those in the file, also where a look-up
///   table or "white is zero" would show them otherwise.
/// * Axes and calibration are ImageJ's, where the file has them, also in its form for more than 4 GB (one page
///   entry, all planes in a row). Pages of other TIFF files are slices. Without ImageJ's text only a resolution in
///   centimetres counts: one in inches is the print density of other programs.
/// * **PNG** with 8 or 16 bits, grey or colour; alpha is dropped, palettes become colours, fewer than 8 bits of grey stay
///   the numbers they are.
///
/// Nothing is allocated that is over `limits`, or more than a file of this size can hold.
///
/// # Errors
/// `not-found`; `unreadable-image` for a file that is empty, cut short, damaged, or not an image; `unsupported` for
/// an image that is of a kind not read here; `limit-exceeded`; `io`.
pub fn open(path: &Path, limits: &Limits) -> Result<Image> {
    let mut file = File::open(path).map_err(|e| Error::io(OPERATION, path, &e))?;
    let metadata = file.metadata().map_err(|e| Error::io(OPERATION, path, &e))?;
    if metadata.is_dir() {
        return Err(Error::new(ErrorKind::InvalidRequest, OPERATION, "this is a folder, not an image").file(path));
    }
    match file_kind::recognise(&mut file).map_err(|e| Error::io(OPERATION, path, &e))? {
        FileKind::Empty => Err(unreadable("the file is empty").hint("copy or export it again")),
        FileKind::Tiff => tiff::read(file, metadata.len(), limits),
        FileKind::Png => png::read(file, metadata.len(), limits),
        FileKind::Other(what) => Err(Error::new(ErrorKind::Unsupported, OPERATION, format!("this is {what}"))
            .hint("TIFF and PNG images are read; save it as one of them")),
        FileKind::Unknown => {
            Err(unreadable("this is not an image that is known here")
                .hint("TIFF and PNG images are read, whatever they are called"))
        }
    }
    .map_err(|e| e.file(path))
}

fn unreadable(message: impl Into<String>) -> Error {
    Error::new(ErrorKind::UnreadableImage, OPERATION, message)
}

fn unsupported(message: impl Into<String>) -> Error {
    Error::new(ErrorKind::Unsupported, OPERATION, message)
}

/// An error of the system while reading; [`open`] adds the file.
fn failed(source: &io::Error) -> Error {
    let mut error = Error::io(OPERATION, "", source);
    error.context.clear();
    error
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

/// Room for `length` values, or `out-of-memory` where the system would end the process.
fn reserved<T>(length: usize) -> Result<Vec<T>> {
    let mut values = Vec::new();
    values.try_reserve_exact(length).map_err(|e| {
        Error::new(ErrorKind::OutOfMemory, OPERATION, "not enough memory for the image").with("values", length).because(&e)
    })?;
    Ok(values)
}
