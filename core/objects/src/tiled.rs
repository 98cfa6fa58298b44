//! Objects of maps that come tile by tile.

use std::collections::HashSet;
use std::mem;

use fewlabel_contract::{Error, Result};
use fewlabel_image::{Maps, Plane};
use serde::{Deserialize, Serialize};

use crate::components::{find, unite};
use crate::decode::Sample;
use crate::{DecodeObjects, MAPS, components};

/// Rows between the lines at which components that reach far up are cut.
///
/// Foreground may be one piece over the whole of a plane, as in a confluent layer of cells. What is held of it is bounded so.
const LINES: usize = 512;

/// Decodes maps that come tile by tile, with the very same objects whatever the tiles, and gives labels row by row.
///
/// Tiles come in raster order and without overlap: a row of tiles from left to right, all of the
/// same height, then the row below. Within a tile the foreground falls into components; those that
/// meet across a border are joined by a union-find over the border's pixels alone. As soon as a row
/// of tiles is full, each component that does not reach its lower border is decoded inside its own
/// bounding box and let go. So only what the maps say of open components is held, and the labels of rows that they may
/// still change; [`Self::take`] gives those above.
///
/// A component that is still open at a line (every 512 rows, in planes of more than 1024) and has begun above the line before is
/// decoded as far as it is known. Its objects that do not reach the line are done; the others stay open.
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
/// assert_eq!(objects.take().data, [0, 1, 1, 0, 2, 2]);
/// objects.finish()?;
/// # Ok::<(), fewlabel_contract::Error>(())
/// ```
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct TiledObjects {
    parameters: DecodeObjects,
    height: usize,
    /// Labels of rows that are not taken: 0, or one more than the place in `found`.
    rows: Band,
    /// The objects, in the order in which they were decoded.
    found: Vec<Found>,
    /// How many of them have a number.
    numbered: u32,
    /// Where the next tile begins.
    y: usize,
    x: usize,
    /// Height of the row of tiles in hand.
    row_height: usize,
    /// Rows between lines; the height of the plane when there are none.
    lines: usize,
    /// What of the row of tiles in hand lies below a line: columns and maps, for each line one list from left to right.
    below_lines: Vec<Vec<(usize, Held)>>,
    /// Components that are not decoded yet. Place 0 stands for the background.
    open: Vec<Component>,
    /// Union-find over `open`; a root holds all pixels of its tree.
    parents: Vec<u32>,
    /// For each column the component at the last row above.
    above: Vec<u32>,
    /// For each column the component at the last row in hand.
    below: Vec<u32>,
    /// The components at the last column of the tile to the left.
    left: Vec<u32>,
}

/// An object.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
struct Found {
    /// The first pixel, in raster order, of the component that it belongs to.
    first: usize,
    /// Its number in raster order of first pixels; 0 until one of its pixels is taken.
    number: u32,
}

/// Samples of a rectangle.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
struct Held {
    height: usize,
    width: usize,
    samples: Vec<Option<Sample>>,
}

/// Some rows of labels.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
struct Band {
    top: usize,
    width: usize,
    labels: Vec<u32>,
}

/// A component of the foreground, as far as it is known: its first row, and rows, columns and what the maps say there.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
struct Component {
    top: u32,
    pixels: Vec<(u32, u32, Sample)>,
}

impl Default for Component {
    fn default() -> Self {
        Self { top: u32::MAX, pixels: Vec::new() }
    }
}

impl TiledObjects {
    /// Begins a label plane of `height` rows and `width` columns.
    pub fn new(height: usize, width: usize, parameters: DecodeObjects) -> Self {
        Self::with_lines(height, width, parameters, LINES)
    }

    fn with_lines(height: usize, width: usize, parameters: DecodeObjects, lines: usize) -> Self {
        Self {
            parameters,
            height,
            rows: Band { top: 0, width, labels: Vec::new() },
            found: Vec::new(),
            numbered: 0,
            y: 0,
            x: 0,
            row_height: 0,
            lines: if height > 2 * lines { lines } else { height.max(1) },
            below_lines: Vec::new(),
            open: vec![Component::default()],
            parents: vec![0],
            above: vec![0; width],
            below: vec![0; width],
            left: Vec::new(),
        }
    }

