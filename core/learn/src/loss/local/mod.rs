//! Contrast of pixels by their labels (Hu et al., arXiv 2109.07407).
//!
//! Pixels are picked first, since what projects them is point-wise: [`pick`] says which, [`Picked::rows`] takes them out of maps,
//! [`LocalContrast::loss`] compares their projections.

mod kernel;
mod pick;
mod region;

pub use pick::{BACKGROUND, Picked, Positives, Sampling, UNLABELLED, pick};
pub use region::RegionContrast;

use fewlabel_contract::Result;
use tch::{Kind, TchError, Tensor};

use super::unit_rows;
use crate::torch_result::TorchResult;
use kernel::{Set, compared};

/// How likeness to pixels of the same class is set against likeness to others.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Form {
    /// For each pixel the mean over those of its class of −log of their share among all others (Khosla et al. 2020, L_out; equation
    /// A3 of the published code).
    ShareOfAll,
    /// −log of the sum over its class against the sum over other classes, as the paper prints it. It may be below 0. Where the mean over the class
    /// is printed outside of the logarithm, too, the value is minute.
    Ratio {
        /// Divide by the number of pixels of the class, as printed.
        outer_mean: bool,
    },
}

/// The contrast of pixels.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct LocalContrast {
    /// Which sums are compared.
    pub form: Form,
    /// Temperature τ, more than 0.
    pub temperature: f64,
    /// Rows of the matrix of similarities that are held at a time; all of them never are.
    pub rows_at_a_time: usize,
}

impl Default for LocalContrast {
    fn default() -> Self {
        Self { form: Form::ShareOfAll, temperature: 0.1, rows_at_a_time: 256 }
    }
}

impl LocalContrast {
    /// The mean over the sets of what was picked, of each the mean over its anchors; 0 without gradient where there are none.
    ///
    /// `projected` is `[m, d]`, a row for each picked pixel in their order; they are brought to length 1 here, in f32. Memory beyond
    /// that of the rows is that of a few [`Self::rows_at_a_time`] × m values: the gradient is computed in closed form along with the value, and
    /// goes back through the rows once.
    ///
    /// # Errors
    /// What libtorch says.
    pub fn loss(&self, projected: &Tensor, picked: &Picked) -> Result<Tensor> {
        self.compute(projected, picked).torch("contrast pixels")
    }

    fn compute(&self, projected: &Tensor, picked: &Picked) -> Result<Tensor, TchError> {
        let rows = unit_rows(projected)?;
        let (value, gradient) = {
            let _no_grad = tch::no_grad_guard();
            let known = rows.f_detach()?;
            let mut value = 0.0;
            let mut compared_sets = 0;
            let gradient = known.f_zeros_like()?;
            for picked_set in &picked.sets {
                let span = (picked_set.first, picked_set.classes.len() as i64);
                let set = Set::new(&known.f_narrow(0, span.0, span.1)?, picked_set)?;
                if let Some((of_set, towards)) = compared(self, &set)? {
                    value += of_set;
                    compared_sets += 1;
                    gradient.f_narrow(0, span.0, span.1)?.f_copy_(&towards)?;
                }
            }
            let sets = f64::from(compared_sets.max(1));
            (value / sets, gradient.f_div_scalar(sets)?)
        };
        // Its gradient is the one that was computed, its value is set right.
        let carrier = rows.f_mul(&gradient)?.f_sum(Kind::Float)?;
        carrier.f_sub(&carrier.f_detach()?)?.f_add_scalar(value)
    }
}

#[cfg(test)]
mod tests;
