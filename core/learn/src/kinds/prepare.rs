//! From labelled images to the squares that the network sees.

use std::path::Path;
use std::sync::Arc;

use fewlabel_contract::{CancelToken, Result};
use fewlabel_image::{ChosenChannels, Image, ImageInfo, Limits, Maps, Source, open_source};
use fewlabel_infer::whole_image;
use fewlabel_model::Normalisation;

use super::labels::KindSet;
use crate::normalised::Normalised;

/// A plane whose class is known, as the network sees it.
#[derive(Clone, Debug)]
pub struct KindItem {
    /// The whole plane, normalised, a square of the side that the network takes.
    pub image: Arc<Maps>,
    /// Number of its class.
    pub class: usize,
    /// Number of the image that it is a plane of.
    pub of: usize,
}

/// Images of each class, by its number.
pub type ByClass = Vec<Vec<Arc<Maps>>>;

/// The chosen channels of an image; all, when `channels` is empty.
///
/// # Errors
/// Those of reading, with the file; `invalid-request` when it has no such channel.
pub fn open_image(path: &Path, channels: &[String]) -> Result<Image> {
    let source = open_source(path, &Limits::default())?;
    ChosenChannels::new(&*source, channels).and_then(|chosen| chosen.image()).map_err(|error| error.file(path))
}

/// What is known of the chosen channels of an image before its pixels are read.
///
/// # Errors
/// As [`open_image`].
pub fn image_info(path: &Path, channels: &[String]) -> Result<ImageInfo> {
    let source = open_source(path, &Limits::default())?;
    let chosen = ChosenChannels::new(&*source, channels).map_err(|error| error.file(path))?;
    Ok(chosen.info().clone())
}

/// Reads the images of a set, normalises them and brings each plane to a square of `side` pixels. `asked_for` are the channels of the
/// request, `channels` those of the network.
///
/// # Errors
/// Those of reading; `invalid-request` when an image has other channels than the network; both with the file. `cancelled`.
pub fn prepare(
    set: &KindSet,
    asked_for: &[String],
    channels: &[String],
    normalisation: &Normalisation,
    side: usize,
    token: &CancelToken,
) -> Result<Vec<KindItem>> {
    let mut items = Vec::new();
    for (of, labelled) in set.images.iter().enumerate() {
        token.check("prepare images")?;
        let image = open_image(&labelled.path, asked_for)?;
        let normalised = Normalised::new(&image, normalisation, channels).map_err(|error| error.file(&labelled.path))?;
        for t in 0..image.shape.t {
            for z in 0..image.shape.z {
                let image = Arc::new(whole_image(&normalised.plane(t, z)?, side));
                items.push(KindItem { image, class: labelled.class, of });
            }
        }
    }
    Ok(items)
}

/// The images of each of so many classes.
pub fn by_class<'a>(items: impl Iterator<Item = &'a KindItem>, classes: usize) -> ByClass {
    let mut all = vec![Vec::new(); classes];
    for item in items {
        all[item.class].push(Arc::clone(&item.image));
    }
    all
}
