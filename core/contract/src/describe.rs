//! What a model, image or machine is.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::check::{check_ranges, contradiction};
use crate::{Entry, Find, Result, VolumePlane};

/// Arguments of `describe`. Without any of them: this installation.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct DescribeArgs {
    /// Name or file of a model or an image.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(length(min = 1), extend("unset" = "this installation"))]
    pub path: Option<String>,
    /// List what can compute here.
    #[serde(default)]
    pub devices: bool,
    /// List the environment variables that are understood.
    #[serde(default)]
    pub knobs: bool,
}

impl DescribeArgs {
    /// Checks that one thing is asked for.
    ///
    /// # Errors
    /// [`crate::ErrorKind::InvalidRequest`], naming the field.
    pub fn check(&self) -> Result<()> {
        check_ranges(Entry::Describe, self)?;
        let asked = [("path", self.path.is_some()), ("devices", self.devices), ("knobs", self.knobs)];
        let mut asked = asked.iter().filter(|(_, is)| *is).map(|(field, _)| field);
        match (asked.next(), asked.next()) {
            (Some(_), Some(second)) => Err(contradiction(Entry::Describe, second, "only one thing can be described at a time")
                .hint("give a path, or devices, or knobs")),
            _ => Ok(()),
        }
    }
}

/// Whether an entry is built in this version.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct EntryState {
    /// Name of the entry.
    pub entry: String,
    /// What it does.
    pub does: String,
    /// Whether this version has it.
    pub built: bool,
    /// Whether it can run here and now.
    #[schemars(extend("varies" = true))]
    pub ready: bool,
    /// Why not, in words.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(extend("varies" = true))]
    pub missing: Option<String>,
}

/// What a model is.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct ModelCard {
    /// Its name.
    pub name: String,
    /// What it is for, in one sentence.
    pub description: String,
    /// What it finds. A model that has learned from unlabelled images only finds nothing yet.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(extend("unset" = "nothing yet: a start for training"))]
    pub find: Option<Find>,
    /// Names of the channels it wants.
    pub channels: Vec<String>,
    /// Classes by number.
    pub classes: BTreeMap<u32, String>,
    /// How it cuts volumes into planes; as they are stored when absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub plane: Option<VolumePlane>,
    /// Diameter of the objects it was trained on.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(extend("unit" = "px"))]
    pub object_diameter: Option<f64>,
    /// Whether training can go on from it.
    pub trainable: bool,
    /// Parameters of the network.
    pub parameters: u64,
    /// SHA-256 of the weights.
    pub sha256: String,
}

/// Result of `describe`.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct DescribeResult {
    /// Version of Fewlabel.
    #[schemars(extend("varies" = true))]
    pub version: String,
    /// What each entry can do here; given without a path.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub entries: Vec<EntryState>,
    /// What can compute here, with the reason where something cannot.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[schemars(extend("varies" = true))]
    pub devices: Vec<String>,
    /// Environment variables: name, meaning, value now.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[schemars(extend("varies" = true))]
    pub knobs: Vec<(String, String, Option<String>)>,
    /// The model at `path`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub model: Option<ModelCard>,
    /// The image at `path`, in words: "3 channels, 21 z, 1 t, 512 x 512, 16 bit, 0.325 µm".
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub image: Option<String>,
}
