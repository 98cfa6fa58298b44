//! Which tiles a plane gets.

use fewlabel_contract::{Error, ErrorKind, Result};

use crate::in_order::WAITING;
use crate::tiles::{TileGrid, fit};
use crate::{Forward, TileOptions, budget::megabytes};

/// Longest side that a tile gets unasked: a tile is what cancelling waits for and what progress counts.
const LONGEST: usize = 1024;
/// The same in a plane of more than [`LARGE`] pixels, of which whole rows of tiles are held.
const LONGEST_OF_LARGE: usize = 512;
const LARGE: usize = 1 << 25;
/// What a tile costs beside its pixels (reading, handing over), in pixels of a network's input.
const TILE_COST: u64 = 4096;
/// Ratio of the sides that are tried one after another.
const SIDE_RATIO: f64 = 1.1;

/// Tiles and how many of them run at once.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Layout {
    /// The tiles of each plane.
    pub grid: TileGrid,
    /// Tiles in flight.
    pub in_flight: usize,
    /// Tiles overlap and are blended, as the caller asked for less than the network's halo.
    pub blend: bool,
    /// The tile would have been larger with more memory; this is its longest side then.
    pub without_limit: Option<usize>,
}

/// Lays out tiles for `planes` planes of `plane` rows and columns.
///
/// Without a wish the fastest tiles are taken by a simple count: pixels read by a tile, times the rounds
/// that the tiles in flight need for all of them. Tiles of a plane are as equal as the stride allows.
/// The memory of the tiles in flight is known from [`Forward::peak_bytes`] and stays within the budget.
///
/// # Errors
/// `invalid-request` for a tile or halo that does not lie on the network's grid or that the network cannot
/// take; `limit-exceeded` when one tile alone exceeds the budget.
pub(crate) fn lay_out(forward: &dyn Forward, plane: (usize, usize), planes: usize, options: &TileOptions) -> Result<Layout> {
    let request = Request { forward, plane, planes, threads: options.threads.max(1), halo: halo(forward, options.halo)? };
    let budget = options.budget.total();
    let (tile, without_limit) = match options.tile {
        Some(tile) => (request.given(tile)?, None),
        None if !forward.is_local() => (request.whole()?, None),
        None => {
            let best = request.best(u64::MAX).ok_or_else(|| request.too_large_for_network())?;
            // When nothing fits the budget, the smallest tile says below how much it would take.
            let tile = request.best(budget).unwrap_or((forward.stride(), forward.stride()));
            (tile, (tile != best).then_some(best.0.max(best.1)))
        }
    };
    let grid = request.grid(tile);
    let peak = request.peak(tile);
    options.budget.allows(peak).map_err(|error| match options.tile {
        Some(tile) => error.with("tile", tile),
        None if !forward.is_local() => error
            .with("plane", format!("{} x {}", plane.0, plane.1))
            .hint("this network sees whole planes: allow more memory, or give smaller images"),
        None => error.hint("even the smallest tile needs more: allow more memory"),
    })?;
    let in_flight = request.in_flight(tile, budget).max(1);
    Ok(Layout { grid, in_flight, blend: grid.halo < needed_halo(forward) && grid.len() > 1, without_limit })
}

/// The halo that the network needs, on its stride.
fn needed_halo(forward: &dyn Forward) -> usize {
    forward.halo().next_multiple_of(forward.stride())
}

fn halo(forward: &dyn Forward, asked: Option<usize>) -> Result<usize> {
    match asked {
        Some(halo) => on_stride(forward, "halo", halo),
        None => Ok(needed_halo(forward)),
    }
}

/// A given number of pixels is honoured or refused, never changed.
fn on_stride(forward: &dyn Forward, name: &str, pixels: usize) -> Result<usize> {
    let stride = forward.stride();
    if pixels.is_multiple_of(stride) {
        return Ok(pixels);
    }
    let near = match pixels / stride * stride {
        0 => format!("use {stride}"),
        below => format!("use {below} or {}", below + stride),
    };
    Err(Error::new(ErrorKind::InvalidRequest, "lay out tiles", format!("the {name} is not a multiple of the network's stride"))
        .with(name, pixels)
        .with("stride", stride)
        .hint(near))
}

struct Request<'a> {
    forward: &'a dyn Forward,
    plane: (usize, usize),
    planes: usize,
    threads: usize,
    halo: usize,
}

