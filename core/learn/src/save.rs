//! Where a package is written, and what lies beside it until then.

use std::path::PathBuf;

use fewlabel_contract::{Error, ErrorKind, Existing, Result};

/// The package that a run writes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Save {
    /// Its file, with the ending.
    pub path: PathBuf,
    /// Whether a file that is there may be replaced.
    pub overwrite: bool,
}

impl Save {
    /// From the name in a request.
    ///
    /// # Errors
    /// `invalid-request` when the package is there already and may not be replaced.
    pub fn new(name: &str, existing: Existing) -> Result<Self> {
        let mut path = PathBuf::from(name);
        if path.extension().is_none() {
            path.set_extension("zip");
        }
        let overwrite = existing == Existing::Overwrite;
        if path.exists() && !overwrite {
            return Err(Error::new(ErrorKind::InvalidRequest, "train", "the model to write is there already")
                .file(&path)
                .hint("choose another name, or allow to overwrite it: --existing overwrite"));
        }
        Ok(Self { path, overwrite })
    }

    /// Where the state of an interrupted run lies: beside the package.
    pub fn partial(&self) -> PathBuf {
        let mut name = self.path.clone().into_os_string();
        name.push(".partial");
        name.into()
    }

    /// What the model is called.
    pub fn model_name(&self) -> String {
        self.path.file_stem().map_or_else(|| "model".into(), |stem| stem.to_string_lossy().into_owned())
    }
}

/// Refuses crops that a network of this stride cannot halve evenly.
///
/// # Errors
/// `invalid-request`, naming the next size that fits.
pub fn check_crop(crop: usize, stride: usize) -> Result<()> {
    if crop.is_multiple_of(stride) && crop >= 2 * stride {
        return Ok(());
    }
    Err(Error::new(ErrorKind::InvalidRequest, "train", "the side of a crop does not fit the levels of the network")
        .with("crop", crop)
        .with("allowed", format!("multiples of {stride}, at least {}", 2 * stride))
        .hint(format!("use {}", crop.max(2 * stride).next_multiple_of(stride))))
}
