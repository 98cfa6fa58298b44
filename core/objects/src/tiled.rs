//! Objects of maps that come tile by tile.

use std::mem;

use fewlabel_contract::{Error, Result};
use fewlabel_image::{Maps, Plane};

use crate::components::{find, unite};
use crate::decode::Sample;
use crate::{DecodeObjects, MAPS, components, relabel};

/// Decodes maps that come tile by tile, with the very objects that [`crate::decode_objects`] finds on
/// the whole maps, whatever the tiles.
///
/// Tiles come in raster order and without overlap: a row of tiles from left to right, all of the
/// same height, then the row below. Within a tile the foreground falls into components; those that
/// meet across a border are joined by a union-find over the border's pixels alone. As soon as a row
/// of tiles is full, each component that does not reach its lower border is decoded inside its own
/// bounding box and let go. So only what the maps say of open components is held, and the labels.
///
/// ```
/// use fewlabel_image::Maps;
/// use fewlabel_objects::{DecodeObjects, TiledObjects};
/// // Background, interior, boundary, distance and centre of a tile of 1 x 3 pixels.
/// let tile = Maps::new(5, 1, 3, vec![
///     1.0, 0.0, 0.0,
///     0.0, 1.0, 1.0,
///     0.0, 0.0, 0.0,
///     0.0, 0.7, 1.0,
///     0.0, 0.8, 1.0,
/// ]);
/// let mut objects = TiledObjects::new(1, 6, DecodeObjects { min_area: 1, ..Default::default() });
/// objects.push(0, 0, &tile)?;
/// objects.push(0, 3, &tile)?;
/// assert_eq!(objects.finish()?.data, [0, 1, 1, 0, 2, 2]);
/// # Ok::<(), fewlabel_contract::Error>(())
/// ```
#[derive(Debug)]
pub struct TiledObjects {
    parameters: DecodeObjects,
    /// 0, or one more than the place in `firsts`.
    labels: Plane<u32>,
    /// For each object the first pixel, in raster order, of the component that it belongs to.
    firsts: Vec<usize>,
    /// Where the next tile begins.
    y: usize,
    x: usize,
    /// Height of the row of tiles in hand.
    row_height: usize,
    /// Components that are not decoded yet. Place 0 stands for the background.
    open: Vec<Component>,
    /// Union-find over `open`; a root holds all pixels of its tree.
    parents: Vec<u32>,
    /// For each column the component at the last row of the row of tiles above.
    above: Vec<u32>,
    /// For each column the component at the last row of the row of tiles in hand.
    below: Vec<u32>,
    /// The components at the last column of the tile to the left.
    left: Vec<u32>,
}

/// A component of the foreground, as far as it is known: rows, columns, and what the maps say there.
#[derive(Debug, Default)]
struct Component(Vec<(u32, u32, Sample)>);

impl TiledObjects {
    /// Begins a label plane of `height` rows and `width` columns.
    pub fn new(height: usize, width: usize, parameters: DecodeObjects) -> Self {
        Self {
            parameters,
            labels: Plane::filled(height, width, 0),
            firsts: Vec::new(),
            y: 0,
            x: 0,
            row_height: 0,
            open: vec![Component::default()],
            parents: vec![0],
            above: vec![0; width],
            below: vec![0; width],
            left: Vec::new(),
        }
    }

    /// Takes the next tile, whose upper left pixel is row `y`, column `x` of the plane.
    ///
    /// # Errors
    /// [`fewlabel_contract::ErrorKind::Internal`] when the tile is not the next one in raster order, has not five maps, does not
    /// fit into the plane or is not as high as the tiles to its left.
    pub fn push(&mut self, y: usize, x: usize, tile: &Maps) -> Result<()> {
        let fits = tile.channels == MAPS.len()
            && (y, x) == (self.y, self.x)
            && (1..=self.labels.height.saturating_sub(y)).contains(&tile.height)
            && (1..=self.labels.width.saturating_sub(x)).contains(&tile.width)
            && (x == 0 || tile.height == self.row_height);
        if !fits {
            return Err(Error::internal("decode tile", "the tile is not the one that comes next")
                .with("channels", tile.channels)
                .with("tile", format_args!("{} x {} at {y}, {x}", tile.height, tile.width))
                .with("plane", format_args!("{} x {}", self.labels.height, self.labels.width))
                .with("next", format_args!("{}, {}", self.y, self.x)));
        }
        self.row_height = tile.height;
        let ids = self.open_components(tile);
        self.join_left(&ids);
        self.join_above(&ids);
        self.left = (0..tile.height).map(|row| ids.at(row, tile.width - 1)).collect();
        self.below[x..x + tile.width].copy_from_slice(ids.row(tile.height - 1));
        self.x += tile.width;
        if self.x == self.labels.width {
            self.end_row();
        }
        Ok(())
    }

    /// Numbers the objects from 1 in raster order of their first pixels.
    ///
    /// # Errors
    /// [`fewlabel_contract::ErrorKind::Internal`] when tiles are missing.
    pub fn finish(self) -> Result<Plane<u32>> {
        if self.y < self.labels.height && self.labels.width > 0 {
            return Err(Error::internal("decode tiles", "tiles are missing").with("next", format_args!("{}, {}", self.y, self.x)));
        }
        Ok(relabel(&self.labels).0)
    }

