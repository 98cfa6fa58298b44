//! Images kept aside: what checkpoint and end of training are chosen by.

use super::labels::KindImage;

/// Of every four images of a class one is kept aside.
const EVERY: usize = 4;

/// Whether each image is kept aside: every fourth of its class, in the order of the images. Classes of fewer than four images are trained
/// on whole.
pub fn keep_aside(images: &[KindImage]) -> Vec<bool> {
    let classes = images.iter().map(|image| image.class + 1).max().unwrap_or(0);
    let mut seen = vec![0; classes];
    let every_fourth = |image: &KindImage| {
        seen[image.class] += 1;
        seen[image.class] % EVERY == 0
    };
    images.iter().map(every_fourth).collect()
}
