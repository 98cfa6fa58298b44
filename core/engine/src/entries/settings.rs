//! What determines an output, as a hash: outputs that are there are kept where it is the same.

use std::collections::BTreeMap;

use fewlabel_contract::Request;
use fewlabel_image::Pixels;
use serde_json::Value;
use sha2::{Digest, Sha256};

use super::inputs::Input;
use super::model::hexadecimal;

/// SHA-256 of everything in the request but the fields `without_effect`, and of the model.
pub(super) fn settings(request: &Request, without_effect: &[&str], model_sha256: &str) -> String {
    let mut args = request.args.clone();
    if let Value::Object(fields) = &mut args {
        // Names sorted, so that the same request written in another order is the same.
        let kept: BTreeMap<String, Value> = std::mem::take(fields)
            .into_iter()
            .filter(|(name, _)| !without_effect.contains(&name.as_str()) && name != "model")
            .collect();
        *fields = kept.into_iter().collect();
    }
    hexadecimal(Sha256::new_with_prefix(format!("{args}{model_sha256}")))
}

/// SHA-256 over [`settings`] and an image.
pub(super) fn made_by(settings: &str, input: &Input, buffers: &[Pixels]) -> String {
    // A file that cannot be read fails alone, later.
    let image = input.fingerprint(buffers).unwrap_or_default();
    hexadecimal(Sha256::new_with_prefix(format!("{settings}{image}")))
}
