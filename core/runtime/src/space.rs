//! Room on a disk.

use std::path::Path;

use fewlabel_contract::{Error, ErrorKind, Result};

/// Makes sure that the disk of `folder`, which exists, has room for `bytes`.
///
/// # Errors
/// `io` with the number of missing bytes.
pub(crate) fn require(folder: &Path, bytes: u64) -> Result<()> {
    let operation = "install training add-on";
    let free = fs4::available_space(folder).map_err(|error| Error::io(operation, folder, &error))?;
    if free >= bytes {
        return Ok(());
    }
    Err(Error::new(ErrorKind::Io, operation, "there is not enough room on this disk")
        .file(folder)
        .with("free MB", free / 1_000_000)
        .with("needed MB", bytes.div_ceil(1_000_000))
        .hint("free some space, or set FEWLABEL_CACHE to a folder on another disk"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn says_how_much_is_missing() {
        let folder = tempfile::tempdir().expect("a folder");
        require(folder.path(), 1).expect("a byte of room");
        let error = require(folder.path(), u64::MAX).expect_err("no disk is that big");
        assert_eq!(error.kind, ErrorKind::Io);
        assert!(error.context.iter().any(|(name, _)| name == "needed MB"), "{error}");
    }
}
