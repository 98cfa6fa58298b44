//! What a run has learned from, as hashes.

use std::io::Read;
use std::path::{Path, PathBuf};

use fewlabel_contract::{Error, Result};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use crate::labels::LabelSet;

/// A file and what was in it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Hashed {
    /// Where it lay.
    pub file: PathBuf,
    /// Lower-case hexadecimal SHA-256.
    pub sha256: String,
}

/// The images and labels of a run.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Seen {
    pub images: Vec<Hashed>,
    pub labels: Vec<Hashed>,
}

impl Seen {
    /// # Errors
    /// `io` when a file cannot be read any more.
    pub fn of(labels: &LabelSet) -> Result<Self> {
        Ok(Self {
            images: labels.images.iter().map(|image| hashed(&image.image_path)).collect::<Result<_>>()?,
            labels: labels.images.iter().map(|image| hashed(&image.label_path)).collect::<Result<_>>()?,
        })
    }

    /// With more images, of which no label was read.
    ///
    /// # Errors
    /// `io` when a file cannot be read any more.
    pub fn and_images<'a>(mut self, paths: impl Iterator<Item = &'a Path>) -> Result<Self> {
        for path in paths {
            self.images.push(hashed(path)?);
        }
        Ok(self)
    }

    /// Of images and the tables that say what they are.
    ///
    /// # Errors
    /// `io` when a file cannot be read any more.
    pub fn of_files<'a>(images: impl Iterator<Item = &'a Path>, labels: impl Iterator<Item = &'a Path>) -> Result<Self> {
        Ok(Self { images: images.map(hashed).collect::<Result<_>>()?, labels: labels.map(hashed).collect::<Result<_>>()? })
    }

    /// Of images without labels.
    ///
    /// # Errors
    /// `io` when a file cannot be read any more.
    pub fn images<'a>(paths: impl Iterator<Item = &'a Path>) -> Result<Self> {
        Ok(Self { images: paths.map(hashed).collect::<Result<_>>()?, labels: Vec::new() })
    }
}

/// A file and its hash, read piece by piece.
pub(crate) fn hashed(path: &Path) -> Result<Hashed> {
    let failed = |error: std::io::Error| Error::io("hash file", path, &error);
    let mut file = std::fs::File::open(path).map_err(failed)?;
    let mut hash = Sha256::new();
    let mut piece = vec![0; 1 << 16];
    loop {
        match file.read(&mut piece).map_err(failed)? {
            0 => break,
            n => hash.update(&piece[..n]),
        }
    }
    Ok(Hashed { file: path.to_owned(), sha256: hash.finalize().iter().map(|byte| format!("{byte:02x}")).collect() })
}