    /// Objects that were numbered so far: those in the rows that were taken.
    pub fn count(&self) -> usize {
        self.numbered as usize
    }

    /// Takes the next tile, whose upper left pixel is row `y`, column `x` of the plane.
    ///
    /// # Errors
    /// [`fewlabel_contract::ErrorKind::Internal`] when the tile is not the next one in raster order, has not five maps, does not
    /// fit into the plane or is not as high as the tiles to its left.
    pub fn push(&mut self, y: usize, x: usize, tile: &Maps) -> Result<()> {
        let fits = tile.channels == MAPS.len()
            && (y, x) == (self.y, self.x)
            && (1..=self.height.saturating_sub(y)).contains(&tile.height)
            && (1..=self.rows.width.saturating_sub(x)).contains(&tile.width)
            && (x == 0 || tile.height == self.row_height);
        if !fits {
            return Err(Error::internal("decode tile", "the tile is not the one that comes next")
                .with("channels", tile.channels)
                .with("tile", format_args!("{} x {} at {y}, {x}", tile.height, tile.width))
                .with("plane", format_args!("{} x {}", self.height, self.rows.width))
                .with("next", format_args!("{}, {}", self.y, self.x)));
        }
        self.row_height = tile.height;
        let mut parts = self.cut(tile).into_iter();
        if let Some(first) = parts.next() {
            self.push_part(&first);
        }
        for (line, part) in parts.enumerate() {
            if self.below_lines.len() == line {
                self.below_lines.push(Vec::new());
            }
            self.below_lines[line].push((x, part));
        }
        if self.x == self.rows.width {
            self.end_rows();
        }
        Ok(())
    }

    /// The rows that no tile to come can change, below those taken before, their objects numbered from 1 in raster order of their
    /// first pixels.
    pub fn take(&mut self) -> Plane<u32> {
        let end = match self.x {
            0 => self.open.iter().map(|component| component.top as usize).fold(self.y, usize::min),
            _ => self.rows.top,
        };
        let (height, width) = (end - self.rows.top, self.rows.width);
        let rest = self.rows.labels.split_off(height * width);
        let mut taken = mem::replace(&mut self.rows.labels, rest);
        self.rows.top = end;
        for label in taken.iter_mut().filter(|label| **label != 0) {
            let found = &mut self.found[*label as usize - 1];
            if found.number == 0 {
                self.numbered += 1;
                found.number = self.numbered;
            }
            *label = found.number;
        }
        Plane::new(height, width, taken)
    }

    /// What was not taken yet.
    ///
    /// # Errors
    /// [`fewlabel_contract::ErrorKind::Internal`] when tiles are missing.
    pub fn finish(mut self) -> Result<Plane<u32>> {
        if self.y < self.height && self.rows.width > 0 {
            return Err(Error::internal("decode tiles", "tiles are missing").with("next", format_args!("{}, {}", self.y, self.x)));
        }
        Ok(self.take())
    }

    /// The samples of a tile, from line to line.
    fn cut(&self, tile: &Maps) -> Vec<Held> {
        let mut parts = Vec::new();
        let mut top = self.y;
        while top < self.y + tile.height {
            let bottom = (top + 1).next_multiple_of(self.lines).min(self.y + tile.height);
            let pixels = (top - self.y) * tile.width..(bottom - self.y) * tile.width;
            let samples = pixels.map(|pixel| self.parameters.sample(tile, pixel)).collect();
            parts.push(Held { height: bottom - top, width: tile.width, samples });
            top = bottom;
        }
        parts
    }

    /// Takes the part of a tile that reaches to the next line.
    fn push_part(&mut self, part: &Held) {
        let ids = self.open_components(part);
        self.join_left(&ids);
        self.join_above(&ids);
        self.left = (0..part.height).map(|row| ids.at(row, part.width - 1)).collect();
        self.below[self.x..self.x + part.width].copy_from_slice(ids.row(part.height - 1));
        self.x += part.width;
    }

