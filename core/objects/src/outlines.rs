//! Pictures of objects on their image.

use fewlabel_image::{Maps, Plane};

use crate::{UNLABELLED, object_colour};

/// Shares of samples that become black and white.
const STRETCH: (f64, f64) = (0.01, 0.998);

/// The image with a coloured line along the inner edge of each object.
///
/// Three channels are red, green and blue; any other number is shown grey, as the channels' mean.
/// Grey values are stretched from the 1st to the 99.8th percentile of the finite samples, one range
/// for all colours; what is not finite is black.
///
/// # Panics
/// When image and labels differ in size.
pub fn draw_outlines(image: &Maps, labels: &Plane<u32>) -> Plane<[u8; 3]> {
    assert!((labels.height, labels.width) == (image.height, image.width), "labels and image have the same size");
    let mut picture = stretch(image);
    for y in 0..labels.height {
        for x in 0..labels.width {
            let label = labels.at(y, x);
            if label != 0 && label != UNLABELLED && is_edge(labels, y, x) {
                picture.set(y, x, object_colour(label));
            }
        }
    }
    picture
}

/// Whether one of the four edge neighbours is another object's or background.
fn is_edge(labels: &Plane<u32>, y: usize, x: usize) -> bool {
    let label = labels.at(y, x);
    (y > 0 && labels.at(y - 1, x) != label)
        || (x > 0 && labels.at(y, x - 1) != label)
        || (x + 1 < labels.width && labels.at(y, x + 1) != label)
        || (y + 1 < labels.height && labels.at(y + 1, x) != label)
}

/// 8-bit colours of the image.
fn stretch(image: &Maps) -> Plane<[u8; 3]> {
    let pixels = image.height * image.width;
    let samples = |pixel: usize| -> [f32; 3] {
        if image.channels == 3 {
            return std::array::from_fn(|c| image.channel(c)[pixel]);
        }
        [(0..image.channels).map(|c| image.channel(c)[pixel]).sum::<f32>() / image.channels.max(1) as f32; 3]
    };
    let mut sorted: Vec<f32> = (0..pixels).flat_map(samples).filter(|value| value.is_finite()).collect();
    sorted.sort_unstable_by(f32::total_cmp);
    let quantile = |share: f64| sorted.get((share * sorted.len() as f64) as usize).copied().unwrap_or(0.0);
    let (black, white) = (quantile(STRETCH.0), quantile(STRETCH.1));
    let range = if white > black { white - black } else { 1.0 };
    let shade = |value: f32| (255.0 * ((value - black) / range).clamp(0.0, 1.0)).round() as u8;
    Plane::new(image.height, image.width, (0..pixels).map(|pixel| samples(pixel).map(shade)).collect())
}
