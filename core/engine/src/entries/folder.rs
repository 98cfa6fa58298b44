//! The folder that outputs go to.

use std::path::Path;

use fewlabel_contract::{Error, ErrorKind, Result};

const OPERATION: &str = "prepare output";

/// The folder that a file lies in.
pub(super) fn folder_of(file: &Path) -> &Path {
    file.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."))
}

/// Makes the folder and tries whether it can be written, before anything is computed.
pub(super) fn prepare(folder: &Path) -> Result<()> {
    let failed = |error: &std::io::Error| {
        let file = folder.ancestors().find(|part| part.is_file());
        match file {
            Some(file) => Error::new(ErrorKind::Io, OPERATION, "the output folder lies below a file")
                .with("field", "output")
                .file(folder)
                .with("not a folder", file.display())
                .hint("choose another folder")
                .because(error),
            None => Error::new(ErrorKind::Io, OPERATION, "the output folder cannot be written")
                .with("field", "output")
                .file(folder)
                .hint("choose a folder that you may write, on a disk that can be written")
                .because(error),
        }
    };
    std::fs::create_dir_all(folder).map_err(|error| failed(&error))?;
    tempfile::tempfile_in(folder).map(drop).map_err(|error| failed(&error))
}
