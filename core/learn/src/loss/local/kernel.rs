//! Value and gradient of the contrast of a set, some rows of the matrix of similarities at a time.

use tch::{Kind, TchError, Tensor};

use super::pick::PickedSet;
use super::{Form, LocalContrast};

/// Pixels that are compared with each other.
pub(super) struct Set {
    /// `[m, d]`, of length 1.
    rows: Tensor,
    /// `[m]`: the number of the class of each.
    classes: Tensor,
    /// `[a]`: the rows that are asked about.
    anchors: Tensor,
    /// `[a]`, f32: how many others of its class an anchor has.
    others: Tensor,
    number_of_classes: i64,
}

impl Set {
    pub fn new(rows: &Tensor, picked: &PickedSet) -> Result<Self, TchError> {
        let device = rows.device();
        let on_device = |values: &[i64]| Tensor::f_from_slice(values)?.f_to_device(device);
        let (classes, anchors) = (on_device(&picked.classes)?, on_device(&picked.anchors)?);
        let others = on_device(&picked.counts)?.f_index_select(0, &classes.f_index_select(0, &anchors)?)?;
        let others = others.f_sub_scalar(1)?.f_to_kind(Kind::Float)?;
        Ok(Self { rows: rows.shallow_clone(), classes, anchors, others, number_of_classes: picked.counts.len() as i64 })
    }
}

/// The mean over the anchors and its gradient towards the rows, `[m, d]`; `None` where the form has nothing to compare.
pub(super) fn compared(contrast: &LocalContrast, set: &Set) -> Result<Option<(f64, Tensor)>, TchError> {
    match contrast.form {
        Form::ShareOfAll => share_of_all(contrast, set).map(Some),
        // Without another class there is nothing to set it against.
        Form::Ratio { .. } if set.number_of_classes < 2 => Ok(None),
        Form::Ratio { outer_mean } => ratio(contrast, set, outer_mean).map(Some),
    }
}

/// Likenesses over the temperature of some anchors to all rows, `[r, m]`; −∞ to themselves.
struct Likeness {
    anchors: Tensor,
    rows: Tensor,
    /// As in [`Set`].
    others: Tensor,
    likeness: Tensor,
}

/// The anchors, some at a time.
fn in_pieces(
    contrast: &LocalContrast,
    set: &Set,
    mut look: impl FnMut(&Likeness) -> Result<(), TchError>,
) -> Result<(), TchError> {
    let (at_a_time, transposed) = (contrast.rows_at_a_time.max(1) as i64, set.rows.f_transpose(0, 1)?);
    let (anchors, others) = (set.anchors.f_split(at_a_time, 0)?, set.others.f_split(at_a_time, 0)?);
    for (anchors, others) in anchors.into_iter().zip(others) {
        let rows = set.rows.f_index_select(0, &anchors)?;
        let mut likeness = rows.f_mm(&transposed)?.f_div_scalar(contrast.temperature)?;
        let likeness = likeness.f_scatter_value_(1, &anchors.f_unsqueeze(1)?, f64::NEG_INFINITY)?;
        look(&Likeness { anchors, rows, others, likeness })?;
    }
    Ok(())
}

/// Adds what likenesses that pull with these `[r, m]` weights do to both sides.
fn add_pull(gradient: &mut Tensor, set: &Set, piece: &Likeness, weights: &Tensor) -> Result<(), TchError> {
    let _ = gradient.f_index_add_(0, &piece.anchors, &weights.f_mm(&set.rows)?)?;
    let _ = gradient.f_add_(&weights.f_transpose(0, 1)?.f_mm(&piece.rows)?)?;
    Ok(())
}

/// log Σ exp over all others, less the mean likeness to the others of the class. The latter needs no matrix: it is the likeness to the
/// sum of the class.
fn share_of_all(contrast: &LocalContrast, set: &Set) -> Result<(f64, Tensor), TchError> {
    let count = set.anchors.size()[0] as f64;
    let mut gradient = set.rows.f_zeros_like()?;
    let mut value = 0.0;
    in_pieces(contrast, set, |piece| {
        let all = piece.likeness.f_logsumexp(1, true)?;
        value += all.f_sum(Kind::Double)?.f_double_value(&[])?;
        let shares = piece.likeness.shallow_clone().f_sub_(&all)?.f_exp_()?;
        add_pull(&mut gradient, set, piece, &shares.shallow_clone().f_mul_scalar_(1.0 / (count * contrast.temperature))?)
    })?;
    let sums = Tensor::f_zeros([set.number_of_classes, set.rows.size()[1]], (Kind::Float, set.rows.device()))?.f_index_add(
        0,
        &set.classes,
        &set.rows,
    )?;
    let rows = set.rows.f_index_select(0, &set.anchors)?;
    let class = set.classes.f_index_select(0, &set.anchors)?;
    let of_others = sums.f_index_select(0, &class)?.f_sub(&rows)?.f_div(&set.others.f_unsqueeze(1)?)?;
    let alike = rows.f_mul(&of_others)?.f_sum(Kind::Double)?.f_double_value(&[])? / contrast.temperature;
    // All of a class are anchors or none is, so each row is pulled as often as it pulls.
    let pull = of_others.f_mul_scalar(-2.0 / (count * contrast.temperature))?;
    let gradient = gradient.f_index_add(0, &set.anchors, &pull)?;
    Ok(((value - alike) / count, gradient))
}

/// log Σ exp over other classes, less that over the others of the class.
fn ratio(contrast: &LocalContrast, set: &Set, outer_mean: bool) -> Result<(f64, Tensor), TchError> {
    let count = set.anchors.size()[0] as f64;
    let mut gradient = set.rows.f_zeros_like()?;
    let mut value = 0.0;
    in_pieces(contrast, set, |piece| {
        let class = set.classes.f_index_select(0, &piece.anchors)?;
        let same = class.f_unsqueeze(1)?.f_eq_tensor(&set.classes.f_unsqueeze(0)?)?;
        let weight = if outer_mean { piece.others.f_reciprocal()? } else { piece.others.f_ones_like()? }.f_unsqueeze(1)?;
        let near = piece.likeness.f_masked_fill(&same.f_logical_not()?, f64::NEG_INFINITY)?;
        let far = piece.likeness.f_masked_fill(&same, f64::NEG_INFINITY)?;
        let (sum_near, sum_far) = (near.f_logsumexp(1, true)?, far.f_logsumexp(1, true)?);
        value += sum_far.f_sub(&sum_near)?.f_mul(&weight)?.f_sum(Kind::Double)?.f_double_value(&[])?;
        let pull = far.f_sub(&sum_far)?.f_exp()?.f_sub(&near.f_sub(&sum_near)?.f_exp()?)?;
        add_pull(&mut gradient, set, piece, &pull.f_mul(&weight)?.f_mul_scalar(1.0 / (count * contrast.temperature))?)
    })?;
    Ok((value / count, gradient))
}
