//! Cross-entropy between classes.

use tch::{Kind, TchError, Tensor};

use super::Target;

/// −Σ w log p(class) / Σ w over labelled pixels.
///
/// `log_share` and `wanted` are `[n, classes, h, w]`.
pub(super) fn cross_entropy(log_share: &Tensor, wanted: &Tensor, target: &Target) -> Result<Tensor, TchError> {
    let all = target.weight.f_sum(Kind::Float)?.f_clamp_min(1.0)?;
    log_share.f_mul(wanted)?.f_mul(&target.weight.f_unsqueeze(1)?)?.f_sum(Kind::Float)?.f_neg()?.f_div(&all)
}
