//! The corpus: files that other programs made, with what must be found in them.

use std::path::{Path, PathBuf};

use fewlabel_contract::{Error, Result};
use sha2::{Digest, Sha256};

use crate::process::{command, run};
use crate::workspace::{root, target};

/// The folder of the corpus, with its `manifest.jsonl`. It is made anew when what makes it, or the real images in it, changed.
///
/// # Errors
/// `io`; `internal` when it cannot be made.
pub fn corpus(python: &Path, scripts: &Path) -> Result<PathBuf> {
    let folder = target("formats")?.join("corpus");
    let key = key(&[scripts, &root().join("tests").join("data")])?;
    let known = folder.join("key");
    if std::fs::read_to_string(&known).is_ok_and(|text| text == key) {
        return Ok(folder);
    }
    fresh(&folder)?;
    run(command(python).arg("-B").arg(scripts.join("make.py")).arg(&folder))?;
    std::fs::write(&known, key).map_err(|error| Error::io("finish corpus", &known, &error))?;
    Ok(folder)
}

/// An empty folder, whatever was there before.
///
/// # Errors
/// `io`.
pub fn fresh(folder: &Path) -> Result<()> {
    let failed = |error: std::io::Error| Error::io("empty folder", folder, &error);
    if folder.exists() {
        std::fs::remove_dir_all(folder).map_err(failed)?;
    }
    std::fs::create_dir_all(folder).map_err(failed)
}

/// A hash of the names and the content of all files in folders.
fn key(folders: &[&Path]) -> Result<String> {
    let mut files = Vec::new();
    for folder in folders {
        list(folder, &mut files)?;
    }
    files.sort();
    let mut hash = Sha256::new();
    for path in files {
        let content = std::fs::read(&path).map_err(|error| Error::io("read file", &path, &error))?;
        let name = path.strip_prefix(root()).unwrap_or(&path).to_string_lossy().into_owned();
        hash.update(format!("{name} {}\n", content.len()));
        hash.update(content);
    }
    Ok(hash.finalize().iter().map(|byte| format!("{byte:02x}")).collect())
}

fn list(folder: &Path, files: &mut Vec<PathBuf>) -> Result<()> {
    let failed = |error: std::io::Error| Error::io("list folder", folder, &error);
    for entry in std::fs::read_dir(folder).map_err(failed)? {
        let path = entry.map_err(failed)?.path();
        let is_cache = path.file_name().is_some_and(|name| name == "__pycache__");
        if path.is_dir() && !is_cache {
            list(&path, files)?;
        } else if path.is_file() {
            files.push(path);
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_key_changes_with_names_and_content() {
        let folder = tempfile::tempdir().expect("a folder");
        let write = |name: &str, text: &str| {
            let path = folder.path().join(name);
            std::fs::create_dir_all(path.parent().expect("a parent")).expect("a folder");
            std::fs::write(path, text).expect("written");
            key(&[folder.path()]).expect("a key")
        };
        let keys = [write("a.py", "1"), write("a.py", "2"), write("below/b.txt", ""), write("__pycache__/a.pyc", "3")];
        assert!(keys[0] != keys[1] && keys[1] != keys[2] && keys[2] == keys[3], "{keys:?}");
        fresh(folder.path()).expect("emptied");
        assert_eq!(std::fs::read_dir(folder.path()).expect("there").count(), 0);
    }
}
