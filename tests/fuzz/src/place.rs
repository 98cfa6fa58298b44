//! Files for the product's functions that take a path.

use std::path::PathBuf;

use tempfile::TempDir;

/// A folder that goes when this is dropped. The fuzzer's `TMPDIR` should lie in memory.
pub(crate) struct Place(TempDir);

impl Place {
    pub(crate) fn new() -> Self {
        Self(TempDir::new().expect("a folder for the input"))
    }

    /// Where a file of this name would lie.
    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    /// Writes a file.
    pub(crate) fn file(&self, name: &str, bytes: &[u8]) -> PathBuf {
        let path = self.path(name);
        std::fs::write(&path, bytes).expect("the input is written");
        path
    }
}
