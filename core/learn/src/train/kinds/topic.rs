//! The subject of kinds: whole images, and images whose class is scored.

use std::sync::Arc;

use crate::augment::AugmentConfig;
use crate::kinds::{ByClass, KindSource, KindValidator};
use crate::train::settings::Settings;
use crate::train::subject::Subject;

/// Images of each class, before and after all labels are trained on.
#[derive(Clone, Debug)]
pub struct Topic {
    /// Without what is kept aside.
    pub training: Arc<ByClass>,
    /// Everything.
    pub all: Arc<ByClass>,
    /// How images are changed.
    pub augment: AugmentConfig,
    /// What is kept aside.
    pub validator: Option<KindValidator>,
}

impl Topic {
    fn drawn(&self, settings: &Settings, all: bool, config: AugmentConfig, seed: u64) -> KindSource {
        let images = Arc::clone(if all { &self.all } else { &self.training });
        KindSource { images, config, seed, count: settings.batch }
    }
}

impl Subject for Topic {
    type Source = KindSource;
    type Validator = KindValidator;

    // The start is a head in closed form on features that were learned elsewhere, which few images often cannot better.
    const KEEPS_START: bool = true;

    fn validator(&self) -> Option<&KindValidator> {
        self.validator.as_ref()
    }

    fn source(&self, settings: &Settings, all: bool, seed: u64) -> KindSource {
        self.drawn(settings, all, self.augment.clone(), seed)
    }

    fn unchanged(&self, settings: &Settings, all: bool, seed: u64) -> KindSource {
        self.drawn(settings, all, AugmentConfig::none(), seed)
    }
}
