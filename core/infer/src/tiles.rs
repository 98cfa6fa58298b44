//! How a plane is cut into tiles.
//!
//! The maps of a plane are *defined* as what the network gives on the plane continued without end by
//! reflection (`dcb|abcd|cba`, the edge pixel once), its pooling grid starting at pixel (0, 0). A tile
//! computes its part of exactly that: its origin is a multiple of the stride, and it reads `halo`
//! pixels around what it writes, so that the zeros with which convolutions pad the input's rim
//! influence nothing that is written. A plane that fits one tile is read the same way. Hence the
//! maps do not depend on the tiles.

use std::ops::Range;

use fewlabel_contract::Result;
use fewlabel_image::Maps;
use fewlabel_model::InputSize;

/// A rectangle of the plane that one pass writes, and what that pass reads. In pixels.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Tile {
    /// First row written.
    pub y: usize,
    /// First column written.
    pub x: usize,
    /// Rows written; all lie within the plane.
    pub height: usize,
    /// Columns written.
    pub width: usize,
    /// Rows read: from `y - halo` on.
    pub input_height: usize,
    /// Columns read: from `x - halo` on.
    pub input_width: usize,
}

/// The tiles of a plane or of a part of it, row of tiles after row of tiles.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct TileGrid {
    /// Rows and columns of the plane; 1 or more.
    pub plane: (usize, usize),
    /// Row and column where the first tile begins; multiples of the stride.
    pub origin: (usize, usize),
    /// Rows and columns from there on that the tiles write; 1 or more.
    pub covered: (usize, usize),
    /// Rows and columns that a full tile writes; multiples of the stride. With the halo around it, not
    /// more than the network takes.
    pub tile: (usize, usize),
    /// Pixels read around a tile; a multiple of the stride.
    pub halo: usize,
    /// Sizes that the network takes.
    pub sizes: InputSize,
}

/// The smallest of `sizes` that is at least `length` pixels, if there is one.
pub(crate) fn fit(sizes: InputSize, length: usize) -> Option<usize> {
    let over = length.saturating_sub(sizes.min);
    match sizes.step {
        0 => (over == 0).then_some(sizes.min),
        step => Some(sizes.min + over.next_multiple_of(step)),
    }
}

impl TileGrid {
    /// The tiles of a whole plane.
    pub const fn new(plane: (usize, usize), tile: (usize, usize), halo: usize, sizes: InputSize) -> Self {
        Self { plane, origin: (0, 0), covered: plane, tile, halo, sizes }
    }

    /// The same tiles from `origin` on in a larger plane.
    #[must_use]
    pub const fn placed(self, plane: (usize, usize), origin: (usize, usize)) -> Self {
        Self { plane, origin, ..self }
    }

    /// Tiles along y and x.
    pub fn counts(&self) -> (usize, usize) {
        (self.covered.0.div_ceil(self.tile.0), self.covered.1.div_ceil(self.tile.1))
    }

    /// Number of tiles.
    pub fn len(&self) -> usize {
        let (rows, columns) = self.counts();
        rows * columns
    }

    /// Tile number `index`, row of tiles after row of tiles.
    pub fn tile(&self, index: usize) -> Tile {
        let columns = self.counts().1;
        let (y, height, input_height) = self.piece(index / columns, self.covered.0, self.tile.0);
        let (x, width, input_width) = self.piece(index % columns, self.covered.1, self.tile.1);
        Tile { y: self.origin.0 + y, x: self.origin.1 + x, height, width, input_height, input_width }
    }

    /// Row and column of a tile within what the tiles cover.
    pub fn within(&self, tile: &Tile) -> (usize, usize) {
        (tile.y - self.origin.0, tile.x - self.origin.1)
    }

    /// Whether a tile is the last of its row of tiles.
    pub fn ends_row(&self, tile: &Tile) -> bool {
        self.within(tile).1 + tile.width == self.covered.1
    }

