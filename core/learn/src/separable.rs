//! Which ways to split touching objects tell the labelled objects apart.
//!
//! A decoder that loses objects even on the maps that the labels themselves make is of no use, however well it does on the
//! few objects that are kept aside.

use fewlabel_contract::{Find, Result};
use fewlabel_image::{Calibration, LabelImage, Maps};
use fewlabel_objects::{DecodeObjects, MAPS, UNLABELLED, decode_objects, object_targets};
use fewlabel_score::{LabelPair, evaluate};

use crate::sample::TrainingItem;

/// Share of the objects that a way to split may lose, compared with the best one.
const LOSS: f64 = 0.02;

/// Those of the decoders, in their order, that find the objects again in the maps that their labels make: in AP50 no more
/// than 0.02 below the one that finds most.
///
/// # Errors
/// Those of decoding.
pub fn separable(items: &[TrainingItem], decoders: Vec<DecodeObjects>) -> Result<Vec<DecodeObjects>> {
    let perfect: Vec<Maps> = items.iter().map(perfect_maps).collect();
    let mut found = Vec::new();
    for decoder in &decoders {
        let pairs = items.iter().zip(&perfect).map(|(item, maps)| {
            let label_image = |ids: Vec<u32>| LabelImage {
                t: 1,
                z: 1,
                y: item.labels.height,
                x: item.labels.width,
                ids,
                calibration: Calibration::default(),
            };
            let prediction = decode_objects(maps, decoder)?;
            Ok(LabelPair {
                name: item.name.clone(),
                truth: label_image(item.labels.data.clone()),
                prediction: label_image(prediction.data),
            })
        });
        found.push(evaluate(Find::Objects, pairs)?.objects_pooled.map_or(0.0, |pooled| pooled.ap50));
    }
    let best = found.iter().copied().fold(0.0, f64::max);
    Ok(decoders.into_iter().zip(found).filter(|(_, ap50)| *ap50 >= best - LOSS).map(|(decoder, _)| decoder).collect())
}

/// What a perfect network would say; background where nothing is labelled.
fn perfect_maps(item: &TrainingItem) -> Maps {
    let (height, width) = (item.labels.height, item.labels.width);
    let targets = object_targets(&item.labels.map(|id| if id == UNLABELLED { 0 } else { id }));
    let mut maps = Maps::zeros(MAPS.len(), height, width);
    for class in 0..3_u8 {
        for (value, &wanted) in maps.channel_mut(usize::from(class)).iter_mut().zip(&targets.class.data) {
            *value = f32::from(u8::from(wanted == class));
        }
    }
    maps.channel_mut(3).copy_from_slice(&targets.distance.data);
    maps.channel_mut(4).copy_from_slice(&targets.centre.data);
    maps
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use fewlabel_image::Plane;

    use super::*;

    /// Squares of `side` pixels that touch, five in a row, with a background around.
    fn row_of_squares(side: usize) -> TrainingItem {
        let (height, width) = (side + 4, 5 * side + 4);
        let mut labels = Plane::filled(height, width, 0);
        for y in 2..2 + side {
            for x in 2..2 + 5 * side {
                labels.set(y, x, 1 + ((x - 2) / side) as u32);
            }
        }
        TrainingItem::new("row".into(), Arc::new(Maps::zeros(1, height, width)), labels, &[]).expect("labels")
    }

    #[test]
    fn a_decoder_that_smooths_small_objects_away_is_ruled_out() {
        let splits = DecodeObjects::default().for_diameter(24.0).splits(24.0);
        // Of the size that the settings are for, every way finds them.
        assert_eq!(separable(&[row_of_squares(24)], splits.clone()).unwrap(), splits);
        // Much smaller ones only the eager ways do.
        let small = separable(&[row_of_squares(7)], splits.clone()).unwrap();
        assert!(!small.contains(&splits[4]) && small.contains(&splits[3]), "{small:?}");
    }
}
