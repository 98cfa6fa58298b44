//! What is said of outputs that are there.

use std::path::Path;

use fewlabel_contract::{Error, ErrorKind};

/// Nobody said what to do with an output; `another` is what else could be chosen, a name or a folder.
pub(super) fn there_already(operation: &'static str, output: &Path, another: &str) -> Error {
    refused(operation, "outputs are there already", output)
        .hint(format!("choose another {another}, or say what to do: existing = skip or overwrite"))
}

/// An output was to be kept, but is not that of the request.
pub(super) fn of_another_request(operation: &'static str, output: &Path, another: &str) -> Error {
    refused(operation, "this output was not made by the same request", output)
        .hint(format!("choose another {another}, or overwrite"))
}

fn refused(operation: &'static str, message: &str, output: &Path) -> Error {
    Error::new(ErrorKind::InvalidRequest, operation, message).with("field", "existing").file(output)
}
