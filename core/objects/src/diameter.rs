//! How large the objects are.

use std::collections::{BTreeMap, BTreeSet};
use std::f64::consts::PI;

use fewlabel_image::Plane;
use serde::{Deserialize, Serialize};

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
    let middle = areas.len() / 2;
    match areas.len() {
        0 => None,
        n if n % 2 == 1 => Some(of_disc(areas[middle])),
        _ => Some((of_disc(areas[middle - 1]) + of_disc(areas[middle])) / 2.0),
    }
}

/// How many pixels each object has, of labels that come a few rows at a time.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct ObjectAreas {
    /// By the number of the object; numbers have few gaps.
    areas: Vec<u32>,
}

impl ObjectAreas {
    /// Before the first pixel.
    pub fn new() -> Self {
        Self::default()
    }

    /// Counts some pixels.
    pub fn add(&mut self, ids: &[u32]) {
        for &id in ids.iter().filter(|&&id| id != 0 && id != UNLABELLED) {
            let place = id as usize;
            if self.areas.len() <= place {
                self.areas.resize(place + 1, 0);
            }
            self.areas[place] += 1;
        }
    }

    /// Diameter in pixels that objects look like having, from what a network found of them: the equivalent diameter at which
    /// smaller objects hold 30 % of the foreground. `None` without any object.
    ///
    /// By area, crumbs hardly count; below the middle, neither do objects that ran together. What is wider than `widest` is
    /// no object but haze or a shadow, and left out, unless there is nothing else.
    ///
    /// ```
    /// // An object of 12 pixels beside three of one pixel and one of 15.
    /// let mut areas = fewlabel_objects::ObjectAreas::new();
    /// areas.add(&[vec![4; 12], vec![0, 1, 0, 2, 0, 3], vec![5; 15]].concat());
    /// let diameter = areas.apparent_diameter(100.0).unwrap();
    /// assert!((diameter - 2.0 * (12.0 / std::f64::consts::PI).sqrt()).abs() < 1e-12);
    /// ```
    pub fn apparent_diameter(&self, widest: f64) -> Option<f64> {
        let mut areas: Vec<usize> = self.areas.iter().filter(|area| **area > 0).map(|area| *area as usize).collect();
        areas.sort_unstable();
        let objects = areas.iter().filter(|area| of_disc(**area) <= widest).count();
        if objects > 0 {
            areas.truncate(objects);
        }
        let wanted = 3 * areas.iter().sum::<usize>();
        let mut covered = 0;
        let reached = areas.into_iter().find(|area| {
            covered += area;
            10 * covered >= wanted
        })?;
        Some(of_disc(reached))
    }
}

/// Diameter of the disc of this area.
fn of_disc(area: usize) -> f64 {
    2.0 * (area as f64 / PI).sqrt()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn haze_does_not_hide_how_large_the_objects_look() {
        let apparent_diameter = |ids: &[u32], widest: f64| {
            let mut areas = ObjectAreas::new();
            ids.chunks(7).for_each(|some| areas.add(some));
            areas.apparent_diameter(widest)
        };
        // Nine objects of 4 pixels and a glow of 400.
        let mut ids: Vec<u32> = (0..36).map(|pixel| 1 + pixel / 4).collect();
        ids.extend([99; 400]);
        assert_eq!(apparent_diameter(&ids, 1000.0), Some(of_disc(400)));
        assert_eq!(apparent_diameter(&ids, 8.0), Some(of_disc(4)));
        // Alone it is all that there is.
        assert_eq!(apparent_diameter(&[99; 400], 8.0), Some(of_disc(400)));
        assert_eq!(apparent_diameter(&[0, UNLABELLED], 8.0), None);
    }
}
