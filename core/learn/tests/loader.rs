//! Batches are a function of seed, step and place, whoever makes them.

#![allow(clippy::unwrap_used, reason = "a test may panic")]

mod common;

use common::learned;
use common::place::{Place, own};
use fewlabel_contract::{CancelToken, Event};
use fewlabel_learn::Run;
use fewlabel_learn::shim;
use fewlabel_learn::train::train;
use serde_json::json;

/// Trains in this process, with so many threads that make batches.
fn trained(loader_threads: usize) -> [Vec<u8>; 2] {
    let (place, token, previews) = (Place::new(), CancelToken::new(), tempfile::tempdir().unwrap());
    place.squares("a", 60, own).squares("b", 60, own);
    let run = Run { token: &token, sink: &|_: Event| {}, threads: 1, loader_threads, previews: previews.path() };
    let args = place.request(json!({"steps": 12})).parse_args().unwrap();
    train(&args, &shim::open_cuda(), &run).unwrap();
    learned(&place.path("model.zip"))
}

#[test]
fn the_number_of_loading_threads_changes_no_byte() {
    let one = trained(1);
    assert!(trained(2) == one);
    assert!(trained(5) == one);
}
