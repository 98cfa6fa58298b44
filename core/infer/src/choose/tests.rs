//! Tiles for planes, networks and budgets of many sizes.

use fewlabel_image::Maps;
use fewlabel_model::InputSize;
use proptest::prelude::*;

use super::*;
use crate::MemoryBudget;

/// A network of which only the sizes matter: 1 kB for each pixel that it reads.
struct Sizes {
    stride: usize,
    halo: usize,
    local: bool,
    fixed: Option<usize>,
}

impl Forward for Sizes {
    fn run(&self, input: &Maps) -> Result<Maps> {
        Ok(input.clone())
    }

    fn input_channels(&self) -> usize {
        1
    }

    fn output_channels(&self) -> usize {
        1
    }

    fn stride(&self) -> usize {
        self.stride
    }

    fn input_size(&self) -> InputSize {
        self.fixed.map_or(InputSize { min: self.stride, step: self.stride }, |min| InputSize { min, step: 0 })
    }

    fn halo(&self) -> usize {
        self.halo
    }

    fn peak_bytes(&self, height: usize, width: usize) -> u64 {
        (height * width * 1000) as u64
    }

    fn is_local(&self) -> bool {
        self.local
    }
}

const UNET: Sizes = Sizes { stride: 8, halo: 48, local: true, fixed: None };

fn options(tile: Option<usize>, threads: usize, bytes: u64) -> TileOptions {
    TileOptions { tile, halo: None, threads, budget: MemoryBudget::new(bytes) }
}

fn overhead(layout: &Layout) -> f64 {
    let grid = &layout.grid;
    let read: usize = (0..grid.len()).map(|i| grid.tile(i)).map(|tile| tile.input_height * tile.input_width).sum();
    read as f64 / (grid.plane.0 * grid.plane.1) as f64
}

#[test]
fn a_plane_that_fits_is_one_tile_for_one_thread_and_several_for_more() {
    let one = lay_out(&UNET, (1000, 1000), 1, &options(None, 1, 8 << 30)).unwrap();
    assert_eq!((one.grid.tile, one.in_flight, one.without_limit), ((1000, 1000), 1, None));
    let four = lay_out(&UNET, (1000, 1000), 1, &options(None, 4, 8 << 30)).unwrap();
    assert_eq!((four.grid.tile, four.in_flight), ((504, 504), 4));
    // A stack keeps four threads busy with whole planes.
    let stack = lay_out(&UNET, (1000, 1000), 40, &options(None, 4, 8 << 30)).unwrap();
    assert_eq!((stack.grid.tile, stack.in_flight), ((1000, 1000), 4));
}

#[test]
fn the_last_tile_is_no_sliver() {
    let layout = lay_out(&UNET, (1030, 2100), 1, &options(None, 1, 8 << 30)).unwrap();
    let (height, width) = layout.grid.tile;
    assert_eq!(layout.grid.counts(), (1030_usize.div_ceil(height), 2100_usize.div_ceil(width)));
    let last = layout.grid.tile(layout.grid.len() - 1);
    assert!(4 * last.height >= 3 * height && 4 * last.width >= 3 * width, "{layout:?} {last:?}");
}

#[test]
fn a_small_budget_takes_smaller_tiles_or_fewer_threads_and_says_so() {
    let plane = (4000, 4000);
    let ample = lay_out(&UNET, plane, 1, &options(None, 8, 64 << 30)).unwrap();
    assert!(overhead(&ample) < 1.35, "{}", overhead(&ample));
    let scarce = lay_out(&UNET, plane, 1, &options(None, 8, 200_000_000)).unwrap();
    let (height, width) = scarce.grid.input();
    assert!(scarce.in_flight as u64 * UNET.peak_bytes(height, width) <= 200_000_000);
    assert!(scarce.grid.tile < ample.grid.tile);
    let note = smaller_tiles_note(&scarce, 200_000_000).unwrap();
    assert!(note.contains("memory budget of 200 MB"), "{note}");
    assert_eq!(smaller_tiles_note(&ample, 64 << 30), None);
}

