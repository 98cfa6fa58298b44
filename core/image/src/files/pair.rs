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
    /// File of its labels; `None` for an unlabelled image; the image's own file where that was given as label, too.
    pub label: Option<PathBuf>,
    /// What the two share: the folder below the one that was given, and the [`stem`], joined by `/`.
    pub stem: String,
}

/// Puts images and labels together by the stem of their names, in the order of the images.
///
/// Below a folder that was given, the folders must agree too: `plate1/a.tif` belongs to `plate1/a_mask.png`.
/// A file that is given as image and as label, because both lie in one folder, is a label when its name ends
/// in a label's ending (`_mask`, `_seg` …), else an image. Where no other file holds the labels of such an image, its own file
/// is named: what is drawn in its overlay are its labels ([`LabelKind`](crate::LabelKind)), its pixels never are.
///
/// # Errors
/// `invalid-request` for a label without image, and when two images or two labels have the same stem.
pub fn pair(images: &[Found], labels: &[Found]) -> Result<Vec<Pair>> {
    let true_paths = |list: &[Found]| list.iter().map(Found::true_path).collect::<Vec<_>>();
    let (true_images, true_labels) = (true_paths(images), true_paths(labels));
    let are_images: HashSet<&PathBuf> = true_images.iter().collect();
    let are_labels: HashSet<&PathBuf> = true_labels.iter().collect();
    let given = images.iter().zip(&true_images).chain(labels.iter().zip(&true_labels));
    let both: HashSet<&Path> = given
        .filter(|(_, path)| are_images.contains(path) && are_labels.contains(path))
        .map(|(found, _)| found.path.as_path())
        .collect();
    let is_label_of_both = |found: &Found| both.contains(found.path.as_path()) && found.has_role();
    let is_image_of_both = |found: &Found| both.contains(found.path.as_path()) && !found.has_role();

    let mut label_of: HashMap<String, &Path> = HashMap::new();
    for found in labels.iter().filter(|f| !is_image_of_both(f)) {
        if let Some(other) = label_of.insert(found.stem(), &found.path) {
            return Err(two("two labels for one image", other, &found.path));
        }
    }
    let mut image_of: HashMap<String, &Path> = HashMap::new();
    let mut pairs = Vec::new();
    for found in images.iter().filter(|f| !is_label_of_both(f)) {
        let stem = found.stem();
        if let Some(other) = image_of.insert(stem.clone(), &found.path) {
            return Err(two("two images with one name", other, &found.path));
        }
        let own = || is_image_of_both(found).then(|| found.path.clone());
        let label = label_of.remove(&stem).map(Path::to_owned).or_else(own);
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

impl Found {
    /// What an image and its labels share: the folder below the one that was given, and the [`stem`](fn@crate::stem), joined by `/`.
    pub fn stem(&self) -> String {
        let folder = self.relative.components().map(|c| c.as_os_str().to_string_lossy().into_owned() + "/");
        folder.collect::<String>() + stem(&self.file_name())
    }

    /// Whether its name says that it holds labels: `_mask`, `_seg`, `.labels.tif` …
    pub fn has_role(&self) -> bool {
        stem(&self.file_name()).len() < self.name.len()
    }

    /// Its path without links and detours, which tells it from other files however it was given.
    pub fn true_path(&self) -> PathBuf {
        self.path.canonicalize().unwrap_or_else(|_| self.path.clone())
    }

    fn file_name(&self) -> String {
        self.path.file_name().unwrap_or_default().to_string_lossy().into_owned()
    }
}

fn two(message: &str, first: &Path, second: &Path) -> Error {
    Error::new(ErrorKind::InvalidRequest, OPERATION, message)
        .with("first", first.display())
        .with("second", second.display())
        .hint("keep one of the two in the folders given")
}
