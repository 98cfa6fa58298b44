//! One error type for every room, language and process.

use std::fmt;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// What kind of thing went wrong. The names are stable: hosts branch on them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
#[non_exhaustive]
pub enum ErrorKind {
    /// The request itself is wrong: a missing, unknown or contradictory field, a value out of range.
    InvalidRequest,
    /// A file, folder, model or device that was named does not exist.
    NotFound,
    /// A file exists but is not an image, or not a whole one.
    UnreadableImage,
    /// A valid wish that this version does not fulfil.
    Unsupported,
    /// The request or the file asks for more than the limits or the memory budget allow.
    LimitExceeded,
    /// A model package is damaged, of a newer format, or holds an operator that is not known.
    BadModel,
    /// There is not enough labelled material to learn from.
    TooFewLabels,
    /// Memory ran out.
    OutOfMemory,
    /// The training add-on (the learner or its libtorch) is not installed, or not usable.
    LearnerMissing,
    /// The learner ended or stopped answering in the middle of a job.
    LearnerLost,
    /// Another process of a distributed run ended or stopped answering.
    PeerLost,
    /// The job was cancelled.
    Cancelled,
    /// Reading or writing failed: no space, no permission, a vanished disk.
    Io,
    /// A fault of Fewlabel itself.
    Internal,
}

impl ErrorKind {
    /// The stable name, as it stands in JSON, in Java's `code()` and in JavaScript's `code`.
    pub const fn name(self) -> &'static str {
        match self {
            Self::InvalidRequest => "invalid-request",
            Self::NotFound => "not-found",
            Self::UnreadableImage => "unreadable-image",
            Self::Unsupported => "unsupported",
            Self::LimitExceeded => "limit-exceeded",
            Self::BadModel => "bad-model",
            Self::TooFewLabels => "too-few-labels",
            Self::OutOfMemory => "out-of-memory",
            Self::LearnerMissing => "learner-missing",
            Self::LearnerLost => "learner-lost",
            Self::PeerLost => "peer-lost",
            Self::Cancelled => "cancelled",
            Self::Io => "io",
            Self::Internal => "internal",
        }
    }
}

impl fmt::Display for ErrorKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// The result of everything fallible in Fewlabel.
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// What went wrong, where, with which values, and what to do about it.
///
/// `Display` is one line for people; `Debug` is several lines for logs, with the whole chain of causes.
///
/// ```
/// use fewlabel_contract::{Error, ErrorKind};
/// let error = Error::new(ErrorKind::NotFound, "open image", "there is no such file")
///     .with("file", "cells.tif")
///     .hint("check the spelling, or give the folder instead");
/// assert_eq!(
///     error.to_string(),
///     "open image: there is no such file (file: cells.tif); check the spelling, or give the folder instead"
/// );
/// ```
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Error {
    /// What kind of thing went wrong.
    pub kind: ErrorKind,
    /// What was being done, as a verb and its object: `open image`.
    pub operation: String,
    /// What happened, in words.
    pub message: String,
    /// Names and values that matter: file, value, allowed range. In the order they were added.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub context: Vec<(String, String)>,
    /// What the reader can do about it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub hint: Option<String>,
    /// What lies beneath, outermost cause first, as text: errors cross process borders.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub causes: Vec<String>,
}

impl Error {
    /// A new error of `kind` that happened during `operation`.
    pub fn new(kind: ErrorKind, operation: impl Into<String>, message: impl Into<String>) -> Self {
        Self { kind, operation: operation.into(), message: message.into(), context: Vec::new(), hint: None, causes: Vec::new() }
    }

    /// Adds a name and a value that matter.
    #[must_use]
    pub fn with(mut self, name: impl Into<String>, value: impl fmt::Display) -> Self {
        self.context.push((name.into(), value.to_string()));
        self
    }

    /// Adds a file or folder.
    #[must_use]
    pub fn file(self, path: impl AsRef<std::path::Path>) -> Self {
        let shown = path.as_ref().display().to_string();
        self.with("file", shown)
    }

    /// Says what the reader can do.
    #[must_use]
    pub fn hint(mut self, hint: impl Into<String>) -> Self {
        self.hint = Some(hint.into());
        self
    }

    /// Records the error that caused this one, and its own causes.
    #[must_use]
    pub fn because(mut self, source: &(dyn std::error::Error + 'static)) -> Self {
        let mut next = Some(source);
        while let Some(cause) = next {
            self.causes.push(cause.to_string());
            next = cause.source();
        }
        self
    }

    /// An input or output error on `path`; a missing file becomes [`ErrorKind::NotFound`].
    pub fn io(operation: impl Into<String>, path: impl AsRef<std::path::Path>, source: &std::io::Error) -> Self {
        let kind = match source.kind() {
            std::io::ErrorKind::NotFound => ErrorKind::NotFound,
            std::io::ErrorKind::OutOfMemory => ErrorKind::OutOfMemory,
            _ => ErrorKind::Io,
        };
        let hint = match source.kind() {
            std::io::ErrorKind::NotFound => Some("check the spelling of the path"),
            std::io::ErrorKind::PermissionDenied => Some("check the permissions of the file and its folder"),
            std::io::ErrorKind::StorageFull => Some("free some space on this disk, or choose another folder"),
            std::io::ErrorKind::FileTooLarge => Some("the disk or the account's limit does not allow a file of this size"),
            std::io::ErrorKind::ReadOnlyFilesystem => Some("choose a folder on a disk that can be written"),
            std::io::ErrorKind::NotADirectory => Some("a part of this path is a file; choose another folder"),
            _ => None,
        };
        let mut error = Self::new(kind, operation, source.to_string()).file(path);
        error.hint = hint.map(str::to_owned);
        error
    }

    /// A fault of Fewlabel itself: something that cannot happen happened.
    pub fn internal(operation: impl Into<String>, message: impl Into<String>) -> Self {
        Self::new(ErrorKind::Internal, operation, message)
            .hint("this is a fault of Fewlabel: please report it with the log of this job")
    }

    /// The error of a job that was cancelled.
    pub fn cancelled(operation: impl Into<String>) -> Self {
        Self::new(ErrorKind::Cancelled, operation, "cancelled")
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.operation, self.message)?;
        if !self.context.is_empty() {
            f.write_str(" (")?;
            for (i, (name, value)) in self.context.iter().enumerate() {
                write!(f, "{}{name}: {value}", if i == 0 { "" } else { ", " })?;
            }
            f.write_str(")")?;
        }
        match &self.hint {
            Some(hint) => write!(f, "; {hint}"),
            None => Ok(()),
        }
    }
}

impl fmt::Debug for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "{} [{}]", self.message, self.kind)?;
        writeln!(f, "  while: {}", self.operation)?;
        for (name, value) in &self.context {
            writeln!(f, "  {name}: {value}")?;
        }
        for cause in &self.causes {
            writeln!(f, "  because: {cause}")?;
        }
        match &self.hint {
            Some(hint) => write!(f, "  what to do: {hint}"),
            None => Ok(()),
        }
    }
}

impl std::error::Error for Error {}
