//! A small memory budget: the work is done in smaller tiles and that is said; what was asked for and does not fit is refused.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]

#[path = "support/place.rs"]
mod place;
#[path = "support/tiny.rs"]
mod tiny;

use std::path::PathBuf;

use fewlabel::contract::ErrorKind;
use fewlabel_image::{Limits, open_labels};
use place::{NUCLEI, Place, data, value_of};
use serde_json::{Value, json};

/// Segments a real image and gives labels, tile and what was told.
fn segmented(place: &Place, model: &PathBuf, more: Value) -> (Vec<u32>, usize, Vec<String>) {
    let mut args = json!({"model": model});
    args.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    let (result, said) = place.told(&[data(NUCLEI)], args);
    let labels = open_labels(result.images[0].labels.as_ref().unwrap(), &Limits::default()).unwrap();
    (labels.ids, result.tile, said)
}

#[test]
fn two_hundred_megabytes_are_enough_and_a_tile_beyond_them_is_refused() {
    let place = Place::new();
    let model = place.path("breit µ.zip");
    // Wide enough that one pass over a whole image would hold more than the budget.
    tiny::package(48).write(&model, false).unwrap();
    let (labels, tile, said) = segmented(&place, &model, json!({"memory": 200, "threads": 1}));
    assert!(said.iter().any(|line| line.contains("to stay within the memory budget of 200 MB")), "{said:?}");
    // The model of one channel gives the same objects and is never short of memory.
    let (expected, without, said) =
        segmented(&place, &tiny::path(), json!({"memory": 200, "threads": 1, "output": place.path("narrow")}));
    assert!(said.is_empty(), "{said:?}");
    assert!(tile < without, "tiles of {tile} instead of {without}");
    assert_eq!(labels, expected);
    assert!(labels.iter().any(|&id| id > 10));

    let more = json!({"model": model, "memory": 200, "tile": 1024, "output": place.path("refused")});
    let error = place.segment(&[data(NUCLEI)], more).unwrap_err();
    assert_eq!(error.kind, ErrorKind::LimitExceeded, "{error}");
    assert_eq!((value_of(&error, "tile"), value_of(&error, "budget")), ("1024", "200 MB"), "{error}");
    assert!(error.hint.unwrap().contains("smaller tiles"));
    assert!(!place.path("refused").join("run.json").exists());
}
