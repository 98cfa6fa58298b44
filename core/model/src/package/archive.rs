//! The zip around a package, read with suspicion and written the same each time.

use std::collections::BTreeMap;
use std::fs::File;
use std::io::{Cursor, Read, Seek, Write};
use std::path::Path;

use fewlabel_contract::{Error, ErrorKind, Result};
use sha2::{Digest, Sha256};
use zip::write::SimpleFileOptions;
use zip::{CompressionMethod, DateTime, ZipArchive, ZipWriter};

pub(super) const OPERATION: &str = "read model";

/// Entries that a package may have.
const MAX_ENTRIES: usize = 1000;
/// Bytes of one file, unpacked: protobuf messages, and so ONNX files, end here.
const MAX_FILE: u64 = 2 << 30;
/// Files above this size may shrink by no more than [`MAX_RATIO`]: trained weights do not compress.
const FREE: u64 = 16 << 20;
const MAX_RATIO: u64 = 100;

/// A package file that was opened and whose table of contents was checked.
pub(super) struct Archive<R> {
    zip: ZipArchive<R>,
}

impl Archive<File> {
    /// Opens a package.
    ///
    /// # Errors
    /// `not-found`, `io`; [`ErrorKind::BadModel`] when this is not a whole zip, or when it names files
    /// outside of itself, the same file twice, too many files, or files that grow beyond all reason.
    pub(super) fn open(path: &Path) -> Result<Self> {
        let file = File::open(path).map_err(|error| Error::io(OPERATION, path, &error))?;
        Self::new(file).map_err(|error| error.file(path))
    }
}

impl<R: Read + Seek> Archive<R> {
    fn new(reader: R) -> Result<Self> {
        let mut zip =
            ZipArchive::new(reader).map_err(|error| bad("this is not a model package, or only a part of one").because(&error))?;
        if zip.len() > MAX_ENTRIES {
            return Err(bad("the package holds too many files").with("files", zip.len()).with("allowed", MAX_ENTRIES));
        }
        if zip.has_duplicate_names() {
            return Err(bad("the package holds a file twice"));
        }
        for index in 0..zip.len() {
            let entry = zip.by_index_raw(index).map_err(|error| bad("the package is damaged").because(&error))?;
            let name =
                entry.name().map_err(|error| bad("a file of the package has no readable name").because(&error))?.into_owned();
            if !is_inside(&name) {
                return Err(bad("the package names a file outside of itself").with("entry", name));
            }
            let (packed, size) = (entry.compressed_size(), entry.size());
            if size > MAX_FILE || (size > FREE && size / MAX_RATIO > packed) {
                return Err(bad("a file of the package grows beyond reason when unpacked")
                    .with("entry", name)
                    .with("packed bytes", packed)
                    .with("bytes", size));
            }
        }
        Ok(Self { zip })
    }

    /// Whether the package has a file.
    pub(super) fn has(&self, name: &str) -> bool {
        self.zip.index_for_name(name).is_some()
    }

    /// The bytes of a file; with a hash, checked against it.
    ///
    /// # Errors
    /// [`ErrorKind::BadModel`] when it is missing, damaged, or another than the hash says.
    pub(super) fn file(&mut self, name: &str, sha256: Option<&str>) -> Result<Vec<u8>> {
        let mut entry = match self.zip.by_name(name) {
            Ok(entry) => entry,
            Err(zip::result::ZipError::FileNotFound) => {
                return Err(bad("a file of the package is missing").with("entry", name));
            }
            Err(error) => return Err(bad("a file of the package is damaged").with("entry", name).because(&error)),
        };
        let size = entry.size();
        let mut bytes = Vec::new();
        // The size is only a claim: never read more than it, never reserve it in advance.
        let read = entry.by_ref().take(size.saturating_add(1)).read_to_end(&mut bytes);
        read.map_err(|error| bad("a file of the package is damaged").with("entry", name).because(&error))?;
        if bytes.len() as u64 != size {
            return Err(bad("a file of the package has another size than its entry says").with("entry", name));
        }
        if let Some(expected) = sha256 {
            let found = sha256_hex(&bytes);
            if !found.eq_ignore_ascii_case(expected) {
                return Err(bad("a file of the package was changed: its hash is another")
                    .with("entry", name)
                    .with("expected", expected)
                    .with("found", found));
            }
        }
        Ok(bytes)
    }
}

/// A zip of these files: sorted, without times, the same bytes each time. What does not shrink is stored.
pub(super) fn pack(files: &BTreeMap<&str, Vec<u8>>) -> Result<Vec<u8>> {
    let failed = |error: &dyn std::error::Error| Error::internal("write model", error.to_string());
    let mut zip = ZipWriter::new(Cursor::new(Vec::new()));
    for (&name, bytes) in files {
        // Weights, too, shrink by a twelfth: their exponents are much alike.
        let method = if name.ends_with(".png") { CompressionMethod::Stored } else { CompressionMethod::Deflated };
        let options = SimpleFileOptions::default()
            .compression_method(method)
            .last_modified_time(DateTime::default())
            .unix_permissions(0o644)
            .large_file(bytes.len() as u64 >= u64::from(u32::MAX));
        zip.start_file(name, options).map_err(|error| failed(&error))?;
        zip.write_all(bytes).map_err(|error| failed(&error))?;
    }
    Ok(zip.finish().map_err(|error| failed(&error))?.into_inner())
}

/// SHA-256 in lower-case hexadecimal.
pub(super) fn sha256_hex(bytes: &[u8]) -> String {
    Sha256::digest(bytes).iter().map(|byte| format!("{byte:02x}")).collect()
}

/// Whether a name stays below the folder that a zip is unpacked into, on every system.
fn is_inside(name: &str) -> bool {
    !name.is_empty() && !name.starts_with('/') && !name.contains(['\\', ':', '\0']) && name.split('/').all(|part| part != "..")
}

/// A package that is not as it should be, with what helps in most cases.
pub(super) fn bad(message: &str) -> Error {
    Error::new(ErrorKind::BadModel, OPERATION, message).hint("get the package again from where it came from")
}
