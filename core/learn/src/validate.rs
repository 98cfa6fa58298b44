//! Scores on the labels kept aside, by the pipeline that the user's images go through.

use std::collections::BTreeMap;

use fewlabel_contract::{CancelToken, EvaluateResult, Find, Result};
use fewlabel_image::{LabelImage, Maps};
use fewlabel_infer::{Decoder, Pipeline, Recipe, SegmentOptions, TileOptions};
use fewlabel_objects::DecodeObjects;
use fewlabel_score::{LabelPair, evaluate};

use crate::forward::TchForward;
use crate::labels::LabelledImage;
use crate::net::Net;
use crate::pictures::preview;
use crate::scale::WorkingSize;

/// Two decoders are as good as each other when their merits differ by less than this over the square root of the number of
/// objects: about half a standard error of a share of 0.8, as both are scored on the same objects.
const NOISE: f64 = 0.2;

/// What is known about a network after looking at the labels kept aside.
#[derive(Clone, Debug, Default, PartialEq, serde::Serialize, serde::Deserialize)]
pub struct Scores(pub BTreeMap<String, f64>);

impl Scores {
    fn of(result: &EvaluateResult) -> Self {
        let mut scores = BTreeMap::from([("dice".to_owned(), result.mean.dice), ("iou".to_owned(), result.mean.iou)]);
        if let Some(objects) = &result.objects {
            scores.insert("ap50".into(), objects.ap50);
            scores.insert("ap_50_90".into(), objects.ap_50_90);
        } else {
            let classes = result.per_class.len().max(1) as f64;
            scores.insert("class_dice".into(), result.per_class.iter().map(|(_, overlap)| overlap.dice).sum::<f64>() / classes);
        }
        Self(scores)
    }

    /// One number to choose by: for objects the mean of AP at 0.5 and AP over 0.5…0.9 (the second tells
    /// apart what the first, on a handful of objects, cannot), for areas the mean Dice of the classes.
    pub fn merit(&self) -> f64 {
        let get = |name: &str| self.0.get(name).copied();
        match (get("ap50"), get("ap_50_90")) {
            (Some(half), Some(mean)) => 0.5 * (half + mean),
            _ => get("class_dice").unwrap_or(0.0),
        }
    }
}

/// What the network said of an image that is scored.
#[derive(Clone, Debug)]
pub struct Seen {
    /// Maps of each plane on the grid of the image, in order `t z`.
    pub planes: Vec<Maps>,
    /// What the sides of the image were multiplied by for the network.
    pub factor: f64,
}

/// The labels kept aside and what is done around the network.
#[derive(Clone, Debug)]
pub struct Validator {
    /// What is scored.
    pub images: Vec<LabelledImage>,
    /// What happens before and after the network.
    pub recipe: Recipe,
    /// How images are brought to the working size.
    pub size: WorkingSize,
    /// What is looked for.
    pub find: Find,
}

impl Validator {
    /// The scores of the recipe's decoder, and what the network said of each image.
    ///
    /// # Errors
    /// `cancelled`; those of the pipeline.
    pub fn score(&self, net: &mut Net, token: &CancelToken) -> Result<(Scores, Vec<Seen>)> {
        let forward = TchForward::new(net);
        let mut pairs = Vec::new();
        let mut seen = Vec::new();
        for labelled in &self.images {
            let options = SegmentOptions {
                tiles: TileOptions { threads: 1, ..TileOptions::default() },
                object_diameter: self.diameter_in(labelled),
                maps: true,
            };
            let pipeline = Pipeline { forward: &forward, recipe: &self.recipe, options: &options };
            let segmented = pipeline.segment(&labelled.image, token, &mut |_, _| {})?;
            seen.push(Seen { planes: segmented.maps.unwrap_or_default(), factor: segmented.factor });
            pairs.push(Ok(LabelPair { name: labelled.name.clone(), truth: truth(labelled), prediction: segmented.labels }));
        }
        Ok((Scores::of(&evaluate(self.find, pairs)?), seen))
    }

