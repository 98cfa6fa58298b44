//! Virtual environments of Python in the user's cache, for programs that we compare with.

use std::path::{Path, PathBuf};

use fewlabel_contract::{Error, Result};
use sha2::{Digest, Sha256};

use crate::process::{command, run};

/// The Python of an environment that holds what `requirements` names; made when it is not there, in the folder `kind` of the cache.
/// `more` are further flags of `pip install`.
///
/// # Errors
/// `io` when the requirements cannot be read; `internal` when something cannot be installed.
pub fn environment(kind: &str, requirements: &Path, more: &[&str]) -> Result<PathBuf> {
    let text = std::fs::read(requirements).map_err(|error| Error::io("read requirements", requirements, &error))?;
    let name: String = Sha256::digest(&text).iter().take(6).map(|byte| format!("{byte:02x}")).collect();
    let folder = fewlabel_runtime::cache_dir()?.join(kind).join(name);
    let python = folder.join(if cfg!(windows) { "Scripts/python.exe" } else { "bin/python" });
    let whole = folder.join("whole");
    if !whole.exists() {
        run(command("python3").args(["-m", "venv", "--clear"]).arg(&folder))?;
        run(command(&python)
            .args(["-m", "pip", "install", "--quiet", "--only-binary=:all:"])
            .args(more)
            .arg("--requirement")
            .arg(requirements))?;
        std::fs::write(&whole, "").map_err(|error| Error::io("finish Python environment", &whole, &error))?;
    }
    Ok(python)
}
