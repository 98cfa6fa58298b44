//! From what a person gives (files, folders, lists) to the files that are meant.

use std::collections::HashSet;
use std::path::{Path, PathBuf};

use fewlabel_contract::{Error, ErrorKind, Result};

use super::names::{folder_of, is_part_of_json, read_names};
use super::stem::{output_name, stem};
use crate::zarr::is_zarr;

const OPERATION: &str = "look for images";

/// Endings of the files that are taken from a folder. A file given by its own name may have any.
const ENDINGS: [&str; 7] = [".tif", ".tiff", ".png", ".jpg", ".jpeg", ".nii", ".nii.gz"];

/// Endings of files that hold outlines: of ImageJ and of QuPath.
const OUTLINES: [&str; 3] = [".roi", ".zip", ".geojson"];

/// Another one of theirs, which too many other files have to be taken from a folder.
const OUTLINES_BY_NAME: &str = ".json";

/// Ending of Cellpose's labels.
const MASKS: &str = ".npy";

/// Ending of folders that are images.
const FOLDER: &str = ".zarr";

/// A file that was given, or lies in a folder that was given.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Found {
    /// Where it lies.
    pub path: PathBuf,
    /// Its folder, seen from the folder that was given; empty for a file right in it, and for a file that was
    /// given itself. Outputs lie in the same folder below the output folder.
    pub relative: PathBuf,
    /// What its outputs are named after: the file's name minus its extension (`.nii.gz` and `.ome.tif` count as one).
    pub name: String,
}

/// The files that `paths` mean, in their order, each once.
///
/// * A file means itself, and so does a folder that is an OME-Zarr.
/// * Another folder means the images in it (TIFF, PNG, JPEG, NIfTI, and folders `NAME.zarr`), sorted by path, and with `recursive`
///   those in the folders below. Hidden files do not count.
/// * `@list.txt` means the files that its lines name, seen from the folder of the list.
/// * `@split.json#train` means the images named in that part of the JSON file.
///
/// When there is a list, folders are not listed but searched: a name from `split.json`, or a line that is no
/// file, means the file of that name in the folders, or else all whose name without extension, or whose
/// [`stem`](fn@crate::stem), it is. A name may hold folders: `plate1/a`.
///
/// # Errors
/// `not-found` when a file, or a name in a list, is not there, or nothing is found at all; `invalid-request` for
/// a list that cannot be read, or names without a folder to search; `io` when a folder cannot be read.
pub fn list(paths: &[String], recursive: bool) -> Result<Vec<Found>> {
    list_with(paths, recursive, &[])
}

/// As [`list`], and of folders also the files that hold labels without being images: Cellpose's `NAME_seg.npy`, ImageJ's `.roi` and
/// `.zip`, QuPath's `.geojson`.
///
/// # Errors
/// Those of [`list`].
pub fn list_labels(paths: &[String], recursive: bool) -> Result<Vec<Found>> {
    let [a, b, c] = OUTLINES;
    list_with(paths, recursive, &[MASKS, a, b, c])
}

/// Whether a file holds outlines and no image, by the ending of its name.
pub(crate) fn is_called_as_outlines(path: &Path) -> bool {
    let name = path.file_name().unwrap_or_default().to_string_lossy().to_lowercase();
    OUTLINES.iter().chain([&OUTLINES_BY_NAME]).any(|ending| name.ends_with(ending))
}

fn list_with(paths: &[String], recursive: bool, further: &[&str]) -> Result<Vec<Found>> {
    let (lists, plain): (Vec<&String>, Vec<&String>) = paths.iter().partition(|p| p.starts_with('@'));
    let folders: Vec<&Path> = plain.iter().map(|p| Path::new(p.as_str())).filter(|p| is_folder(p)).collect();
    let mut found = Vec::new();
    for path in paths {
        match path.strip_prefix('@') {
            Some(spec) => found.extend(from_list(spec, &folders, recursive, further)?),
            None if !is_folder(Path::new(path)) => found.push(file(Path::new(path))?),
            None if lists.is_empty() => found.extend(from_folder(Path::new(path), recursive, further)?),
            None => {}
        }
    }
    let mut seen = HashSet::new();
    found.retain(|f: &Found| seen.insert(f.path.clone()));
    if found.is_empty() {
        return Err(Error::new(ErrorKind::NotFound, OPERATION, "no image found").with("looked in", paths.join(", ")).hint(
            if recursive {
                "folders are searched for .tif, .tiff, .png, .jpg, .nii, .nii.gz and .zarr"
            } else {
                "folders are searched for .tif, .tiff, .png, .jpg, .nii, .nii.gz and .zarr; those below them only on request (recursive)"
            },
        ));
    }
    Ok(found)
}

