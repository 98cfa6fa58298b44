//! InfoNCE between two views of the same crops: the normalised, temperature-scaled cross-entropy.

use fewlabel_contract::Result;
use tch::{Kind, TchError, Tensor};

use crate::torch_result::TorchResult;

/// Added to the squared length of a projection, so that one of length 0 has a gradient.
const TINY: f64 = 1e-12;

/// Which rows are negatives of each other, and how sharply they are told apart.
#[derive(Debug)]
pub struct NtXent<'a> {
    /// Temperature τ, more than 0.
    pub temperature: f64,
    /// Factor κ of the whole loss. The published segmentation code has 0.1 / 0.07, everybody else 1.
    pub factor: f64,
    /// `[n]`, whole numbers: which image a crop was cut from. Other crops of the same image are then no negatives.
    pub images: Option<&'a Tensor>,
}

impl Default for NtXent<'_> {
    fn default() -> Self {
        Self { temperature: 0.1, factor: 1.0, images: None }
    }
}

impl NtXent<'_> {
    /// κ · mean over the 2n rows v of −(v·v′/τ − log Σ exp(v·u/τ)), u being every row but v itself, v′ the other view of v;
    /// rows are brought to length 1 before (Chen et al., arXiv 2211.14715; SimCLR, Chen et al. 2020, equation 1).
    ///
    /// `first` and `second` are `[n, d]`, n at least 1; row i of the one is another view of row i of the other.
    ///
    /// # Errors
    /// What libtorch says.
    pub fn loss(&self, first: &Tensor, second: &Tensor) -> Result<Tensor> {
        self.compute(first, second).torch("compute contrast")
    }

    fn compute(&self, first: &Tensor, second: &Tensor) -> Result<Tensor, TchError> {
        let (first, second) = (unit_rows(first)?, unit_rows(second)?);
        let all = Tensor::f_cat(&[&first, &second], 0)?;
        let similarity = all.f_mm(&all.f_transpose(0, 1)?)?.f_div_scalar(self.temperature)?;
        let others = similarity.f_masked_fill(&self.left_out(first.size()[0], first.device())?, f64::NEG_INFINITY)?;
        let partner = first.f_mul(&second)?.f_sum_dim_intlist(1, false, Kind::Float)?.f_div_scalar(self.temperature)?;
        // Each view is the partner of the other: the mean over both halves is that over one.
        others.f_logsumexp(1, false)?.f_mean(Kind::Float)?.f_sub(&partner.f_mean(Kind::Float)?)?.f_mul_scalar(self.factor)
    }

    /// `[2n, 2n]`: what does not stand in the sum of a row: itself, and other crops of its image.
    fn left_out(&self, n: i64, device: tch::Device) -> Result<Tensor, TchError> {
        let itself = Tensor::f_eye(2 * n, (Kind::Bool, device))?;
        let Some(images) = self.images else { return Ok(itself) };
        let images = images.f_to_device(device)?.f_repeat([2])?;
        let same_image = images.f_unsqueeze(0)?.f_eq_tensor(&images.f_unsqueeze(1)?)?;
        let crops = Tensor::f_arange(n, (Kind::Int64, device))?.f_repeat([2])?;
        let same_crop = crops.f_unsqueeze(0)?.f_eq_tensor(&crops.f_unsqueeze(1)?)?;
        itself.f_logical_or(&same_image.f_logical_and(&same_crop.f_logical_not()?)?)
    }
}

/// The loss of projections that say nothing, ln(2n − 1) · κ: all rows are equally near to each other.
pub fn chance_level(n: usize, factor: f64) -> f64 {
    factor * (2.0 * n as f64 - 1.0).max(1.0).ln()
}

