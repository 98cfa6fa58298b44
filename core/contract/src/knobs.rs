//! The environment variables that are understood, and the one folder they are most about.

use std::path::PathBuf;

/// An environment variable that changes where things are looked for. None changes a result.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Knob {
    /// Its name.
    pub name: &'static str,
    /// What it does.
    pub does: &'static str,
    /// What happens when it is not set.
    pub unset: &'static str,
}

/// Every environment variable that is understood.
pub const KNOBS: &[Knob] = &[
    Knob {
        name: "FEWLABEL_HOME",
        does: "the user's data folder: logs of jobs, kept models, an installed learner",
        unset: "`fewlabel` in the folder that the system gives programs for their data",
    },
    Knob {
        name: "FEWLABEL_CACHE",
        does: "a folder for what can be fetched again: libtorch for training, downloads",
        unset: "`fewlabel` in the folder that the system gives programs for their caches",
    },
    Knob { name: "FEWLABEL_LEARN", does: "the learner program", unset: "it is looked for in the usual places" },
    Knob { name: "FEWLABEL_MODELS", does: "a folder where models are found by name", unset: "only the usual places" },
    Knob {
        name: "FEWLABEL_INDEX",
        does: "the package index that the training add-on is fetched from",
        unset: "the index that pip is configured for",
    },
];

/// The user's data folder: `FEWLABEL_HOME`, else `fewlabel` in the folder that the system gives programs for their data.
/// `None` when there is neither (a service account without a home).
pub fn data_folder() -> Option<PathBuf> {
    let variable = |name: &str| std::env::var_os(name).filter(|value| !value.is_empty()).map(PathBuf::from);
    if let Some(home) = variable("FEWLABEL_HOME") {
        return Some(home);
    }
    let base = if cfg!(windows) {
        variable("LOCALAPPDATA")
    } else if cfg!(target_os = "macos") {
        variable("HOME").map(|home| home.join("Library").join("Application Support"))
    } else {
        variable("XDG_DATA_HOME").or_else(|| variable("HOME").map(|home| home.join(".local").join("share")))
    };
    base.map(|base| base.join("fewlabel"))
}
