//! Memory is known before it is used.

#![allow(clippy::unwrap_used, reason = "a test may fail loudly")]

mod support;

use fewlabel_contract::ErrorKind;
use fewlabel_infer::{Forward, MemoryBudget, TractForward};
use fewlabel_model::Network;
use peak_alloc::PeakAlloc;
use support::*;

#[global_allocator]
static MEMORY: PeakAlloc = PeakAlloc;

/// Bytes that `work` holds at its worst moment beyond what is held before.
fn held_by(work: impl FnOnce()) -> u64 {
    MEMORY.reset_peak_usage();
    let before = MEMORY.current_usage();
    work();
    (MEMORY.peak_usage() - before) as u64
}

/// One test for all: the allocator counts what every thread of this process holds.
#[test]
fn memory_stays_within_the_budget() {
    a_pass_holds_what_was_foretold();
    tiles_in_flight_stay_within_the_budget();
    a_tile_over_the_budget_is_refused();
}

fn a_pass_holds_what_was_foretold() {
    for (width, levels) in [(4, 3), (16, 3), (8, 4)] {
        let package = package_of(Network::unet(1, width, levels, &objects_head()).unwrap(), 3);
        let forward = TractForward::new(&package).unwrap();
        for (height, width) in [(64, 64), (128, 320), (256, 192)] {
            let input = fewlabel_image::Maps::zeros(1, height, width);
            // The plan is made in the first pass and kept.
            forward.run(&input).unwrap();
            let held = held_by(|| drop(forward.run(&input).unwrap()));
            let foretold = forward.peak_bytes(height, width);
            // Never more than was foretold; and not less than half of it, the megabyte of working space aside, which
            // processors use to different degrees.
            let fits = held * 100 <= foretold * 105 && held * 2 >= foretold - (1 << 20);
            assert!(fits, "{height} x {width}, {levels} levels: {held} bytes held, {foretold} foretold");
        }
    }
}

fn tiles_in_flight_stay_within_the_budget() {
    let package = package_of(Network::unet(1, 16, 3, &objects_head()).unwrap(), 3);
    let image = nuclei();
    let mut options = tiled(None, 2);
    options.maps = false;
    let ample = segment(&package, &image, &options).unwrap();
    assert!(ample.found.notes.is_empty(), "{:?}", ample.found.notes);
    options.tiles.budget = MemoryBudget::new(12_000_000);
    let mut scarce = None;
    let held = held_by(|| scarce = Some(segment(&package, &image, &options).unwrap()));
    let scarce = scarce.unwrap();
    assert!(scarce.found.tile < ample.found.tile);
    assert!(
        scarce.found.notes.iter().any(|note| note.contains("to stay within the memory budget of 12 MB")),
        "{:?}",
        scarce.found.notes
    );
    assert_eq!(scarce.labels, ample.labels);
    // Beside the tiles in flight: the graph and its plan, the normalised plane, labels and open objects.
    let beside = 6_000_000 + 40 * (520 * 696);
    assert!(held < 12_000_000 + beside, "{held} bytes held");
}

fn a_tile_over_the_budget_is_refused() {
    let package = package_of(Network::unet(1, 16, 3, &objects_head()).unwrap(), 3);
    let mut options = tiled(Some(256), 2);
    options.tiles.budget = MemoryBudget::new(12_000_000);
    let mut error = None;
    let held = held_by(|| error = Some(segment(&package, &nuclei(), &options).unwrap_err()));
    let error = error.unwrap();
    assert_eq!(error.kind, ErrorKind::LimitExceeded);
    assert!(error.to_string().contains("tile: 256") && error.to_string().contains("budget: 12 MB"), "{error}");
    assert!(held < 12_000_000, "refused only after {held} bytes were held");
    options.tiles.tile = None;
    options.tiles.budget = MemoryBudget::new(100_000);
    let error = segment(&package, &nuclei(), &options).unwrap_err();
    assert_eq!(error.kind, ErrorKind::LimitExceeded);
    assert!(error.to_string().contains("even the smallest tile"), "{error}");
}
