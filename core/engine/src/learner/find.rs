//! Where the learner program lies.

use std::env;
use std::path::{Path, PathBuf};

use fewlabel_contract::{Error, ErrorKind, Result};

use crate::Config;

/// Finds the learner: named in the request, by the host or in `FEWLABEL_LEARN`; else beside the executable or the native
/// library, in the user's data folder, on `PATH`. What is named must be there: another one is never taken instead.
pub(crate) fn find(asked: Option<&Path>, config: &Config) -> Result<PathBuf> {
    let variable = env::var_os("FEWLABEL_LEARN").filter(|value| !value.is_empty()).map(PathBuf::from);
    let named = [("learner", asked), ("configured", config.learner.as_deref()), ("FEWLABEL_LEARN", variable.as_deref())];
    if let Some((from, path)) = named.into_iter().find_map(|(from, path)| path.map(|path| (from, path))) {
        return if path.is_file() {
            Ok(path.to_owned())
        } else {
            Err(Error::new(ErrorKind::LearnerMissing, "find learner", "there is no such program")
                .with("named by", from)
                .file(path)
                .hint("correct the path, or leave it out to look in the usual places"))
        };
    }
    let program = format!("fewlabel-learn{}", env::consts::EXE_SUFFIX);
    let executable = env::current_exe().ok().and_then(|path| path.parent().map(Path::to_owned));
    let folders = [config.beside.clone(), executable, config.home.as_ref().map(|home| home.join("bin"))];
    let on_path = env::var_os("PATH").map(|list| env::split_paths(&list).collect::<Vec<_>>()).unwrap_or_default();
    folders.into_iter().flatten().chain(on_path).map(|folder| folder.join(&program)).find(|path| path.is_file()).ok_or_else(|| {
        Error::new(ErrorKind::LearnerMissing, "find learner", "the training add-on is not there")
            .with("program", program)
            .hint("put it beside the program `fewlabel`, or set FEWLABEL_LEARN to it; `fewlabel runtime install` brings what it needs")
    })
}
