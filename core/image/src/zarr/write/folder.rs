//! A folder that appears whole or not at all.

use std::fs;
use std::path::{Path, PathBuf};

use fewlabel_contract::{Error, ErrorKind, Result};
use serde_json::Value;

use super::super::{ZATTRS, json};
use super::metadata::is_ours;

const OPERATION: &str = "write folder";

/// A folder that is filled beside its destination, as `NAME.partial`, and takes its name on [`commit`](Self::commit).
///
/// Dropped before that, it is removed. What a killed process left of one is removed by the next that writes to the same
/// destination.
#[derive(Debug)]
pub(super) struct NewFolder {
    path: PathBuf,
    partial: PathBuf,
    existing_ok: bool,
}

impl NewFolder {
    /// Begins a folder that will lie at `path`; folders above it are made where they are missing.
    ///
    /// # Errors
    /// `invalid-request` when something is there and `existing_ok` is not set, or when what is there is not a folder that
    /// Fewlabel wrote: a folder may hold much that nobody wants to lose. `io` when the folder cannot be made.
    pub(super) fn create(path: &Path, existing_ok: bool) -> Result<Self> {
        let partial = beside(path, "partial")?;
        is_there(path, existing_ok)?;
        if fs::symlink_metadata(&partial).is_ok() {
            fs::remove_dir_all(&partial).map_err(|e| Error::io(OPERATION, &partial, &e))?;
        }
        fs::create_dir_all(&partial).map_err(|e| Error::io(OPERATION, &partial, &e))?;
        Ok(Self { path: path.to_owned(), partial, existing_ok })
    }

    /// Where its content is written meanwhile.
    pub(super) fn partial(&self) -> &Path {
        &self.partial
    }

    /// Gives the folder its name. The one that it replaces bears another until then, and gets its own back when that fails.
    ///
    /// # Errors
    /// `io`; `invalid-request` when something has appeared at the destination that must not be replaced.
    pub(super) fn commit(self) -> Result<()> {
        let failed = |e: &std::io::Error| Error::io(OPERATION, &self.path, e);
        if !is_there(&self.path, self.existing_ok)? {
            return fs::rename(&self.partial, &self.path).map_err(|e| failed(&e));
        }
        let replaced = beside(&self.path, "replaced")?;
        if is_there(&replaced, true)? {
            fs::remove_dir_all(&replaced).map_err(|e| failed(&e))?;
        }
        fs::rename(&self.path, &replaced).map_err(|e| failed(&e))?;
        if let Err(e) = fs::rename(&self.partial, &self.path) {
            fs::rename(&replaced, &self.path).map_err(|e| failed(&e).with("the old folder is now", replaced.display()))?;
            return Err(failed(&e));
        }
        fs::remove_dir_all(&replaced).map_err(|e| Error::io(OPERATION, &replaced, &e))
    }
}

impl Drop for NewFolder {
    fn drop(&mut self) {
        // After a commit there is nothing; otherwise an error is under way already.
        fs::remove_dir_all(&self.partial).ok();
    }
}

/// `NAME.ending` beside `NAME`.
fn beside(path: &Path, ending: &str) -> Result<PathBuf> {
    let mut name = path
        .file_name()
        .map(ToOwned::to_owned)
        .ok_or_else(|| Error::new(ErrorKind::InvalidRequest, OPERATION, "this is no name of a new folder").file(path))?;
    name.push(".");
    name.push(ending);
    Ok(path.with_file_name(name))
}

/// Whether there is a folder that may be replaced.
fn is_there(path: &Path, existing_ok: bool) -> Result<bool> {
    let refused = |message: &str| Err(Error::new(ErrorKind::InvalidRequest, OPERATION, message).file(path));
    match fs::symlink_metadata(path) {
        Err(_) => Ok(false),
        Ok(_) if !existing_ok => refused("the folder is there already")
            .map_err(|e| e.hint("choose another name or folder, or allow outputs to be overwritten")),
        Ok(found) if found.is_dir() && ours(path) => Ok(true),
        Ok(_) => refused("there is something of this name that Fewlabel did not write")
            .map_err(|e| e.hint("choose another name, or remove it yourself")),
    }
}

fn ours(path: &Path) -> bool {
    json::read::<Value>(&path.join(ZATTRS)).is_ok_and(|attributes| attributes.is_some_and(|attributes| is_ours(&attributes)))
}

#[cfg(test)]
mod tests {
    use super::super::metadata::creator;
    use super::*;

    fn fill(folder: &NewFolder, text: &str) {
        let attributes = serde_json::json!({"_creator": creator(), "text": text});
        fs::write(folder.partial().join(ZATTRS), attributes.to_string()).expect("written");
    }

    fn names(folder: &Path) -> Vec<String> {
        let names = fs::read_dir(folder).expect("listed").map(|entry| entry.expect("an entry").file_name());
        names.map(|name| name.into_string().expect("a name")).collect()
    }

    #[test]
    fn a_folder_is_there_only_when_it_is_whole() {
        let parent = tempfile::tempdir().expect("a folder");
        let path = parent.path().join("new").join("a.zarr");
        let folder = NewFolder::create(&path, false).expect("begun");
        fill(&folder, "one");
        drop(folder);
        assert_eq!(names(&parent.path().join("new")), [""; 0]);
        fs::create_dir_all(path.with_file_name("a.zarr.partial").join("left")).expect("made");
        let folder = NewFolder::create(&path, false).expect("begun");
        fill(&folder, "two");
        assert!(!path.exists() && !folder.partial().join("left").exists());
        folder.commit().expect("whole");
        assert_eq!((names(&parent.path().join("new")), names(&path)), (vec!["a.zarr".to_owned()], vec![ZATTRS.to_owned()]));
    }

    #[test]
    fn only_what_fewlabel_wrote_is_replaced() {
        let parent = tempfile::tempdir().expect("a folder");
        let path = parent.path().join("a.zarr");
        let write = |text: &str, existing_ok: bool| {
            let folder = NewFolder::create(&path, existing_ok)?;
            fill(&folder, text);
            folder.commit()
        };
        write("one", false).expect("new");
        assert!(write("two", false).is_err_and(|e| e.kind == ErrorKind::InvalidRequest));
        write("three", true).expect("replaced");
        assert!(fs::read_to_string(path.join(ZATTRS)).expect("read").contains("three"));
        fs::write(path.join(ZATTRS), r#"{"multiscales": []}"#).expect("written");
        assert!(write("four", true).is_err_and(|e| e.kind == ErrorKind::InvalidRequest), "another's folder");
        fs::remove_dir_all(&path).expect("removed");
        fs::write(&path, "a file").expect("written");
        assert!(write("five", true).is_err_and(|e| e.kind == ErrorKind::InvalidRequest), "a file");
        assert_eq!(names(parent.path()), ["a.zarr"]);
        assert!(NewFolder::create(Path::new(".."), true).is_err());
    }

    #[test]
    fn what_appears_meanwhile_stays() {
        let parent = tempfile::tempdir().expect("a folder");
        let path = parent.path().join("a.zarr");
        let folder = NewFolder::create(&path, true).expect("begun");
        fs::create_dir(&path).expect("made");
        fs::write(path.join("mine"), "precious").expect("written");
        assert!(folder.commit().is_err());
        assert_eq!((names(parent.path()), names(&path)), (vec!["a.zarr".to_owned()], vec!["mine".to_owned()]));
    }
}
