//! How large the objects are.

use std::collections::{BTreeMap, BTreeSet};

use fewlabel_image::Plane;

use crate::UNLABELLED;

/// Median of the objects' equivalent diameters in pixels: that of the disc of the same area, 2√(area/π).
///
/// Objects at the edge of the plane are cut and left out, unless all are. `None` without any object.
///
/// ```
/// use fewlabel_image::Plane;
/// let labels = Plane::new(3, 3, vec![2, 2, 2, 0, 0, 0, 0, 0, 0]);
/// let diameter = fewlabel_objects::median_diameter(&labels).unwrap();
/// assert!((diameter - 2.0 * (3.0 / std::f64::consts::PI).sqrt()).abs() < 1e-12);
/// ```
pub fn median_diameter(labels: &Plane<u32>) -> Option<f64> {
    let mut areas: BTreeMap<u32, usize> = BTreeMap::new();
    let mut cut = BTreeSet::new();
    for y in 0..labels.height {
        for x in 0..labels.width {
            let label = labels.at(y, x);
            if label == 0 || label == UNLABELLED {
                continue;
            }
            *areas.entry(label).or_default() += 1;
            if y == 0 || x == 0 || y + 1 == labels.height || x + 1 == labels.width {
                cut.insert(label);
            }
        }
    }
    let whole = areas.len() > cut.len();
    let mut areas: Vec<usize> =
        areas.into_iter().filter(|(label, _)| !whole || !cut.contains(label)).map(|(_, area)| area).collect();
    areas.sort_unstable();
    let diameter = |area: usize| 2.0 * (area as f64 / std::f64::consts::PI).sqrt();
    let middle = areas.len() / 2;
    match areas.len() {
        0 => None,
        n if n % 2 == 1 => Some(diameter(areas[middle])),
        _ => Some((diameter(areas[middle - 1]) + diameter(areas[middle])) / 2.0),
    }
}
