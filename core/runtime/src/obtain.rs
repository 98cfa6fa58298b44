//! Gets the wheels together: from a folder that somebody filled by hand, or from a package index.

use std::fs;
use std::path::{Path, PathBuf};

use fewlabel_contract::{Error, ErrorKind, Result};

use crate::configured::Configured;
use crate::fetch::{fetch, place};
use crate::http::{Client, without_secrets};
use crate::index::locate;
use crate::meter::Meter;
use crate::release::Wheel;
use crate::verify::verify;

/// Verifies the wheels in `folder` and says where they lie.
///
/// # Errors
/// `not-found` naming what is missing; `io` when a file is not the pinned one.
pub(crate) fn from_folder(folder: &Path, wheels: &[Wheel], meter: &mut Meter<'_>) -> Result<Vec<PathBuf>> {
    let missing: Vec<&str> = wheels.iter().map(|wheel| wheel.name).filter(|name| !folder.join(name).is_file()).collect();
    if !missing.is_empty() {
        return Err(Error::new(ErrorKind::NotFound, "install training add-on", "the folder does not hold all files of the plan")
            .file(folder)
            .with("missing", missing.join(", "))
            .hint("`fewlabel runtime plan` lists the files with their sizes and hashes"));
    }
    meter.begin("checking files", wheels.iter().map(|wheel| wheel.bytes).sum());
    wheels
        .iter()
        .map(|wheel| {
            let path = folder.join(wheel.name);
            verify(&path, wheel, meter).map(|()| path)
        })
        .collect()
}

/// Fetches the wheels into `downloads`, which exists, and says where they lie. Those that lie there already are verified
/// and used.
///
/// # Errors
/// `not-found` when there is no index, or none of the indexes has a file; `io` when one cannot be reached or a file
/// is not the pinned one.
pub(crate) fn from_index(
    configured: &dyn Fn() -> Result<Configured>,
    wheels: &[Wheel],
    downloads: &Path,
    meter: &mut Meter<'_>,
) -> Result<Vec<PathBuf>> {
    // Asking pip takes a moment: only when something must be fetched.
    let mut connection = None;
    meter.begin("fetching", wheels.iter().map(|wheel| wheel.bytes).sum());
    wheels
        .iter()
        .map(|wheel| {
            if let Some(path) = fetched_before(wheel, downloads, meter)? {
                return Ok(path);
            }
            let (configured, client) = match &mut connection {
                Some(ready) => ready,
                none => {
                    let configured = configured()?;
                    let client = Client::new(&configured)?;
                    none.insert((configured, client))
                }
            };
            let address = find(client, configured, wheel)?;
            fetch(client, &address, wheel, downloads, meter)
        })
        .collect()
}

fn fetched_before(wheel: &Wheel, downloads: &Path, meter: &mut Meter<'_>) -> Result<Option<PathBuf>> {
    let path = place(wheel, downloads);
    if !path.metadata().is_ok_and(|found| found.len() == wheel.bytes) {
        return Ok(None);
    }
    match verify(&path, wheel, meter) {
        Ok(()) => Ok(Some(path)),
        Err(error) if error.kind == ErrorKind::Cancelled => Err(error),
        Err(_) => {
            meter.take_back(wheel.bytes);
            fs::remove_file(&path).map_err(|error| Error::io("fetch training add-on", &path, &error))?;
            Ok(None)
        }
    }
}

fn find(client: &Client, configured: &Configured, wheel: &Wheel) -> Result<String> {
    for index in &configured.indexes {
        if let Some(address) = locate(client, index, wheel)? {
            return Ok(address);
        }
    }
    let asked: Vec<String> = configured.indexes.iter().map(|index| without_secrets(index)).collect();
    Err(Error::new(ErrorKind::NotFound, "fetch training add-on", "the package index does not have this file")
        .with("file", wheel.name)
        .with("index", asked.join(", "))
        .hint("give another index with --index, or bring the files of the plan by hand and give their folder with --from"))
}
