//! `bioimageio.yaml` as types: what of the format this program writes and reads.
//!
//! Fields that are not named here are skipped when a foreign package is read; those that change what the
//! model computes are named, so that they can be refused.

use std::collections::BTreeMap;

use fewlabel_contract::{Find, VolumePlane};
use serde::{Deserialize, Deserializer, Serialize};
use serde_json::Value;

use super::Citation;
use crate::step::Described;
use crate::{Network, Normalisation};

/// The whole description.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct Description {
    pub format_version: String,
    #[serde(rename = "type")]
    pub kind: String,
    pub name: String,
    #[serde(default)]
    pub description: String,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub authors: Vec<Author>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub license: Option<String>,
    #[serde(default, deserialize_with = "readable")]
    pub cite: Vec<Citation>,
    #[serde(skip_deserializing)]
    pub tags: Vec<String>,
    #[serde(skip_deserializing)]
    pub documentation: Option<String>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub covers: Vec<FileRef>,
    #[serde(default)]
    pub attachments: Vec<FileRef>,
    pub inputs: Vec<TensorDescription>,
    pub outputs: Vec<TensorDescription>,
    pub weights: WeightFormats,
    #[serde(default)]
    pub config: Config,
}

/// Citations as far as they can be read: nothing is computed from them, so no model is refused for them.
fn readable<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<Citation>, D::Error> {
    let entries = Value::deserialize(deserializer)?;
    Ok(entries.as_array().into_iter().flatten().filter_map(|entry| Citation::deserialize(entry).ok()).collect())
}

#[derive(Debug, Serialize, Deserialize)]
pub(super) struct Author {
    pub name: String,
}

/// A file of the package, with or without its hash.
#[derive(Debug, Serialize, Deserialize)]
#[serde(untagged)]
pub(super) enum FileRef {
    Hashed { source: String, sha256: Option<String> },
    Name(String),
}

impl FileRef {
    /// Name in the zip, and hash.
    pub(super) fn parts(&self) -> (&str, Option<&str>) {
        let (name, sha256) = match self {
            Self::Hashed { source, sha256 } => (source.as_str(), sha256.as_deref()),
            Self::Name(name) => (name.as_str(), None),
        };
        (name.strip_prefix("./").unwrap_or(name), sha256)
    }
}

#[derive(Debug, Serialize, Deserialize)]
pub(super) struct TensorDescription {
    pub id: String,
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub description: String,
    pub axes: Vec<Axis>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub test_tensor: Option<FileRef>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub data: Option<Value>,
    #[serde(default, skip_serializing_if = "is_false")]
    pub optional: bool,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub preprocessing: Vec<Described>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub postprocessing: Vec<Described>,
}

fn is_false(value: &bool) -> bool {
    !value
}

#[derive(Debug, Default, Serialize, Deserialize)]
pub(super) struct Axis {
    #[serde(rename = "type")]
    pub kind: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub id: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub channel_names: Option<Vec<String>>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub size: Option<AxisSize>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub halo: Option<usize>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub unit: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub scale: Option<f64>,
}

#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(untagged)]
pub(super) enum AxisSize {
    Fixed(usize),
    Stepped {
        min: usize,
        step: usize,
    },
    Reference {
        tensor_id: String,
        axis_id: String,
        #[serde(default)]
        offset: i64,
    },
}

/// Weights by format; only ONNX is run here.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct WeightFormats {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub onnx: Option<OnnxWeights>,
    #[serde(flatten, skip_serializing)]
    pub others: BTreeMap<String, Value>,
}

#[derive(Debug, Serialize, Deserialize)]
pub(super) struct OnnxWeights {
    #[serde(flatten)]
    pub file: FileRef,
    pub opset_version: i64,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub external_data: Option<Value>,
}

#[derive(Debug, Default, Serialize, Deserialize)]
pub(super) struct Config {
    /// Read as it is first: a newer format may have other fields.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub fewlabel: Option<Value>,
}

/// What `config.fewlabel` holds: everything that the zoo's format cannot say.
#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct FewlabelConfig {
    /// 1, or 2 with a plane.
    pub format: u32,
    /// The name as the user gave it; the zoo allows fewer letters.
    pub name: String,
    /// Absent where the model has learned from unlabelled images only.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub find: Option<Find>,
    pub classes: Vec<Class>,
    /// Parameters and thresholds.
    pub decoder: Value,
    pub normalisation: Normalisation,
    /// Pixels that a tile must be given around itself.
    pub halo: usize,
    /// In pixels of the network's input.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub object_diameter: Option<f64>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub size_range: Option<(f64, f64)>,
    /// In pixels of the training images.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub image_diameters: Option<(f64, f64)>,
    /// Absent where planes are those of the file.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub plane: Option<VolumePlane>,
    pub network: Network,
}

#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Class {
    pub value: u32,
    pub name: String,
}
