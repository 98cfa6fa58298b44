//! What is there.

use std::collections::BTreeSet;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use fewlabel_contract::{Device, Error, Result, RuntimeFile, RuntimeResult};
use serde::{Deserialize, Serialize};

use crate::cache;
use crate::release::VERSION;

/// Name of the file that marks an add-on as whole.
pub(crate) const MARKER: &str = "runtime.json";

/// Content of `runtime.json`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Marker {
    /// Version of libtorch.
    pub version: String,
    /// What it computes on: the processor, or also a GPU.
    pub device: Device,
    /// Whether headers and the link folder are there too.
    pub headers: bool,
    /// The wheels it was made of.
    pub files: Vec<RuntimeFile>,
    /// The libraries that were unpacked, with `/`, relative to the folder.
    pub libraries: Vec<Library>,
}

/// A library that was unpacked.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Library {
    /// Path relative to the folder, with `/`.
    pub path: String,
    /// Bytes.
    pub bytes: u64,
}

impl Marker {
    /// Whether an installation for `device` with or without `headers` has nothing left to do.
    pub fn covers(&self, device: Device, headers: bool) -> bool {
        let gpu = matches!(self.device, Device::Cuda(_)) || !matches!(device, Device::Cuda(_));
        gpu && (self.headers || !headers)
    }
}

/// The marker of a whole add-on in `folder`, or what is wrong in words. Sizes are compared, not
/// hashes: this runs before every training.
pub(crate) fn whole(folder: &Path) -> Result<Marker, String> {
    let path = folder.join(MARKER);
    let text = fs::read_to_string(&path).map_err(|error| match error.kind() {
        io::ErrorKind::NotFound if !folder.exists() => "it is not installed".to_owned(),
        io::ErrorKind::NotFound => format!("it is not whole: {MARKER} is missing"),
        _ => format!("{MARKER} cannot be read: {error}"),
    })?;
    let marker: Marker = serde_json::from_str(&text).map_err(|error| format!("{MARKER} is damaged: {error}"))?;
    if marker.version != VERSION {
        return Err(format!("it is version {}, and {VERSION} is needed", marker.version));
    }
    for library in &marker.libraries {
        match folder.join(&library.path).metadata() {
            Ok(found) if found.len() == library.bytes => {}
            Ok(found) => return Err(format!("{} has {} bytes instead of {}", library.path, found.len(), library.bytes)),
            Err(error) => return Err(format!("{} cannot be read: {error}", library.path)),
        }
    }
    Ok(marker)
}

/// What is there, for people and programs.
pub(crate) fn status(cache: &Path) -> RuntimeResult {
    let folder = cache::folder(cache);
    let (installed, files, problem) = match whole(&folder) {
        Ok(marker) => (true, marker.files, None),
        Err(problem) => (false, Vec::new(), Some(problem)),
    };
    RuntimeResult { installed, version: VERSION.to_owned(), folder: folder.exists().then_some(folder), files, problem }
}

/// The folders of the libraries, `torch/lib` first; none when the add-on is not whole.
pub(crate) fn library_paths(cache: &Path) -> Vec<PathBuf> {
    let folder = cache::folder(cache);
    let Ok(marker) = whole(&folder) else { return Vec::new() };
    let parents: BTreeSet<&str> =
        marker.libraries.iter().filter_map(|library| library.path.rsplit_once('/')).map(|(parent, _)| parent).collect();
    let (torch, others): (Vec<&str>, Vec<&str>) = parents.into_iter().partition(|parent| parent.starts_with("torch/"));
    torch.into_iter().chain(others).map(|parent| folder.join(parent)).collect()
}

/// Removes the add-on and what interrupted installations left.
pub(crate) fn remove(cache: &Path) -> Result<()> {
    for folder in [cache::libtorch(cache), cache::downloads(cache)] {
        match fs::remove_dir_all(&folder) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => {
                return Err(Error::io("remove training add-on", &folder, &error));
            }
            _ => {}
        }
    }
    Ok(())
}
