//! The graph of a package as a file of its own, for other programs.

use std::collections::BTreeMap;

use fewlabel_contract::{Error, ErrorKind, Result};
use prost::Message;
use serde_json::json;
use tract_onnx::pb;

use super::operators::{decode, operators};
use crate::{Package, Preprocessing};

const OPERATION: &str = "export model";

/// Versions of ONNX's operators in which all that [`crate::write_onnx`] writes means the same, with the version of the file format that
/// came with each. Before 13 `Split` and `Softmax` were others. What has changed since are types of tensors that are not used here.
const OPSETS: [(i64, i64); 9] = [(13, 7), (14, 7), (15, 8), (16, 8), (17, 8), (18, 8), (19, 9), (20, 9), (21, 10)];

/// A graph as a file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Exported {
    /// The ONNX file.
    pub bytes: Vec<u8>,
    /// The version of ONNX's operators.
    pub opset: i64,
    /// The operators, as [`crate::operators`] tells them.
    pub operators: Vec<String>,
}

/// The graph of a package as an ONNX file.
///
/// Of packages of this program its metadata (`metadata_props`) say what a program needs to use it: `name`, `description`, `license`,
/// `find`, and as JSON `channels`, `output_channels`, `classes` by number, `normalisation`, `decoder`, `object_diameter` and
/// `input_size`. Weights keep all their digits. The graph of a foreign package comes as it is.
///
/// # Errors
/// [`ErrorKind::Unsupported`] for another `opset` than those that are known to mean the same, or than that of a foreign package;
/// [`ErrorKind::BadModel`] when the graph is broken.
pub fn export_onnx(package: &Package, opset: Option<i64>) -> Result<Exported> {
    let mut model = decode(&package.onnx)?;
    let own = model.opset_import.iter().find(|set| set.domain.is_empty() || set.domain == "ai.onnx").map(|set| set.version);
    let own =
        own.ok_or_else(|| Error::new(ErrorKind::BadModel, OPERATION, "the graph does not say the version of its operators"))?;
    let operators = operators(&package.onnx)?;
    let wanted = opset.unwrap_or(own);
    let refused = |message: &str| {
        Error::new(ErrorKind::Unsupported, OPERATION, message)
            .with("field", "opset")
            .with("value", wanted)
            .with("opset of the model", own)
    };
    if package.meta.foreign {
        return match wanted == own {
            true => Ok(Exported { bytes: package.onnx.clone(), opset: own, operators }),
            false => Err(refused("models of other programs keep the operators that they have").hint("leave opset out")),
        };
    }
    let known = OPSETS.iter().find(|(version, _)| *version == wanted);
    let Some(&(_, format)) = known else {
        let (first, last) = (OPSETS[0].0, OPSETS[OPSETS.len() - 1].0);
        return Err(refused("the model is not known to mean the same with these operators")
            .with("allowed", format!("{first} to {last}"))
            .hint("leave opset out"));
    };
    model.ir_version = format;
    model.opset_import = vec![pb::OperatorSetIdProto { domain: String::new(), version: wanted }];
    model.metadata_props =
        metadata(package).into_iter().map(|(key, value)| pb::StringStringEntryProto { key: key.to_owned(), value }).collect();
    Ok(Exported { bytes: model.encode_to_vec(), opset: wanted, operators })
}

/// What a program needs to know beside the graph.
fn metadata(package: &Package) -> BTreeMap<&'static str, String> {
    let meta = &package.meta;
    let mut all = BTreeMap::from([
        ("name", meta.name.clone()),
        ("description", meta.description.clone()),
        ("channels", json!(meta.channels).to_string()),
        ("output_channels", json!(meta.output_channels).to_string()),
        ("classes", json!(meta.classes).to_string()),
        ("decoder", meta.decoder.to_string()),
        ("object_diameter", json!(meta.object_diameter).to_string()),
        ("input_size", json!({"min": meta.input_size.min, "step": meta.input_size.step}).to_string()),
    ]);
    if let Preprocessing::Normalise(normalisation) = &meta.preprocessing {
        all.insert("normalisation", json!(normalisation).to_string());
    }
    if let Some(find) = meta.find {
        all.insert("find", json!(find).as_str().unwrap_or_default().to_owned());
    }
    if let Some(license) = &meta.license {
        all.insert("license", license.clone());
    }
    all
}
