//! Images that always lie the same way round.

use std::path::Path;

use fewlabel_image::is_nifti;

use crate::augment::AugmentConfig;
use crate::pool::ViewPlan;
use crate::run::Run;

/// Whether images lie the same way round: as a request says, else where all of them are NIfTI files, which are of organs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Upright(bool);

impl Upright {
    /// Decides, and tells what it decided by itself.
    pub fn decide<'a>(asked: Option<bool>, mut images: impl Iterator<Item = &'a Path>, run: &Run<'_>) -> Self {
        Self(asked.unwrap_or_else(|| {
            let upright = images.all(is_nifti);
            if upright {
                run.info("the images are NIfTI files: they are taken to lie the same way round, and not mirrored nor turned while learning");
            }
            upright
        }))
    }

    /// Whether they do.
    pub fn is(self) -> bool {
        self.0
    }

    /// How crops are changed.
    pub fn augment(self, config: AugmentConfig) -> AugmentConfig {
        if self.0 { config.upright() } else { config }
    }

    /// How views are made.
    pub fn views(self, plan: ViewPlan) -> ViewPlan {
        ViewPlan {
            first: self.augment(plan.first),
            second: plan.second.map(|(config, shift)| (self.augment(config), shift)),
            ..plan
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::augment::Geometry;
    use crate::stream::{Purpose, stream};

    #[test]
    fn upright_views_are_neither_mirrored_nor_turned_by_more_than_a_little() {
        let without_bending = AugmentConfig { elastic_share: 0.0, scale_share: 0.0, ..AugmentConfig::default() };
        let second = Some((without_bending.clone(), 0.25));
        let plan = ViewPlan { first: without_bending, second, ..ViewPlan::unchanged() };
        let turned = |plan: &ViewPlan| {
            let (second, _) = plan.second.as_ref().expect("a second view");
            let places = |config: &AugmentConfig, item| {
                let mut row = [(0.0, 0.0)];
                Geometry::draw(config, 8.0, &mut stream(1, 0, item, Purpose::Geometry)).source_row(0.0, 1.0, &mut row);
                row[0]
            };
            (0..200).flat_map(|item| [places(&plan.first, item), places(second, item)]).collect::<Vec<(f32, f32)>>()
        };
        // One pixel to the right of the centre stays there within ten degrees.
        let (most, least) = (10.01_f32.to_radians().sin(), 10.01_f32.to_radians().cos());
        assert!(turned(&Upright(true).views(plan.clone())).iter().all(|(y, x)| y.abs() <= most && *x >= least));
        assert!(turned(&Upright(false).views(plan)).iter().any(|(_, x)| *x < -0.9));
    }
}
