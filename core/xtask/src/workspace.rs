//! Where things lie in the checkout.

use std::path::{Path, PathBuf};

use fewlabel_contract::{Error, Result};

use crate::process::{command, output};

/// The root of the checkout.
pub fn root() -> &'static Path {
    let own = Path::new(env!("CARGO_MANIFEST_DIR"));
    own.ancestors().nth(2).unwrap_or(own)
}

/// A file or folder as programs that run elsewhere find it.
///
/// # Errors
/// `io` when the system does not tell where it is.
pub fn whole(path: &Path) -> Result<PathBuf> {
    std::path::absolute(path).map_err(|error| Error::io("find path", path, &error))
}

/// The folder of the programs that cargo builds: this program lies there too.
///
/// # Errors
/// `io` when the system does not tell where this program lies.
pub fn programs() -> Result<PathBuf> {
    let own = std::env::current_exe().map_err(|error| Error::io("find programs", "xtask", &error))?;
    Ok(own.parent().unwrap_or(Path::new(".")).to_owned())
}

/// A program that cargo built.
///
/// # Errors
/// As [`programs`].
pub fn program(name: &str) -> Result<PathBuf> {
    Ok(programs()?.join(format!("{name}{}", std::env::consts::EXE_SUFFIX)))
}

/// The folder for what tasks write: `target/NAME`, wherever cargo was told to put `target`.
///
/// # Errors
/// As [`programs`].
pub fn target(name: &str) -> Result<PathBuf> {
    let programs = programs()?;
    Ok(programs.parent().unwrap_or(&programs).join(name))
}

/// Commit of the checkout, with `-dirty` when a file of it was changed.
///
/// # Errors
/// `not-found` without git; `internal` when this is no checkout.
pub fn commit() -> Result<String> {
    let text = output(command("git").args(["describe", "--always", "--dirty", "--abbrev=40", "--exclude", "*"]))?;
    Ok(text.trim().to_owned())
}