/// Rows of length 1, in f32.
pub fn unit_rows(rows: &Tensor) -> Result<Tensor, TchError> {
    let rows = rows.f_to_kind(Kind::Float)?;
    let length = rows.f_square()?.f_sum_dim_intlist(1, true, Kind::Float)?.f_add_scalar(TINY)?.f_sqrt()?;
    rows.f_div(&length)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The views of the fixture: sin(1 + i + 0.5 j) and sin(1.1 + i + 0.45 j), 3 rows of 4.
    fn views() -> (Tensor, Tensor) {
        let rows = |start: f64, step: f64| {
            let values: Vec<f32> = (0..12).map(|k| (start + f64::from(k / 4) + step * f64::from(k % 4)).sin() as f32).collect();
            Tensor::from_slice(&values).view([3, 4])
        };
        (rows(1.0, 0.5), rows(1.1, 0.45))
    }

    fn value(loss: &NtXent<'_>, first: &Tensor, second: &Tensor) -> f64 {
        loss.loss(first, second).unwrap().double_value(&[])
    }

    /// Computed in two independent programs in double precision.
    #[test]
    fn golden_values() {
        let (first, second) = views();
        for (temperature, factor, expected) in [
            (0.1, 1.0, 0.044_424_112_406_260_24),
            (0.5, 1.0, 0.630_063_082_736_656_6),
            (0.1, 0.1 / 0.07, 0.044_424_112_406_260_24 * 0.1 / 0.07),
        ] {
            let loss = NtXent { temperature, factor, images: None };
            let found = value(&loss, &first, &second);
            assert!((found / expected - 1.0).abs() < 1e-4, "{found} for {expected}");
            assert!((value(&loss, &second, &first) - found).abs() < 1e-5, "which view is first does not matter");
            assert!((value(&loss, &(&first * 3.0), &(&second * 0.2)) - found).abs() < 1e-5, "nor does length");
        }
    }

    #[test]
    fn equal_projections_are_at_chance_level() {
        let same = Tensor::ones([5, 8], (Kind::Float, tch::Device::Cpu));
        let loss = NtXent { factor: 2.0, ..NtXent::default() };
        assert!((value(&loss, &same, &same) - chance_level(5, 2.0)).abs() < 1e-5);
        assert!((chance_level(5, 1.0) - 9f64.ln()).abs() < 1e-12);
        assert_eq!(chance_level(1, 1.0), 0.0);
    }

    #[test]
    fn other_crops_of_an_image_are_no_negatives() {
        let (first, second) = views();
        let images = Tensor::from_slice(&[7i64, 7, 9]);
        let by_hand = || {
            let rows = Tensor::cat(&[unit_rows(&first).unwrap(), unit_rows(&second).unwrap()], 0);
            let similarity = rows.mm(&rows.transpose(0, 1)) / 0.1;
            let at = |a: i64, b: i64| similarity.double_value(&[a, b]);
            let negatives = |row: i64| -> Vec<i64> { if row % 3 == 2 { vec![0, 1, 3, 4] } else { vec![2, 5] } };
            (0..6)
                .map(|row| {
                    let partner = (row + 3) % 6;
                    let sum: f64 = negatives(row).into_iter().chain([partner]).map(|other| at(row, other).exp()).sum();
                    sum.ln() - at(row, partner)
                })
                .sum::<f64>()
                / 6.0
        };
        let found = value(&NtXent { images: Some(&images), ..NtXent::default() }, &first, &second);
        assert!((found - by_hand()).abs() < 1e-4, "{found}");
        let all_apart = Tensor::from_slice(&[1i64, 2, 3]);
        let apart = value(&NtXent { images: Some(&all_apart), ..NtXent::default() }, &first, &second);
        assert!((apart - value(&NtXent::default(), &first, &second)).abs() < 1e-6);
    }

    /// Against central differences, for a row that is 0 and one that is not.
    #[test]
    fn the_gradient_is_that_of_the_loss() {
        let (first, second) = views();
        let first = first.to_kind(Kind::Float).set_requires_grad(true);
        let loss = NtXent { temperature: 0.5, ..NtXent::default() };
        let gradient = Tensor::run_backward(&[loss.loss(&first, &second).unwrap()], &[&first], false, false).remove(0);
        for (row, column) in [(0, 0), (1, 2), (2, 3)] {
            let moved = |by: f64| {
                let copy = first.detach().copy();
                let _ = copy.get(row).get(column).g_add_scalar_(by);
                value(&loss, &copy, &second)
            };
            let slope = (moved(1e-2) - moved(-1e-2)) / 2e-2;
            assert!((gradient.double_value(&[row, column]) - slope).abs() < 1e-3, "{slope}");
        }
        let zero = Tensor::zeros([3, 4], (Kind::Float, tch::Device::Cpu)).set_requires_grad(true);
        let gradient = Tensor::run_backward(&[loss.loss(&zero, &second).unwrap()], &[&zero], false, false).remove(0);
        assert!(gradient.isfinite().all().int64_value(&[]) == 1);
    }
}
