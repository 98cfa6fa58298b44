//! How long a study will take, said before it begins.

use std::collections::HashSet;

use fewlabel_contract::{Find, Result};

use super::plan::Planned;
use super::sets::{Set, set};
use super::trial::{Budget, Part};

/// Seconds of a step of training on one thread of the machine of the studies (2 cores, AMX), for objects and areas: 8 crops of 160².
const STEP: f64 = 0.75;
/// The same for kinds: 16 images of 128².
const STEP_OF_KINDS: f64 = 1.0;
/// The same of pretraining: 24 places of 96².
const STEP_OF_PRETRAINING: f64 = 0.9;
/// Loading, scores on the labels kept aside, the last looks, saving.
const AROUND: f64 = 10.0;
/// Segmenting and scoring an image.
const IMAGE: f64 = 0.45;
/// Classifying an image.
const IMAGE_OF_KINDS: f64 = 0.05;

/// Seconds that so many trials at a time take, with the starts that are made for them; `images` tells how many a set has in a part. More
/// threads make steps quicker, which is not counted.
///
/// # Errors
/// Those of `images`; `invalid-request` for a set that is not there.
pub fn seconds(planned: &[Planned], jobs: usize, images: impl Fn(&Set, Part) -> Result<usize>) -> Result<f64> {
    let taken = |budget: Budget, step: f64| match budget {
        Budget::Minutes(minutes) => 60.0 * minutes,
        Budget::Steps(steps) => step * steps as f64 + AROUND,
    };
    let mut made = HashSet::new();
    let mut sum = 0.0;
    for Planned { trial, .. } in planned {
        let set = set(&trial.set)?;
        if let Some(pretraining) = &trial.pretraining
            && made.insert((set.name, trial.start.clone()))
        {
            sum += taken(pretraining.budget, STEP_OF_PRETRAINING);
        }
        let (step, image) = if trial.find == Find::Kinds { (STEP_OF_KINDS, IMAGE_OF_KINDS) } else { (STEP, IMAGE) };
        sum += taken(trial.budget, step) + image * images(set, trial.part)? as f64;
    }
    Ok(sum / jobs as f64)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::study::plan::{tests::wish, trials};
    use crate::study::sets::tests::data;

    /// Images of `val`, as `core/docs/data.md` has them.
    fn images(set: &Set, _: Part) -> Result<usize> {
        Ok(match set.name {
            "fluorescence" => 90,
            "usiigaci" => 10,
            "fib25" => 20,
            _ => 80,
        })
    }

    #[test]
    fn the_small_preset_takes_no_more_than_150_minutes() {
        let folder = data();
        let planned = trials(&wish("tower", &folder.path().to_string_lossy())).expect("trials");
        let minutes = seconds(&planned, 2, images).expect("known sets") / 60.0;
        assert!((120.0..=150.0).contains(&minutes), "{minutes}");
    }

    #[test]
    fn a_start_that_is_shared_counts_once() {
        let planned = trials(&wish("tower", &data().path().to_string_lossy())).expect("trials");
        let tower: Vec<_> =
            planned.into_iter().filter(|p| p.trial.set == "fib25" && p.trial.start.starts_with("tower")).collect();
        let one = seconds(&tower[..1], 1, images).expect("known");
        let two = seconds(&tower[..2], 1, images).expect("known");
        assert!((one - (240.0 * 0.9 + 10.0 + 120.0 * 0.75 + 10.0 + 9.0)).abs() < 1e-9, "{one}");
        assert!((two - one - (120.0 * 0.75 + 10.0 + 9.0)).abs() < 1e-9, "{two}");
    }
}