    /// The decoder to keep, from what [`Self::score`] gave, and its scores.
    ///
    /// Each way to split is taken with the thresholds that suit it best. Of the ways that do as well as the best one
    /// (within one standard error, as Breiman et al. choose a tree, Classification and Regression Trees, 1984) the first is
    /// kept: a few objects of images that were trained on tell little about others. `splits` are the ways to choose from,
    /// the one to be preferred first: those that tell the labelled objects themselves apart
    /// ([`crate::separable::separable`]); without any the recipe's decoder stays.
    ///
    /// # Errors
    /// `cancelled`; those of decoding.
    pub fn tune(&self, seen: &[Seen], splits: Vec<DecodeObjects>, token: &CancelToken) -> Result<(Decoder, Option<Scores>)> {
        let mut ways = Vec::new();
        for split in splits {
            let mut best: Option<(DecodeObjects, Scores)> = None;
            for candidate in split.thresholds() {
                token.check("tune decoder")?;
                let scores = self.score_again(seen, &candidate)?;
                if best.as_ref().is_none_or(|best| scores.merit() > best.1.merit()) {
                    best = Some((candidate, scores));
                }
            }
            ways.extend(best);
        }
        let top = ways.iter().map(|way| way.1.merit()).fold(f64::NEG_INFINITY, f64::max);
        let enough = top - NOISE / (self.objects().max(1) as f64).sqrt();
        Ok(match ways.into_iter().find(|way| way.1.merit() >= enough) {
            Some((decoder, scores)) => (Decoder::Objects(decoder), Some(scores)),
            None => (self.recipe.decoder.clone(), None),
        })
    }

    /// The first image kept aside, its truth and what the decoder makes of its maps, as PNG.
    ///
    /// # Errors
    /// Those of decoding and of the PNG writer.
    pub fn preview(&self, seen: &[Seen]) -> Result<Option<Vec<u8>>> {
        let (Some(labelled), Some(Seen { planes, factor })) = (self.images.first(), seen.first()) else { return Ok(None) };
        let Some(plane) = labelled.planes.first() else { return Ok(None) };
        let Some(of_plane) = planes.get(plane.t * labelled.image.shape.z + plane.z) else { return Ok(None) };
        let prediction = self.recipe.decoder.scaled(1.0 / factor).decode(of_plane)?;
        preview(&labelled.image.plane(plane.t, plane.z), &plane.labels, &prediction).map(Some)
    }

    /// Scores of other settings.
    fn score_again(&self, seen: &[Seen], parameters: &DecodeObjects) -> Result<Scores> {
        let decoder = Decoder::Objects(parameters.clone());
        let pairs = self.images.iter().zip(seen).map(|(labelled, Seen { planes, factor })| {
            let decoder = decoder.scaled(1.0 / factor);
            let mut prediction = truth(labelled);
            prediction.ids.clear();
            for plane in planes {
                prediction.ids.extend(decoder.decode(plane)?.data);
            }
            Ok(LabelPair { name: labelled.name.clone(), truth: truth(labelled), prediction })
        });
        Ok(Scores::of(&evaluate(self.find, pairs)?))
    }

    /// Objects that are scored; 0 for areas.
    pub fn objects(&self) -> usize {
        if self.find == Find::Areas {
            return 0;
        }
        let planes = self.images.iter().flat_map(|labelled| &labelled.planes);
        planes.map(|plane| plane.values().iter().filter(|&&id| id != 0).count()).sum()
    }

    /// Pixels at the working size that one scoring looks at.
    pub fn working_pixels(&self) -> usize {
        self.images
            .iter()
            .map(|labelled| {
                let shape = labelled.image.shape;
                let (height, width) = self.size.scaled(labelled);
                shape.t * shape.z * height * width
            })
            .sum()
    }

    fn diameter_in(&self, labelled: &LabelledImage) -> Option<f64> {
        let working = self.size.working_diameter?;
        Some(working / self.size.factor(labelled))
    }
}

/// The labels of an image as one label image; planes that are not scored are unlabelled.
fn truth(labelled: &LabelledImage) -> LabelImage {
    let shape = labelled.image.shape;
    let plane = shape.y * shape.x;
    let mut ids = vec![fewlabel_objects::UNLABELLED; shape.t * shape.z * plane];
    for labels in &labelled.planes {
        let start = (labels.t * shape.z + labels.z) * plane;
        ids[start..start + plane].copy_from_slice(&labels.labels.data);
    }
    LabelImage { t: shape.t, z: shape.z, y: shape.y, x: shape.x, ids, calibration: labelled.image.calibration.clone() }
}
