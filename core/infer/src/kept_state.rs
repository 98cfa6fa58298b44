//! What an interrupted run keeps to go on, as bytes.

use fewlabel_contract::{Error, ErrorKind, Result};
use serde::Serialize;
use serde::de::DeserializeOwned;

const OPERATION: &str = "segment image";

/// A state as bytes.
pub(crate) fn keep(state: &impl Serialize) -> Result<Vec<u8>> {
    postcard::to_allocvec(state)
        .map_err(|error| Error::internal(OPERATION, "the state of the run cannot be written").because(&error))
}

/// A state from what [`keep`] made.
///
/// # Errors
/// `io` when it is damaged.
pub(crate) fn kept<T: DeserializeOwned>(bytes: &[u8]) -> Result<T> {
    postcard::from_bytes(bytes).map_err(|error| {
        Error::new(ErrorKind::Io, OPERATION, "what an interrupted run has kept is damaged")
            .because(&error)
            .hint("run without --resume")
    })
}
