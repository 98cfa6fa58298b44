//! Cross-entropy between the kinds of whole images, with smoothed labels.

use fewlabel_contract::Result;
use tch::{Kind, Reduction, Tensor};

use crate::torch_result::TorchResult;

/// Share of the truth that is spread over all classes: a network that is sure of few images has learned them by heart
/// (Szegedy et al., arXiv 1512.00567, section 7).
const SMOOTHING: f64 = 0.1;

/// Mean over the images of −Σ q log p, where q is 0.9 for the true class, and 0.1 is spread evenly over all.
///
/// `logits` is `[n, classes]`, f32; `class` `[n]`, i64.
///
/// # Errors
/// What libtorch says.
pub fn smoothed_cross_entropy(logits: &Tensor, class: &Tensor) -> Result<Tensor> {
    let logits = logits.f_to_kind(Kind::Float).torch("compute cross-entropy")?;
    logits.f_cross_entropy_loss(class, None::<&Tensor>, Reduction::Mean, -100, SMOOTHING).torch("compute cross-entropy")
}
