//! Starting the learner. The only file of this room that depends on the operating system.

use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Stdio};

/// The variable in which the system's loader looks for libraries.
const LOADER_PATH: &str = if cfg!(windows) {
    "PATH"
} else if cfg!(target_os = "macos") {
    "DYLD_LIBRARY_PATH"
} else {
    "LD_LIBRARY_PATH"
};

/// The variable that names folders of models.
const MODELS: &str = "FEWLABEL_MODELS";

/// Starts the learner in a process group of its own (Ctrl-C must reach the host alone, which then asks the learner), with
/// `libraries` in front of the loader's path, and `models`, which it cannot know of, behind the folders of models.
pub(super) fn start(program: &Path, libraries: &[PathBuf], models: Option<&Path>) -> std::io::Result<Child> {
    let mut command = Command::new(program);
    command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    if let Some(list) = joined(libraries, &split(LOADER_PATH)) {
        command.env(LOADER_PATH, list);
    }
    let models: Vec<PathBuf> = models.map(Path::to_owned).into_iter().collect();
    if let Some(list) = joined(&split(MODELS), &models) {
        command.env(MODELS, list);
    }
    in_own_group(&mut command);
    command.spawn()
}

/// How a process ended, in words.
pub(super) fn ending(status: ExitStatus) -> String {
    match signal(status) {
        Some(number) => format!("ended by signal {number}"),
        None => status.code().map_or_else(|| "ended".to_owned(), |code| format!("exit code {code}")),
    }
}

/// Whether a process was ended by force, as the system does when memory runs out.
pub(super) fn was_killed(status: ExitStatus) -> bool {
    signal(status) == Some(9)
}

/// The folders that a variable names.
fn split(variable: &str) -> Vec<PathBuf> {
    std::env::var_os(variable).map(|list| std::env::split_paths(&list).collect()).unwrap_or_default()
}

/// A list of folders for a variable. `None`, leaving the variable as it is, when there is none or when one has the separator
/// in its name, which nobody can write into such a variable.
fn joined(first: &[PathBuf], then: &[PathBuf]) -> Option<OsString> {
    let mut folders = first.iter().chain(then).peekable();
    folders.peek()?;
    std::env::join_paths(folders).ok()
}

#[cfg(unix)]
fn in_own_group(command: &mut Command) {
    use std::os::unix::process::CommandExt;
    command.process_group(0);
}

#[cfg(windows)]
fn in_own_group(command: &mut Command) {
    use std::os::windows::process::CommandExt;
    const CREATE_NEW_PROCESS_GROUP: u32 = 0x0000_0200;
    const CREATE_NO_WINDOW: u32 = 0x0800_0000;
    command.creation_flags(CREATE_NEW_PROCESS_GROUP | CREATE_NO_WINDOW);
}

#[cfg(unix)]
fn signal(status: ExitStatus) -> Option<i32> {
    use std::os::unix::process::ExitStatusExt;
    status.signal()
}

#[cfg(windows)]
fn signal(_: ExitStatus) -> Option<i32> {
    None
}
