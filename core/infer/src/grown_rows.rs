//! Maps on the network's grid, brought back to the size of the image a few rows at a time.

use fewlabel_image::{Maps, ResampledPart};
use serde::{Deserialize, Serialize};

use crate::tiles::Tile;

/// Rows and columns of what is handed over at once.
const PART: (usize, usize) = (256, 1024);

/// Takes tiles and gives parts of the maps in the size of the image, in raster order: just what resampling the whole gives. Held
/// are the rows that parts to come need.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct GrownRows {
    from: (usize, usize),
    to: (usize, usize),
    /// First row that is held.
    top: usize,
    /// The rows of each channel, full width.
    channels: Vec<Vec<f32>>,
    /// Where the next part begins.
    y: usize,
    x: usize,
}

impl GrownRows {
    /// From rows and columns of the network's grid to those of the image.
    pub fn new(channels: usize, from: (usize, usize), to: (usize, usize)) -> Self {
        Self { from, to, top: 0, channels: vec![Vec::new(); channels], y: 0, x: 0 }
    }

    /// Takes the next tile.
    pub fn add(&mut self, tile: &Tile, part: &Maps) {
        let width = self.from.1;
        for (c, rows) in self.channels.iter_mut().enumerate() {
            let length = (tile.y + tile.height - self.top) * width;
            // To the value, not doubled: this is most of what a large image holds.
            rows.reserve_exact(length.saturating_sub(rows.len()));
            rows.resize(length, 0.0);
            for (row, values) in part.channel(c).chunks_exact(part.width).enumerate() {
                let start = (tile.y + row - self.top) * width + tile.x;
                rows[start..start + part.width].copy_from_slice(values);
            }
        }
    }

    /// The next part that the rows of tiles so far hold: its first row and column, and its maps. To be asked when a row of tiles is
    /// full.
    pub fn next(&mut self) -> Option<(usize, usize, Maps)> {
        if self.is_done() {
            return None;
        }
        let (y, x) = (self.y, self.x);
        let rows = y..(y + PART.0).min(self.to.0);
        let columns = x..(x + PART.1).min(self.to.1);
        let end = (rows.end, columns.end);
        let part = ResampledPart::new(self.from, self.to, rows, columns);
        let (rows, columns) = part.source();
        let width = self.from.1;
        if rows.end > self.top + self.channels.first().map_or(0, |rows| rows.len() / width) {
            return None;
        }
        let data = self.channels.iter().flat_map(|values| {
            let starts = rows.clone().map(|row| (row - self.top) * width);
            starts.flat_map(|start| values[start + columns.start..start + columns.end].iter().copied())
        });
        let maps = part.of(&Maps::new(self.channels.len(), rows.len(), columns.len(), data.collect()));
        if end.1 < self.to.1 {
            self.x = end.1;
        } else {
            (self.y, self.x) = (end.0, 0);
            self.forget();
        }
        Some((y, x, maps))
    }

    /// Whether every part was given.
    pub fn is_done(&self) -> bool {
        self.y == self.to.0
    }

    /// Lets go what no part to come needs.
    fn forget(&mut self) {
        if self.is_done() {
            return;
        }
        let needed = ResampledPart::new(self.from, self.to, self.y..self.y + 1, 0..1).source().0.start;
        let held = self.channels.first().map_or(0, |rows| rows.len() / self.from.1);
        let rows = needed.saturating_sub(self.top).min(held);
        self.channels.iter_mut().for_each(|values| drop(values.drain(..rows * self.from.1)));
        self.top += rows;
    }
}

#[cfg(test)]
mod tests {
    use fewlabel_image::resample_image;
    use fewlabel_model::InputSize;
    use proptest::prelude::*;

    use super::*;
    use crate::tiles::{TileGrid, paste, window};

    proptest! {
        #![proptest_config(ProptestConfig { cases: 40, failure_persistence: None, ..ProptestConfig::default() })]

        #[test]
        fn parts_are_those_of_the_whole(
            from in (1_usize..90, 1_usize..40),
            to in (1_usize..700, 1_usize..40),
            tile in (1_usize..40, 1_usize..40),
        ) {
            let value = |i: usize| (i * 7919 % 1009) as f32;
            let maps = Maps::new(2, from.0, from.1, (0..2 * from.0 * from.1).map(value).collect());
            let grid = TileGrid { plane: from, tile, halo: 0, sizes: InputSize { min: 1, step: 1 } };
            let mut grown = GrownRows::new(2, from, to);
            let mut whole = Maps::zeros(2, to.0, to.1);
            let mut next = (0, 0);
            for tile in (0..grid.len()).map(|i| grid.tile(i)) {
                grown.add(&tile, &window(&maps, &(tile.y..tile.y + tile.height), &(tile.x..tile.x + tile.width)));
                while tile.x + tile.width == from.1 && let Some((y, x, part)) = grown.next() {
                    prop_assert_eq!((y, x), next);
                    next = if x + part.width == to.1 { (y + part.height, 0) } else { (y, x + part.width) };
                    paste(&mut whole, &part, y, x);
                }
            }
            prop_assert!(grown.is_done());
            prop_assert_eq!(whole, resample_image(&maps, to.0, to.1));
        }
    }
}
