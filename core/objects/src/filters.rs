//! What is done to a label plane after objects were found.

use std::collections::HashMap;

use fewlabel_image::Plane;

use crate::{UNLABELLED, components};

/// Numbers the objects from 1 without gaps, in raster order of their first pixels, and says how
/// many there are. 0 and [`UNLABELLED`] stay.
///
/// ```
/// use fewlabel_image::Plane;
/// let labels = Plane::new(2, 3, vec![0, 9, 9, 4, 0, 9]);
/// let (labels, count) = fewlabel_objects::relabel(&labels);
/// assert_eq!((labels.data, count), (vec![0, 1, 1, 2, 0, 1], 2));
/// ```
pub fn relabel(labels: &Plane<u32>) -> (Plane<u32>, u32) {
    let mut numbers = HashMap::from([(0, 0), (UNLABELLED, UNLABELLED)]);
    let mut count = 0;
    let mut last = (0, 0);
    let data = labels.data.iter().map(|&label| {
        // Neighbours are mostly of one object: the map is asked only where the label changes.
        if label != last.0 {
            let number = *numbers.entry(label).or_insert_with(|| {
                count += 1;
                count
            });
            last = (label, number);
        }
        last.1
    });
    let data = data.collect();
    (Plane::new(labels.height, labels.width, data), count)
}

/// Turns objects of fewer than `min_area` pixels into background. The others keep their numbers.
pub fn remove_small(labels: &Plane<u32>, min_area: usize) -> Plane<u32> {
    let mut areas: HashMap<u32, usize> = HashMap::new();
    for &label in &labels.data {
        *areas.entry(label).or_default() += 1;
    }
    labels.map(|label| match label {
        0 | UNLABELLED => label,
        _ if areas[&label] < min_area => 0,
        _ => label,
    })
}

/// Gives holes of up to `max_area` pixels to the object around them.
///
/// A hole is background, connected through edges, that meets one object only and neither the edge
/// of the plane nor an unlabelled pixel.
///
/// ```
/// use fewlabel_image::Plane;
/// let ring = Plane::new(3, 3, vec![5, 5, 5, 5, 0, 5, 5, 5, 5]);
/// assert_eq!(fewlabel_objects::fill_holes(&ring, 1).data, [5; 9]);
/// assert_eq!(fewlabel_objects::fill_holes(&ring, 0).data, ring.data);
/// ```
pub fn fill_holes(labels: &Plane<u32>, max_area: usize) -> Plane<u32> {
    let (height, width) = (labels.height, labels.width);
    let (regions, count) = components(&labels.map(|label| label == 0), false);
    let mut holes = vec![Hole { area: 0, around: None, open: false }; count as usize + 1];
    for y in 0..height {
        for x in 0..width {
            let region = regions.at(y, x);
            if region == 0 {
                continue;
            }
            let hole = &mut holes[region as usize];
            hole.area += 1;
            if y == 0 || x == 0 || y + 1 == height || x + 1 == width {
                hole.open = true;
                continue;
            }
            for label in [labels.at(y - 1, x), labels.at(y, x - 1), labels.at(y, x + 1), labels.at(y + 1, x)] {
                hole.meet(label);
            }
        }
    }
    let data = labels.data.iter().zip(&regions.data).map(|(&label, &region)| match holes[region as usize] {
        Hole { area, around: Some(around), open: false } if region != 0 && area <= max_area => around,
        _ => label,
    });
    Plane::new(height, width, data.collect())
}

/// What is known of a piece of background.
#[derive(Clone, Copy)]
struct Hole {
    area: usize,
    /// The object that it meets.
    around: Option<u32>,
    /// Whether it meets the edge of the plane, an unlabelled pixel or more than one object.
    open: bool,
}

impl Hole {
    fn meet(&mut self, label: u32) {
        match (label, self.around) {
            (0, _) => {}
            (UNLABELLED, _) => self.open = true,
            (label, None) => self.around = Some(label),
            (label, Some(around)) => self.open |= label != around,
        }
    }
}