    /// Finds the components of a tile and says for each pixel to which it belongs.
    fn open_components(&mut self, tile: &Maps) -> Plane<u32> {
        let pixels = tile.height * tile.width;
        let samples: Vec<_> = (0..pixels).map(|pixel| self.parameters.sample(tile, pixel)).collect();
        let mask = Plane::new(tile.height, tile.width, samples.iter().map(Option::is_some).collect());
        let (ids, count) = components(&mask, true);
        let first = self.open.len() as u32 - 1;
        for _ in 0..count {
            self.parents.push(self.open.len() as u32);
            self.open.push(Component::default());
        }
        let ids = ids.map(|id| if id == 0 { 0 } else { id + first });
        for (pixel, sample) in samples.into_iter().enumerate() {
            if let Some(sample) = sample {
                let (y, x) = (self.y + pixel / tile.width, self.x + pixel % tile.width);
                self.open[ids.data[pixel] as usize].0.push((y as u32, x as u32, sample));
            }
        }
        ids
    }

    /// Joins the components of a tile with those at the last column of the tile to the left.
    fn join_left(&mut self, ids: &Plane<u32>) {
        if self.x == 0 {
            return;
        }
        for y in 0..ids.height {
            for other in y.saturating_sub(1)..ids.height.min(y + 2) {
                self.join(ids.at(y, 0), self.left[other]);
            }
        }
    }

    /// Joins the components of a tile with those at the last row of the tiles above.
    fn join_above(&mut self, ids: &Plane<u32>) {
        for x in 0..ids.width {
            let column = self.x + x;
            for other in column.saturating_sub(1)..self.above.len().min(column + 2) {
                self.join(ids.at(0, x), self.above[other]);
            }
        }
    }

    fn join(&mut self, a: u32, b: u32) {
        if a == 0 || b == 0 {
            return;
        }
        let (a, b) = (find(&mut self.parents, a), find(&mut self.parents, b));
        if a == b {
            return;
        }
        let root = unite(&mut self.parents, a, b) as usize;
        let child = (a + b) as usize - root;
        let mut less = mem::take(&mut self.open[child]).0;
        let more = &mut self.open[root].0;
        if less.len() > more.len() {
            mem::swap(&mut less, more);
        }
        more.append(&mut less);
    }

    /// Decodes what cannot grow any more, and goes to the next row of tiles.
    fn end_row(&mut self) {
        self.y += self.row_height;
        self.x = 0;
        let last = self.y == self.labels.height;
        let mut numbers = vec![0_u32; self.open.len()];
        let mut open = vec![Component::default()];
        for x in 0..self.below.len() {
            let root = find(&mut self.parents, self.below[x]);
            if root != 0 && numbers[root as usize] == 0 && !last {
                numbers[root as usize] = open.len() as u32;
                open.push(mem::take(&mut self.open[root as usize]));
            }
            self.above[x] = numbers[root as usize];
        }
        for component in mem::replace(&mut self.open, open) {
            if !component.0.is_empty() {
                self.decode(&component);
            }
        }
        self.parents = (0..self.open.len() as u32).collect();
    }

    /// Decodes a complete component inside its bounding box.
    fn decode(&mut self, component: &Component) {
        let rows = component.0.iter().map(|p| p.0 as usize);
        let columns = component.0.iter().map(|p| p.1 as usize);
        let (top, left) = (rows.clone().min().unwrap_or(0), columns.clone().min().unwrap_or(0));
        let (height, width) = (rows.max().unwrap_or(0) - top + 1, columns.max().unwrap_or(0) - left + 1);
        let mut crop = Plane::filled(height, width, None);
        for &(y, x, sample) in &component.0 {
            crop.set(y as usize - top, x as usize - left, Some(sample));
        }
        let objects = self.parameters.decode_component(&crop);
        let first = top * self.labels.width + left + crop.data.iter().position(Option::is_some).unwrap_or(0);
        self.write(&objects, top, left, first);
    }

    /// Writes the objects of a component whose first pixel is `first`.
    ///
    /// Only where a filled hole holds another component do two of them claim a pixel. The one inside
    /// begins later in raster order and keeps it, in whichever order they are decoded.
    fn write(&mut self, objects: &Plane<u32>, top: usize, left: usize, first: usize) {
        let before = self.firsts.len() as u32;
        let count = objects.data.iter().max().copied().unwrap_or(0);
        self.firsts.extend((0..count).map(|_| first));
        for y in 0..objects.height {
            for x in 0..objects.width {
                let object = objects.at(y, x);
                let there = self.labels.at(top + y, left + x);
                if object != 0 && (there == 0 || self.firsts[there as usize - 1] <= first) {
                    self.labels.set(top + y, left + x, before + object);
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A row of tiles with foreground in its first `rows` rows.
    fn tile(height: usize, width: usize, rows: usize) -> Maps {
        let mut tile = Maps::zeros(MAPS.len(), height, width);
        tile.channel_mut(0)[rows * width..].fill(1.0);
        tile
    }

    #[test]
    fn only_open_components_are_held() {
        let mut objects = TiledObjects::new(12, 6, DecodeObjects::default());
        let held = |objects: &TiledObjects| objects.open.iter().map(|component| component.0.len()).sum::<usize>();
        objects.push(0, 0, &tile(4, 3, 2)).unwrap();
        assert_eq!(held(&objects), 6, "the row of tiles is not full");
        objects.push(0, 3, &tile(4, 3, 2)).unwrap();
        assert_eq!((held(&objects), objects.labels.at(0, 0)), (0, 1));
        objects.push(4, 0, &tile(4, 6, 4)).unwrap();
        assert_eq!(held(&objects), 24, "it may go on below");
        objects.push(8, 0, &tile(4, 6, 1)).unwrap();
        assert_eq!((held(&objects), objects.open.len()), (0, 1));
        let labels = objects.finish().unwrap();
        assert_eq!((labels.at(1, 5), labels.at(2, 0), labels.at(8, 5), labels.at(9, 0)), (1, 0, 2, 0));
    }
}
