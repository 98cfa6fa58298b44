//! Values that a preset gives to the fields that a request leaves open.

use std::borrow::Cow;

use fewlabel_contract::{ContrastOf, Preset, PretrainArgs, Result};
use fewlabel_model::{Head, Network, ResUnet};

use super::settings::PretrainSettings;

/// Factor on the published contrast: temperature over a base temperature (Chen et al., arXiv 2211.14715, code).
const PAPER_FACTOR: f64 = 0.1 / 0.07;
/// Side of a crop and crops a step, as published for radiographs of the chest (Montgomery).
const PAPER_CROP: usize = 224;
const PAPER_BATCH: usize = 16;

/// The request with what its preset says.
pub(super) fn filled(args: &PretrainArgs) -> Cow<'_, PretrainArgs> {
    match args.preset {
        None => Cow::Borrowed(args),
        Some(Preset::TowerPaper) => Cow::Owned(PretrainArgs {
            start: args.start.clone().or_else(|| Some("none".to_owned())),
            contrast: args.contrast.or(Some(ContrastOf::SameCrops)),
            contrast_weight: args.contrast_weight.or(Some(PAPER_FACTOR)),
            crop: args.crop.or(Some(PAPER_CROP)),
            batch: args.batch.or(Some(PAPER_BATCH)),
            ..args.clone()
        }),
    }
}

/// The network of a run without a start.
///
/// # Errors
/// `invalid-request` for sizes beyond reason.
pub(super) fn network(args: &PretrainArgs, settings: &PretrainSettings, channels: usize, head: &Head) -> Result<Network> {
    match args.preset {
        None => settings.network.unet(channels, head),
        Some(Preset::TowerPaper) => {
            let paper = ResUnet::PAPER;
            let sizes = ResUnet { width: settings.network.width.unwrap_or(paper.width), ..paper };
            Ok(settings.network.normalised(Network::residual_unet(channels, &sizes, head)?))
        }
    }
}

/// Whether weights are pulled to zero.
pub(super) fn decays(args: &PretrainArgs) -> bool {
    args.preset != Some(Preset::TowerPaper)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn args(more: serde_json::Value) -> PretrainArgs {
        let mut all = serde_json::json!({"images": ["a.png"], "save": "m.zip"});
        all.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        serde_json::from_value(all).unwrap()
    }

    #[test]
    fn what_is_given_stands_and_what_is_open_is_as_published() {
        let open = filled(&args(serde_json::json!({"preset": "tower-paper"}))).into_owned();
        assert_eq!((open.crop, open.batch, open.contrast), (Some(224), Some(16), Some(ContrastOf::SameCrops)));
        assert!((open.contrast_weight.unwrap() - 1.428_57).abs() < 1e-5);
        assert_eq!((open.start.as_deref(), decays(&open)), (Some("none"), false));
        let given = args(serde_json::json!({
            "preset": "tower-paper", "crop": 96, "batch": 4, "contrast": "places", "contrast_weight": 1.0, "start": "m.zip"
        }));
        assert_eq!(*filled(&given), given);
        let plain = args(serde_json::json!({}));
        assert_eq!((filled(&plain).into_owned(), decays(&plain)), (plain.clone(), true));
    }
}
