//! The files that one side of a comparison means.

use std::collections::{HashMap, HashSet};
use std::path::{Path, PathBuf};

use fewlabel_contract::Result;
use fewlabel_image::{Found, LabelKind, Limits, list_labels};

/// Files with labels in them, as they were given.
pub(super) struct Given {
    pub found: Vec<Found>,
    /// Images beside outlines of their stem.
    below: HashMap<String, PathBuf>,
}

/// What a file of labels is by its name; what comes first is meant where several files have one stem.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Called {
    /// A label image: `NAME_mask.png`, `NAME.labels.tif`, `NAME_seg.npy`.
    LabelImage,
    /// Outlines: `NAME.rois.zip`.
    Outlines,
    /// `NAME.tif`, which beside outlines is the image that they lie on.
    Image,
}

impl Called {
    fn of(found: &Found) -> Self {
        match LabelKind::of(&found.path, &Limits::default()) {
            Ok(LabelKind::Outlines) => Self::Outlines,
            _ if found.has_role() => Self::LabelImage,
            _ => Self::Image,
        }
    }
}

impl Given {
    /// The files that `paths` mean.
    pub(super) fn list(paths: &[String], recursive: bool) -> Result<Self> {
        Ok(Self { found: list_labels(paths, recursive)?, below: HashMap::new() })
    }

    /// The files that the other side was given, too, by paths without links.
    pub(super) fn shared_with(&self, other: &Self) -> HashSet<PathBuf> {
        let paths = |given: &Self| given.found.iter().map(Found::true_path).collect::<HashSet<PathBuf>>();
        paths(self).intersection(&paths(other)).cloned().collect()
    }

    /// Leaves one file for each stem, as `segment` writes label image and outlines into one folder. Two of the same sort stay.
    pub(super) fn choose(&mut self) {
        let mut kept: Vec<Found> = Vec::new();
        let mut places: HashMap<String, usize> = HashMap::new();
        for found in std::mem::take(&mut self.found) {
            let stem = found.stem();
            let Some(&place) = places.get(&stem) else {
                places.insert(stem, kept.len());
                kept.push(found);
                continue;
            };
            let (before, now) = (Called::of(&kept[place]), Called::of(&found));
            let left_out = match before.cmp(&now) {
                std::cmp::Ordering::Less => found,
                std::cmp::Ordering::Greater => std::mem::replace(&mut kept[place], found),
                std::cmp::Ordering::Equal => {
                    kept.push(found);
                    continue;
                }
            };
            if before.max(now) == Called::Image {
                self.below.insert(stem, left_out.path);
            }
        }
        self.found = kept;
    }

    /// The image on which the outlines of this stem lie, where it was given with them.
    pub(super) fn below(&self, stem: &str) -> Option<&Path> {
        self.below.get(stem).map(PathBuf::as_path)
    }
}
