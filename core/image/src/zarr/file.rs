//! Files and folders below the one of an image.

use std::fs::File;
use std::io::{self, Read};
use std::path::{Path, PathBuf};

use fewlabel_contract::{Error, Result};

use super::{OPERATION, shown, unreadable, unsupported};
use crate::pixels::reserved;

/// Opens a file and tells its length; `None` where there is none. A device or a pipe, which could hold a reader forever, is
/// no file.
pub(super) fn open(path: &Path) -> Result<Option<(File, u64)>> {
    let failed = |e: &io::Error| Error::io(OPERATION, path, e);
    let metadata = match std::fs::metadata(path) {
        Ok(metadata) => metadata,
        Err(e) if e.kind() == io::ErrorKind::NotFound => return Ok(None),
        Err(e) if e.kind() == io::ErrorKind::NotADirectory => {
            return Err(unreadable("a file stands where the image has a folder").file(path));
        }
        Err(e) => return Err(failed(&e)),
    };
    if !metadata.is_file() {
        return Err(unreadable("a part of the image is not a file").file(path));
    }
    File::open(path).map(|file| Some((file, metadata.len()))).map_err(|e| failed(&e))
}

/// The first `length` bytes of a file that is as long.
pub(super) fn content(file: File, length: usize, path: &Path) -> Result<Vec<u8>> {
    let mut bytes = reserved(length)?;
    file.take(length as u64).read_to_end(&mut bytes).map_err(|e| Error::io(OPERATION, path, &e))?;
    Ok(bytes)
}

/// The folder of `path`, a text of a file, below `folder`.
///
/// # Errors
/// `unsupported` for a path that could lead out of `folder`.
pub(super) fn below(folder: &Path, path: &str) -> Result<PathBuf> {
    let mut found = folder.to_owned();
    for part in path.split('/') {
        // A colon names a drive or a second stream of a file on Windows, where `\` separates, too.
        if matches!(part, "" | "." | "..") || part.contains(['\\', ':', '\0']) {
            return Err(unsupported("the metadata leads out of the folder of the image")
                .with("path", shown(path))
                .hint("it is damaged or malicious; export the image again"));
        }
        found.push(part);
    }
    Ok(found)
}

#[cfg(test)]
mod tests {
    use fewlabel_contract::ErrorKind;

    use super::*;

    #[test]
    fn paths_stay_below_the_folder() {
        let folder = Path::new("a");
        assert_eq!(below(folder, "0").expect("a path"), folder.join("0"));
        assert_eq!(below(folder, "b/c 1").expect("a path"), folder.join("b").join("c 1"));
        for path in ["", "/etc", "..", "0/../../b", "0/", "./0", "a\\b", "c:", "a\0"] {
            assert!(below(folder, path).is_err_and(|e| e.kind == ErrorKind::Unsupported), "{path:?}");
        }
    }

    #[test]
    fn folders_are_no_files() {
        let folder = tempfile::tempdir().expect("a folder");
        assert!(open(&folder.path().join("none")).expect("nothing").is_none());
        assert!(open(folder.path()).is_err_and(|e| e.kind == ErrorKind::UnreadableImage));
        let path = folder.path().join("file");
        std::fs::write(&path, b"abc").expect("written");
        assert!(open(&path.join("below")).is_err_and(|e| e.kind == ErrorKind::UnreadableImage), "a file is no folder");
        let (file, length) = open(&path).expect("opened").expect("a file");
        assert_eq!((length, content(file, 2, &path).expect("read")), (3, b"ab".to_vec()));
    }
}
