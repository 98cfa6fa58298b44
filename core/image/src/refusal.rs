//! Errors about files that are opened.

use std::io;

use fewlabel_contract::{Error, ErrorKind};

/// What is done with images.
pub(crate) const OPEN_IMAGE: &str = "open image";

/// Of a file that is damaged, cut short, or not what it should be.
pub(crate) fn unreadable(message: impl Into<String>) -> Error {
    Error::new(ErrorKind::UnreadableImage, OPEN_IMAGE, message)
}

/// Of a file that may be whole, but is of a kind that is not read here.
pub(crate) fn unsupported(message: impl Into<String>) -> Error {
    Error::new(ErrorKind::Unsupported, OPEN_IMAGE, message)
}

/// Of the system while reading; whoever knows the file adds it.
pub(crate) fn failed(source: &io::Error) -> Error {
    let mut error = Error::io(OPEN_IMAGE, "", source);
    error.context.clear();
    error
}
