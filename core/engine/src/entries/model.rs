//! A model by name, ready to run.

use std::io::Read;
use std::path::Path;

use fewlabel_contract::{Error, ErrorKind, Result};
use fewlabel_infer::TractForward;
use fewlabel_model::{Package, find_model};
use sha2::{Digest, Sha256};

use crate::Config;

/// The name of the built-in classical baseline.
pub(super) const OTSU: &str = "otsu";

/// A model package with its network.
pub(super) struct Model {
    pub package: Package,
    pub forward: TractForward,
    /// SHA-256 of the package's file.
    pub sha256: String,
}

impl Model {
    /// Finds, reads and checks a model.
    ///
    /// # Errors
    /// `not-found`, `bad-model`, `unsupported`.
    pub fn open(name: &str, config: &Config) -> Result<Self> {
        let path = find_model(name, config.beside.as_deref())?;
        let package = Package::read(&path)?;
        let forward = TractForward::new(&package).map_err(|error| error.file(&path))?;
        Ok(Self { package, forward, sha256: sha256_of(&path)? })
    }
}

/// SHA-256 of a file in lower-case hexadecimal.
///
/// # Errors
/// `io`, `not-found`.
pub(super) fn sha256_of(path: &Path) -> Result<String> {
    let read = || -> std::io::Result<Sha256> {
        let mut file = std::fs::File::open(path)?;
        let mut hash = Sha256::new();
        let mut piece = vec![0; 1 << 16];
        loop {
            match file.read(&mut piece)? {
                0 => return Ok(hash),
                bytes => hash.update(&piece[..bytes]),
            }
        }
    };
    read().map(hexadecimal).map_err(|error| Error::io("read file", path, &error))
}

/// A finished hash in lower-case hexadecimal.
pub(super) fn hexadecimal(hash: Sha256) -> String {
    hash.finalize().iter().map(|byte| format!("{byte:02x}")).collect()
}

/// The baseline has no network to do that with.
pub(super) fn refuse_otsu(name: &str, operation: &str) -> Result<()> {
    if name == OTSU {
        return Err(Error::new(ErrorKind::InvalidRequest, operation, "the baseline has no network")
            .with("field", "model")
            .with("value", name));
    }
    Ok(())
}