    /// Ends a row of tiles: as far as the next line, then what lies below it.
    fn end_rows(&mut self) {
        let end = self.y + self.row_height;
        self.end_row((self.y + 1).next_multiple_of(self.lines).min(end));
        for parts in mem::take(&mut self.below_lines) {
            for (_, part) in &parts {
                self.push_part(part);
            }
            self.end_row((self.y + 1).next_multiple_of(self.lines).min(end));
        }
    }

    /// Finds the components of a part and says for each pixel to which it belongs.
    fn open_components(&mut self, part: &Held) -> Plane<u32> {
        let mask = Plane::new(part.height, part.width, part.samples.iter().map(Option::is_some).collect());
        let (ids, count) = components(&mask, true);
        let first = self.open.len() as u32 - 1;
        for _ in 0..count {
            self.parents.push(self.open.len() as u32);
            self.open.push(Component::default());
        }
        let ids = ids.map(|id| if id == 0 { 0 } else { id + first });
        for (pixel, sample) in part.samples.iter().enumerate() {
            if let Some(sample) = *sample {
                let (y, x) = (self.y + pixel / part.width, self.x + pixel % part.width);
                self.open[ids.data[pixel] as usize].add(y as u32, x as u32, sample);
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

    /// Joins the components of a tile with those at the last row above.
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
        let child = mem::take(&mut self.open[child]);
        self.open[root].join(child);
    }

    /// Decodes what cannot grow any more above row `end`, and goes on below it.
    fn end_row(&mut self, end: usize) {
        self.rows.labels.resize((end - self.rows.top) * self.rows.width, 0);
        self.y = end;
        self.x = 0;
        let last = end == self.height;
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
            if !component.pixels.is_empty() {
                self.decode(&component);
            }
        }
        if end.is_multiple_of(self.lines) && !last {
            self.cut_at_line();
        }
        self.parents = (0..self.open.len() as u32).collect();
    }

    /// Decodes what is known of components that began above the line before this one, and keeps of them what reaches this line.
    fn cut_at_line(&mut self) {
        let line_before = (self.y - self.lines) as u32;
        let mut open = vec![Component::default()];
        let mut numbers = vec![0_u32; self.open.len()];
        for (number, component) in mem::take(&mut self.open).into_iter().enumerate().skip(1) {
            if component.top >= line_before {
                numbers[number] = open.len() as u32;
                open.push(component);
                continue;
            }
            let (crop, top, left) = component.crop();
            let objects = self.parameters.decode_component(&crop);
            let reach: HashSet<u32> = objects.row(objects.height - 1).iter().copied().filter(|&id| id != 0).collect();
            let done = objects.map(|id| if reach.contains(&id) { 0 } else { id });
            self.write(&done, top, left, first_pixel(&crop, top, left, self.rows.width));
            let (pieces, count) = components(&objects.map(|id| reach.contains(&id)), true);
            let before = open.len() as u32 - 1;
            open.resize_with(open.len() + count as usize, Component::default);
            for (place, &piece) in pieces.data.iter().enumerate().filter(|(_, piece)| **piece != 0) {
                let (y, x) = (top + place / pieces.width, left + place % pieces.width);
                // A filled hole has no sample; it will be filled again.
                if let Some(sample) = crop.data[place] {
                    open[(before + piece) as usize].add(y as u32, x as u32, sample);
                }
            }
            // From here on the line belongs to the pieces, and what was doubtful there to nothing.
            for (x, piece) in pieces.row(pieces.height - 1).iter().enumerate() {
                if self.above[left + x] == number as u32 {
                    self.above[left + x] = if *piece == 0 { 0 } else { before + piece } | CUT;
                }
            }
        }
        for number in &mut self.above {
            *number = if *number & CUT != 0 { *number & !CUT } else { numbers[*number as usize] };
        }
        self.open = open;
    }

    /// Decodes a complete component inside its bounding box.
    fn decode(&mut self, component: &Component) {
        let (crop, top, left) = component.crop();
        let objects = self.parameters.decode_component(&crop);
        self.write(&objects, top, left, first_pixel(&crop, top, left, self.rows.width));
    }

    /// Writes the objects of a component whose first pixel is `first`.
    ///
    /// Only where a filled hole holds another component do two of them claim a pixel. The one inside
    /// begins later in raster order and keeps it, in whichever order they are decoded.
    fn write(&mut self, objects: &Plane<u32>, top: usize, left: usize, first: usize) {
        let before = self.found.len() as u32;
        let count = objects.data.iter().max().copied().unwrap_or(0);
        self.found.extend((0..count).map(|_| Found { first, number: 0 }));
        for y in 0..objects.height {
            let start = (top + y - self.rows.top) * self.rows.width + left;
            for (there, &object) in self.rows.labels[start..start + objects.width].iter_mut().zip(objects.row(y)) {
                if object != 0 && (*there == 0 || self.found[*there as usize - 1].first <= first) {
                    *there = before + object;
                }
            }
        }
    }
}

/// Marks the number of a component that was cut, until all components have their new numbers.
const CUT: u32 = 1 << 31;

/// Where the first pixel of a component lies in the plane.
fn first_pixel(crop: &Plane<Option<Sample>>, top: usize, left: usize, width: usize) -> usize {
    top * width + left + crop.data.iter().position(Option::is_some).unwrap_or(0)
}

impl Component {
    fn add(&mut self, y: u32, x: u32, sample: Sample) {
        self.top = self.top.min(y);
        self.pixels.push((y, x, sample));
    }

