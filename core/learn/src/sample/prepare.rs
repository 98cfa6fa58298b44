//! From labelled images to the items that crops are cut from.

use std::sync::Arc;

use fewlabel_contract::{CancelToken, Result};
use fewlabel_image::{resample_image, resample_labels};
use fewlabel_model::Normalisation;

use super::item::TrainingItem;
use crate::labels::LabelledImage;
use crate::normalised::Normalised;
use crate::scale::WorkingSize;

/// Normalises the labelled planes, brings them to the working size and computes their targets.
///
/// `channels` are the names of the network's input channels; `classes` the label values of `areas`, empty for
/// `objects`. Intensities are normalised on the image's own grid over the scope of `normalisation`, as when
/// segmenting; then the image is resampled with an antialiasing filter, the labels by the nearest pixel.
/// Planes of which nothing is left, all labels being smaller than a pixel of the working size, are left out.
///
/// # Errors
/// `invalid-request` when an image has other channels than the network, with its file; `cancelled`.
pub fn prepare(
    images: &[LabelledImage],
    size: &WorkingSize,
    normalisation: &Normalisation,
    channels: &[String],
    classes: &[u32],
    token: &CancelToken,
) -> Result<Vec<TrainingItem>> {
    let mut items = Vec::new();
    for labelled in images {
        let shape = labelled.image.shape;
        let normalised = Normalised::new(&labelled.image, normalisation, channels);
        let normalised = normalised.map_err(|error| error.file(&labelled.image_path))?;
        for labels in &labelled.planes {
            token.check("prepare images")?;
            let maps = normalised.plane(labels.t, labels.z)?;
            let (height, width) = size.scaled(labelled);
            let name = match shape.t * shape.z {
                1 => labelled.name.clone(),
                _ => format!("{}, frame {}, slice {}", labelled.name, labels.t + 1, labels.z + 1),
            };
            let scaled = resample_labels(&labels.labels, height, width);
            let image = Arc::new(resample_image(&maps, height, width));
            let item = TrainingItem::new(name, image, scaled, classes);
            items.extend(item.map(|item| TrainingItem { sparse: labels.sparse, ..item }));
        }
    }
    Ok(items)
}
