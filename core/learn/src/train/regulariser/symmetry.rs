//! Crops turned by quarters and mirrored, on the device: nothing is interpolated, and what is turned alike lies pixel on pixel.

use fewlabel_contract::Result;
use rand::RngExt;
use tch::{TchError, Tensor};

use crate::stream::{Purpose, stream};
use crate::torch_result::TorchResult;

/// One of the eight symmetries of a square.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Symmetry {
    /// Turns by 90 degrees, 0 to 3.
    pub quarters: i64,
    /// Whether left and right are exchanged then.
    pub mirrored: bool,
}

impl Symmetry {
    /// Everything stays where it is.
    pub const IDENTITY: Self = Self { quarters: 0, mirrored: false };

    /// That of crop `item` in step `step`; each of the eight is as likely as any.
    pub fn draw(seed: u64, step: u64, item: u64) -> Self {
        let mut rng = stream(seed, step, item, Purpose::Turned);
        Self { quarters: rng.random_range(0..4), mirrored: rng.random_bool(0.5) }
    }

    fn apply(self, maps: &Tensor) -> Result<Tensor, TchError> {
        let turned = maps.f_rot90(self.quarters, [2, 3])?;
        if self.mirrored { turned.f_flip([3]) } else { Ok(turned) }
    }
}

/// Maps `[n, c, side, side]`, each turned by its own of `n` symmetries.
///
/// # Errors
/// What libtorch says.
pub(super) fn turned(maps: &Tensor, symmetries: &[Symmetry]) -> Result<Tensor> {
    let crops = symmetries.iter().zip(0..).map(|(symmetry, crop)| symmetry.apply(&maps.f_narrow(0, crop, 1)?));
    crops.collect::<Result<Vec<_>, _>>().and_then(|crops| Tensor::f_cat(&crops, 0)).torch("turn crops")
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    fn all() -> Vec<Symmetry> {
        (0..4).flat_map(|quarters| [false, true].map(|mirrored| Symmetry { quarters, mirrored })).collect()
    }

    #[test]
    fn the_eight_symmetries_differ_and_can_be_undone() {
        let square = Tensor::from_slice(&[1f32, 2.0, 3.0, 4.0, 5.0, 6.0, 7.0, 8.0, 9.0]).view([1, 1, 3, 3]);
        let crops = turned(&square.repeat([8, 1, 1, 1]), &all()).unwrap();
        let seen: BTreeSet<Vec<i64>> =
            (0..8).map(|crop| Vec::try_from(crops.get(crop).flatten(0, -1).to_kind(tch::Kind::Int64)).unwrap()).collect();
        assert_eq!(seen.len(), 8);
        // What is mirrored is its own inverse; else the rest of the whole turn is.
        let back: Vec<Symmetry> =
            all().into_iter().map(|s| if s.mirrored { s } else { Symmetry { quarters: (4 - s.quarters) % 4, ..s } }).collect();
        assert_eq!(turned(&crops, &back).unwrap(), square.repeat([8, 1, 1, 1]));
    }

    #[test]
    fn all_are_drawn_and_a_draw_is_a_function_of_seed_step_and_crop() {
        let drawn: Vec<Symmetry> = (0..200).map(|item| Symmetry::draw(1, 2, item)).collect();
        assert_eq!(drawn, (0..200).map(|item| Symmetry::draw(1, 2, item)).collect::<Vec<_>>());
        assert!(all().iter().all(|symmetry| drawn.contains(symmetry)));
        assert_ne!(drawn, (0..200).map(|item| Symmetry::draw(1, 3, item)).collect::<Vec<_>>());
    }
}
