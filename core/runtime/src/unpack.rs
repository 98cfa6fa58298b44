//! Takes out of a wheel what the learner needs, and nothing else.

use std::fs::{self, File};
use std::io::{self, BufReader, Read, Write};
use std::path::Path;

use fewlabel_contract::{Error, ErrorKind, Result};
use zip::ZipArchive;
use zip::read::ZipFile;
use zip::result::ZipError;

use crate::installed::Library;
use crate::meter::Meter;
use crate::release::is_library;

const OPERATION: &str = "unpack training add-on";

/// Decides by its name in the wheel whether a file is wanted.
pub(crate) type Wanted<'a> = &'a dyn Fn(&str) -> bool;

/// Bytes that [`unpack`] would write.
///
/// # Errors
/// `io` when the wheel cannot be read.
pub(crate) fn unpacked_bytes(wheel: &Path, wanted: Wanted<'_>) -> Result<u64> {
    let mut archive = open(wheel)?;
    let mut bytes = 0;
    for i in 0..archive.len() {
        let entry = archive.by_index_raw(i).map_err(|error| damaged(wheel, &error))?;
        if entry.is_file() && wanted(&name(wheel, &entry)?) {
            bytes += entry.size();
        }
    }
    Ok(bytes)
}

/// Writes the wanted files of `wheel` below `into`, and returns those that are libraries.
///
/// # Errors
/// `io` when the wheel is damaged or a file cannot be written.
pub(crate) fn unpack(wheel: &Path, into: &Path, wanted: Wanted<'_>, meter: &mut Meter<'_>) -> Result<Vec<Library>> {
    let mut archive = open(wheel)?;
    let mut libraries = Vec::new();
    let mut buffer = vec![0; 1 << 20];
    for i in 0..archive.len() {
        let mut entry = archive.by_index(i).map_err(|error| damaged(wheel, &error))?;
        let name = name(wheel, &entry)?;
        if !entry.is_file() || !wanted(&name) {
            continue;
        }
        let relative = entry.enclosed_name().ok_or_else(|| {
            Error::new(ErrorKind::Io, OPERATION, "the wheel holds a path that leads out of it").file(wheel).with("path", &name)
        })?;
        let path = into.join(relative);
        let write_error = |error: io::Error| Error::io(OPERATION, &path, &error);
        if let Some(parent) = path.parent() {
            fs::create_dir_all(parent).map_err(write_error)?;
        }
        let mut file = File::create_new(&path).map_err(write_error)?;
        loop {
            let n = entry.read(&mut buffer).map_err(|error| Error::io(OPERATION, wheel, &error))?;
            if n == 0 {
                break;
            }
            file.write_all(&buffer[..n]).map_err(write_error)?;
            meter.add(n as u64)?;
        }
        if is_library(&name) {
            libraries.push(Library { path: name, bytes: entry.size() });
        }
    }
    Ok(libraries)
}

fn open(wheel: &Path) -> Result<ZipArchive<BufReader<File>>> {
    let file = File::open(wheel).map_err(|error| Error::io(OPERATION, wheel, &error))?;
    ZipArchive::new(BufReader::new(file)).map_err(|error| damaged(wheel, &error))
}

/// The path of an entry as it stands in the wheel, with `/`.
fn name<R: Read>(wheel: &Path, entry: &ZipFile<'_, R>) -> Result<String> {
    entry.name().map(|name| name.into_owned()).map_err(|error| damaged(wheel, &error))
}

fn damaged(wheel: &Path, error: &ZipError) -> Error {
    Error::new(ErrorKind::Io, OPERATION, "the wheel is damaged").file(wheel).because(error).hint("fetch this file again")
}
