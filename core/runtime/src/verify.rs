//! Whether a file is the one that is pinned.

use std::fs::File;
use std::io::{self, Read};
use std::path::Path;

use fewlabel_contract::{Error, ErrorKind, Result};
use sha2::{Digest, Sha256};

use crate::meter::Meter;
use crate::release::Wheel;

const OPERATION: &str = "verify training add-on";

/// Reads the file at `path` and compares its size and hash with the pinned ones.
///
/// # Errors
/// `not-found` when there is no such file; `io` when it is cut short, too long, or has another hash.
pub(crate) fn verify(path: &Path, wheel: &Wheel, meter: &mut Meter<'_>) -> Result<()> {
    let bytes = path.metadata().map_err(|error| Error::io(OPERATION, path, &error))?.len();
    check_size(path, wheel, bytes)?;
    let mut hash = Sha256::new();
    hash_file(path, &mut hash, &mut |n| meter.add(n))?;
    check_hash(path, wheel, hash)
}

/// Adds the content of the file at `path` to `hash`, and tells `counted` how many bytes at a time.
pub(crate) fn hash_file(path: &Path, hash: &mut Sha256, counted: &mut dyn FnMut(u64) -> Result<()>) -> Result<()> {
    let io_error = |error: io::Error| Error::io(OPERATION, path, &error);
    let mut file = File::open(path).map_err(io_error)?;
    let mut buffer = vec![0; 1 << 20];
    loop {
        let n = file.read(&mut buffer).map_err(io_error)?;
        if n == 0 {
            return Ok(());
        }
        hash.update(&buffer[..n]);
        counted(n as u64)?;
    }
}

/// Compares a size with the pinned one.
pub(crate) fn check_size(path: &Path, wheel: &Wheel, bytes: u64) -> Result<()> {
    if bytes == wheel.bytes {
        return Ok(());
    }
    let message = if bytes < wheel.bytes { "the file is cut short" } else { "the file is longer than it should be" };
    Err(Error::new(ErrorKind::Io, OPERATION, message)
        .file(path)
        .with("bytes", bytes)
        .with("expected", wheel.bytes)
        .hint("fetch this file again"))
}

/// Compares a hash with the pinned one.
pub(crate) fn check_hash(path: &Path, wheel: &Wheel, hash: Sha256) -> Result<()> {
    let found = hexadecimal(&hash.finalize());
    if found == wheel.sha256 {
        return Ok(());
    }
    Err(Error::new(ErrorKind::Io, OPERATION, "the file is not the one that is pinned: its SHA-256 differs")
        .file(path)
        .with("sha256", found)
        .with("expected", wheel.sha256)
        .hint("fetch this file again from an index that you trust"))
}

/// Lower-case hexadecimal.
pub(crate) fn hexadecimal(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}