    /// Start, written and read length of piece `index` along one axis.
    ///
    /// A last piece of at least three quarters reads as much as the others: that costs less than
    /// another plan. A shorter one reads what it needs, so a plane never takes more than four plans.
    fn piece(&self, index: usize, covered: usize, tile: usize) -> (usize, usize, usize) {
        let start = index * tile;
        let written = tile.min(covered - start);
        let length = if 4 * written >= 3 * tile { tile } else { written };
        (start, written, self.read_length(length))
    }

    /// What is read, along one axis, to write `length` pixels.
    fn read_length(&self, length: usize) -> usize {
        let needed = length + 2 * self.halo;
        fit(self.sizes, needed).unwrap_or(needed)
    }

    /// Rows and columns that a full tile reads.
    pub fn input(&self) -> (usize, usize) {
        (self.read_length(self.tile.0), self.read_length(self.tile.1))
    }

    /// What `tile` reads of a plane, which continues by reflection; `read` gives the pixels of the plane in some rows and columns.
    pub fn read(&self, tile: &Tile, read: impl FnOnce(Range<usize>, Range<usize>) -> Result<Maps>) -> Result<Maps> {
        let indices = |start: usize, length: usize, side: usize| -> Vec<usize> {
            let first = start as isize - self.halo as isize;
            (first..first + length as isize).map(|i| reflect(i, side)).collect()
        };
        let rows = indices(tile.y, tile.input_height, self.plane.0);
        let columns = indices(tile.x, tile.input_width, self.plane.1);
        let (y, x) = (reach(&rows), reach(&columns));
        let (top, left) = (y.start, x.start);
        let pixels = read(y, x)?;
        let mut data = Vec::with_capacity(pixels.channels * rows.len() * columns.len());
        for c in 0..pixels.channels {
            let channel = pixels.channel(c);
            for &y in &rows {
                let row = &channel[(y - top) * pixels.width..(y - top + 1) * pixels.width];
                data.extend(columns.iter().map(|&x| row[x - left]));
            }
        }
        Ok(Maps::new(pixels.channels, rows.len(), columns.len(), data))
    }

    /// What `tile` writes, out of the maps that its pass gave.
    pub fn written(&self, tile: &Tile, maps: &Maps) -> Maps {
        window(maps, &(self.halo..self.halo + tile.height), &(self.halo..self.halo + tile.width))
    }
}

/// The pixel in which position `i` of a line of `n` pixels that goes on by reflection lies: period
/// `2 (n - 1)`, the edge pixels once; a single pixel repeats.
pub(crate) fn reflect(i: isize, n: usize) -> usize {
    if n == 1 {
        return 0;
    }
    let period = 2 * (n - 1);
    let i = i.rem_euclid(period as isize) as usize;
    i.min(period - i)
}

/// From the smallest to behind the largest.
fn reach(indices: &[usize]) -> Range<usize> {
    let (first, last) = indices.iter().fold((usize::MAX, 0), |(first, last), &i| (first.min(i), last.max(i)));
    first.min(last)..last + 1
}

