//! Maps on the network's grid, brought back to the size of the image a few rows at a time.

use fewlabel_image::{Maps, ResampledPart};
use serde::{Deserialize, Serialize};

use crate::area::Area;
use crate::tiles::Tile;

/// Rows and columns of what is handed over at once.
const PART: (usize, usize) = (256, 1024);

/// Takes tiles and gives parts of the maps in the size of the image, in raster order: just what resampling the whole gives. Held
/// are the rows that parts to come need.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct GrownRows {
    area: Area,
    /// First row that is held.
    top: usize,
    /// The rows of each channel, as wide as the tiles cover.
    channels: Vec<Vec<f32>>,
    /// Where the next part begins, on the grid of the image.
    y: usize,
    x: usize,
}

impl GrownRows {
    /// For maps of so many channels.
    pub fn new(channels: usize, area: Area) -> Self {
        let (top, y, x) = (area.tiles.y.start, area.labels.y.start, area.labels.x.start);
        Self { area, top, channels: vec![Vec::new(); channels], y, x }
    }

    /// Takes the next tile.
    pub fn add(&mut self, tile: &Tile, part: &Maps) {
        let (width, left) = (self.width(), tile.x - self.area.tiles.x.start);
        for (c, rows) in self.channels.iter_mut().enumerate() {
            let length = (tile.y + tile.height - self.top) * width;
            // To the value, not doubled: this is most of what a large image holds.
            rows.reserve_exact(length.saturating_sub(rows.len()));
            rows.resize(length, 0.0);
            for (row, values) in part.channel(c).chunks_exact(part.width).enumerate() {
                let start = (tile.y + row - self.top) * width + left;
                rows[start..start + part.width].copy_from_slice(values);
            }
        }
    }

    /// The next part that the rows of tiles so far hold: its first row and column within what is decoded, and its maps. To be asked
    /// when a row of tiles is full.
    pub fn next(&mut self) -> Option<(usize, usize, Maps)> {
        if self.is_done() {
            return None;
        }
        let (y, x) = (self.y, self.x);
        let labels = self.area.labels.clone();
        let place = (y - labels.y.start, x - labels.x.start);
        let rows = y..(y + PART.0).min(labels.y.end);
        let columns = x..(x + PART.1).min(labels.x.end);
        let end = (rows.end, columns.end);
        let part = ResampledPart::new(self.area.network, self.area.image, rows, columns);
        let (rows, columns) = part.source();
        let (width, left) = (self.width(), self.area.tiles.x.start);
        if rows.end > self.top + self.channels.first().map_or(0, |rows| rows.len() / width) {
            return None;
        }
        let data = self.channels.iter().flat_map(|values| {
            let starts = rows.clone().map(|row| (row - self.top) * width);
            starts.flat_map(|start| values[start + columns.start - left..start + columns.end - left].iter().copied())
        });
        let maps = part.of(&Maps::new(self.channels.len(), rows.len(), columns.len(), data.collect()));
        if end.1 < labels.x.end {
            self.x = end.1;
        } else {
            (self.y, self.x) = (end.0, labels.x.start);
            self.forget();
        }
        Some((place.0, place.1, maps))
    }

    /// Whether every part was given.
    pub fn is_done(&self) -> bool {
        self.y == self.area.labels.y.end
    }

    fn width(&self) -> usize {
        self.area.tiles.x.len()
    }

    /// Lets go what no part to come needs.
    fn forget(&mut self) {
        if self.is_done() {
            return;
        }
        let (y, x, width) = (self.y, self.x, self.width());
        let needed = ResampledPart::new(self.area.network, self.area.image, y..y + 1, x..x + 1).source().0.start;
        let held = self.channels.first().map_or(0, |rows| rows.len() / width);
        let rows = needed.saturating_sub(self.top).min(held);
        self.channels.iter_mut().for_each(|values| drop(values.drain(..rows * width)));
        self.top += rows;
    }
}

#[cfg(test)]
mod tests {
    use fewlabel_image::{Rectangle, resample_image};
    use fewlabel_model::InputSize;
    use proptest::prelude::*;

    use super::*;
    use crate::tiles::{TileGrid, window};

    proptest! {
        #![proptest_config(ProptestConfig { cases: 40, failure_persistence: None, ..ProptestConfig::default() })]

        #[test]
        fn parts_are_those_of_the_whole(
            from in (1_usize..90, 1_usize..40),
            to in (1_usize..700, 1_usize..40),
            tile in (1_usize..40, 1_usize..40),
            cut in (0_usize..20, 0_usize..20),
            stride in 1_usize..9,
        ) {
            let value = |i: usize| (i * 7919 % 1009) as f32;
            let maps = Maps::new(2, from.0, from.1, (0..2 * from.0 * from.1).map(value).collect());
            let side = |length: usize, cut: usize| cut.min(length - 1)..length.saturating_sub(cut).max(cut.min(length - 1) + 1);
            let region = Rectangle { y: side(to.0, cut.0), x: side(to.1, cut.1) };
            let area = Area::around(&region, from, to, 3, stride);
            let covered = area.tiles.size();
            let grid = TileGrid::new(covered, tile, 0, InputSize { min: 1, step: 1 })
                .placed(from, (area.tiles.y.start, area.tiles.x.start));
            let mut grown = GrownRows::new(2, area.clone());
            let mut part_of_whole = Maps::zeros(2, area.labels.y.len(), area.labels.x.len());
            let mut next = (0, 0);
            for tile in (0..grid.len()).map(|i| grid.tile(i)) {
                grown.add(&tile, &window(&maps, &(tile.y..tile.y + tile.height), &(tile.x..tile.x + tile.width)));
                while grid.ends_row(&tile) && let Some((y, x, part)) = grown.next() {
                    prop_assert_eq!((y, x), next);
                    next = if x + part.width == area.labels.x.len() { (y + part.height, 0) } else { (y, x + part.width) };
                    part_of_whole.paste(&part, (y, x));
                }
            }
            prop_assert!(grown.is_done());
            prop_assert_eq!(part_of_whole, window(&resample_image(&maps, to.0, to.1), &area.labels.y, &area.labels.x));
        }
    }
}
