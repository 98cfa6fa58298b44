//! Golden values from scipy and scikit-image on real label images (made by `tests/golden/objects.py`).
#![allow(clippy::unwrap_used, reason = "a test may fail loudly")]

use std::fs;
use std::path::{Path, PathBuf};

use fewlabel_image::{Calibration, Limits, Maps, Plane, open, open_labels};
use fewlabel_objects::{components, distance_transform, measure, object_targets, otsu, watershed};
use serde_json::Value;

fn tests() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests")
}

fn rows() -> Vec<Value> {
    let text = fs::read_to_string(tests().join("golden/objects.json")).unwrap();
    serde_json::from_str(&text).unwrap()
}

fn file(row: &Value, kind: &str) -> PathBuf {
    tests().join("data").join(row["name"].as_str().unwrap().replace("{}", kind))
}

fn labels(row: &Value) -> Plane<u32> {
    open_labels(&file(row, "labels"), &Limits::default()).unwrap().plane(0, 0)
}

/// The image's channels' mean.
fn grey(row: &Value) -> Maps {
    let image = open(&file(row, "images"), &Limits::default()).unwrap().plane(0, 0);
    let pixels = image.height * image.width;
    let mean = |pixel: usize| {
        let sum: f64 = (0..image.channels).map(|c| f64::from(image.channel(c)[pixel])).sum();
        (sum / image.channels as f64) as f32
    };
    Maps::new(1, image.height, image.width, (0..pixels).map(mean).collect())
}

fn checksum(values: impl Iterator<Item = i64>) -> i64 {
    values.enumerate().map(|(i, value)| value * (i as i64 % 1009 + 1)).sum()
}

fn of_ids(plane: &Plane<u32>) -> i64 {
    checksum(plane.data.iter().map(|&id| i64::from(id)))
}

fn close(ours: f64, golden: &Value, what: &str) {
    let golden = golden.as_f64().unwrap();
    assert!((ours - golden).abs() <= 1e-9 * golden.abs().max(1.0), "{what}: {ours} instead of {golden}");
}

#[test]
fn distance_transform_is_scipys() {
    for row in rows() {
        let labels = labels(&row);
        for (name, mask) in
            [("squared_distance", labels.map(|id| id > 0)), ("squared_distance_outside", labels.map(|id| id == 0))]
        {
            let distance = distance_transform(&mask);
            let squared = distance.data.iter().map(|&d| (f64::from(d) * f64::from(d)).round() as i64);
            assert_eq!(checksum(squared), row[name].as_i64().unwrap(), "{name} of {}", row["name"]);
        }
    }
}

#[test]
fn components_are_scipys() {
    for row in rows() {
        let mask = labels(&row).map(|id| id > 0);
        assert_eq!(of_ids(&components(&mask, true).0), row["components_8"].as_i64().unwrap(), "{}", row["name"]);
        assert_eq!(of_ids(&components(&mask, false).0), row["components_4"].as_i64().unwrap(), "{}", row["name"]);
    }
}

#[test]
fn watershed_is_scikit_images() {
    for row in rows() {
        let labels = labels(&row);
        let count = labels.data.len() as u64;
        let noise = (0..count).map(|i| (i * 7919 % count) as f32).collect();
        let mut seen = std::collections::HashSet::from([0]);
        let seeds = labels.data.iter().map(|&id| if seen.insert(id) { id } else { 0 }).collect();
        let objects = watershed(
            &Plane::new(labels.height, labels.width, noise),
            &Plane::new(labels.height, labels.width, seeds),
            &labels.map(|id| id > 0),
        );
        assert_eq!(of_ids(&objects), row["watershed"].as_i64().unwrap(), "{}", row["name"]);
    }
}

#[test]
fn targets_have_scikit_images_boundary_and_scipys_distance() {
    for row in rows() {
        let targets = object_targets(&labels(&row));
        let boundary = targets.class.data.iter().map(|&class| i64::from(class == 2));
        assert_eq!(checksum(boundary), row["boundary"].as_i64().unwrap(), "{}", row["name"]);
        let distance = || targets.distance.data.iter().map(|&d| f64::from(d));
        let moment: f64 = distance().enumerate().map(|(i, d)| i as f64 * d).sum();
        // Our distances are of single precision, 1e-7 each.
        let near = |ours: f64, golden: &Value| (ours / golden.as_f64().unwrap() - 1.0).abs() < 1e-7;
        assert!(near(distance().sum(), &row["distance_sum"]), "{}", row["name"]);
        assert!(near(moment / targets.distance.data.len() as f64, &row["distance_moment"]), "{}", row["name"]);
    }
}

#[test]
fn otsu_is_scikit_images() {
    for row in rows() {
        close(f64::from(otsu(&grey(&row).data)), &row["otsu"], "threshold");
    }
}

#[test]
fn measurements_are_scikit_images_and_scipys() {
    for row in rows() {
        let labels = labels(&row);
        let measured = measure(&labels, &grey(&row), &Calibration::default());
        let golden = row["objects"].as_array().unwrap();
        assert_eq!(measured.len(), golden.len());
        for (object, golden) in measured.iter().zip(golden) {
            let bbox = [object.top, object.left, object.top + object.height, object.left + object.width];
            assert_eq!(u64::from(object.label), golden["label"]);
            assert_eq!(serde_json::to_value(bbox).unwrap(), golden["bbox"]);
            close(object.area, &golden["area"], "area");
            // Ours are counted from the corner of the first pixel, theirs from its centre.
            close(object.centroid.0 - 0.5, &golden["centroid"][0], "centroid's row");
            close(object.centroid.1 - 0.5, &golden["centroid"][1], "centroid's column");
            close(object.perimeter, &golden["perimeter"], "perimeter");
            close(object.area / object.solidity, &golden["hull_area"], "area of the convex hull");
            close(object.feret, &golden["feret"], "feret");
            let roundness = 4.0 * std::f64::consts::PI * object.area / object.perimeter.powi(2);
            assert!((object.circularity - roundness.min(1.0)).abs() < 1e-12);
            let edge = bbox[0] == 0 || bbox[1] == 0 || bbox[2] == labels.height || bbox[3] == labels.width;
            assert_eq!(object.border, edge);
            let intensity = &object.intensities[0];
            for (name, ours) in [
                ("mean", intensity.mean),
                ("median", intensity.median),
                ("min", intensity.min),
                ("max", intensity.max),
                ("integrated", intensity.integrated),
            ] {
                close(ours, &golden[name], name);
            }
        }
    }
}
