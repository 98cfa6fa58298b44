//! The decoder on real label images and on maps that make no sense.
#![allow(clippy::unwrap_used, reason = "a test may fail loudly")]

mod support;

use fewlabel_contract::ErrorKind;
use fewlabel_image::{Maps, Plane};
use fewlabel_objects::{DecodeObjects, components, decode_objects, median_diameter, relabel};
use fewlabel_score::match_objects;
use proptest::prelude::*;
use support::{ideal_maps, real_labels, spoiled};

/// Each plane is decoded with settings for the diameter of its objects.
fn mean_ap50(maps_of: impl Fn(&Plane<u32>) -> Maps, parameters_for: impl Fn(f64) -> DecodeObjects) -> f64 {
    let planes = real_labels();
    let ap50 = |(_, labels): &(String, Plane<u32>)| {
        let parameters = parameters_for(median_diameter(labels).unwrap());
        match_objects(labels, &decode_objects(&maps_of(labels), &parameters).unwrap()).scores().ap50
    };
    planes.iter().map(ap50).sum::<f64>() / planes.len() as f64
}

fn foreground(maps: &Maps, parameters: &DecodeObjects) -> Plane<bool> {
    maps.plane(0).map(|background| 1.0 - background > parameters.foreground)
}

#[test]
fn ideal_maps_of_real_labels_decode_back() {
    let eager = |diameter: f64| DecodeObjects { min_area: 1, ..DecodeObjects::default().splits(diameter).swap_remove(3) };
    let ap50 = mean_ap50(ideal_maps, eager);
    assert!(ap50 >= 0.99, "AP50 {ap50}");
    let ap50 = mean_ap50(ideal_maps, |diameter| DecodeObjects::default().for_diameter(diameter));
    assert!(ap50 >= 0.95, "AP50 {ap50}");
}

#[test]
fn blurred_and_noisy_maps_decode_back_almost() {
    let ap50 =
        mean_ap50(|labels| spoiled(ideal_maps(labels), 1.0, 0.3), |diameter| DecodeObjects::default().for_diameter(diameter));
    assert!(ap50 >= 0.9, "AP50 {ap50}");
}

#[test]
fn a_component_does_not_see_what_lies_around_it() {
    let (_, labels) = real_labels().swap_remove(3);
    let maps = spoiled(ideal_maps(&labels), 1.5, 0.4);
    // A filled hole may hold another component.
    let parameters = DecodeObjects { max_hole: 0, ..DecodeObjects::default() };
    let whole = decode_objects(&maps, &parameters).unwrap();
    let (pieces, count) = components(&foreground(&maps, &parameters), true);
    assert!(count > 10);
    for component in (1..=count).step_by(7) {
        let mut alone = maps.clone();
        let mut expected = whole.clone();
        for (pixel, _) in pieces.data.iter().enumerate().filter(|(_, other)| **other != component) {
            alone.channel_mut(0)[pixel] = 1.0;
            expected.data[pixel] = 0;
        }
        assert_eq!(decode_objects(&alone, &parameters).unwrap(), relabel(&expected).0);
    }
}

#[test]
fn maps_without_sense_give_no_objects() {
    let parameters = DecodeObjects { min_area: 1, ..DecodeObjects::default() };
    let empty = decode_objects(&Maps::zeros(5, 0, 0), &parameters).unwrap();
    assert_eq!((empty.height, empty.width), (0, 0));
    let nan = Maps::new(5, 3, 3, vec![f32::NAN; 45]);
    assert_eq!(decode_objects(&nan, &parameters).unwrap().data, [0; 9]);
    // All foreground, without any feature: one object.
    let flat = Maps::zeros(5, 3, 3);
    assert_eq!(decode_objects(&flat, &parameters).unwrap().data, [1; 9]);
    assert_eq!(decode_objects(&Maps::zeros(5, 1, 1), &parameters).unwrap().data, [1]);
    let error = decode_objects(&Maps::zeros(3, 2, 2), &parameters).unwrap_err();
    assert_eq!(error.kind, ErrorKind::Internal);
}

#[test]
fn a_pixel_that_is_no_number_is_background() {
    let mut maps = Maps::zeros(5, 1, 3);
    let parameters = DecodeObjects { min_area: 1, ..DecodeObjects::default() };
    for channel in 0..5 {
        maps.channel_mut(channel)[1] = f32::NAN;
        assert_eq!(decode_objects(&maps, &parameters).unwrap().data, [1, 0, 2], "channel {channel}");
        maps.channel_mut(channel)[1] = 0.0;
    }
}