    fn join(&mut self, mut other: Self) {
        self.top = self.top.min(other.top);
        if other.pixels.len() > self.pixels.len() {
            mem::swap(&mut self.pixels, &mut other.pixels);
        }
        self.pixels.append(&mut other.pixels);
    }

    /// Its bounding box, and the row and column where that begins.
    fn crop(&self) -> (Plane<Option<Sample>>, usize, usize) {
        let columns = self.pixels.iter().map(|p| p.1 as usize);
        let (top, left) = (self.top as usize, columns.clone().min().unwrap_or(0));
        let bottom = self.pixels.iter().map(|p| p.0 as usize).max().unwrap_or(top);
        let mut crop = Plane::filled(bottom - top + 1, columns.max().unwrap_or(left) - left + 1, None);
        for &(y, x, sample) in &self.pixels {
            crop.set(y as usize - top, x as usize - left, Some(sample));
        }
        (crop, top, left)
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
        let held = |objects: &TiledObjects| objects.open.iter().map(|component| component.pixels.len()).sum::<usize>();
        objects.push(0, 0, &tile(4, 3, 2)).unwrap();
        assert_eq!(held(&objects), 6, "the row of tiles is not full");
        objects.push(0, 3, &tile(4, 3, 2)).unwrap();
        assert_eq!((held(&objects), objects.rows.labels[0]), (0, 1));
        objects.push(4, 0, &tile(4, 6, 4)).unwrap();
        assert_eq!(held(&objects), 24, "it may go on below");
        objects.push(8, 0, &tile(4, 6, 1)).unwrap();
        assert_eq!((held(&objects), objects.open.len()), (0, 1));
        let labels = objects.finish().unwrap();
        assert_eq!((labels.at(1, 5), labels.at(2, 0), labels.at(8, 5), labels.at(9, 0)), (1, 0, 2, 0));
    }

    #[test]
    fn rows_are_taken_as_soon_as_nothing_can_change_them() {
        let mut objects = TiledObjects::new(12, 6, DecodeObjects::default());
        objects.push(0, 0, &tile(4, 3, 2)).unwrap();
        assert_eq!(objects.take().height, 0, "the row of tiles is not full");
        objects.push(0, 3, &tile(4, 3, 2)).unwrap();
        let first = objects.take();
        assert_eq!((first.height, first.at(1, 5), first.at(2, 0), objects.count()), (4, 1, 0, 1));
        objects.push(4, 0, &tile(4, 6, 4)).unwrap();
        assert_eq!(objects.take().height, 0, "the object may go on below");
        objects.push(8, 0, &tile(4, 6, 1)).unwrap();
        let rest = objects.finish().unwrap();
        assert_eq!((rest.height, rest.at(0, 0), rest.at(4, 5), rest.at(5, 0)), (8, 2, 2, 0));
    }

