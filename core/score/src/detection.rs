//! Detection of objects: which were found, missed and invented.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::AddAssign;

use fewlabel_contract::ObjectScores;
use fewlabel_image::Plane;

use crate::UNLABELLED;
use crate::overlap::pixel_pairs;

/// The thresholds of intersection over union, in hundredths: 0.50, 0.55 … 0.95.
pub const THRESHOLDS: [u64; 10] = [50, 55, 60, 65, 70, 75, 80, 85, 90, 95];

/// Counts of objects at each of the [`THRESHOLDS`]. Added up over images, then scored.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Matches {
    /// True objects with a partner in the prediction.
    pub found: [usize; THRESHOLDS.len()],
    /// True objects without.
    pub missed: [usize; THRESHOLDS.len()],
    /// Predicted objects without a partner in the truth.
    pub invented: [usize; THRESHOLDS.len()],
}

impl Matches {
    /// TP / (TP + FP + FN) at each threshold. Without any object, true or predicted, nothing is wrong: 1.
    pub fn ap(&self) -> [f64; THRESHOLDS.len()] {
        std::array::from_fn(|i| {
            let all = self.found[i] + self.missed[i] + self.invented[i];
            if all == 0 { 1.0 } else { self.found[i] as f64 / all as f64 }
        })
    }

    /// The scores of these counts.
    pub fn scores(&self) -> ObjectScores {
        self.scores_with(self.ap())
    }

    /// These counts with the average precisions given: means over images keep the sums of the counts.
    pub(crate) fn scores_with(&self, ap: [f64; THRESHOLDS.len()]) -> ObjectScores {
        ObjectScores {
            ap: ap.to_vec(),
            ap50: ap[0],
            // 0.95 is left out.
            ap_50_90: ap[..THRESHOLDS.len() - 1].iter().sum::<f64>() / (THRESHOLDS.len() - 1) as f64,
            found: self.found[0],
            missed: self.missed[0],
            invented: self.invented[0],
        }
    }
}

impl AddAssign for Matches {
    fn add_assign(&mut self, other: Self) {
        for i in 0..THRESHOLDS.len() {
            self.found[i] += other.found[i];
            self.missed[i] += other.missed[i];
            self.invented[i] += other.invented[i];
        }
    }
}

/// Matches true and predicted objects one to one, as many as can be, at each of the [`THRESHOLDS`].
///
/// Two objects are partners when their intersection over union is at least the threshold (`>=`, as in
/// StarDist's `matching`; compared in whole numbers, so that 0.65 is 0.65). Pixels where the truth is
/// unknown (`u32::MAX`) do not count; a predicted object with more than half of its pixels there is never
/// counted as invented.
///
/// ```
/// use fewlabel_image::Plane;
/// let truth = Plane::new(1, 5, vec![1, 1, 0, 2, 2]);
/// let prediction = Plane::new(1, 5, vec![7, 7, 7, 0, 9]);
/// let matches = fewlabel_score::match_objects(&truth, &prediction);
/// assert_eq!((matches.found[0], matches.missed[0], matches.invented[0]), (2, 0, 0)); // IoU 2/3 and 1/2
/// assert_eq!((matches.found[1], matches.missed[1], matches.invented[1]), (1, 1, 1));
/// ```
///
/// # Panics
/// When the planes differ in size.
pub fn match_objects(truth: &Plane<u32>, prediction: &Plane<u32>) -> Matches {
    let pairs = Overlaps::count(truth, prediction);
    let mut matches = Matches::default();
    for (i, &threshold) in THRESHOLDS.iter().enumerate() {
        let partners = pairs.partners(threshold);
        matches.found[i] = partners.len();
        matches.missed[i] = pairs.truth.len() - partners.len();
        matches.invented[i] = pairs.prediction.keys().filter(|&p| !partners.contains(p) && !pairs.is_excused(*p)).count();
    }
    matches
}

/// Areas of the objects and of the overlaps that there are, over pixels where the truth is known.
#[derive(Default)]
struct Overlaps {
    truth: BTreeMap<u32, u64>,
    prediction: BTreeMap<u32, u64>,
    common: BTreeMap<(u32, u32), u64>,
    /// Pixels of predicted objects where the truth is unknown.
    unknown: BTreeMap<u32, u64>,
}

impl Overlaps {
    fn count(truth: &Plane<u32>, prediction: &Plane<u32>) -> Self {
        let mut overlaps = Self::default();
        let (mut run, mut length) = ((0, 0), 0);
        // Neighbours mostly belong to the same pair: runs of them are counted at once.
        for pair in pixel_pairs(truth, prediction) {
            if pair != run {
                overlaps.add(run, length);
                (run, length) = (pair, 0);
            }
            length += 1;
        }
        overlaps.add(run, length);
        overlaps
    }

    fn add(&mut self, (truth, prediction): (u32, u32), pixels: u64) {
        if truth == UNLABELLED {
            if prediction != 0 {
                *self.unknown.entry(prediction).or_default() += pixels;
            }
            return;
        }
        if truth != 0 {
            *self.truth.entry(truth).or_default() += pixels;
        }
        if prediction != 0 {
            *self.prediction.entry(prediction).or_default() += pixels;
        }
        if truth != 0 && prediction != 0 {
            *self.common.entry((truth, prediction)).or_default() += pixels;
        }
    }

    /// The predicted objects that have a partner, in a largest possible matching.
    ///
    /// Above ½ no object can have two possible partners. At exactly ½ it can, but only when it is the
    /// union of two of equal size; these touch nothing else, so that either choice leaves one of them
    /// alone. Hence taking pairs as they come is already the optimal assignment.
    fn partners(&self, threshold: u64) -> BTreeSet<u32> {
        let mut true_taken = BTreeSet::new();
        let mut taken = BTreeSet::new();
        for (&(truth, prediction), &common) in &self.common {
            let union = self.truth[&truth] + self.prediction[&prediction] - common;
            if 100 * common >= threshold * union && !true_taken.contains(&truth) && !taken.contains(&prediction) {
                true_taken.insert(truth);
                taken.insert(prediction);
            }
        }
        taken
    }

    /// Whether most of a predicted object lies where the truth is unknown.
    fn is_excused(&self, prediction: u32) -> bool {
        self.unknown.get(&prediction).is_some_and(|&unknown| unknown > self.prediction[&prediction])
    }
}
