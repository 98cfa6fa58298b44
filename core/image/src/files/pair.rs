//! Which label belongs to which image.

use std::collections::{HashMap, HashSet};
use std::path::{Path, PathBuf};

use fewlabel_contract::{Error, ErrorKind, Result};

use super::list::Found;
use super::stem::stem;

const OPERATION: &str = "pair images with labels";

/// An image and the labels that belong to it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Pair {
    /// File of the image.
    pub image: PathBuf,
    /// File of its labels; `None` for an unlabelled image.
    pub label: Option<PathBuf>,
    /// What the two share: the folder below the one that was given, and the [`stem`], joined by `/`.
    pub stem: String,
}

/// Puts images and labels together by the stem of their names, in the order of the images.
///
/// Below a folder that was given, the folders must agree too: `plate1/a.tif` belongs to `plate1/a_mask.png`.
/// A file that is given as image and as label, because both lie in one folder, is a label when its name ends
/// in a label's ending (`_mask`, `_seg` …), else an image.
///
/// # Errors
/// `invalid-request` for a label without image, and when two images or two labels have the same stem.
pub fn pair(images: &[Found], labels: &[Found]) -> Result<Vec<Pair>> {
    let both: HashSet<&Path> = {
        let given: HashSet<&Path> = images.iter().map(|f| f.path.as_path()).collect();
        labels.iter().map(|f| f.path.as_path()).filter(|p| given.contains(p)).collect()
    };
    let is_label_of_both = |found: &Found| both.contains(found.path.as_path()) && has_role(found);
    let is_image_of_both = |found: &Found| both.contains(found.path.as_path()) && !has_role(found);

    let mut label_of: HashMap<String, &Path> = HashMap::new();
    for found in labels.iter().filter(|f| !is_image_of_both(f)) {
        if let Some(other) = label_of.insert(key(found), &found.path) {
            return Err(two("two labels for one image", other, &found.path));
        }
    }
    let mut image_of: HashMap<String, &Path> = HashMap::new();
    let mut pairs = Vec::new();
    for found in images.iter().filter(|f| !is_label_of_both(f)) {
        let stem = key(found);
        if let Some(other) = image_of.insert(stem.clone(), &found.path) {
            return Err(two("two images with one name", other, &found.path));
        }
        let label = label_of.remove(&stem).map(Path::to_owned);
        pairs.push(Pair { image: found.path.clone(), label, stem });
    }
    match label_of.values().min() {
        Some(alone) => Err(Error::new(ErrorKind::InvalidRequest, OPERATION, "a label without an image")
            .file(alone)
            .with("such labels", label_of.len())
            .hint("the name of a label is the name of its image, with or without an ending such as _mask")),
        None => Ok(pairs),
    }
}

fn file_name(found: &Found) -> String {
    found.path.file_name().unwrap_or_default().to_string_lossy().into_owned()
}

fn has_role(found: &Found) -> bool {
    let name = file_name(found);
    stem(&name).len() < found.name.len()
}

fn key(found: &Found) -> String {
    let folder = found.relative.components().map(|c| c.as_os_str().to_string_lossy().into_owned() + "/");
    folder.collect::<String>() + stem(&file_name(found))
}

fn two(message: &str, first: &Path, second: &Path) -> Error {
    Error::new(ErrorKind::InvalidRequest, OPERATION, message)
        .with("first", first.display())
        .with("second", second.display())
        .hint("keep one of the two in the folders given")
}
