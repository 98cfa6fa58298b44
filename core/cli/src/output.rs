//! What goes to stderr, and how much.

use std::io::Write;

use clap::Args;
use fewlabel::contract::{Error, Level};

/// How much is said.
#[derive(Args)]
pub struct Output {
    /// Print the machine-readable result alone on stdout
    #[arg(long, global = true)]
    pub json: bool,
    /// Say nothing but results and errors
    #[arg(short, long, global = true, conflicts_with = "verbose")]
    pub quiet: bool,
    /// Say more; twice for developers
    #[arg(short, long, global = true, action = clap::ArgAction::Count)]
    pub verbose: u8,
}

impl Output {
    /// Whether a line of this level is said.
    pub fn says(&self, level: Level) -> bool {
        match level {
            Level::Warning => !self.quiet,
            Level::Info => self.verbose > 0,
            Level::Debug => self.verbose > 1,
        }
    }
}

/// A line on stderr. When stderr is gone there is nobody to tell.
pub fn line(text: &str) {
    let _ = writeln!(std::io::stderr().lock(), "{text}");
}

/// An error in one line, and what to do about it in the next.
pub fn error_line(error: &Error) {
    let mut short = error.clone();
    let hint = short.hint.take();
    let mut text = format!("error: {short}");
    for cause in error.causes.iter().take(1) {
        text.push_str(&format!(": {cause}"));
    }
    if let Some(hint) = hint {
        text.push_str(&format!("\nhint: {hint}"));
    }
    line(&text);
}
