//! Contrast of regions between two views, without labels (Chaitanya et al., NeurIPS 2020).

use fewlabel_contract::{Error, ErrorKind, Result};
use rand::SeedableRng;
use rand::seq::index::sample;
use rand_chacha::ChaCha8Rng;
use tch::{Kind, TchError, Tensor};

use crate::loss::unit_rows;
use crate::torch_result::TorchResult;

/// The local loss L^R: a region of one view is told, by the same region of the other, from other regions of the image in both views.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct RegionContrast {
    /// Side of a region in pixels of the maps.
    pub side: usize,
    /// Regions of a map, at most; they do not overlap.
    pub regions: usize,
    /// Other regions that one is told from, in each of both views.
    pub negatives: usize,
    /// Temperature τ, more than 0.
    pub temperature: f64,
}

impl Default for RegionContrast {
    fn default() -> Self {
        Self { side: 3, regions: 13, negatives: 5, temperature: 0.1 }
    }
}

impl RegionContrast {
    /// The mean over images, regions and both directions of −log(e⁺ / (e⁺ + Σ e⁻)), e being exp of the cosine over τ of whole regions, all channels of
    /// all their pixels.
    ///
    /// `first` and `second` are `[n, c, h, w]`, maps of two views that lie on each other.
    ///
    /// # Errors
    /// `invalid-request` when the maps have fewer than two regions; what libtorch says.
    pub fn loss(&self, first: &Tensor, second: &Tensor, seed: u64) -> Result<Tensor> {
        let size = first.size();
        let (rows, columns) = (size[2] / self.side.max(1) as i64, size[3] / self.side.max(1) as i64);
        if rows * columns < 2 {
            return Err(Error::new(ErrorKind::InvalidRequest, "contrast regions", "the maps have fewer than two regions")
                .with("height", size[2])
                .with("width", size[3])
                .with("side of a region", self.side));
        }
        self.compute(first, second, (rows, columns), seed).torch("contrast regions")
    }

    fn compute(&self, first: &Tensor, second: &Tensor, (rows, columns): (i64, i64), seed: u64) -> Result<Tensor, TchError> {
        let mut random = ChaCha8Rng::seed_from_u64(seed);
        let there = (rows * columns) as usize;
        let chosen: Vec<i64> = sample(&mut random, there, self.regions.min(there)).into_iter().map(|i| i as i64).collect();
        let chosen = Tensor::f_from_slice(&chosen)?.f_to_device(first.device())?;
        let regions = |maps: &Tensor| self.regions_of(maps, (rows, columns), &chosen);
        let (first, second) = (regions(first)?, regions(second)?);
        let count = chosen.size()[0] as usize;
        // Row r of the mask: which regions r is told from; the same in all images.
        let mut mask = vec![true; count * count];
        for region in 0..count {
            let others = sample(&mut random, count - 1, self.negatives.min(count - 1));
            for other in others {
                mask[region * count + other + usize::from(other >= region)] = false;
            }
        }
        let left_out = Tensor::f_from_slice(&mask)?.f_view([count as i64; 2])?.f_to_device(first.device())?;
        let directed = |of: &Tensor, to: &Tensor| -> Result<Tensor, TchError> {
            let likeness = |a: &Tensor, b: &Tensor| a.f_bmm(&b.f_transpose(1, 2)?)?.f_div_scalar(self.temperature);
            let partner = likeness(of, to)?.f_diagonal(0, 1, 2)?.f_unsqueeze(2)?;
            let others = |b: &Tensor| likeness(of, b)?.f_masked_fill(&left_out, f64::NEG_INFINITY);
            let all = Tensor::f_cat(&[&partner, &others(to)?, &others(of)?], 2)?.f_logsumexp(2, true)?;
            all.f_sub(&partner)?.f_mean(Kind::Float)
        };
        directed(&first, &second)?.f_add(&directed(&second, &first)?)?.f_div_scalar(2.0)
    }

    /// Chosen regions of maps as vectors of length 1, `[n, regions, c · side²]`.
    fn regions_of(&self, maps: &Tensor, (rows, columns): (i64, i64), chosen: &Tensor) -> Result<Tensor, TchError> {
        let (n, c, side) = (maps.size()[0], maps.size()[1], self.side as i64);
        let cut = maps.f_narrow(2, 0, rows * side)?.f_narrow(3, 0, columns * side)?;
        let cut = cut.f_reshape([n, c, rows, side, columns, side])?.f_permute([0, 2, 4, 1, 3, 5])?;
        let all = cut.f_reshape([n, rows * columns, c * side * side])?.f_index_select(1, chosen)?;
        let flat = all.f_reshape([-1, c * side * side])?;
        unit_rows(&flat)?.f_view([n, -1, c * side * side])
    }
}
