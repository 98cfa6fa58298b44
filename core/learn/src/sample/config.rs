//! How crops are chosen.

use serde::{Deserialize, Serialize};

use crate::augment::AugmentConfig;

/// How crops are chosen and changed.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct SampleConfig {
    /// Share of crops that are placed on an object, 0 to 1; the others lie anywhere on what is labelled.
    pub object_share: f64,
    /// Weight of boundary pixels at which two objects touch, 1 to 10; all other labelled pixels weigh 1.
    pub touching_weight: f32,
    /// How crops are changed.
    pub augment: AugmentConfig,
    /// Whether a crop comes with a second view, and what its pixels are marked by then.
    pub marks: Option<Marks>,
}

/// What the pixels of two views are marked by.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Marks {
    /// Their class.
    Classes,
    /// Their object: one mark for each object of each plane.
    Objects,
}

impl Default for SampleConfig {
    fn default() -> Self {
        Self { object_share: 2.0 / 3.0, touching_weight: 2.0, augment: AugmentConfig::default(), marks: None }
    }
}
