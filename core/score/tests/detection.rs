//! Matching of objects: conventions on literal planes, and the optimal assignment by brute force.

use std::collections::BTreeSet;

use fewlabel_image::Plane;
use fewlabel_score::{Matches, THRESHOLDS, match_objects};
use proptest::prelude::*;

const U: u32 = u32::MAX;

fn counts(truth: &[u32], prediction: &[u32]) -> Matches {
    let plane = |ids: &[u32]| Plane::new(1, ids.len(), ids.to_vec());
    match_objects(&plane(truth), &plane(prediction))
}

fn at_half(matches: &Matches) -> (usize, usize, usize) {
    (matches.found[0], matches.missed[0], matches.invented[0])
}

#[test]
fn exactly_half_counts_and_is_matched_once() {
    // One object cut into two halves: each has IoU 1/2 with it, one of them is its partner.
    assert_eq!(at_half(&counts(&[1, 1, 1, 1], &[1, 1, 2, 2])), (1, 0, 1));
    assert_eq!(at_half(&counts(&[1, 1, 2, 2], &[1, 1, 1, 1])), (1, 1, 0));
    let matches = counts(&[1, 1, 1, 1], &[1, 1, 2, 2]);
    assert_eq!((matches.found[1], matches.missed[1], matches.invented[1]), (0, 1, 2));
}

#[test]
fn a_threshold_is_met_exactly() {
    // IoU of 13/20: the double nearest to 0.65 and 13/20 must not disagree.
    let truth = [1_u32; 20];
    let prediction: Vec<u32> = (0..20).map(|i| u32::from(i < 13)).collect();
    let matches = counts(&truth, &prediction);
    assert_eq!(matches.found, [1, 1, 1, 1, 0, 0, 0, 0, 0, 0]);
}

#[test]
fn without_objects_nothing_is_wrong() {
    let matches = counts(&[0, 0], &[0, 0]);
    assert_eq!(at_half(&matches), (0, 0, 0));
    assert_eq!((matches.scores().ap50, matches.scores().ap_50_90), (1.0, 1.0));
    assert_eq!(counts(&[0, 0], &[1, 0]).scores().ap50, 0.0);
    assert_eq!(counts(&[1, 0], &[0, 0]).scores().ap50, 0.0);
    assert_eq!(counts(&[], &[]).scores().ap50, 1.0);
}

#[test]
fn the_mean_leaves_out_ninety_five_hundredths() {
    let truth = [1_u32; 100];
    let prediction: Vec<u32> = (0..100).map(|i| u32::from(i < 92)).collect();
    let scores = counts(&truth, &prediction).scores();
    assert_eq!((scores.ap[8], scores.ap[9], scores.ap_50_90), (1.0, 0.0, 1.0));
}

#[test]
fn unknown_pixels_are_left_out() {
    // The prediction goes on over unknown pixels: its known part is exactly the object.
    assert_eq!(at_half(&counts(&[1, 1, U, U, U], &[4, 4, 4, 4, 4])), (1, 0, 0));
    // Mostly on unknown pixels and without a partner: nobody can say that it was invented.
    assert_eq!(at_half(&counts(&[0, U, U], &[4, 4, 4])), (0, 0, 0));
    assert_eq!(at_half(&counts(&[U, U, U], &[4, 4, 4])), (0, 0, 0));
    // Half and half is not mostly.
    assert_eq!(at_half(&counts(&[0, U], &[4, 4])), (0, 0, 1));
}

/// Largest number of pairs, by trying everything.
fn most_pairs(truths: &[u32], partners: &dyn Fn(u32) -> Vec<u32>, taken: &mut BTreeSet<u32>) -> usize {
    let Some((&first, rest)) = truths.split_first() else { return 0 };
    let mut most = most_pairs(rest, partners, taken);
    for partner in partners(first) {
        if taken.insert(partner) {
            most = most.max(1 + most_pairs(rest, partners, taken));
            taken.remove(&partner);
        }
    }
    most
}

proptest! {
    /// Few ids on few pixels, so that overlaps of exactly one half are common.
    #[test]
    fn as_many_are_found_as_can_be(
        pixels in prop::collection::vec((0..4_u32, 0..4_u32), 1..16),
    ) {
        let (truth, prediction): (Vec<u32>, Vec<u32>) = pixels.iter().copied().unzip();
        let matches = counts(&truth, &prediction);
        let ids = |plane: &[u32]| plane.iter().copied().filter(|&id| id != 0).collect::<BTreeSet<u32>>();
        let (truths, predictions) = (ids(&truth), ids(&prediction));
        for (i, &threshold) in THRESHOLDS.iter().enumerate() {
            let partners = |t: u32| -> Vec<u32> {
                let iou = |p: u32| {
                    let both = pixels.iter().filter(|&&pixel| pixel == (t, p)).count();
                    let either = pixels.iter().filter(|pixel| pixel.0 == t || pixel.1 == p).count();
                    (both, either)
                };
                predictions.iter().copied().filter(|&p| {
                    let (both, either) = iou(p);
                    both * 20 >= threshold as usize / 5 * either
                }).collect()
            };
            let all: Vec<u32> = truths.iter().copied().collect();
            let most = most_pairs(&all, &partners, &mut BTreeSet::new());
            prop_assert_eq!(matches.found[i], most);
            prop_assert_eq!(matches.missed[i], truths.len() - most);
            prop_assert_eq!(matches.invented[i], predictions.len() - most);
        }
    }
}