#[test]
fn more_objects_than_sixteen_bits_hold() {
    // Every other pixel of every other row.
    let (height, width) = (600, 600);
    let mut maps = Maps::zeros(5, height, width);
    for (pixel, background) in maps.channel_mut(0).iter_mut().enumerate() {
        *background = f32::from(u8::from(pixel / width % 2 == 1 || pixel % width % 2 == 1));
    }
    let objects = decode_objects(&maps, &DecodeObjects { min_area: 1, ..DecodeObjects::default() }).unwrap();
    assert_eq!(objects.data.iter().max(), Some(&90_000));
    assert_eq!((objects.at(0, 2), objects.at(2, 0), objects.at(598, 598)), (2, 301, 90_000));
}

#[test]
fn doubtful_and_small_objects_are_dropped() {
    // Two objects: 3 pixels of foreground 0.6, and 2 of 0.9.
    let background = [0.4, 0.4, 0.4, 1.0, 0.1, 0.1, 1.0];
    let mut maps = Maps::zeros(5, 1, 7);
    maps.channel_mut(0).copy_from_slice(&background);
    let decode = |confidence, min_area| {
        let parameters = DecodeObjects { foreground: 0.5, confidence, min_area, ..DecodeObjects::default() };
        decode_objects(&maps, &parameters).unwrap().data
    };
    assert_eq!(decode(0.5, 1), [1, 1, 1, 0, 2, 2, 0]);
    assert_eq!(decode(0.7, 1), [0, 0, 0, 0, 1, 1, 0]);
    assert_eq!(decode(0.5, 3), [1, 1, 1, 0, 0, 0, 0]);
}

#[test]
fn a_tenth_of_sure_pixels_is_enough() {
    let sure = |count: usize| {
        let mut maps = Maps::zeros(5, 1, 20);
        for (pixel, background) in maps.channel_mut(0).iter_mut().enumerate() {
            *background = if pixel < count { 0.0 } else { 0.4 };
        }
        decode_objects(&maps, &DecodeObjects { foreground: 0.5, ..DecodeObjects::default() }).unwrap().at(0, 0)
    };
    assert_eq!((sure(1), sure(2)), (0, 1));
}

#[test]
fn parameters_are_read_checked_and_offered() {
    let candidates = DecodeObjects::default().thresholds();
    assert_eq!(candidates[0], DecodeObjects::default());
    for parameters in &candidates {
        parameters.check().unwrap();
        let text = serde_json::to_string(parameters).unwrap();
        assert_eq!(&serde_json::from_str::<DecodeObjects>(&text).unwrap(), parameters);
    }
    assert_eq!(serde_json::from_str::<DecodeObjects>("{}").unwrap(), DecodeObjects::default());
    assert!(serde_json::from_str::<DecodeObjects>(r#"{"seeds": 1}"#).is_err());
    let sized = DecodeObjects::default().for_diameter(36.0);
    assert_eq!((sized.smoothing, sized.min_area, sized.max_hole), (3.0, 50, 254));
    sized.check().unwrap();
    assert!(sized.thresholds().iter().all(|candidate| candidate.smoothing == 3.0));
    let splits = sized.splits(36.0);
    assert_eq!(splits[0], sized);
    assert!(splits.iter().skip(1).all(|split| *split != sized));
    assert!(splits.iter().all(|split| split.check().is_ok()));
    let halved = sized.scaled(0.5);
    assert_eq!((halved.smoothing, halved.min_area, halved.max_hole), (1.5, 13, 64));
    DecodeObjects::default().for_diameter(1e4).scaled(32.0).check().unwrap();
    for (foreground, seed_height) in [(1.5, 0.1), (f32::NAN, 0.1), (0.5, -0.1)] {
        let error = DecodeObjects { foreground, seed_height, ..DecodeObjects::default() }.check().unwrap_err();
        assert_eq!(error.kind, ErrorKind::InvalidRequest);
    }
}

proptest! {
    /// An object of the result is connected, unless a hole was filled across a corner.
    #[test]
    fn objects_lie_in_the_foreground_and_are_connected(
        data in prop::collection::vec(0.0..1.0_f32, 5 * 8 * 8),
    ) {
        let maps = Maps::new(5, 8, 8, data);
        let parameters = DecodeObjects { min_area: 0, max_hole: 0, confidence: 0.0, ..DecodeObjects::default() };
        let objects = decode_objects(&maps, &parameters).unwrap();
        let foreground = foreground(&maps, &parameters);
        let covered = objects.map(|object| object != 0);
        prop_assert_eq!(&covered, &foreground);
        for object in 1..=objects.data.iter().max().copied().unwrap_or(0) {
            prop_assert_eq!(components(&objects.map(|o| o == object), true).1, 1);
        }
    }
}
