//! What a training does against learning its few labels by heart.

mod beta;
mod consistency;
mod mixup;
mod symmetry;
mod unlabelled;

pub use consistency::Consistency;
pub use mixup::Mixup;
pub(super) use unlabelled::Unlabelled;

use fewlabel_contract::{Regularisation, TrainArgs};
use serde_json::{Value, json};

use crate::upright::Upright;

/// One way of doing it.
#[derive(Clone, Debug, PartialEq)]
pub enum Regulariser {
    /// Crops are mixed two by two.
    Mixup(Mixup),
    /// Answers do not change when an image without labels is turned.
    Consistency(Consistency),
}

impl Regulariser {
    /// As a request says.
    pub fn new(args: &TrainArgs, upright: Upright) -> Option<Self> {
        match args.regularisation {
            Regularisation::None => None,
            Regularisation::Mixup => Some(Self::Mixup(Mixup::new(args))),
            Regularisation::Consistency => Some(Self::Consistency(Consistency::new(args, upright))),
        }
    }

    /// What the record of a run says of it.
    pub(super) fn json(&self, unlabelled: Option<&Unlabelled>) -> Value {
        match self {
            Self::Mixup(mixup) => json!({"kind": Regularisation::Mixup, "alpha": mixup.alpha()}),
            Self::Consistency(consistency) => json!({
                "kind": Regularisation::Consistency,
                "weight": consistency.weight(),
                "turns": consistency.turns(),
                "images": unlabelled.map(Unlabelled::images),
                "left_out": unlabelled.map(Unlabelled::left_out),
            }),
        }
    }

    /// The same for the methods section of a paper, as the end of a sentence.
    pub(super) fn in_words(&self, unlabelled: Option<&Unlabelled>) -> String {
        match self {
            Self::Mixup(mixup) => {
                format!(", with crops mixed two by two (mixup with alpha {}, Zhang et al. 2018)", mixup.alpha())
            }
            Self::Consistency(consistency) => format!(
                ", with consistency of weight {} under {} of {} images without labels ({})",
                consistency.weight(),
                if consistency.turns() { "turns" } else { "changes of intensity" },
                unlabelled.map_or(0, Unlabelled::images),
                if consistency.turns() { "TCSM, Li et al. 2020" } else { "mean teacher, Tarvainen & Valpola 2017" }
            ),
        }
    }
}
