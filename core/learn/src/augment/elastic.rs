//! Smooth random bending.

use rand_chacha::ChaCha8Rng;

use super::AugmentConfig;
use super::noise::normal;

/// A displacement field given by control points on a square grid, between them a uniform cubic B-spline
/// (Rueckert et al., IEEE TMI 18, 712, 1999): smooth, and everywhere within the largest displacement of a
/// control point.
#[derive(Clone, Debug, PartialEq)]
pub struct Elastic {
    /// Distance of control points in pixels.
    spacing: f32,
    /// Offset of the first control point from the crop's centre, in both axes.
    origin: f32,
    /// Control points in a row.
    count: usize,
    /// `count * count` displacements `(y, x)` in pixels, row by row.
    points: Vec<(f32, f32)>,
}

impl Elastic {
    /// Draws a field for offsets of up to `reach` pixels from the centre.
    pub fn draw(config: &AugmentConfig, reach: f32, rng: &mut ChaCha8Rng) -> Self {
        let spacing = config.elastic_spacing.max(1.0);
        // A spline needs one control point before and two after the cell that holds the pixel.
        let cells = (2.0 * reach / spacing).ceil() as usize + 1;
        let count = cells + 3;
        let deviation = config.elastic * spacing;
        let points = (0..count * count).map(|_| (deviation * normal(rng), deviation * normal(rng))).collect();
        Self { spacing, origin: -reach - spacing, count, points }
    }

    /// Adds the displacement to each place of a row; all have the same `y`.
    pub fn bend_row(&self, y: f32, row: &mut [(f32, f32)]) {
        let (top, weights) = self.cell(y);
        let blended: Vec<(f32, f32)> = (0..self.count)
            .map(|column| {
                weights.iter().zip(top..).fold((0.0, 0.0), |sum, (w, line)| {
                    let point = self.points[line * self.count + column];
                    (sum.0 + w * point.0, sum.1 + w * point.1)
                })
            })
            .collect();
        for place in row {
            let (left, weights) = self.cell(place.1);
            for (w, point) in weights.iter().zip(&blended[left..left + 4]) {
                place.0 += w * point.0;
                place.1 += w * point.1;
            }
        }
    }

    /// First of the four control points around an offset, and their weights.
    fn cell(&self, offset: f32) -> (usize, [f32; 4]) {
        let position = (offset - self.origin) / self.spacing - 1.0;
        let cell = position.floor().clamp(0.0, (self.count - 4) as f32);
        let t = (position - cell).clamp(0.0, 1.0);
        let (t2, t3) = (t * t, t * t * t);
        let weights = [1.0 - 3.0 * t + 3.0 * t2 - t3, 4.0 - 6.0 * t2 + 3.0 * t3, 1.0 + 3.0 * t + 3.0 * t2 - 3.0 * t3, t3];
        (cell as usize, weights.map(|w| w / 6.0))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::stream::{Purpose, stream};

    fn row(y: f32) -> Vec<(f32, f32)> {
        (0..164).map(|x| (y, x as f32 - 81.5)).collect()
    }

    #[test]
    fn a_constant_grid_moves_everything_alike() {
        let mut field = Elastic::draw(&AugmentConfig::default(), 82.0, &mut stream(0, 0, 0, Purpose::Geometry));
        field.points.fill((2.5, -1.0));
        for y in [-81.5, 0.0, 33.3, 81.5] {
            let mut bent = row(y);
            field.bend_row(y, &mut bent);
            for (before, after) in row(y).iter().zip(bent) {
                assert!((after.0 - before.0 - 2.5).abs() < 1e-4 && (after.1 - before.1 + 1.0).abs() < 1e-4);
            }
        }
    }

    #[test]
    fn a_field_is_smooth_and_does_not_fold() {
        let config = AugmentConfig::default();
        for item in 0..20 {
            let field = Elastic::draw(&config, 82.0, &mut stream(0, 0, item, Purpose::Geometry));
            let rows: Vec<Vec<(f32, f32)>> = (0..164)
                .map(|y| {
                    let y = y as f32 - 81.5;
                    let mut bent = row(y);
                    field.bend_row(y, &mut bent);
                    bent
                })
                .collect();
            assert_ne!(rows[80], row(-1.5));
            for y in 1..164 {
                for x in 1..164 {
                    let (here, left, above) = (rows[y][x], rows[y][x - 1], rows[y - 1][x]);
                    let determinant = (here.0 - above.0) * (here.1 - left.1) - (here.0 - left.0) * (here.1 - above.1);
                    assert!((0.2..2.5).contains(&determinant), "{determinant}");
                }
            }
        }
    }
}
