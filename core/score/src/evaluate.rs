//! Scores over many images.

use std::collections::BTreeMap;

use fewlabel_contract::{Error, ErrorKind, EvaluateResult, Find, ImageScores, OverlapScores, Result};
use fewlabel_image::{LabelImage, resample_labels};

use crate::{Matches, Overlap, THRESHOLDS, class_overlaps, foreground_overlap, match_objects};

/// What is compared: a truth and a prediction of the same extent.
#[derive(Clone, Debug)]
pub struct LabelPair {
    /// Name of the image.
    pub name: String,
    /// True labels.
    pub truth: LabelImage,
    /// Predicted labels.
    pub prediction: LabelImage,
}

/// Scores predictions against the truth, image by image and over all.
///
/// Stacks are scored plane by plane, their counts added up: an object is what has one number in one
/// plane. For `areas` the overlap of an image, and `micro`, take a pixel as common when its class
/// agrees, over all classes other than 0; a class without a pixel in truth or prediction has no row.
/// For `objects` the only class is 1, the foreground. Pairs are taken one after the other, so a
/// lazy iterator keeps one in memory.
///
/// # Errors
/// [`ErrorKind::InvalidRequest`] when a pair's images differ in extent or there is no pair;
/// [`ErrorKind::Internal`] for `kinds`, which [`crate::evaluate_kinds`] scores; whatever the iterator brings.
pub fn evaluate(find: Find, pairs: impl IntoIterator<Item = Result<LabelPair>>) -> Result<EvaluateResult> {
    evaluate_at(None, find, pairs)
}

/// As [`evaluate`], with planes brought to `grid` rows and columns first (nearest pixels), where there is one.
///
/// # Errors
/// As [`evaluate`].
pub fn evaluate_at(
    grid: Option<usize>,
    find: Find,
    pairs: impl IntoIterator<Item = Result<LabelPair>>,
) -> Result<EvaluateResult> {
    let objects = match find {
        Find::Objects => true,
        Find::Areas => false,
        Find::Kinds => {
            return Err(Error::internal("evaluate", "kinds of images have no labels of pixels"));
        }
    };
    let mut images = Vec::new();
    let mut classes: BTreeMap<u32, Overlap> = BTreeMap::new();
    let mut pooled = Matches::default();
    let mut ap_sums = [0.0; THRESHOLDS.len()];
    for pair in pairs {
        let pair = pair?;
        check_extent(&pair)?;
        let counts = Counts::of(&pair, objects, grid);
        for (&class, &overlap) in &counts.classes {
            *classes.entry(class).or_default() += overlap;
        }
        pooled += counts.matches;
        for (sum, ap) in ap_sums.iter_mut().zip(counts.matches.ap()) {
            *sum += ap;
        }
        images.push(ImageScores {
            name: pair.name,
            overlap: counts.overlap.scores(),
            objects: objects.then(|| counts.matches.scores()),
            per_class: if objects { Vec::new() } else { scores_of(&counts.classes) },
        });
    }
    if images.is_empty() {
        return Err(Error::new(ErrorKind::InvalidRequest, "evaluate", "there is nothing to compare")
            .hint("give at least one label image and its prediction"));
    }
    let overlaps: Vec<OverlapScores> = images.iter().map(|image| image.overlap).collect();
    let mut of_class: BTreeMap<u32, Vec<OverlapScores>> = BTreeMap::new();
    for (class, scores) in images.iter().flat_map(|image| &image.per_class) {
        of_class.entry(*class).or_default().push(*scores);
    }
    let mut all = Overlap::default();
    for overlap in classes.values() {
        all += *overlap;
    }
    Ok(EvaluateResult {
        mean: Some(mean_of(&overlaps)),
        per_class: scores_of(&classes),
        mean_per_class: of_class.into_iter().map(|(class, scores)| (class, mean_of(&scores))).collect(),
        micro: Some(all.scores()),
        objects: objects.then(|| pooled.scores_with(ap_sums.map(|sum| sum / images.len() as f64))),
        objects_pooled: objects.then(|| pooled.scores()),
        kinds: None,
        images,
    })
}

fn scores_of(classes: &BTreeMap<u32, Overlap>) -> Vec<(u32, OverlapScores)> {
    classes.iter().map(|(&class, overlap)| (class, overlap.scores())).collect()
}

fn mean_of(scores: &[OverlapScores]) -> OverlapScores {
    let mean = |score: fn(&OverlapScores) -> f64| scores.iter().map(score).sum::<f64>() / scores.len() as f64;
    OverlapScores { dice: mean(|s| s.dice), iou: mean(|s| s.iou) }
}

/// What is counted in one image.
#[derive(Default)]
struct Counts {
    classes: BTreeMap<u32, Overlap>,
    overlap: Overlap,
    matches: Matches,
}

impl Counts {
    fn of(pair: &LabelPair, objects: bool, grid: Option<usize>) -> Self {
        let plane = |labels: &LabelImage, t: usize, z: usize| {
            let plane = labels.plane(t, z);
            match grid {
                Some(side) => resample_labels(&plane, side, side),
                None => plane,
            }
        };
        let mut counts = Self::default();
        for t in 0..pair.truth.t {
            for z in 0..pair.truth.z {
                let (truth, prediction) = (plane(&pair.truth, t, z), plane(&pair.prediction, t, z));
                let classes = if objects {
                    counts.matches += match_objects(&truth, &prediction);
                    BTreeMap::from([(1, foreground_overlap(&truth, &prediction))])
                } else {
                    class_overlaps(&truth, &prediction)
                };
                for (class, overlap) in classes {
                    *counts.classes.entry(class).or_default() += overlap;
                    counts.overlap += overlap;
                }
            }
        }
        counts
    }
}

fn check_extent(pair: &LabelPair) -> Result<()> {
    let extent = |labels: &LabelImage| [labels.t, labels.z, labels.y, labels.x];
    let (truth, prediction) = (extent(&pair.truth), extent(&pair.prediction));
    if truth == prediction {
        return Ok(());
    }
    Err(Error::new(ErrorKind::InvalidRequest, "evaluate", "label image and prediction differ in size")
        .with("image", &pair.name)
        .with("labels", format_args!("{truth:?} (t, z, y, x)"))
        .with("prediction", format_args!("{prediction:?}"))
        .hint("predict on the image that was labelled"))
}