#[test]
fn a_given_tile_is_honoured_or_refused() {
    let layout = lay_out(&UNET, (1000, 100), 1, &options(Some(256), 4, 8 << 30)).unwrap();
    assert_eq!((layout.grid.tile, layout.in_flight), ((256, 104), 4));
    let refused = |forward: &Sizes, tile, bytes| lay_out(forward, (1000, 1000), 1, &options(Some(tile), 1, bytes)).unwrap_err();
    let off = refused(&UNET, 100, 8 << 30);
    assert_eq!(off.kind, ErrorKind::InvalidRequest);
    assert!(off.to_string().contains("use 96 or 104"), "{off}");
    assert_eq!(refused(&UNET, 0, 8 << 30).kind, ErrorKind::InvalidRequest);
    let large = refused(&UNET, 512, 200_000_000);
    assert_eq!(large.kind, ErrorKind::LimitExceeded);
    assert!(large.to_string().contains("needed: 372 MB, budget: 200 MB, tile: 512"), "{large}");
    let fixed = Sizes { stride: 1, halo: 16, local: true, fixed: Some(256) };
    assert_eq!(refused(&fixed, 256, 8 << 30).kind, ErrorKind::InvalidRequest);
}

#[test]
fn a_network_of_one_size_gets_tiles_of_that_size() {
    let fixed = Sizes { stride: 1, halo: 16, local: true, fixed: Some(256) };
    let layout = lay_out(&fixed, (500, 90), 1, &options(None, 2, 8 << 30)).unwrap();
    assert!((0..layout.grid.len()).map(|i| layout.grid.tile(i)).all(|t| (t.input_height, t.input_width) == (256, 256)));
    assert!(layout.grid.tile.0 <= 224, "{layout:?}");
}

#[test]
fn a_network_that_is_not_local_sees_the_whole_plane() {
    let global = Sizes { local: false, ..UNET };
    let layout = lay_out(&global, (3000, 50), 2, &options(None, 8, 8 << 30)).unwrap();
    assert_eq!((layout.grid.len(), layout.in_flight), (1, 2));
    let error = lay_out(&global, (3000, 3000), 1, &options(None, 8, 1 << 30)).unwrap_err();
    assert_eq!(error.kind, ErrorKind::LimitExceeded);
}

#[test]
fn less_than_the_halo_is_blended() {
    let with = |halo| lay_out(&UNET, (1000, 1000), 1, &TileOptions { halo: Some(halo), ..options(Some(256), 1, 8 << 30) });
    assert!(with(16).unwrap().blend);
    assert!(!with(48).unwrap().blend && !with(64).unwrap().blend);
    assert_eq!(with(20).unwrap_err().kind, ErrorKind::InvalidRequest);
}

proptest! {
    #[test]
    fn chosen_tiles_always_fit(
        height in 1usize..5000, width in 1usize..5000, planes in 1usize..20, threads in 1usize..33,
        megabytes in 20u64..4000, levels in 0u32..5,
    ) {
        let stride = 1 << levels;
        let forward = Sizes { stride, halo: 3 * stride, local: true, fixed: None };
        let bytes = megabytes * 1_000_000;
        let layout = lay_out(&forward, (height, width), planes, &options(None, threads, bytes)).unwrap();
        let (rows, columns) = layout.grid.input();
        prop_assert!(layout.in_flight >= 1 && layout.in_flight <= threads);
        prop_assert!(layout.in_flight as u64 * forward.peak_bytes(rows, columns) <= bytes);
        prop_assert!(layout.grid.tile.0.is_multiple_of(stride) && layout.grid.tile.1.is_multiple_of(stride));
        prop_assert!(layout.grid.tile.0 <= LONGEST && layout.grid.tile.1 <= LONGEST);
    }
}
