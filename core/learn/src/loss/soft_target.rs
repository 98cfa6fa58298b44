//! Cross-entropy against values between 0 and 1: distance and centre maps.

use tch::{Kind, Reduction, TchError, Tensor};

use super::Target;

/// How much background counts beside objects: their maps are what is to be learned, outside they are flat.
const BACKGROUND: f64 = 0.2;

/// Σ w KL(t ‖ σ(x)) / Σ w, mean over channels: binary cross-entropy less the entropy of the target, so
/// that a perfect map costs 0. Unlike a squared error on σ(x) its gradient does not vanish where σ is flat.
/// `w` is the weight of the pixel, a fifth of it on background.
///
/// `logits` is `[n, k, h, w]`.
pub(super) fn soft_target(logits: &Tensor, target: &Target) -> Result<Tensor, TchError> {
    let channels = logits.size()[1] as f64;
    let object = target.class.f_ne(0)?.f_to_kind(Kind::Float)?.f_mul_scalar(1.0 - BACKGROUND)?.f_add_scalar(BACKGROUND)?;
    let weight = target.weight.f_mul(&object)?;
    let all = weight.f_sum(Kind::Float)?.f_clamp_min(1.0)?.f_mul_scalar(channels)?;
    let entropy = target.values.f_special_entr()?.f_add(&target.values.f_neg()?.f_add_scalar(1.0)?.f_special_entr()?)?;
    let cost = logits.f_binary_cross_entropy_with_logits(&target.values, None::<&Tensor>, None, Reduction::None)?;
    cost.f_sub(&entropy)?.f_mul(&weight.f_unsqueeze(1)?)?.f_sum(Kind::Float)?.f_div(&all)
}
