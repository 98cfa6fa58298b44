//! From a request to images whose class is known.

use std::collections::{BTreeSet, HashMap};
use std::path::{Path, PathBuf};

use fewlabel_contract::{Error, ErrorKind, Result, TrainArgs};
use fewlabel_image::{KindLabels, Pair, list, read_order};

use crate::labels::{Labelled, select};

const OPERATION: &str = "open labels";

/// An image whose class is known.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KindImage {
    /// Stem with its folder, for messages and records.
    pub name: String,
    /// Its file.
    pub path: PathBuf,
    /// Place of its class in [`KindSet::classes`].
    pub class: usize,
}

/// Everything a run was given to learn kinds from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KindSet {
    /// Images with a class, in the order of the request.
    pub images: Vec<KindImage>,
    /// Names of the classes in order of the alphabet; two or more, each with an image.
    pub classes: Vec<String>,
    /// Images without a class.
    pub unlabelled: Vec<PathBuf>,
    /// Tables that say the classes; class folders are in the paths of the images.
    pub tables: Vec<PathBuf>,
    /// Rows of the labels for which no image was given.
    pub without_image: usize,
}

/// Finds the images that `args` names and their classes, by tables or class folders; opens no image.
///
/// An image belongs to the row that its path, seen from the folder that was given, ends with. `first` and `order` decide which
/// classes count, as for labels of pixels. Folders below those given are looked into when the labels name any.
///
/// # Errors
/// `too-few-labels` for fewer than two classes; `not-found` when no label belongs to an image, or one of the first names in the order
/// lacks its image or class; `invalid-request` for a table, `first` or `order` that are wrong, and for two images of one row.
pub fn open_kind_set(args: &TrainArgs) -> Result<KindSet> {
    let labels = KindLabels::read(&args.labels)?;
    let in_folders = labels.rows().iter().any(|(file, _)| file.contains('/'));
    let mut of_row: HashMap<usize, PathBuf> = HashMap::new();
    let mut class_of: HashMap<PathBuf, &str> = HashMap::new();
    let mut pairs = Vec::new();
    for found in list(&args.images, args.recursive || in_folders)? {
        let row = labels.row_of(&found.from_folder())?;
        if let Some(row) = row {
            if let Some(other) = of_row.insert(row, found.path.clone()) {
                return Err(Error::new(ErrorKind::InvalidRequest, OPERATION, "two images have one label")
                    .with("label", &labels.rows()[row].0)
                    .with("first", other.display())
                    .with("second", found.path.display())
                    .hint("write the folders of the images into the labels"));
            }
            class_of.insert(found.path.clone(), &labels.rows()[row].1);
        }
        pairs.push(Pair { stem: found.stem(), label: row.map(|_| found.path.clone()), image: found.path });
    }
    if class_of.is_empty() {
        let example = labels.rows().first().map_or("", |(file, _)| file.as_str());
        return Err(Error::new(ErrorKind::NotFound, OPERATION, "no label belongs to an image")
            .with("labels", args.labels.join(", "))
            .with("images", args.images.join(", "))
            .with("first label", example)
            .hint("files in the labels are seen from the folder of the images that is given"));
    }
    let order = args.order.as_deref().map(read_order).transpose()?;
    let selection = select(pairs, args.first, order.as_deref())?;
    let of = |labelled: &Labelled| class_of.get(&labelled.image).copied().unwrap_or_default();
    let classes: BTreeSet<&str> = selection.labelled.iter().map(of).collect();
    let classes: Vec<String> = classes.into_iter().map(str::to_owned).collect();
    if classes.len() < 2 {
        return Err(Error::new(ErrorKind::TooFewLabels, OPERATION, "there are fewer than two kinds of images in the labels")
            .with("labels", args.labels.join(", "))
            .with("labelled images", selection.labelled.len())
            .with("kinds", classes.join(", "))
            .hint("label images of at least two kinds"));
    }
    let images = selection.labelled.iter().map(|labelled| KindImage {
        name: labelled.stem.clone(),
        path: labelled.image.clone(),
        class: classes.partition_point(|class| class.as_str() < of(labelled)),
    });
    Ok(KindSet {
        images: images.collect(),
        unlabelled: selection.unlabelled,
        tables: args.labels.iter().map(PathBuf::from).filter(|path| !Path::is_dir(path)).collect(),
        without_image: labels.rows().len() - of_row.len(),
        classes,
    })
}
