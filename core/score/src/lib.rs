//! How well a prediction agrees with the truth; a file per family of scores.
//!
//! Overlap of pixels ([`Overlap`]: Dice and intersection over union) and detection of objects
//! ([`match_objects`]: found, missed and invented at IoU 0.50, 0.55 … 0.95), and [`evaluate`], which
//! runs over images and averages in three ways that have three names. Of whole images [`accuracy`] and
//! [`macro_auc`].
//!
//! In a true label plane 0 is background and `u32::MAX` a pixel about which nothing is known: such
//! pixels are left out of every score.

mod detection;
mod evaluate;
mod evaluate_kinds;
mod kinds;
mod overlap;

pub use detection::{Matches, THRESHOLDS, match_objects};
pub use evaluate::{LabelPair, evaluate, evaluate_at};
pub use evaluate_kinds::{KindPair, evaluate_kinds};
pub use kinds::{accuracy, classes_with_auc, macro_auc, most_probable};
pub use overlap::{Overlap, class_overlaps, foreground_overlap};

/// The value of a true pixel about which nothing is known.
pub(crate) const UNLABELLED: u32 = u32::MAX;
