//! Golden values from StarDist's `matching` and scikit-learn on real label images (made by `tests/golden/scores.py`).
#![allow(clippy::unwrap_used, reason = "a test may fail loudly")]

use std::fs;
use std::path::{Path, PathBuf};

use fewlabel_contract::Find;
use fewlabel_image::{Calibration, LabelImage, Limits, Plane, open_labels};
use fewlabel_score::{LabelPair, Overlap, class_overlaps, evaluate, foreground_overlap, match_objects};
use serde_json::Value;

fn tests() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests")
}

/// Rows of golden values with the truth and the prediction that they belong to.
fn rows() -> Vec<(Value, Plane<u32>, Plane<u32>)> {
    let text = fs::read_to_string(tests().join("golden/scores.json")).unwrap();
    let rows: Vec<Value> = serde_json::from_str(&text).unwrap();
    let with_labels = |row: Value| {
        let path = tests().join("data").join(row["labels"].as_str().unwrap());
        let truth = open_labels(&path, &Limits::default()).unwrap().plane(0, 0);
        let prediction = perturb(&truth, row["perturbation"].as_str().unwrap());
        (row, truth, prediction)
    };
    rows.into_iter().map(with_labels).collect()
}

fn perturb(truth: &Plane<u32>, how: &str) -> Plane<u32> {
    match how {
        "same" => truth.clone(),
        "shift" => shift(truth, 2, -3),
        "erode" => erode(truth),
        "merge" => merge(truth),
        "drop" => drop_fifth(truth),
        "split" => split(truth),
        "all" => split(&drop_fifth(&merge(&shift(&erode(truth), 1, 1)))),
        "none" => truth.map(|_| 0),
        other => panic!("no perturbation {other}"),
    }
}

fn shift(labels: &Plane<u32>, dy: isize, dx: isize) -> Plane<u32> {
    let mut moved = Plane::filled(labels.height, labels.width, 0);
    for y in 0..labels.height {
        for x in 0..labels.width {
            let from = (y.checked_add_signed(-dy), x.checked_add_signed(-dx));
            if let (Some(from_y), Some(from_x)) = from
                && from_y < labels.height
                && from_x < labels.width
            {
                moved.set(y, x, labels.at(from_y, from_x));
            }
        }
    }
    moved
}

fn erode(labels: &Plane<u32>) -> Plane<u32> {
    let mut eroded = labels.clone();
    let (bottom, right) = (labels.height - 1, labels.width - 1);
    for y in 0..labels.height {
        for x in 0..labels.width {
            let around = [(y.saturating_sub(1), x), ((y + 1).min(bottom), x), (y, x.saturating_sub(1)), (y, (x + 1).min(right))];
            if around.iter().any(|&(v, u)| labels.at(v, u) != labels.at(y, x)) {
                eroded.set(y, x, 0);
            }
        }
    }
    eroded
}

fn merge(labels: &Plane<u32>) -> Plane<u32> {
    labels.map(|id| if id % 4 == 2 { id - 1 } else { id })
}

fn drop_fifth(labels: &Plane<u32>) -> Plane<u32> {
    labels.map(|id| if id.is_multiple_of(5) { 0 } else { id })
}

fn split(labels: &Plane<u32>) -> Plane<u32> {
    let mut cut = labels.clone();
    for y in 0..labels.height {
        for x in 0..labels.width {
            let id = labels.at(y, x);
            if id != 0 && id.is_multiple_of(3) && x / 8 % 2 == 1 {
                cut.set(y, x, id + 100_000);
            }
        }
    }
    cut
}

fn close(ours: f64, golden: &Value, row: &Value) {
    let golden = golden.as_f64().unwrap();
    assert!((ours - golden).abs() < 1e-9, "{ours} instead of {golden} in {row}");
}

#[test]
fn objects_are_matched_as_by_stardist() {
    for (row, truth, prediction) in rows() {
        let matches = match_objects(&truth, &prediction);
        for i in 0..10 {
            assert_eq!(matches.found[i] as u64, row["found"][i], "threshold {i} in {row}");
            assert_eq!(matches.missed[i] as u64, row["missed"][i], "threshold {i} in {row}");
            assert_eq!(matches.invented[i] as u64, row["invented"][i], "threshold {i} in {row}");
            close(matches.ap()[i], &row["ap"][i], &row);
        }
        let scores = matches.scores();
        assert_eq!((scores.ap50, scores.found), (scores.ap[0], matches.found[0]));
        assert!((scores.ap_50_90 - scores.ap[..9].iter().sum::<f64>() / 9.0).abs() < 1e-12);
    }
}

#[test]
fn overlaps_are_scikit_learns() {
    for (row, truth, prediction) in rows() {
        let foreground = foreground_overlap(&truth, &prediction);
        close(foreground.dice(), &row["dice"], &row);
        close(foreground.iou(), &row["iou"], &row);
        let classes = class_overlaps(&truth.map(|id| id % 3), &prediction.map(|id| id % 3));
        let mut all = Overlap::default();
        for (i, class) in [1, 2].into_iter().enumerate() {
            let overlap = classes.get(&class).copied().unwrap_or_default();
            close(overlap.dice(), &row["class_dice"][i], &row);
            close(overlap.iou(), &row["class_iou"][i], &row);
            all += overlap;
        }
        close(all.dice(), &row["micro_dice"], &row);
        close(all.iou(), &row["micro_iou"], &row);
    }
}

#[test]
fn evaluation_averages_the_golden_scores() {
    let rows = rows();
    let pairs = rows.iter().map(|(row, truth, prediction)| {
        Ok(LabelPair {
            name: row["labels"].as_str().unwrap().to_owned(),
            truth: LabelImage::from_plane(truth.clone(), Calibration::default()),
            prediction: LabelImage::from_plane(prediction.clone(), Calibration::default()),
        })
    });
    let result = evaluate(Find::Objects, pairs).unwrap();
    let mean = |of: &dyn Fn(&Value) -> f64| rows.iter().map(|(row, _, _)| of(row)).sum::<f64>() / rows.len() as f64;
    let objects = result.objects.unwrap();
    for i in 0..10 {
        assert!((objects.ap[i] - mean(&|row| row["ap"][i].as_f64().unwrap())).abs() < 1e-9);
    }
    assert!((result.mean.unwrap().dice - mean(&|row| row["dice"].as_f64().unwrap())).abs() < 1e-9);
    assert!((result.mean.unwrap().iou - mean(&|row| row["iou"].as_f64().unwrap())).abs() < 1e-9);
    let sum = |name: &str| rows.iter().map(|(row, _, _)| row[name][0].as_u64().unwrap()).sum::<u64>();
    let pooled = result.objects_pooled.unwrap();
    assert_eq!(
        (pooled.found as u64, pooled.missed as u64, pooled.invented as u64),
        (sum("found"), sum("missed"), sum("invented"))
    );
    assert_eq!((objects.found, objects.missed, objects.invented), (pooled.found, pooled.missed, pooled.invented));
    assert_eq!(result.images.len(), rows.len());
    assert_eq!(result.per_class, vec![(1, result.micro.unwrap())]);
}
