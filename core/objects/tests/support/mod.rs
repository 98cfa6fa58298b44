//! Maps to decode, made from the real label images under `tests/data`.
#![allow(dead_code, reason = "each test file uses a part")]

use std::fs;
use std::path::Path;

use fewlabel_image::{Limits, Maps, Plane, open_labels};
use fewlabel_objects::{DecodeObjects, TiledObjects, gaussian, object_targets};

/// The real label planes under `tests/data`.
pub fn real_labels() -> Vec<(String, Plane<u32>)> {
    let data = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/data");
    let mut planes = Vec::new();
    for set in ["fluorescence", "histology", "bbbc039"] {
        let mut paths: Vec<_> = fs::read_dir(data.join(set).join("labels")).unwrap().map(|entry| entry.unwrap().path()).collect();
        paths.sort();
        for path in paths {
            let labels = open_labels(&path, &Limits::default()).unwrap().plane(0, 0);
            planes.push((path.display().to_string(), labels));
        }
    }
    assert!(planes.len() > 20);
    planes
}

/// The maps of a network that says exactly what it was taught.
pub fn ideal_maps(labels: &Plane<u32>) -> Maps {
    let targets = object_targets(labels);
    let class = |wanted: u8| targets.class.data.iter().map(move |&class| f32::from(u8::from(class == wanted)));
    let data = class(0).chain(class(1)).chain(class(2)).chain(targets.distance.data.clone()).chain(targets.centre.data.clone());
    Maps::new(5, labels.height, labels.width, data.collect())
}

/// Blurs every map and adds noise that is the same everywhere.
pub fn spoiled(mut maps: Maps, sigma: f32, noise: f32) -> Maps {
    let everywhere = Plane::filled(maps.height, maps.width, true);
    for c in 0..maps.channels {
        let blurred = gaussian(&maps.plane(c), &everywhere, sigma);
        maps.channel_mut(c).copy_from_slice(&blurred.data);
    }
    let mut state = 1_u32;
    for value in &mut maps.data {
        // Numerical Recipes' linear congruential generator; its upper bits are random enough.
        state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        *value += noise * ((state >> 8) as f32 / (1 << 24) as f32 - 0.5);
    }
    maps
}

pub fn tiled(maps: &Maps, tile_height: usize, tile_width: usize, parameters: &DecodeObjects) -> Plane<u32> {
    let mut objects = TiledObjects::new(maps.height, maps.width, parameters.clone());
    for y in (0..maps.height).step_by(tile_height) {
        for x in (0..maps.width).step_by(tile_width) {
            let (bottom, right) = ((y + tile_height).min(maps.height), (x + tile_width).min(maps.width));
            let mut data = Vec::new();
            for c in 0..maps.channels {
                for row in y..bottom {
                    data.extend_from_slice(&maps.channel(c)[row * maps.width + x..row * maps.width + right]);
                }
            }
            objects.push(y, x, &Maps::new(maps.channels, bottom - y, right - x, data)).unwrap();
        }
    }
    objects.finish().unwrap()
}
