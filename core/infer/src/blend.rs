//! Overlapping tiles, blended across their seams.
//!
//! Only for a caller who asks for less than the network's halo: then neighbouring tiles disagree near
//! their seam, and a linear cross-fade over twice the halo hides the step. It does not give what the
//! whole plane gives.

use fewlabel_image::{Maps, Plane};

use crate::tiles::{Tile, TileGrid};

/// Weighted sums over all that the tiles cover.
pub(crate) struct Blend {
    sums: Maps,
    weights: Plane<f32>,
}

impl Blend {
    /// For maps of so many channels on what `grid` covers.
    pub fn new(channels: usize, grid: &TileGrid) -> Self {
        let (height, width) = grid.covered;
        Self { sums: Maps::zeros(channels, height, width), weights: Plane::filled(height, width, 0.0) }
    }

    /// Adds all that a tile's pass gave, halo included.
    pub fn add(&mut self, grid: &TileGrid, tile: &Tile, maps: &Maps) {
        let (y, x) = grid.within(tile);
        let rows = ramp(y, tile.height, grid.covered.0, grid.halo);
        let columns = ramp(x, tile.width, grid.covered.1, grid.halo);
        for &(y, from_y, weight_y) in &rows {
            for &(x, from_x, weight_x) in &columns {
                let weight = weight_y * weight_x;
                self.weights.data[y * grid.covered.1 + x] += weight;
                for c in 0..maps.channels {
                    let value = maps.channel(c)[from_y * maps.width + from_x];
                    self.sums.channel_mut(c)[y * grid.covered.1 + x] += weight * value;
                }
            }
        }
    }

    /// The weighted means.
    pub fn finish(mut self) -> Maps {
        for c in 0..self.sums.channels {
            for (sum, weight) in self.sums.channel_mut(c).iter_mut().zip(&self.weights.data) {
                *sum /= weight;
            }
        }
        self.sums
    }
}

/// Along one axis: pixel of the plane, pixel of the tile's maps, weight. The weight rises over twice the halo
/// towards another tile, and is 1 towards the plane's own border.
fn ramp(start: usize, length: usize, plane: usize, halo: usize) -> Vec<(usize, usize, f32)> {
    let fade = |steps: usize| ((steps as f32 + 0.5) / (2 * halo) as f32).min(1.0);
    let first = start.saturating_sub(halo);
    let end = (start + length + halo).min(plane);
    (first..end)
        .map(|at| {
            let before = if start == 0 { 1.0 } else { fade(at + halo - start) };
            let behind = if start + length == plane { 1.0 } else { fade(start + length + halo - 1 - at) };
            (at, at + halo - start, before * behind)
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use fewlabel_model::InputSize;

    use super::*;
    use crate::tiles::window;

    #[test]
    fn weights_of_neighbours_add_up_to_one() {
        let (left, right) = (ramp(0, 8, 20, 2), ramp(8, 12, 20, 2));
        let sum = |x: usize| -> f32 { left.iter().chain(&right).filter(|pixel| pixel.0 == x).map(|pixel| pixel.2).sum() };
        assert!((0..20).all(|x| (sum(x) - 1.0).abs() < 1e-6));
        let weight = |x: usize| right.iter().find(|pixel| pixel.0 == x).map(|pixel| pixel.2);
        assert_eq!(
            [weight(5), weight(6), weight(7), weight(9), weight(10)],
            [None, Some(0.125), Some(0.375), Some(0.875), Some(1.0)]
        );
    }

    #[test]
    fn tiles_that_agree_are_left_as_they_are() {
        let plane = Maps::new(2, 9, 13, (0..234).map(|v| v as f32).collect());
        for halo in [0, 2, 6] {
            let grid = TileGrid::new((9, 13), (4, 4), halo, InputSize { min: 2, step: 2 });
            let mut blend = Blend::new(2, &grid);
            for tile in (0..grid.len()).map(|index| grid.tile(index)) {
                blend.add(&grid, &tile, &grid.read(&tile, |y, x| Ok(window(&plane, &y, &x))).unwrap());
            }
            let back = blend.finish();
            assert!(back.data.iter().zip(&plane.data).all(|(a, b)| (a - b).abs() < 1e-3), "halo {halo}");
        }
    }

    #[test]
    fn a_step_between_tiles_becomes_a_slope() {
        let grid = TileGrid::new((1, 8), (1, 4), 2, InputSize { min: 1, step: 1 });
        let mut blend = Blend::new(1, &grid);
        for (index, value) in [0.0, 1.0].into_iter().enumerate() {
            let tile = grid.tile(index);
            blend.add(&grid, &tile, &Maps::new(1, 5, 8, vec![value; 40]));
        }
        assert_eq!(blend.finish().data, [0.0, 0.0, 0.125, 0.375, 0.625, 0.875, 1.0, 1.0]);
    }
}
