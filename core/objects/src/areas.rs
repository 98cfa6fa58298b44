//! From class probabilities to areas.

use fewlabel_image::{Maps, Plane};

/// Gives each pixel the class of its largest map: channel `c` stands for the value `class_values[c]`.
///
/// Of equal maps the first wins; a value that is no number never does, and a pixel without any
/// number gets the first class.
///
/// ```
/// use fewlabel_image::Maps;
/// let maps = Maps::new(2, 1, 3, vec![0.9, 0.2, 0.5, 0.1, 0.8, 0.5]);
/// assert_eq!(fewlabel_objects::decode_areas(&maps, &[0, 7]).data, [0, 7, 0]);
/// ```
///
/// # Panics
/// When there is not one class value for each channel, or no channel.
pub fn decode_areas(maps: &Maps, class_values: &[u32]) -> Plane<u32> {
    assert!(maps.channels == class_values.len() && maps.channels > 0, "one class value for each channel");
    let mut best = Plane::new(maps.height, maps.width, maps.channel(0).to_vec());
    let mut classes = Plane::filled(maps.height, maps.width, class_values[0]);
    for (c, &value) in class_values.iter().enumerate().skip(1) {
        for ((&probability, best), class) in maps.channel(c).iter().zip(&mut best.data).zip(&mut classes.data) {
            if probability > *best || (best.is_nan() && !probability.is_nan()) {
                *best = probability;
                *class = value;
            }
        }
    }
    classes
}
