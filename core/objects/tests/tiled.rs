//! Decoding tile by tile gives what decoding the whole gives.
#![allow(clippy::unwrap_used, reason = "a test may fail loudly")]

mod support;

use fewlabel_contract::ErrorKind;
use fewlabel_image::{Maps, Plane};
use fewlabel_objects::{DecodeObjects, TiledObjects, decode_objects, relabel};
use proptest::prelude::*;
use support::{ideal_maps, real_labels, spoiled, tiled};

#[test]
fn tiles_of_real_maps_give_the_objects_of_the_whole() {
    let parameters = DecodeObjects::default();
    for (name, labels) in real_labels().into_iter().step_by(4) {
        let maps = spoiled(ideal_maps(&labels), 1.5, 0.4);
        let whole = decode_objects(&maps, &parameters).unwrap();
        for (height, width) in [(64, 64), (100, 37), (1, maps.width), (maps.height, 1), (7, 1000)] {
            assert_eq!(tiled(&maps, height, width, &parameters), whole, "{name} in tiles of {height} x {width}");
        }
    }
}

#[test]
fn an_object_in_the_hole_of_another_stays() {
    // A ring of 9 x 9, and in its hole of 7 x 7 an object of 3 x 3.
    let mut labels = Plane::filled(11, 11, 0);
    for y in 0..11_usize {
        for x in 0..11_usize {
            let from_centre = y.abs_diff(5).max(x.abs_diff(5));
            labels.set(
                y,
                x,
                match from_centre {
                    4 => 1,
                    0 | 1 => 2,
                    _ => 0,
                },
            );
        }
    }
    let maps = ideal_maps(&labels);
    let parameters = DecodeObjects { min_area: 1, max_hole: 1000, seed_height: 2.0, smoothing: 0.0, ..DecodeObjects::default() };
    let whole = decode_objects(&maps, &parameters).unwrap();
    assert_eq!((whole.at(1, 1), whole.at(2, 2), whole.at(4, 4), whole.at(0, 0)), (1, 1, 2, 0));
    for side in 1..11 {
        assert_eq!(tiled(&maps, side, side, &parameters), whole);
    }
}

#[test]
fn tiles_out_of_turn_are_refused() {
    let tile = |height, width| Maps::zeros(5, height, width);
    let new = || TiledObjects::new(4, 4, DecodeObjects::default());
    assert!(new().push(0, 2, &tile(2, 2)).is_err(), "the first tile is missing");
    assert!(new().push(0, 0, &tile(5, 2)).is_err(), "too high");
    assert!(new().push(0, 0, &tile(2, 5)).is_err(), "too wide");
    assert!(new().push(0, 0, &tile(0, 2)).is_err(), "empty");
    assert!(new().push(0, 0, &Maps::zeros(4, 2, 2)).is_err(), "four maps");
    let mut ragged = new();
    ragged.push(0, 0, &tile(2, 2)).unwrap();
    assert!(ragged.push(0, 2, &tile(1, 2)).is_err(), "lower than its neighbour");
    let error = ragged.finish().unwrap_err();
    assert_eq!(error.kind, ErrorKind::Internal);
}

proptest! {
    /// Random maps have the most awkward components there are.
    #[test]
    fn tiles_of_random_maps_give_the_objects_of_the_whole(
        (maps, tile_height, tile_width) in (1..12_usize, 1..12_usize).prop_flat_map(|(height, width)| {
            let value = prop_oneof![20 => 0.0..1.0_f32, 1 => Just(f32::NAN), 5 => Just(0.5_f32)];
            let maps = prop::collection::vec(value, 5 * height * width).prop_map(move |data| Maps::new(5, height, width, data));
            (maps, 1..height + 2, 1..width + 2)
        }),
        foreground in 0.0..0.9_f32,
        seed_height in 0.0..0.5_f32,
        min_area in 0..4_usize,
        max_hole in 0..9_usize,
    ) {
        let parameters =
            DecodeObjects { foreground, seed_height, min_area, max_hole, confidence: 0.4, ..DecodeObjects::default() };
        let whole = decode_objects(&maps, &parameters).unwrap();
        prop_assert_eq!(tiled(&maps, tile_height, tile_width, &parameters), whole.clone());
        prop_assert_eq!(relabel(&whole).0, whole);
    }
}
