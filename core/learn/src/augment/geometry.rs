//! The geometric change of a crop: one map from output to source coordinates.

use rand::RngExt;
use rand_chacha::ChaCha8Rng;

use super::AugmentConfig;
use super::elastic::Elastic;
use crate::stream::{log_uniform, uniform};

/// Flips, quarter turns, rotation, scale and bending, composed into one inverse map.
///
/// With `p` the offset of an output pixel from the crop's centre in pixels (rows, columns), the source
/// lies at `matrix · (p + bend(p))` from the crop's centre in the image. Image, labels and targets are
/// all read through it, once.
#[derive(Clone, Debug, PartialEq)]
pub struct Geometry {
    matrix: [[f32; 2]; 2],
    elastic: Option<Elastic>,
}

impl Geometry {
    /// Leaves everything where it is.
    pub const fn identity() -> Self {
        Self { matrix: [[1.0, 0.0], [0.0, 1.0]], elastic: None }
    }

    /// Draws a change for a crop of `reach` pixels from its centre to its outermost row.
    pub fn draw(config: &AugmentConfig, reach: f32, rng: &mut ChaCha8Rng) -> Self {
        // Every number is drawn whether it is used or not: a crop whose rotation is switched off keeps its scale.
        let flips = [rng.random_bool(0.5), rng.random_bool(0.5)];
        let turns = rng.random_range(0..4);
        let (rotates, angle) = (rng.random::<f32>(), uniform(rng, (-config.rotation, config.rotation)));
        let (scales, scale) = (rng.random::<f32>(), log_uniform(rng, config.scale));
        let bends = rng.random::<f32>();

        let mut matrix = [[1.0, 0.0], [0.0, 1.0]];
        if config.flip {
            for (row, flip) in matrix.iter_mut().zip(flips) {
                *row = row.map(|v: f32| if flip { -v } else { v });
            }
        }
        if config.quarter_turn {
            for _ in 0..turns {
                matrix = product(matrix, [[0.0, 1.0], [-1.0, 0.0]]);
            }
        }
        if rotates < config.rotation_share {
            let (sin, cos) = angle.to_radians().sin_cos();
            matrix = product(matrix, [[cos, sin], [-sin, cos]]);
        }
        if scales < config.scale_share {
            matrix = matrix.map(|row| row.map(|v| v / scale));
        }
        let elastic = (bends < config.elastic_share).then(|| Elastic::draw(config, reach, rng));
        Self { matrix, elastic }
    }

    /// Half the height and half the width of the source rectangle that a crop of `size` reads, bending left out.
    pub fn half_extent(&self, size: usize) -> (f64, f64) {
        let half = size as f64 / 2.0;
        let [y, x] = self.matrix.map(|row| row.iter().map(|v| f64::from(v.abs())).sum::<f64>() * half);
        (y, x)
    }

    /// Source offsets `(y, x)` of the output pixels of one row, which lies `y` from the crop's centre;
    /// the columns lie `first, first + 1, …` from it.
    pub fn source_row(&self, y: f32, first: f32, out: &mut [(f32, f32)]) {
        for (place, column) in out.iter_mut().zip(0u32..) {
            *place = (y, first + column as f32);
        }
        if let Some(elastic) = &self.elastic {
            elastic.bend_row(y, out);
        }
        let [[a, b], [c, d]] = self.matrix;
        for place in out {
            let (y, x) = *place;
            *place = (a * y + b * x, c * y + d * x);
        }
    }
}

fn product(a: [[f32; 2]; 2], b: [[f32; 2]; 2]) -> [[f32; 2]; 2] {
    a.map(|row| [0, 1].map(|j| row[0] * b[0][j] + row[1] * b[1][j]))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::stream::{Purpose, stream};

    fn rng(item: u64) -> ChaCha8Rng {
        stream(5, 0, item, Purpose::Geometry)
    }

    #[test]
    fn without_any_strength_the_map_is_the_identity() {
        for item in 0..20 {
            assert_eq!(Geometry::draw(&AugmentConfig::none(), 80.0, &mut rng(item)), Geometry::identity());
        }
    }

    #[test]
    fn flips_and_quarter_turns_are_whole_numbers_and_make_all_eight_symmetries() {
        let config = AugmentConfig { flip: true, quarter_turn: true, ..AugmentConfig::none() };
        let mut seen = std::collections::BTreeSet::new();
        for item in 0..200 {
            let drawn = Geometry::draw(&config, 80.0, &mut rng(item));
            assert!(drawn.matrix.as_flattened().iter().all(|v| v.abs() == 1.0 || *v == 0.0));
            assert_eq!(drawn.half_extent(160), (80.0, 80.0));
            seen.insert(drawn.matrix.map(|row| row.map(|v| v as i32)));
        }
        assert_eq!(seen.len(), 8);
    }

    #[test]
    fn scale_and_rotation_stay_in_their_ranges() {
        let config =
            AugmentConfig { rotation_share: 1.0, rotation: 20.0, scale_share: 1.0, scale: (0.7, 1.4), ..AugmentConfig::none() };
        for item in 0..200 {
            let [[a, b], [c, d]] = Geometry::draw(&config, 80.0, &mut rng(item)).matrix;
            let scale = 1.0 / (a * d - b * c).sqrt();
            assert!((0.699..=1.401).contains(&scale), "{scale}");
            assert!(b.atan2(a).to_degrees().abs() <= 20.01);
            assert!((a - d).abs() < 1e-6 && (b + c).abs() < 1e-6);
        }
    }

    #[test]
    fn switching_one_change_off_keeps_the_others() {
        let both = AugmentConfig { rotation_share: 1.0, scale_share: 1.0, ..AugmentConfig::none() };
        let scaled = AugmentConfig { rotation_share: 0.0, ..both.clone() };
        for item in 0..20 {
            let determinant = |c: &AugmentConfig| {
                let [[a, b], [c, d]] = Geometry::draw(c, 80.0, &mut rng(item)).matrix;
                a * d - b * c
            };
            assert!((determinant(&both) - determinant(&scaled)).abs() < 1e-5);
        }
    }
}
