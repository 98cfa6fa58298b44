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
}

impl Default for SampleConfig {
    fn default() -> Self {
        Self { object_share: 2.0 / 3.0, touching_weight: 2.0, augment: AugmentConfig::default() }
    }
}
