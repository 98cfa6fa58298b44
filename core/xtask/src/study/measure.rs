//! What is measured, of a row as of images that are drawn again and again.

use std::collections::BTreeMap;

use fewlabel_contract::Find;
use fewlabel_score::{accuracy, macro_auc};

use super::image_scores::{ImageScore, Outcome};
use super::results::Scores;

/// A score; more is better.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Measure {
    /// AP50, mean over the images.
    Ap50,
    /// AP 0.5 to 0.9, mean over the images.
    Ap5090,
    /// Dice, of areas that of its classes, mean over the images or volumes.
    Dice,
    /// Mean over the classes of areas of the Dice of all their pixels in all images together.
    DiceOfAll,
    /// The same where planes are brought to the grid of the set first: as others publish it.
    DiceOnGrid,
    /// Macro AUC over all images.
    Auc,
    /// Share of the images whose class was found.
    Accuracy,
}

impl Measure {
    /// All of them, in the order of tables.
    pub const ALL: [Self; 7] =
        [Self::Ap50, Self::Ap5090, Self::Dice, Self::DiceOfAll, Self::DiceOnGrid, Self::Auc, Self::Accuracy];

    /// What matters where this is looked for, the main measure first.
    pub fn of(find: Find) -> &'static [Self] {
        match find {
            Find::Objects => &[Self::Ap50, Self::Ap5090, Self::Dice],
            Find::Areas => &[Self::Dice, Self::DiceOfAll, Self::DiceOnGrid],
            Find::Kinds => &[Self::Auc, Self::Accuracy],
        }
    }

    /// For people.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Ap50 => "AP50",
            Self::Ap5090 => "AP 0.5-0.9",
            Self::Dice => "Dice",
            Self::DiceOfAll => "Dice of all",
            Self::DiceOnGrid => "Dice on grid",
            Self::Auc => "AUC",
            Self::Accuracy => "accuracy",
        }
    }

    /// As results and records call it, and files.
    pub const fn key(self) -> &'static str {
        match self {
            Self::Ap50 => "ap50",
            Self::Ap5090 => "ap_50_90",
            Self::Dice => "dice",
            Self::DiceOfAll => "dice_of_all",
            Self::DiceOnGrid => "dice_on_grid",
            Self::Auc => "auc",
            Self::Accuracy => "accuracy",
        }
    }

    /// The value in a row.
    pub fn in_scores(self, scores: &Scores) -> Option<f64> {
        let mean =
            |classes: &BTreeMap<u32, f64>| (!classes.is_empty()).then(|| classes.values().sum::<f64>() / classes.len() as f64);
        match self {
            Self::Ap50 => scores.ap50,
            Self::Ap5090 => scores.ap_50_90,
            Self::Dice => scores.dice,
            Self::DiceOfAll => mean(&scores.dice_of_class),
            Self::DiceOnGrid => mean(&scores.dice_on_grid),
            Self::Auc => scores.auc,
            Self::Accuracy => scores.accuracy,
        }
    }

    /// The value over images, of which one may occur several times. `None` where they do not have it.
    pub fn over(self, images: &[&ImageScore]) -> Option<f64> {
        let mean = |value: fn(&Outcome) -> Option<f64>| {
            let values: Option<Vec<f64>> = images.iter().map(|image| value(&image.outcome)).collect();
            values.filter(|values| !values.is_empty()).map(|values| values.iter().sum::<f64>() / values.len() as f64)
        };
        match self {
            Self::Ap50 => mean(|outcome| match outcome {
                Outcome::Pixels { ap50, .. } => *ap50,
                Outcome::Kind { .. } => None,
            }),
            Self::Ap5090 => mean(|outcome| match outcome {
                Outcome::Pixels { ap_50_90, .. } => *ap_50_90,
                Outcome::Kind { .. } => None,
            }),
            Self::Dice => mean(|outcome| match outcome {
                Outcome::Pixels { dice, .. } => Some(*dice),
                Outcome::Kind { .. } => None,
            }),
            // Pixels of all images together are not in the scores of each.
            Self::DiceOfAll | Self::DiceOnGrid => None,
            Self::Auc | Self::Accuracy => {
                let kinds: Option<Vec<(usize, &[f64])>> = images
                    .iter()
                    .map(|image| match &image.outcome {
                        Outcome::Pixels { .. } => None,
                        Outcome::Kind { truth, probabilities } => Some((*truth, probabilities.as_slice())),
                    })
                    .collect();
                let (truth, probabilities): (Vec<usize>, Vec<&[f64]>) =
                    kinds.filter(|kinds| !kinds.is_empty())?.into_iter().unzip();
                match self {
                    Self::Auc => macro_auc(&truth, &probabilities),
                    _ => Some(accuracy(&truth, &probabilities)),
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_image_that_is_drawn_twice_counts_twice() {
        let pixels = |ap50, dice| ImageScore::of("a", "g", Outcome::Pixels { ap50, ap_50_90: None, dice });
        let (a, b) = (pixels(Some(0.5), 0.25), pixels(Some(1.0), 1.0));
        assert_eq!(Measure::Dice.over(&[&a, &b]), Some(0.625));
        assert_eq!(Measure::Ap50.over(&[&a, &a, &a, &b]), Some(0.625));
        assert_eq!(Measure::Ap5090.over(&[&a, &b]), None);
        assert_eq!(Measure::Auc.over(&[&a, &b]), None);
        assert_eq!(Measure::Dice.over(&[]), None);
    }

    #[test]
    fn kinds_are_measured_over_all_images_together() {
        let kind = |truth, probabilities: &[f64]| {
            ImageScore::of("a", "g", Outcome::Kind { truth, probabilities: probabilities.to_vec() })
        };
        let images = [kind(0, &[0.9, 0.1]), kind(0, &[0.4, 0.6]), kind(1, &[0.5, 0.5]), kind(1, &[0.2, 0.8])];
        let all: Vec<&ImageScore> = images.iter().collect();
        // Of class 0: 0.9 is above both others, 0.4 above 0.2 alone: 3 of 4 pairs. Class 1 is the mirror image.
        assert_eq!(Measure::Auc.over(&all), Some(0.75));
        assert_eq!(Measure::Accuracy.over(&all), Some(0.5), "of equally probable classes the first is found");
        assert_eq!(Measure::Dice.over(&all), None);
        assert_eq!(Measure::Auc.over(&all[..2]), None, "one class alone has no area");
    }
}
