//! Where Fewlabel keeps what it can fetch again.

use std::path::{Path, PathBuf};

use fewlabel_contract::{Error, ErrorKind, Result};

use crate::release::VERSION;

/// The cache folder: `FEWLABEL_CACHE` where it is set, else `fewlabel` in the user's cache folder
/// (`$XDG_CACHE_HOME` or `~/.cache` on Linux, `~/Library/Caches` on macOS, `%LOCALAPPDATA%` on
/// Windows). It need not exist yet.
///
/// # Errors
/// `not-found` when none of these variables says where the user's folder is.
pub fn cache_dir() -> Result<PathBuf> {
    choose(&|name| std::env::var_os(name).filter(|value| !value.is_empty()).map(PathBuf::from)).ok_or_else(|| {
        Error::new(ErrorKind::NotFound, "find cache folder", "the environment does not say where the user's folder is")
            .hint("set FEWLABEL_CACHE to a folder that can be written")
    })
}

/// `variable` answers what an environment variable holds.
fn choose(variable: &dyn Fn(&str) -> Option<PathBuf>) -> Option<PathBuf> {
    if let Some(folder) = variable("FEWLABEL_CACHE") {
        return Some(folder);
    }
    let user = if cfg!(windows) {
        variable("LOCALAPPDATA")
    } else if cfg!(target_os = "macos") {
        variable("HOME").map(|home| home.join("Library").join("Caches"))
    } else {
        variable("XDG_CACHE_HOME").or_else(|| variable("HOME").map(|home| home.join(".cache")))
    };
    user.map(|folder| folder.join("fewlabel"))
}

/// Where every version of libtorch lies.
pub(crate) fn libtorch(cache: &Path) -> PathBuf {
    cache.join("libtorch")
}

/// Where the add-on lies.
pub(crate) fn folder(cache: &Path) -> PathBuf {
    libtorch(cache).join(VERSION)
}

/// Where wheels lie while they are fetched.
pub(crate) fn downloads(cache: &Path) -> PathBuf {
    cache.join("downloads")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_variable_wins_over_the_users_cache_folder() {
        let environment = |name: &str| match name {
            "FEWLABEL_CACHE" => Some(PathBuf::from("elsewhere/Zellen µm")),
            "HOME" | "LOCALAPPDATA" => Some(PathBuf::from("home")),
            _ => None,
        };
        assert_eq!(choose(&environment), Some(PathBuf::from("elsewhere/Zellen µm")));
    }

    #[test]
    fn without_the_variable_it_lies_in_the_users_cache_folder() {
        let environment = |name: &str| matches!(name, "HOME" | "LOCALAPPDATA").then(|| PathBuf::from("home"));
        let chosen = choose(&environment).expect("a folder");
        assert!(chosen.starts_with("home") && chosen.ends_with("fewlabel"), "{}", chosen.display());
        assert_eq!(choose(&|_| None), None);
    }
}
