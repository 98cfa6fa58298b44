//! Runs other programs.

use std::fs::File;
use std::io::{BufRead, BufReader, Read};
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use fewlabel_contract::{Error, ErrorKind, Result};

use crate::memory;
use crate::workspace::root;

/// How often a running program's memory is looked at.
const BETWEEN_LOOKS: Duration = Duration::from_millis(100);

/// A command that runs in the root of the checkout, without an input.
pub fn command(program: impl AsRef<std::ffi::OsStr>) -> Command {
    let mut command = Command::new(program);
    command.current_dir(root()).stdin(Stdio::null());
    command
}

/// The cargo that runs this task, as a person would start it. What `cargo run` told this program about itself must not
/// reach it: build scripts that look at such variables would build libtorch's bindings anew, back and forth.
pub fn cargo() -> Command {
    let mut cargo = command(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
    for (name, value) in std::env::vars_os() {
        if is_told_by_cargo(&name.to_string_lossy(), Path::new(&value)) {
            cargo.env_remove(name);
        }
    }
    cargo
}

/// Whether `cargo run` sets this variable: about the package, and from the `[env]` of `.cargo/config.toml`.
fn is_told_by_cargo(name: &str, value: &Path) -> bool {
    let about_the_package = ["CARGO_PKG_", "CARGO_MANIFEST_", "CARGO_BIN_", "CARGO_CRATE_", "CARGO_PRIMARY_"];
    about_the_package.iter().any(|prefix| name.starts_with(prefix)) || name == "LIBTORCH" && value == root().join(".libtorch")
}

/// Whether a program can be started here.
pub fn is_there(program: &str) -> bool {
    command(program).arg("--version").stdout(Stdio::null()).stderr(Stdio::null()).status().is_ok_and(|status| status.success())
}

/// Runs a command whose failure ends the task; what it says goes to the terminal.
///
/// # Errors
/// `not-found` when it cannot be started; `internal` when it fails.
pub fn run(command: &mut Command) -> Result<()> {
    let shown = shown(command);
    println!("$ {shown}");
    let status = command.status().map_err(|error| Error::io("start program", &shown, &error))?;
    if status.success() {
        return Ok(());
    }
    Err(Error::new(ErrorKind::Internal, "run program", format!("it ended with {status}")).with("program", shown))
}

/// Runs a command and answers whether it succeeded. Every line of its output and of its errors goes to
/// the terminal, and to `line`.
///
/// # Errors
/// `not-found` when it cannot be started; `io` when its output cannot be read.
pub fn watch(command: &mut Command, line: &mut dyn FnMut(&str)) -> Result<bool> {
    let shown = shown(command);
    println!("$ {shown}");
    let io_error = |error: std::io::Error| Error::io("run program", &shown, &error);
    // One pipe for both keeps the lines in the order in which they were written.
    let (reader, writer) = std::io::pipe().map_err(io_error)?;
    let errors = writer.try_clone().map_err(io_error)?;
    let mut child = command.stdout(writer).stderr(errors).spawn().map_err(io_error)?;
    // The command holds the writing ends: they must close before the reading end sees the end.
    command.stdout(Stdio::null()).stderr(Stdio::null());
    let mut reader = BufReader::new(reader);
    let mut bytes = Vec::new();
    while reader.read_until(b'\n', &mut bytes).map_err(io_error)? > 0 {
        let text = String::from_utf8_lossy(&bytes);
        let text = text.trim_end();
        println!("{text}");
        line(text);
        bytes.clear();
    }
    Ok(child.wait().map_err(io_error)?.success())
}

/// Runs a command and answers its output; what it says besides goes to the terminal.
///
/// # Errors
/// `not-found` when it cannot be started; `internal` when it fails.
pub fn output(command: &mut Command) -> Result<String> {
    let shown = shown(command);
    println!("$ {shown}");
    let io_error = |error: std::io::Error| Error::io("run program", &shown, &error);
    let mut child = command.stdout(Stdio::piped()).stderr(Stdio::inherit()).spawn().map_err(io_error)?;
    let mut text = String::new();
    if let Some(mut stdout) = child.stdout.take() {
        stdout.read_to_string(&mut text).map_err(io_error)?;
    }
    let status = child.wait().map_err(io_error)?;
    if status.success() {
        return Ok(text);
    }
    Err(Error::new(ErrorKind::Internal, "run program", format!("it ended with {status}")).with("program", shown))
}

/// What a program did and what it took.
pub struct Measured {
    /// What it printed.
    pub text: String,
    /// Wall time from its start to its end, in seconds.
    pub seconds: f64,
    /// Most memory that one process, it or one that it started, held at once; where the system tells.
    pub peak_bytes: Option<u64>,
}

/// Runs a command and answers its output, its time and its memory; what it says besides goes to the file `log`.
///
/// # Errors
/// As [`output`], with the log's name; `io` when the log cannot be written.
pub fn measured(command: &mut Command, log: &Path) -> Result<Measured> {
    let shown = shown(command);
    println!("$ {shown}");
    let io_error = |error: std::io::Error| Error::io("run program", &shown, &error);
    let log_file = File::create(log).map_err(|error| Error::io("write log", log, &error))?;
    let started = Instant::now();
    let mut child = command.stdout(Stdio::piped()).stderr(log_file).spawn().map_err(io_error)?;
    let stdout = child.stdout.take();
    let reader = std::thread::spawn(move || {
        let mut text = String::new();
        stdout.map_or(Ok(0), |mut stdout| stdout.read_to_string(&mut text)).map(|_| text)
    });
    let mut peak_bytes = None;
    let status = loop {
        peak_bytes = peak_bytes.max(memory::peak_of_tree(child.id()));
        match child.try_wait().map_err(io_error)? {
            Some(status) => break status,
            None => std::thread::sleep(BETWEEN_LOOKS),
        }
    };
    let seconds = started.elapsed().as_secs_f64();
    let text = reader.join().map_err(|_| Error::internal("run program", "the reading thread ended"))?.map_err(io_error)?;
    if status.success() {
        return Ok(Measured { text, seconds, peak_bytes });
    }
    Err(Error::new(ErrorKind::Internal, "run program", format!("it ended with {status}"))
        .with("program", shown)
        .with("log", log.display()))
}

/// The command as a person would type it, with the program's name alone and paths from the root of the checkout.
fn shown(command: &Command) -> String {
    let program = Path::new(command.get_program());
    let name = program.file_name().unwrap_or(program.as_os_str()).to_string_lossy().into_owned();
    let arguments = command.get_args().map(|argument| {
        let text = argument.to_string_lossy();
        if text.is_empty() || text.contains([' ', '*', '#']) { format!("'{text}'") } else { text.into_owned() }
    });
    std::iter::once(name).chain(arguments).collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_command_is_shown_as_it_would_be_typed() {
        let mut command = Command::new("/some/where/fewlabel");
        command.args(["segment", "--order", "split.json#fewlabel_order.0", "Zellen µ"]);
        assert_eq!(shown(&command), "fewlabel segment --order 'split.json#fewlabel_order.0' 'Zellen µ'");
    }

    #[test]
    fn what_cargo_run_tells_is_known_from_what_a_person_sets() {
        let own = root().join(".libtorch");
        assert!(is_told_by_cargo("CARGO_PKG_VERSION", Path::new("0.1.0")) && is_told_by_cargo("LIBTORCH", &own));
        assert!(!is_told_by_cargo("LIBTORCH", Path::new("elsewhere")) && !is_told_by_cargo("CARGO_TARGET_DIR", &own));
    }

    #[cfg(unix)]
    #[test]
    fn lines_of_both_outputs_are_seen_in_order_and_a_failure_is_told() {
        let mut seen = Vec::new();
        let good = watch(command("sh").args(["-c", "echo one; echo two >&2; echo three; exit 3"]), &mut |line| {
            seen.push(line.to_owned())
        });
        assert_eq!((good.expect("started"), seen), (false, vec!["one".to_owned(), "two".to_owned(), "three".to_owned()]));
    }
}
