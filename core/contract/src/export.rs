//! A model in another form.

use std::path::PathBuf;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::check::check_ranges;
use crate::{Entry, Existing, Result};

/// The form of an exported model.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum ModelForm {
    /// An ONNX file with the network alone. How its input is made and what its output means stands in its metadata.
    #[default]
    Onnx,
}

/// Arguments of `export`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ExportArgs {
    /// Name or file of the model.
    #[schemars(length(min = 1))]
    pub model: String,
    /// The form.
    #[serde(default, rename = "as")]
    pub form: ModelForm,
    /// Version of ONNX's operators.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(range(min = 1), extend("unset" = "that of the model: 17 for models made by Fewlabel"))]
    pub opset: Option<i64>,
    /// The file to write.
    pub output: PathBuf,
    /// What to do when `output` is there already. `skip` keeps a file that is the very same.
    #[serde(default)]
    pub existing: Existing,
}

impl ExportArgs {
    /// Checks the ranges.
    ///
    /// # Errors
    /// [`crate::ErrorKind::InvalidRequest`], naming the field.
    pub fn check(&self) -> Result<()> {
        check_ranges(Entry::Export, self)
    }
}

/// Result of `export`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct ExportResult {
    /// Where the file lies.
    #[schemars(extend("varies" = true))]
    pub output: PathBuf,
    /// SHA-256 of the file.
    #[schemars(extend("varies" = true))]
    pub sha256: String,
    /// Version of ONNX's operators that it uses.
    pub opset: i64,
    /// The operators that it uses.
    pub operators: Vec<String>,
    /// Whether the model was compared with its test output; some models of other programs have none.
    pub verified: bool,
}
