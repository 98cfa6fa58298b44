//! Metadata files.

use std::path::Path;

use fewlabel_contract::{Error, Result};
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::Value;

use super::{exceeded, file, unreadable};

/// Largest metadata file, in bytes. Those of real images have some thousand.
const LARGEST: u64 = 16 << 20;

/// Reads a metadata file; `None` where there is none.
///
/// # Errors
/// `limit-exceeded` for one that is too large, `unreadable-image` for one that is not what it should be, `io`.
pub(super) fn read<T: DeserializeOwned>(path: &Path) -> Result<Option<T>> {
    let Some((file, bytes)) = file::open(path)? else { return Ok(None) };
    if bytes > LARGEST {
        return Err(exceeded("a metadata file is larger than allowed")
            .with("bytes", bytes)
            .with("allowed bytes", LARGEST)
            .file(path));
    }
    let text = file::content(file, bytes as usize, path)?;
    serde_json::from_slice(&text).map(Some).map_err(|e| damaged(&e).file(path))
}

/// What a part of metadata says that was kept as it stood.
pub(super) fn part<T: DeserializeOwned>(value: &Value) -> Result<T> {
    T::deserialize(value).map_err(|e| damaged(&e))
}

fn damaged(source: &serde_json::Error) -> Error {
    unreadable("the metadata is damaged").hint("copy or export the image again").because(source)
}

/// A name with a configuration, as codecs, grids and encodings of keys have it in Zarr 3; some stand as a name alone.
#[derive(Deserialize)]
#[serde(untagged)]
pub(super) enum Named {
    /// A name alone.
    Name(String),
    /// A name and a configuration.
    Configured {
        /// The name.
        name: String,
        /// The configuration, or null.
        #[serde(default)]
        configuration: Value,
    },
}

impl Named {
    /// The name.
    pub(super) fn name(&self) -> &str {
        match self {
            Self::Name(name) | Self::Configured { name, .. } => name,
        }
    }

    /// An entry of the configuration.
    pub(super) fn entry(&self, key: &str) -> Option<&Value> {
        match self {
            Self::Name(_) => None,
            Self::Configured { configuration, .. } => configuration.get(key),
        }
    }
}

#[cfg(test)]
mod tests {
    use fewlabel_contract::ErrorKind;

    use super::*;

    #[test]
    fn what_is_not_metadata() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("file");
        assert!(read::<Value>(&path).expect("nothing").is_none());
        std::fs::write(&path, "{").expect("written");
        assert!(read::<Value>(&path).is_err_and(|e| e.kind == ErrorKind::UnreadableImage));
        std::fs::write(&path, "[".repeat(100_000)).expect("written");
        assert!(read::<Value>(&path).is_err_and(|e| e.kind == ErrorKind::UnreadableImage));
        assert!(read::<Value>(folder.path()).is_err_and(|e| e.kind == ErrorKind::UnreadableImage));
        let file = std::fs::File::create(&path).expect("created");
        file.set_len(LARGEST + 1).expect("sparse");
        assert!(read::<Value>(&path).is_err_and(|e| e.kind == ErrorKind::LimitExceeded));
    }
}
