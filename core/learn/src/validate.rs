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
    /// Maps of each image's labelled planes on the grid of the image, and the scores of the recipe's decoder.
    ///
    /// # Errors
    /// `cancelled`; those of the pipeline.
    pub fn score(&self, net: &mut Net, token: &CancelToken) -> Result<(Scores, Vec<Vec<Maps>>)> {
        let forward = TchForward::new(net);
        let mut pairs = Vec::new();
        let mut all_maps = Vec::new();
        for labelled in &self.images {
            let options = SegmentOptions {
                tiles: TileOptions { threads: 1, ..TileOptions::default() },
                object_diameter: self.diameter_in(labelled),
                maps: true,
            };
            let pipeline = Pipeline { forward: &forward, recipe: &self.recipe, options: &options };
            let segmented = pipeline.segment(&labelled.image, token, &mut |_, _| {})?;
            all_maps.push(segmented.maps.unwrap_or_default());
            pairs.push(Ok(LabelPair { name: labelled.name.clone(), truth: truth(labelled), prediction: segmented.labels }));
        }
        Ok((Scores::of(&evaluate(self.find, pairs)?), all_maps))
    }

    /// The best of the decoder's candidates on maps that [`Self::score`] gave; of equals the first, and the
    /// default settings before all.
    ///
    /// # Errors
    /// `cancelled`; those of decoding.
    pub fn tune(&self, maps: &[Vec<Maps>], token: &CancelToken) -> Result<(Decoder, Option<Scores>)> {
        let Decoder::Objects(now) = &self.recipe.decoder else { return Ok((self.recipe.decoder.clone(), None)) };
        let mut best = (now.clone(), self.score_maps(maps, now)?);
        for candidate in DecodeObjects::candidates() {
            token.check("tune decoder")?;
            let scores = self.score_maps(maps, &candidate)?;
            if scores.merit() > best.1.merit() {
                best = (candidate, scores);
            }
        }
        Ok((Decoder::Objects(best.0), Some(best.1)))
    }

    /// The first image kept aside, its truth and what the decoder makes of its maps, as PNG.
    ///
    /// # Errors
    /// Those of decoding and of the PNG writer.
    pub fn preview(&self, maps: &[Vec<Maps>]) -> Result<Option<Vec<u8>>> {
        let (Some(labelled), Some(planes)) = (self.images.first(), maps.first()) else { return Ok(None) };
        let Some(plane) = labelled.planes.first() else { return Ok(None) };
        let Some(of_plane) = planes.get(plane.t * labelled.image.shape.z + plane.z) else { return Ok(None) };
        let prediction = self.recipe.decoder.decode(of_plane)?;
        preview(&labelled.image.plane(plane.t, plane.z), &plane.labels, &prediction).map(Some)
    }

    fn score_maps(&self, maps: &[Vec<Maps>], parameters: &DecodeObjects) -> Result<Scores> {
        let decoder = Decoder::Objects(parameters.clone());
        let pairs = self.images.iter().zip(maps).map(|(labelled, planes)| {
            let mut prediction = truth(labelled);
            prediction.ids.clear();
            for plane in planes {
                prediction.ids.extend(decoder.decode(plane)?.data);
            }
            Ok(LabelPair { name: labelled.name.clone(), truth: truth(labelled), prediction })
        });
        Ok(Scores::of(&evaluate(self.find, pairs)?))
    }

    /// Pixels at the working size that one scoring looks at.
    pub fn working_pixels(&self) -> usize {
        self.images
            .iter()
            .map(|labelled| {
                let shape = labelled.image.shape;
                let (height, width) = self.size.scaled(shape.y, shape.x, &labelled.image.calibration);
                shape.t * shape.z * height * width
            })
            .sum()
    }

    fn diameter_in(&self, labelled: &LabelledImage) -> Option<f64> {
        let working = self.size.working_diameter?;
        Some(working / self.size.factor(&labelled.image.calibration))
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
