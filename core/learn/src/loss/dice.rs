//! Soft Dice loss.

use tch::{Kind, TchError, Tensor};

use super::{IGNORE, Target};

/// Added above and below, so that a class that is nowhere in the batch costs little.
const SMOOTH: f64 = 1.0;

/// 1 − mean over classes but background of (2 Σ p t + 1) / (Σ p² + Σ t² + 1), sums over the labelled
/// pixels of the whole batch (squared terms as in Milletari et al. 2016).
///
/// `log_share` and `wanted` are `[n, classes, h, w]`.
pub(super) fn soft_dice(log_share: &Tensor, wanted: &Tensor, target: &Target) -> Result<Tensor, TchError> {
    let classes = log_share.size()[1];
    let labelled = target.class.f_ne(i64::from(IGNORE))?.f_to_kind(Kind::Float)?.f_unsqueeze(1)?;
    let said = log_share.f_exp()?.f_mul(&labelled)?;
    let over = |pixels: Tensor| pixels.f_sum_dim_intlist(&[0i64, 2, 3][..], false, Kind::Float)?.f_narrow(0, 1, classes - 1);
    let both = over(said.f_mul(wanted)?)?;
    // The target is 0 or 1: its square is itself.
    let all = over(said.f_square()?)?.f_add(&over(wanted.shallow_clone())?)?;
    let dice = both.f_mul_scalar(2.0)?.f_add_scalar(SMOOTH)?.f_div(&all.f_add_scalar(SMOOTH)?)?;
    dice.f_mean(Kind::Float)?.f_neg()?.f_add_scalar(1.0)
}
