//! Overlap of pixels: Dice and intersection over union.

use std::collections::BTreeMap;
use std::ops::AddAssign;

use fewlabel_contract::OverlapScores;
use fewlabel_image::Plane;

use crate::UNLABELLED;

/// Pixel counts of a truth and a prediction. Added up over classes or images, then scored.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Overlap {
    /// Pixels in both.
    pub common: u64,
    /// Pixels in the truth.
    pub truth: u64,
    /// Pixels in the prediction.
    pub prediction: u64,
}

impl Overlap {
    /// Dice, 2|A∩B| / (|A|+|B|), 0…1; 1 when both are empty.
    ///
    /// ```
    /// let overlap = fewlabel_score::Overlap { common: 1, truth: 2, prediction: 2 };
    /// assert_eq!((overlap.dice(), overlap.iou()), (0.5, 1.0 / 3.0));
    /// ```
    pub fn dice(&self) -> f64 {
        share(2 * self.common, self.truth + self.prediction)
    }

    /// Intersection over union, |A∩B| / |A∪B|, 0…1; 1 when both are empty.
    pub fn iou(&self) -> f64 {
        share(self.common, self.truth + self.prediction - self.common)
    }

    /// Both scores.
    pub fn scores(&self) -> OverlapScores {
        OverlapScores { dice: self.dice(), iou: self.iou() }
    }
}

impl AddAssign for Overlap {
    fn add_assign(&mut self, other: Self) {
        self.common += other.common;
        self.truth += other.truth;
        self.prediction += other.prediction;
    }
}

fn share(part: u64, whole: u64) -> f64 {
    if whole == 0 { 1.0 } else { part as f64 / whole as f64 }
}

/// Counts of the foreground (all that is not 0), whatever its numbers.
///
/// # Panics
/// When the planes differ in size.
pub fn foreground_overlap(truth: &Plane<u32>, prediction: &Plane<u32>) -> Overlap {
    let mut overlap = Overlap::default();
    for (truth, prediction) in labelled(truth, prediction) {
        overlap.common += u64::from(truth != 0 && prediction != 0);
        overlap.truth += u64::from(truth != 0);
        overlap.prediction += u64::from(prediction != 0);
    }
    overlap
}

/// Counts of each class (number other than 0) that occurs in the truth or the prediction.
///
/// # Panics
/// When the planes differ in size.
pub fn class_overlaps(truth: &Plane<u32>, prediction: &Plane<u32>) -> BTreeMap<u32, Overlap> {
    let mut classes: BTreeMap<u32, Overlap> = BTreeMap::new();
    for (truth, prediction) in labelled(truth, prediction) {
        if truth != 0 {
            let class = classes.entry(truth).or_default();
            class.truth += 1;
            class.common += u64::from(truth == prediction);
        }
        if prediction != 0 {
            classes.entry(prediction).or_default().prediction += 1;
        }
    }
    classes
}

/// Pairs of true and predicted numbers where the truth is known.
fn labelled<'a>(truth: &'a Plane<u32>, prediction: &'a Plane<u32>) -> impl Iterator<Item = (u32, u32)> + 'a {
    pixel_pairs(truth, prediction).filter(|&(truth, _)| truth != UNLABELLED)
}

/// Pairs of true and predicted numbers, pixel by pixel.
pub(crate) fn pixel_pairs<'a>(truth: &'a Plane<u32>, prediction: &'a Plane<u32>) -> impl Iterator<Item = (u32, u32)> + 'a {
    assert!((truth.height, truth.width) == (prediction.height, prediction.width), "truth and prediction have the same size");
    truth.data.iter().copied().zip(prediction.data.iter().copied())
}
