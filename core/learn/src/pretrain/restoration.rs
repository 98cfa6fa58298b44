//! Restoring images from what was done to them.

use fewlabel_contract::Result;
use tch::{Kind, TchError, Tensor};

use crate::torch_result::TorchResult;

/// How far apart two intensities are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Distance {
    /// |a − b|.
    Absolute,
    /// (a − b)².
    Squared,
}

/// The images that values before the activation stand for: σ(logits), 0 to 1.
///
/// # Errors
/// What libtorch says.
pub fn restored(logits: &Tensor) -> Result<Tensor> {
    logits.f_sigmoid().torch("restore")
}

/// Mean distance over all pixels and channels (Chen et al., arXiv 2211.14715).
///
/// # Errors
/// What libtorch says.
pub fn everywhere(restored: &Tensor, truth: &Tensor, distance: Distance) -> Result<Tensor> {
    apart(restored, truth, distance).and_then(|apart| apart.f_mean(Kind::Float)).torch("compare with the truth")
}

/// Mean distance over the pixels at which `hidden`, `[n, 1, h, w]`, is 1; 0 when there is none (He et al. 2022).
///
/// # Errors
/// What libtorch says.
pub fn where_hidden(restored: &Tensor, truth: &Tensor, hidden: &Tensor, distance: Distance) -> Result<Tensor> {
    let compute = || -> Result<Tensor, TchError> {
        let pixels = hidden.f_sum(Kind::Float)?.f_clamp_min(1.0)?.f_mul_scalar(truth.size()[1] as f64)?;
        apart(restored, truth, distance)?.f_mul(hidden)?.f_sum(Kind::Float)?.f_div(&pixels)
    };
    compute().torch("compare with the truth")
}

fn apart(restored: &Tensor, truth: &Tensor, distance: Distance) -> Result<Tensor, TchError> {
    let difference = restored.f_sub(truth)?;
    match distance {
        Distance::Absolute => difference.f_abs(),
        Distance::Squared => difference.f_square(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn distances_are_means_over_what_counts() {
        let truth = Tensor::from_slice(&[0.0f32, 0.5, 1.0, 0.25, 0.0, 0.0, 0.0, 0.0]).view([1, 2, 2, 2]);
        let found = Tensor::from_slice(&[0.5f32, 0.5, 0.0, 0.25, 0.0, 0.0, 0.0, 1.0]).view([1, 2, 2, 2]);
        let hidden = Tensor::from_slice(&[1.0f32, 0.0, 0.0, 1.0]).view([1, 1, 2, 2]);
        let value = |loss: Result<Tensor>| loss.unwrap().double_value(&[]);
        assert!((value(everywhere(&found, &truth, Distance::Absolute)) - 2.5 / 8.0).abs() < 1e-6);
        assert!((value(everywhere(&found, &truth, Distance::Squared)) - 2.25 / 8.0).abs() < 1e-6);
        // Of the first channel the corners, 0.5 and 0; of the second 0 and 1.
        assert!((value(where_hidden(&found, &truth, &hidden, Distance::Absolute)) - 1.5 / 4.0).abs() < 1e-6);
        assert_eq!(value(where_hidden(&found, &truth, &hidden.zeros_like(), Distance::Absolute)), 0.0);
        assert!(
            (value(everywhere(&restored(&Tensor::zeros_like(&truth)).unwrap(), &truth, Distance::Absolute)) - 4.75 / 8.0).abs()
                < 0.2
        );
    }
}