/// A copy of some rows and columns.
pub(crate) fn window(maps: &Maps, y: &Range<usize>, x: &Range<usize>) -> Maps {
    let mut data = Vec::with_capacity(maps.channels * y.len() * x.len());
    for c in 0..maps.channels {
        for row in maps.channel(c).chunks_exact(maps.width).skip(y.start).take(y.len()) {
            data.extend_from_slice(&row[x.clone()]);
        }
    }
    Maps::new(maps.channels, y.len(), x.len(), data)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn multiples(stride: usize) -> InputSize {
        InputSize { min: stride, step: stride }
    }

    #[test]
    fn sizes_grow_by_steps_or_not_at_all() {
        assert_eq!(fit(InputSize { min: 100, step: 16 }, 1), Some(100));
        assert_eq!(fit(InputSize { min: 100, step: 16 }, 117), Some(132));
        assert_eq!(fit(InputSize { min: 256, step: 0 }, 256), Some(256));
        assert_eq!(fit(InputSize { min: 256, step: 0 }, 257), None);
    }

    #[test]
    fn reflection_shows_the_edge_once() {
        let line: Vec<usize> = (-5..8).map(|i| reflect(i, 4)).collect();
        assert_eq!(line, [1, 2, 3, 2, 1, 0, 1, 2, 3, 2, 1, 0, 1]);
        assert_eq!((-3..4).map(|i| reflect(i, 2)).collect::<Vec<_>>(), [1, 0, 1, 0, 1, 0, 1]);
        assert!((-9..9).all(|i| reflect(i, 1) == 0));
    }

    #[test]
    fn a_tile_reads_its_halo_from_the_reflected_plane() {
        let plane = Maps::new(1, 2, 3, vec![1., 2., 3., 4., 5., 6.]);
        let grid = TileGrid::new((2, 3), (2, 2), 2, multiples(2));
        assert_eq!(grid.len(), 2);
        let second = grid.tile(1);
        assert_eq!(second, Tile { y: 0, x: 2, height: 2, width: 1, input_height: 6, input_width: 6 });
        let read = grid.read(&second, |y, x| Ok(window(&plane, &y, &x))).unwrap();
        let rows: Vec<&[f32]> = read.data.chunks(6).collect();
        let (odd, even) = ([4., 5., 6., 5., 4., 5.], [1., 2., 3., 2., 1., 2.]);
        assert_eq!(rows, [even, odd, even, odd, even, odd]);
        assert_eq!(grid.written(&second, &read).data, [3., 6.]);
    }

    #[test]
    fn a_sliver_at_the_end_reads_only_what_it_needs() {
        let grid = TileGrid::new((513, 500), (512, 512), 48, multiples(8));
        assert_eq!(grid.tile(1), Tile { y: 512, x: 0, height: 1, width: 500, input_height: 104, input_width: 608 });
    }

    proptest! {
        #[test]
        fn every_pixel_is_written_once_and_on_the_stride_grid(
            height in 1usize..300, width in 1usize..300, tiles in 1usize..12, halos in 0usize..6, stride in 1usize..17,
        ) {
            let grid = TileGrid::new((height, width), (tiles * stride, tiles * stride), halos * stride, multiples(stride));
            let mut seen = Maps::zeros(1, height, width);
            let mut shapes = std::collections::BTreeSet::new();
            for tile in (0..grid.len()).map(|i| grid.tile(i)) {
                prop_assert!(tile.y % stride == 0 && tile.x % stride == 0);
                prop_assert!(tile.input_height % stride == 0 && tile.input_width % stride == 0);
                prop_assert!(tile.input_height >= tile.height + 2 * grid.halo);
                shapes.insert((tile.input_height, tile.input_width));
                let part = window(&seen, &(tile.y..tile.y + tile.height), &(tile.x..tile.x + tile.width));
                prop_assert!(part.data.iter().all(|&v| v == 0.0));
                seen.paste(&Maps::new(1, tile.height, tile.width, vec![1.0; tile.height * tile.width]), (tile.y, tile.x));
            }
            prop_assert!(seen.data.iter().all(|&v| v == 1.0));
            prop_assert!(shapes.len() <= 4);
        }

        #[test]
        fn what_is_read_and_written_back_is_the_plane(height in 1usize..40, width in 1usize..40, tile in 1usize..9, halo in 0usize..30) {
            let plane = Maps::new(1, height, width, (0..height * width).map(|v| v as f32).collect());
            let grid = TileGrid::new((height, width), (tile, tile), halo, multiples(1));
            let mut back = Maps::zeros(1, height, width);
            for tile in (0..grid.len()).map(|i| grid.tile(i)) {
                back.paste(&grid.written(&tile, &grid.read(&tile, |y, x| Ok(window(&plane, &y, &x))).unwrap()), (tile.y, tile.x));
            }
            prop_assert_eq!(back, plane);
        }
    }
}
