//! Averages over images, classes and planes.
#![allow(clippy::unwrap_used, reason = "a test may fail loudly")]

use fewlabel_contract::{Error, ErrorKind, Find, OverlapScores};
use fewlabel_image::{Calibration, LabelImage, Plane};
use fewlabel_score::{LabelPair, evaluate, evaluate_at};

const U: u32 = u32::MAX;

fn pair(truth: &[u32], prediction: &[u32]) -> LabelPair {
    let image = |ids: &[u32]| LabelImage::from_plane(Plane::new(1, ids.len(), ids.to_vec()), Calibration::default());
    LabelPair { name: "cells".into(), truth: image(truth), prediction: image(prediction) }
}

#[test]
fn three_ways_of_averaging_differ() {
    // Dice 1 on 2 pixels, 0 on 2 + 6 pixels.
    let pairs = [pair(&[1, 1, 0, 0], &[1, 1, 0, 0]), pair(&[1, 1, 0, 0, 0, 0, 0, 0], &[0, 0, 2, 2, 2, 2, 2, 2])];
    let result = evaluate(Find::Objects, pairs.map(Ok)).unwrap();
    assert_eq!((result.images[0].overlap.dice, result.images[1].overlap.dice), (1.0, 0.0));
    assert_eq!(result.mean.unwrap().dice, 0.5);
    assert_eq!(result.micro.unwrap().dice, 4.0 / 12.0);
    assert_eq!(result.micro.unwrap().iou, 2.0 / 10.0);
    assert_eq!(result.per_class, vec![(1, result.micro.unwrap())]);
    let (mean, pooled) = (result.objects.unwrap(), result.objects_pooled.unwrap());
    assert_eq!((mean.ap50, pooled.ap50), (0.5, 1.0 / 3.0));
    assert_eq!((mean.found, mean.missed, mean.invented), (1, 1, 1));
}

#[test]
fn areas_are_scored_by_class() {
    let pairs = [pair(&[0, 1, 1, 2], &[0, 1, 2, 2]), pair(&[3, 0, U, 0], &[3, 0, 1, 0])];
    let result = evaluate(Find::Areas, pairs.map(Ok)).unwrap();
    let rows: Vec<(u32, f64)> = result.per_class.iter().map(|(class, overlap)| (*class, overlap.dice)).collect();
    assert_eq!(rows, [(1, 2.0 / 3.0), (2, 2.0 / 3.0), (3, 1.0)]);
    assert_eq!(result.images[0].overlap.dice, 4.0 / 6.0);
    assert_eq!(result.micro.unwrap().dice, 6.0 / 8.0);
    assert!(result.objects.is_none() && result.images[0].objects.is_none());
    assert!(evaluate(Find::Areas, [Ok(pair(&[0], &[0]))]).unwrap().per_class.is_empty());
}

#[test]
fn a_class_is_averaged_over_the_images_that_have_it() {
    // Class 1: Dice 2/3 and, missed altogether, 0; class 2 is in the first image alone, class 3 is invented in the second.
    let pairs = [pair(&[0, 1, 1, 2], &[0, 1, 2, 2]), pair(&[0, 1, 0, U], &[0, 0, 3, 3])];
    let result = evaluate(Find::Areas, pairs.map(Ok)).unwrap();
    let dice = |rows: &[(u32, OverlapScores)]| rows.iter().map(|(class, overlap)| (*class, overlap.dice)).collect::<Vec<_>>();
    assert_eq!(dice(&result.images[0].per_class), [(1, 2.0 / 3.0), (2, 2.0 / 3.0)]);
    assert_eq!(dice(&result.images[1].per_class), [(1, 0.0), (3, 0.0)]);
    assert_eq!(dice(&result.mean_per_class), [(1, 1.0 / 3.0), (2, 2.0 / 3.0), (3, 0.0)]);
    assert_eq!(dice(&result.per_class), [(1, 0.5), (2, 2.0 / 3.0), (3, 0.0)]);
    let objects = evaluate(Find::Objects, [Ok(pair(&[1], &[1]))]).unwrap();
    assert!(objects.mean_per_class.is_empty() && objects.images[0].per_class.is_empty());
}

#[test]
fn another_grid_counts_the_pixels_under_its_centres() {
    // Of four columns two are looked at: the second and the fourth.
    let pairs = || [Ok(pair(&[1, 0, 1, 1], &[0, 0, 1, 1]))];
    let dice = |grid| evaluate_at(grid, Find::Areas, pairs()).unwrap().per_class[0].1.dice;
    assert_eq!((dice(None), dice(Some(2)), dice(Some(4))), (0.8, 1.0, 0.8));
}

#[test]
fn planes_of_a_stack_are_added_up() {
    // The same number in two planes is two objects.
    let stack = |ids: &[u32]| LabelImage { t: 1, z: 2, y: 1, x: 2, ids: ids.to_vec(), calibration: Calibration::default() };
    let pair = LabelPair { name: "stack".into(), truth: stack(&[1, 1, 1, 1]), prediction: stack(&[5, 5, 0, 0]) };
    let result = evaluate(Find::Objects, [Ok(pair)]).unwrap();
    let objects = result.objects.unwrap();
    assert_eq!((objects.found, objects.missed, objects.invented, objects.ap50), (1, 1, 0, 0.5));
    assert_eq!(result.images.len(), 1);
}

#[test]
fn what_cannot_be_scored_is_an_error() {
    let kind = |result: Result<fewlabel_contract::EvaluateResult, Error>| result.unwrap_err().kind;
    assert_eq!(kind(evaluate(Find::Objects, [])), ErrorKind::InvalidRequest);
    assert_eq!(kind(evaluate(Find::Kinds, [Ok(pair(&[1], &[1]))])), ErrorKind::Internal);
    assert_eq!(kind(evaluate(Find::Objects, [Ok(pair(&[1, 1], &[1]))])), ErrorKind::InvalidRequest);
    let broken = Error::new(ErrorKind::UnreadableImage, "open labels", "no image");
    assert_eq!(kind(evaluate(Find::Objects, [Ok(pair(&[1], &[1])), Err(broken)])), ErrorKind::UnreadableImage);
}
