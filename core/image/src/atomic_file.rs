//! Files that appear whole or not at all.

use std::io::{self, BufWriter, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};

use fewlabel_contract::{Error, ErrorKind, Result};
use tempfile::{Builder, NamedTempFile};

const OPERATION: &str = "write file";

/// A file that is written beside its destination and takes its name on [`commit`](Self::commit).
///
/// Dropped before that, it leaves nothing behind. A reader of the destination sees the old file or the
/// whole new one, never a part. (A killed process leaves a `.fewlabel-….part` file.)
///
/// ```
/// # use std::io::Write;
/// # let folder = tempfile::tempdir()?;
/// # let path = folder.path().join("objects.csv");
/// let mut file = fewlabel_image::AtomicFile::create(&path, false)?;
/// file.write_all(b"image,label\n")?;
/// assert!(!path.exists());
/// file.commit()?;
/// assert_eq!(std::fs::read(&path)?, b"image,label\n");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug)]
pub struct AtomicFile {
    path: PathBuf,
    existing_ok: bool,
    writer: BufWriter<NamedTempFile>,
}

impl AtomicFile {
    /// Begins a file that will lie at `path`; folders above it are made where they are missing.
    ///
    /// # Errors
    /// `invalid-request` when the file is there and `existing_ok` is not set, or when `path` is a folder;
    /// `io` when the folder cannot be made or written, or a part of `path` is a file.
    pub fn create(path: &Path, existing_ok: bool) -> Result<Self> {
        refuse_existing(path, existing_ok)?;
        let folder = match path.parent() {
            Some(parent) if !parent.as_os_str().is_empty() => parent,
            _ => Path::new("."),
        };
        std::fs::create_dir_all(folder)
            .map_err(|e| below_a_file(folder, &e).unwrap_or_else(|| Error::io(OPERATION, folder, &e)))?;
        let file = with_usual_permissions(Builder::new().prefix(".fewlabel-").suffix(".part"))
            .tempfile_in(folder)
            .map_err(|e| below_a_file(folder, &e).unwrap_or_else(|| Error::io(OPERATION, path, &e)))?;
        Ok(Self { path: path.to_owned(), existing_ok, writer: BufWriter::with_capacity(1 << 18, file) })
    }

    /// What an error while writing to this file means, in terms of the destination.
    pub fn error(&self, source: &io::Error) -> Error {
        Error::io(OPERATION, &self.path, source)
    }

    /// Gives the file its name.
    ///
    /// # Errors
    /// `io` when what was written does not fit on the disk; `invalid-request` when a file of that name has
    /// appeared meanwhile and must not be replaced. Nothing stays behind then.
    pub fn commit(self) -> Result<()> {
        let Self { path, existing_ok, writer } = self;
        let file = writer.into_inner().map_err(|e| Error::io(OPERATION, &path, e.error()))?;
        let renamed = if existing_ok { file.persist(&path) } else { file.persist_noclobber(&path) };
        match renamed {
            Ok(_) => Ok(()),
            Err(e) if e.error.kind() == io::ErrorKind::AlreadyExists => Err(exists(&path)),
            Err(e) => Err(Error::io(OPERATION, &path, &e.error)),
        }
    }
}

impl Write for AtomicFile {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.writer.write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.writer.flush()
    }
}

impl Seek for AtomicFile {
    fn seek(&mut self, to: SeekFrom) -> io::Result<u64> {
        self.writer.seek(to)
    }
}

fn refuse_existing(path: &Path, existing_ok: bool) -> Result<()> {
    match std::fs::symlink_metadata(path) {
        Ok(found) if found.is_dir() => {
            Err(Error::new(ErrorKind::InvalidRequest, OPERATION, "there is a folder of this name").file(path))
        }
        Ok(_) if !existing_ok => Err(exists(path)),
        _ => Ok(()),
    }
}

fn exists(path: &Path) -> Error {
    Error::new(ErrorKind::InvalidRequest, OPERATION, "the file is there already")
        .file(path)
        .hint("choose another name or folder, or allow outputs to be overwritten")
}

/// Systems report "not a directory" or "file exists" for this, on the folder that was asked for;
/// people want to know which part of the path is the file.
fn below_a_file(folder: &Path, source: &io::Error) -> Option<Error> {
    let file = folder.ancestors().find(|part| part.exists())?;
    (!file.is_dir()).then(|| {
        Error::new(ErrorKind::Io, OPERATION, "a part of this path is a file, not a folder")
            .file(folder)
            .with("not a folder", file.display())
            .hint("choose another folder")
            .because(source)
    })
}

/// Temporary files are private by default; an output is as open as any other new file of the user.
#[cfg(unix)]
fn with_usual_permissions<'a, 'b>(builder: &'a mut Builder<'b, 'b>) -> &'a mut Builder<'b, 'b> {
    use std::os::unix::fs::PermissionsExt;
    builder.permissions(std::fs::Permissions::from_mode(0o666))
}

/// Elsewhere new files inherit their permissions from the folder.
#[cfg(not(unix))]
fn with_usual_permissions<'a, 'b>(builder: &'a mut Builder<'b, 'b>) -> &'a mut Builder<'b, 'b> {
    builder
}