    /// Maps in which a field of discs touches from edge to edge, with fissures of boundary between them.
    fn layer(height: usize, width: usize) -> Maps {
        let mut maps = Maps::zeros(MAPS.len(), height, width);
        for y in 0..height {
            for x in 0..width {
                let (dy, dx) = (y % 9, (x + y / 9 * 4) % 9);
                let closeness = 1.0 - (dy.abs_diff(4).pow(2) + dx.abs_diff(4).pow(2)) as f32 / 40.0;
                for (channel, value) in [(1, closeness), (2, 1.0 - closeness), (3, closeness), (4, closeness)] {
                    maps.channel_mut(channel)[y * width + x] = value;
                }
            }
        }
        maps
    }

    fn in_tiles(maps: &Maps, (rows, columns): (usize, usize), lines: usize, take: bool) -> (Plane<u32>, usize) {
        let parameters = DecodeObjects { smoothing: 1.0, ..Default::default() };
        let mut objects = TiledObjects::with_lines(maps.height, maps.width, parameters, lines);
        let (mut labels, mut held) = (Vec::new(), 0);
        for y in (0..maps.height).step_by(rows) {
            for x in (0..maps.width).step_by(columns) {
                let (height, width) = (rows.min(maps.height - y), columns.min(maps.width - x));
                let mut tile = Maps::zeros(maps.channels, height, width);
                for c in 0..maps.channels {
                    for row in 0..height {
                        let from = (y + row) * maps.width + x;
                        let line = &maps.channel(c)[from..from + width];
                        tile.channel_mut(c)[row * width..(row + 1) * width].copy_from_slice(line);
                    }
                }
                objects.push(y, x, &tile).unwrap();
                if take {
                    labels.extend(objects.take().data);
                }
            }
            held = held.max(objects.open.iter().map(|component| component.pixels.len()).sum());
        }
        labels.extend(objects.finish().unwrap().data);
        (Plane::new(maps.height, maps.width, labels), held)
    }

    #[test]
    fn foreground_in_one_piece_is_held_for_two_lines_only_and_does_not_depend_on_tiles() {
        let maps = layer(150, 40);
        let (whole, _) = in_tiles(&maps, (150, 40), 20, false);
        for (tile, take) in [((7, 40), true), ((16, 16), true), ((33, 40), false), ((20, 9), true), ((150, 13), true)] {
            let (labels, held) = in_tiles(&maps, tile, 20, take);
            assert!(labels == whole, "tiles {tile:?}");
            if tile.0 <= 20 {
                assert!(held <= 40 * (2 * 20 + tile.0), "{held} pixels held with tiles {tile:?}");
            }
        }
        // Without lines the same objects, but for a few that a line has changed.
        let (uncut, held) = in_tiles(&maps, (10, 40), 1000, false);
        assert_eq!(held, 140 * 40, "all but the last row of tiles");
        let same = whole.data.iter().zip(&uncut.data).filter(|(a, b)| (**a == 0) == (**b == 0)).count();
        assert!(same * 100 >= 98 * whole.data.len(), "{same} of {}", whole.data.len());
        let count = |labels: &Plane<u32>| labels.data.iter().max().copied().unwrap_or(0);
        assert!(count(&whole).abs_diff(count(&uncut)) <= 4, "{} and {} objects", count(&whole), count(&uncut));
    }

    #[test]
    fn an_interrupted_plane_goes_on_where_it_was() {
        let maps = layer(60, 30);
        let (whole, _) = in_tiles(&maps, (10, 30), 20, false);
        let parameters = DecodeObjects { smoothing: 1.0, ..Default::default() };
        let mut objects = TiledObjects::with_lines(60, 30, parameters, 20);
        let mut labels = Vec::new();
        for y in (0..60).step_by(10) {
            let rows = y * 30..(y + 10) * 30;
            let data = (0..maps.channels).flat_map(|c| maps.channel(c)[rows.clone()].to_vec()).collect();
            objects.push(y, 0, &Maps::new(maps.channels, 10, 30, data)).unwrap();
            labels.extend(objects.take().data);
            let kept = serde_json::to_string(&objects).unwrap();
            objects = serde_json::from_str(&kept).unwrap();
        }
        labels.extend(objects.finish().unwrap().data);
        assert_eq!(labels, whole.data);
    }
}
