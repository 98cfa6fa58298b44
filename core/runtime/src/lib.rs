//! The training add-on: finds, verifies, fetches and unpacks libtorch.
//!
//! Inference needs none of this. `train` and `pretrain` run in `fewlabel-learn`, which needs the
//! libraries that PyTorch's wheels carry. This crate pins those wheels by name, size and SHA-256,
//! brings them into the user's cache, and unpacks what the learner needs:
//!
//! ```text
//! <cache>/libtorch/2.11.0/
//!     torch/lib        libtorch_cpu.so, libc10.so, … (and libtorch_cuda.so for a GPU)
//!     nvidia/*/lib     what those need
//!     torch/include    headers and `link/`, for developers only
//!     runtime.json     written last: the mark of an add-on that is whole
//! ```
//!
//! The folder is filled beside its place and renamed, so that there is never half an add-on.

mod cache;
mod configured;
mod fetch;
mod http;
mod index;
mod install;
mod installed;
mod link;
mod meter;
mod obtain;
mod release;
mod space;
#[cfg(test)]
mod tests;
mod unpack;
mod verify;

use std::path::PathBuf;

use fewlabel_contract::{Device, Result, RuntimeFile, RuntimeResult};

pub use cache::cache_dir;
pub use install::{InstallOptions, install};
pub use release::VERSION;

/// The files that an installation for `device` fetches: names, versions, bytes, SHA-256.
/// `auto` is the processor.
///
/// # Errors
/// `unsupported` where there is no such libtorch: everything but x86-64 Linux.
pub fn plan(device: Device) -> Result<Vec<RuntimeFile>> {
    Ok(release::wheels(device)?.iter().map(|wheel| wheel.file()).collect())
}

/// What is there: whether the add-on is whole, where it lies, what it was made of, what is wrong with it.
pub fn status() -> RuntimeResult {
    match cache_dir() {
        Ok(cache) => installed::status(&cache),
        Err(error) => RuntimeResult { version: VERSION.to_owned(), problem: Some(error.to_string()), ..RuntimeResult::default() },
    }
}

/// Removes the add-on, and what an interrupted installation left. Says what is there afterwards.
///
/// # Errors
/// `io` when something cannot be removed.
pub fn remove() -> Result<RuntimeResult> {
    let cache = cache_dir()?;
    installed::remove(&cache)?;
    Ok(installed::status(&cache))
}

/// The folders that must be on the learner's library search path, in this order; none when the
/// add-on is not whole.
pub fn library_paths() -> Vec<PathBuf> {
    cache_dir().map(|cache| installed::library_paths(&cache)).unwrap_or_default()
}
