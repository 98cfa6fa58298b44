//! The training add-on: libtorch and what it needs.

use std::path::PathBuf;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::check::{check_ranges, contradiction};
use crate::{Device, Entry, Result};

/// What to do with the add-on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum RuntimeAction {
    /// Say what would be fetched: names, versions, sizes, hashes.
    Plan,
    /// Fetch, verify and unpack it.
    Install,
    /// Say what is there.
    Status,
    /// Remove it.
    Remove,
}

/// Arguments of `runtime`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct RuntimeArgs {
    /// What to do.
    pub action: RuntimeAction,
    /// For which device; `auto` is the processor.
    #[serde(default)]
    pub device: Device,
    /// Folder with files that were brought by hand, instead of fetching.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub from: Option<PathBuf>,
    /// Package index, instead of the one the machine is configured for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub index: Option<String>,
}

impl RuntimeArgs {
    /// Checks that the fields fit the action.
    ///
    /// # Errors
    /// [`crate::ErrorKind::InvalidRequest`], naming the field.
    pub fn check(&self) -> Result<()> {
        check_ranges(Entry::Runtime, self)?;
        let fetching = [("from", self.from.is_some()), ("index", self.index.is_some())];
        match fetching.iter().find(|(_, given)| *given) {
            Some((field, _)) if self.action != RuntimeAction::Install => {
                Err(contradiction(Entry::Runtime, field, "only install fetches files").hint("leave it out, or install"))
            }
            Some(_) if self.from.is_some() && self.index.is_some() => {
                Err(contradiction(Entry::Runtime, "index", "files come from a folder or from an index, not from both")
                    .hint("give from or index"))
            }
            _ => Ok(()),
        }
    }
}

/// One file of the add-on.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct RuntimeFile {
    /// File name.
    pub name: String,
    /// Package version.
    pub version: String,
    /// Size.
    #[schemars(extend("unit" = "bytes"))]
    pub bytes: u64,
    /// Lower-case hexadecimal SHA-256.
    pub sha256: String,
}

/// Result of `runtime`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct RuntimeResult {
    /// Whether the add-on is there and whole.
    #[schemars(extend("varies" = true))]
    pub installed: bool,
    /// Its version.
    #[schemars(extend("varies" = true))]
    pub version: String,
    /// Its folder.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(extend("varies" = true))]
    pub folder: Option<PathBuf>,
    /// Its files.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[schemars(extend("varies" = true))]
    pub files: Vec<RuntimeFile>,
    /// What is wrong with it, in words.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(extend("varies" = true))]
    pub problem: Option<String>,
}
