//! Whether projections tell images apart, or have all become one.

use fewlabel_contract::{Error, ErrorKind, Result};
use serde::{Deserialize, Serialize};
use tch::{Kind, TchError, Tensor};

use crate::loss::unit_rows;
use crate::torch_result::TorchResult;

/// Below this spread, rows of length 1 are all the same.
const COLLAPSED_SPREAD: f64 = 0.02;
/// Below this rank they lie on one line.
const COLLAPSED_RANK: f64 = 1.2;

/// What projections of both views of many places look like.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Health {
    /// Mean standard deviation of the outputs of rows of length 1, times the root of their number: 1 when they point in all
    /// directions alike, 0 when all are the same.
    pub spread: f64,
    /// exp of the entropy of the shares that the principal directions have in the variance (Roy & Vetterli 2007): how many there are.
    pub effective_rank: f64,
    /// Share of the rows whose nearest other row is the other view of the same place.
    pub retrieval_accuracy: f64,
}

impl Health {
    /// Of the projections of both views, each `[n, d]`, row i of the one belonging to row i of the other.
    ///
    /// # Errors
    /// What libtorch says.
    pub fn of(first: &Tensor, second: &Tensor) -> Result<Self> {
        let _no_grad = tch::no_grad_guard();
        Self::compute(first, second).torch("look at projections")
    }

    fn compute(first: &Tensor, second: &Tensor) -> Result<Self, TchError> {
        let n = first.size()[0];
        let rows = unit_rows(&Tensor::f_cat(&[first, second], 0)?.f_to_device(tch::Device::Cpu)?)?.f_to_kind(Kind::Double)?;
        let centred = rows.f_sub(&rows.f_mean_dim(0, true, Kind::Double)?)?;
        let variance = centred.f_square()?.f_mean_dim(0, false, Kind::Double)?;
        let spread = (variance.f_sqrt()?.f_mean(Kind::Double)?.f_double_value(&[])?) * (rows.size()[1] as f64).sqrt();
        let variances = Vec::<f64>::try_from(&centred.f_transpose(0, 1)?.f_mm(&centred)?.f_linalg_eigvalsh("L")?)?;
        let itself = Tensor::f_eye(2 * n, (Kind::Bool, tch::Device::Cpu))?;
        let nearest = rows.f_mm(&rows.f_transpose(0, 1)?)?.f_masked_fill(&itself, f64::NEG_INFINITY)?.f_argmax(1, false)?;
        let nearest = Vec::<i64>::try_from(&nearest)?;
        let found = (0..2 * n).zip(nearest).filter(|(row, nearest)| (row + n) % (2 * n) == *nearest).count();
        Ok(Self { spread, effective_rank: effective_rank(&variances), retrieval_accuracy: found as f64 / (2 * n).max(1) as f64 })
    }

    /// An error when there is nothing left that tells images apart.
    ///
    /// # Errors
    /// `internal`, saying how far it went.
    pub fn check(&self, step: u64) -> Result<()> {
        if self.spread >= COLLAPSED_SPREAD && self.effective_rank >= COLLAPSED_RANK {
            return Ok(());
        }
        Err(Error::new(ErrorKind::Internal, "pretrain", "learning has collapsed: all images have become the same to the network")
            .with("step", step)
            .with("spread", format!("{:.4}, at least {COLLAPSED_SPREAD} is wanted", self.spread))
            .with("effective rank", format!("{:.2}, at least {COLLAPSED_RANK} is wanted", self.effective_rank))
            .hint("use a smaller learning rate or a larger batch, and images that differ from each other"))
    }
}

/// `variances` along the principal directions, in any unit.
fn effective_rank(variances: &[f64]) -> f64 {
    let total: f64 = variances.iter().map(|value| value.max(0.0)).sum();
    if total <= 0.0 {
        return 0.0;
    }
    let shares = variances.iter().map(|value| value / total).filter(|share| *share > 0.0);
    (-shares.map(|share| share * share.ln()).sum::<f64>()).exp()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn random(n: i64, d: i64) -> Tensor {
        tch::manual_seed(1);
        Tensor::randn([n, d], (Kind::Float, tch::Device::Cpu))
    }

    #[test]
    fn rows_in_all_directions_are_healthy() {
        let first = random(400, 8);
        let health = Health::of(&first, &(&first * 2.0 + 0.001)).unwrap();
        assert!((health.spread - 1.0).abs() < 0.05, "{health:?}");
        assert!((7.8..=8.0).contains(&health.effective_rank), "{health:?}");
        assert_eq!(health.retrieval_accuracy, 1.0);
        health.check(1).unwrap();
        let strangers = Health::of(&first, &first.flip([0])).unwrap();
        assert!(strangers.retrieval_accuracy < 0.02, "{strangers:?}");
    }

    #[test]
    fn equal_rows_and_rows_on_a_line_are_collapsed() {
        let same = Tensor::ones([10, 4], (Kind::Float, tch::Device::Cpu));
        let health = Health::of(&same, &same).unwrap();
        assert!(health.spread < 1e-6);
        assert!(health.check(7).unwrap_err().to_string().contains("collapsed"));
        let line = random(50, 1).matmul(&Tensor::from_slice(&[1.0f32, 2.0, 3.0, 4.0]).view([1, 4]));
        let health = Health::of(&line, &line).unwrap();
        assert!((health.effective_rank - 1.0).abs() < 1e-3, "{health:?}");
        assert!(health.check(7).is_err());
    }
}
