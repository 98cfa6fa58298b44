//! How large the objects of an image look, from what was found in it.
//!
//! Of images without calibration nobody knows the scale. A network that sees objects much larger than those that it was
//! trained on cuts them to pieces, but the pieces are still larger than what it knows: that gives it away.

use std::collections::HashMap;

use fewlabel_image::LabelImage;

/// From this many times the expected diameter on, the image is looked at again at a smaller scale. Training shows objects
/// up to 1.4 times as large, and the median by area is somewhat above the plain one that is expected.
const MUCH_LARGER: f64 = 1.4;

/// The diameter in pixels at which to look again; `None` when objects look about as large as `expected`, or there are none.
pub(crate) fn much_larger_diameter(labels: &LabelImage, expected: f64) -> Option<f64> {
    let apparent = diameter_by_area(labels)?;
    (apparent > MUCH_LARGER * expected).then_some(apparent)
}

/// The diameter of the disc with the area of the object that a pixel of the foreground lies in, in the median over these
/// pixels: crumbs do not count much.
fn diameter_by_area(labels: &LabelImage) -> Option<f64> {
    let mut areas: HashMap<u32, u64> = HashMap::new();
    for &id in labels.ids.iter().filter(|id| **id != 0) {
        *areas.entry(id).or_default() += 1;
    }
    let mut areas: Vec<u64> = areas.into_values().collect();
    areas.sort_unstable();
    let half = areas.iter().sum::<u64>().div_ceil(2);
    let mut covered = 0;
    let median = areas.into_iter().find(|area| {
        covered += area;
        covered >= half
    })?;
    Some(2.0 * (median as f64 / std::f64::consts::PI).sqrt())
}

#[cfg(test)]
mod tests {
    use fewlabel_image::Calibration;

    use super::*;

    /// A row of objects of these areas.
    fn row(areas: &[usize]) -> LabelImage {
        let ids: Vec<u32> = (1..).zip(areas).flat_map(|(id, &area)| std::iter::repeat_n(id, area).chain([0])).collect();
        LabelImage { t: 1, z: 1, y: 1, x: ids.len(), ids, calibration: Calibration::default() }
    }

    #[test]
    fn crumbs_do_not_make_objects_look_small() {
        let diameter = diameter_by_area(&row(&[1, 1, 1, 1, 1, 314, 314, 400])).unwrap();
        assert!((diameter - 2.0 * (314.0 / std::f64::consts::PI).sqrt()).abs() < 1e-12);
        assert_eq!(diameter_by_area(&row(&[])), None);
    }

    #[test]
    fn only_much_larger_objects_are_looked_at_again() {
        // Discs of 20 pixels have an area of 314.
        let labels = row(&[314, 314, 3]);
        assert_eq!(much_larger_diameter(&labels, 20.0), None);
        assert_eq!(much_larger_diameter(&labels, 15.0), None);
        assert_eq!(much_larger_diameter(&labels, 30.0), None);
        assert!((much_larger_diameter(&labels, 12.0).unwrap() - 20.0).abs() < 0.01);
    }
}