fn file(path: &Path) -> Result<Found> {
    std::fs::metadata(path).map_err(|e| Error::io(OPERATION, path, &e))?;
    Ok(found(path.to_owned(), PathBuf::new()))
}

fn found(path: PathBuf, relative: PathBuf) -> Found {
    let name = output_name(&path.file_name().unwrap_or_default().to_string_lossy()).to_owned();
    Found { path, relative, name }
}

fn from_folder(folder: &Path, recursive: bool, further: &[&str]) -> Result<Vec<Found>> {
    let mut all = Vec::new();
    let search = Search { recursive, further };
    search.collect(folder, Path::new(""), &mut HashSet::new(), &mut all)?;
    all.sort_by(|a, b| a.path.cmp(&b.path));
    Ok(all)
}

/// What of a folder is taken.
struct Search<'a> {
    recursive: bool,
    /// Endings beside those of images.
    further: &'a [&'a str],
}

impl Search<'_> {
    /// `entered` holds the folders on the way by their true path, so that a link to a folder above ends.
    fn collect(&self, folder: &Path, relative: &Path, entered: &mut HashSet<PathBuf>, all: &mut Vec<Found>) -> Result<()> {
        let unreadable = |e: &std::io::Error| Error::io(OPERATION, folder, e);
        let true_path = folder.canonicalize().map_err(|e| unreadable(&e))?;
        if !entered.insert(true_path) {
            return Ok(());
        }
        for entry in std::fs::read_dir(folder).map_err(|e| unreadable(&e))? {
            let name = entry.map_err(|e| unreadable(&e))?.file_name();
            if name.to_string_lossy().starts_with('.') {
                continue;
            }
            let path = folder.join(&name);
            if is_folder(&path) {
                if self.recursive {
                    self.collect(&path, &relative.join(&name), entered, all)?;
                }
            } else if self.takes(&name.to_string_lossy()) {
                all.push(found(path, relative.to_owned()));
            }
        }
        Ok(())
    }

    fn takes(&self, name: &str) -> bool {
        let name = name.to_lowercase();
        ENDINGS.iter().chain(self.further).chain([&FOLDER]).any(|ending| name.ends_with(ending))
    }
}

/// Whether this is a folder, and not an image that is one.
fn is_folder(path: &Path) -> bool {
    path.is_dir() && !is_zarr(path)
}

fn from_list(spec: &str, folders: &[&Path], recursive: bool, further: &[&str]) -> Result<Vec<Found>> {
    let names = read_names(spec)?;
    let lines_are_files = !is_part_of_json(spec);
    let mut searched = None;
    let mut all = Vec::new();
    for name in &names {
        let beside = folder_of(spec).join(name);
        if lines_are_files && beside.is_file() {
            all.push(found(beside, PathBuf::new()));
            continue;
        }
        let candidates = match &searched {
            Some(candidates) => candidates,
            None => {
                let deep = recursive || names.iter().any(|n| n.contains('/'));
                let lists = folders.iter().map(|f| from_folder(f, deep, further)).collect::<Result<Vec<_>>>()?;
                searched.insert(lists.into_iter().flatten().map(Candidate::new).collect::<Vec<_>>())
            }
        };
        let matching = named(name, candidates);
        if matching.is_empty() {
            return Err(missing(name, spec, folders));
        }
        all.extend(matching);
    }
    Ok(all)
}

/// A file in a searched folder and the names it answers to, its folder included, with `/` between.
struct Candidate {
    found: Found,
    file: String,
    name: String,
    stem: String,
}

impl Candidate {
    fn new(found: Found) -> Self {
        let file = found.from_folder();
        let (folder, name) =
            file.rsplit_once('/').map_or(("", file.as_str()), |(_, name)| file.split_at(file.len() - name.len()));
        Self { name: format!("{folder}{}", found.name), stem: format!("{folder}{}", stem(name)), file, found }
    }
}

fn named(name: &str, candidates: &[Candidate]) -> Vec<Found> {
    let matching = |answers: &dyn Fn(&Candidate) -> bool| -> Vec<Found> {
        candidates.iter().filter(|c| answers(c)).map(|c| c.found.clone()).collect()
    };
    let exact = matching(&|c| c.file == name);
    if exact.is_empty() { matching(&|c| c.name == name || c.stem == name) } else { exact }
}

fn missing(name: &str, spec: &str, folders: &[&Path]) -> Error {
    if folders.is_empty() {
        return Error::new(ErrorKind::InvalidRequest, OPERATION, "a list of names needs a folder to look in")
            .file(spec)
            .with("name", name)
            .hint("give the folder of the images beside the list");
    }
    let searched = folders.iter().map(|f| f.display().to_string()).collect::<Vec<_>>().join(", ");
    Error::new(ErrorKind::NotFound, OPERATION, "there is no image of this name in the folders given")
        .file(spec)
        .with("name", name)
        .with("searched", searched)
}
