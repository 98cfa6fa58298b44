//! What an earlier run left: rows of images that have not changed are kept.

use std::collections::BTreeMap;
use std::path::Path;

use fewlabel_contract::{ClassifiedPlane, Request, Result};
use serde::{Deserialize, Serialize};

use super::super::existing::of_another_request;
use super::{OPERATION, table};

/// What made the rows of an image.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct Made {
    pub file: String,
    /// SHA-256 over settings, model and image.
    pub made_by: String,
}

/// The rows of an earlier run, by file.
#[derive(Default)]
pub(super) struct Earlier(BTreeMap<String, (String, Vec<ClassifiedPlane>)>);

#[derive(Deserialize)]
struct Kept {
    request: Request,
    model: KeptModel,
    images: Vec<Made>,
}

#[derive(Deserialize)]
struct KeptModel {
    sha256: String,
}

impl Earlier {
    /// Reads table and record. `is_same` tells whether a request and the hash of a model give what is wanted now.
    ///
    /// # Errors
    /// `invalid-request` when another request made the table; those of reading it.
    pub fn read(table: &Path, record: &Path, classes: &[String], is_same: impl Fn(&Request, &str) -> bool) -> Result<Self> {
        let text = std::fs::read_to_string(record).ok();
        let kept = text.and_then(|text| serde_json::from_str::<Kept>(&text).ok());
        let kept = kept.filter(|kept| is_same(&kept.request, &kept.model.sha256));
        let (Some(kept), Some(mut rows)) = (kept, table::read(table, classes)?) else {
            return Err(of_another_request(OPERATION, table, "name"));
        };
        let with_rows = kept.images.into_iter().filter_map(|made| {
            let planes = rows.remove(&made.file)?;
            Some((made.file, (made.made_by, planes)))
        });
        Ok(Self(with_rows.collect()))
    }

    /// The rows of a file, when the same made them.
    pub fn planes(&self, file: &str, made_by: &str) -> Option<&[ClassifiedPlane]> {
        self.0.get(file).filter(|(by, _)| by == made_by).map(|(_, planes)| planes.as_slice())
    }
}