impl Request<'_> {
    fn grid(&self, tile: (usize, usize)) -> TileGrid {
        TileGrid::new(self.plane, tile, self.halo, self.forward.input_size())
    }

    /// The tile that the caller asked for, no larger than the plane on the network's grid.
    fn given(&self, tile: usize) -> Result<(usize, usize)> {
        let wrong = |message: &str| Error::new(ErrorKind::InvalidRequest, "lay out tiles", message).with("tile", tile);
        if tile == 0 {
            return Err(wrong("a tile has at least one pixel").hint("leave the tile out to have it chosen"));
        }
        if !self.forward.is_local() {
            return Err(wrong("this network looks at whole planes (InstanceNorm), so it cannot be run in tiles")
                .hint("leave the tile out"));
        }
        on_stride(self.forward, "tile", tile)?;
        let stride = self.forward.stride();
        let tile = (tile.min(self.plane.0.next_multiple_of(stride)), tile.min(self.plane.1.next_multiple_of(stride)));
        if self.runs(tile) { Ok(tile) } else { Err(self.too_large_for_network().with("tile", tile.0.max(tile.1))) }
    }

    fn too_large_for_network(&self) -> Error {
        Error::new(ErrorKind::InvalidRequest, "lay out tiles", "with its halo the tile is larger than this network takes")
            .with("halo", self.halo)
            .with("network takes", self.forward.input_size().min)
            .hint("use a smaller tile or halo")
    }

    /// One tile for the whole plane.
    fn whole(&self) -> Result<(usize, usize)> {
        let stride = self.forward.stride();
        let tile = (self.plane.0.next_multiple_of(stride), self.plane.1.next_multiple_of(stride));
        if self.runs(tile) {
            return Ok(tile);
        }
        Err(Error::new(ErrorKind::Unsupported, "lay out tiles", "this network looks at whole planes, of one size only")
            .with("plane", format!("{} x {}", self.plane.0, self.plane.1))
            .with("network takes", self.forward.input_size().min))
    }

    /// The fastest tile within a budget of bytes, if there is any.
    fn best(&self, budget: u64) -> Option<(usize, usize)> {
        self.candidates()
            .into_iter()
            .filter(|&tile| self.runs(tile) && self.peak(tile) <= budget)
            .min_by_key(|&tile| (self.cost(tile, budget), std::cmp::Reverse(tile)))
    }

    /// Nearly square tiles that cut the plane evenly, up to the longest side.
    fn candidates(&self) -> Vec<(usize, usize)> {
        let stride = self.forward.stride();
        let longest = if self.plane.0 * self.plane.1 > LARGE { LONGEST_OF_LARGE } else { LONGEST };
        let even = |plane: usize, side: usize| plane.div_ceil(plane.div_ceil(side)).next_multiple_of(stride);
        let sides = std::iter::successors(Some(stride as f64), |side| Some(side * SIDE_RATIO));
        let mut tiles: Vec<_> = sides
            .map(|side| side as usize)
            .take_while(|&side| side < longest)
            .chain([longest])
            .map(|side| (even(self.plane.0, side), even(self.plane.1, side)))
            .collect();
        tiles.dedup();
        tiles
    }

    fn runs(&self, tile: (usize, usize)) -> bool {
        let sizes = self.forward.input_size();
        fit(sizes, tile.0 + 2 * self.halo).is_some() && fit(sizes, tile.1 + 2 * self.halo).is_some()
    }

    /// Bytes of a tile in flight: its pass, and the maps that wait for their turn meanwhile.
    fn peak(&self, tile: (usize, usize)) -> u64 {
        let (height, width) = self.grid(tile).input();
        let waiting = WAITING * self.forward.output_channels() * tile.0 * tile.1 * size_of::<f32>();
        self.forward.peak_bytes(height, width) + waiting as u64
    }

    /// Tiles that run at once.
    fn in_flight(&self, tile: (usize, usize), budget: u64) -> usize {
        let fits = usize::try_from(budget / self.peak(tile).max(1)).unwrap_or(usize::MAX);
        self.threads.min(fits).min(self.grid(tile).len() * self.planes)
    }

    /// Time for all planes, in pixels that one thread reads.
    fn cost(&self, tile: (usize, usize), budget: u64) -> u64 {
        let grid = self.grid(tile);
        let (height, width) = grid.input();
        let rounds = (grid.len() * self.planes).div_ceil(self.in_flight(tile, budget).max(1));
        rounds as u64 * ((height * width) as u64 + TILE_COST)
    }
}

/// What a person is told when the budget made the tiles smaller.
pub(crate) fn smaller_tiles_note(layout: &Layout, budget: u64) -> Option<String> {
    let without = layout.without_limit?;
    let (height, width) = layout.grid.tile;
    Some(format!(
        "tiles of {height} x {width} pixels instead of up to {without}, to stay within the memory budget of {}",
        megabytes(budget)
    ))
}

#[cfg(test)]
mod tests;
