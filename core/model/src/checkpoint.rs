//! The weights in 16 bit as safetensors.

use std::collections::HashMap;

use fewlabel_contract::{Error, ErrorKind, Result};
use half::{bf16, f16};
use safetensors::tensor::{Dtype, SafeTensors, TensorView};

use crate::tensor::check_weights;
use crate::{Network, Tensor, Weights};

/// The one entry of the metadata: with more, their order in the file would be left to chance.
const METADATA: &str = "fewlabel";

/// Writes the parameters under their names, each rounded to the 16-bit type that loses less of it:
/// `F16` (11 significant bits, up to 65,504) as a rule, `BF16` (8 bits, the range of 32-bit numbers)
/// where a value is too large or too small for that. The metadata holds the network as JSON.
///
/// # Errors
/// [`ErrorKind::BadModel`] when the weights are not those of the network.
pub(crate) fn write(network: &Network, weights: &Weights) -> Result<Vec<u8>> {
    const OPERATION: &str = "write checkpoint";
    check_weights(network, weights, OPERATION)?;
    let failed = |error: &dyn std::error::Error| Error::internal(OPERATION, error.to_string());
    let rounded: Vec<(&str, Dtype, &[usize], Vec<u8>)> = weights
        .iter()
        .map(|(name, tensor)| {
            let (dtype, bytes) = round(&tensor.data);
            (name.as_str(), dtype, tensor.shape.as_slice(), bytes)
        })
        .collect();
    let views: std::result::Result<Vec<_>, _> = rounded
        .iter()
        .map(|(name, dtype, shape, bytes)| TensorView::new(*dtype, shape.to_vec(), bytes).map(|view| (*name, view)))
        .collect();
    let about = serde_json::json!({
        "format": 1,
        "network": network,
        "rounding": "each tensor in the 16-bit type that loses less of it",
    });
    let metadata = HashMap::from([(METADATA.to_owned(), about.to_string())]);
    safetensors::serialize(views.map_err(|error| failed(&error))?, Some(metadata)).map_err(|error| failed(&error))
}

/// Reads the parameters of `network`, of 16 or 32 bit.
///
/// # Errors
/// [`ErrorKind::BadModel`] when the file is damaged or holds other parameters than the network has.
pub(crate) fn read(network: &Network, file: &[u8]) -> Result<Weights> {
    const OPERATION: &str = "read checkpoint";
    let bad = |message: &str| Error::new(ErrorKind::BadModel, OPERATION, message);
    let tensors = SafeTensors::deserialize(file).map_err(|error| bad("this is not a whole safetensors file").because(&error))?;
    let mut weights = Weights::new();
    for (name, view) in tensors.iter() {
        let (pairs, _) = view.data().as_chunks::<2>();
        let data: Vec<f32> = match view.dtype() {
            Dtype::F16 => pairs.iter().map(|&bytes| f16::from_le_bytes(bytes).to_f32()).collect(),
            Dtype::BF16 => pairs.iter().map(|&bytes| bf16::from_le_bytes(bytes).to_f32()).collect(),
            Dtype::F32 => view.data().as_chunks::<4>().0.iter().map(|&bytes| f32::from_le_bytes(bytes)).collect(),
            other => {
                return Err(bad("a parameter is of a type that is not known")
                    .with("parameter", name)
                    .with("type", format!("{other:?}")));
            }
        };
        weights.insert(name.to_owned(), Tensor { shape: view.shape().to_vec(), data });
    }
    check_weights(network, &weights, OPERATION)?;
    Ok(weights)
}

/// The values in the 16-bit type with the smaller sum of squared errors; `F16` when they are equal.
fn round(values: &[f32]) -> (Dtype, Vec<u8>) {
    let error = |rounded: &dyn Fn(f32) -> f32| -> f64 {
        values.iter().map(|&value| (f64::from(rounded(value)) - f64::from(value)).powi(2)).sum()
    };
    // Overflow becomes infinite and so loses.
    let half = error(&|value| f16::from_f32(value).to_f32());
    let brain = error(&|value| bf16::from_f32(value).to_f32());
    if half <= brain {
        (Dtype::F16, values.iter().flat_map(|&value| f16::from_f32(value).to_le_bytes()).collect())
    } else {
        (Dtype::BF16, values.iter().flat_map(|&value| bf16::from_f32(value).to_le_bytes()).collect())
    }
}
