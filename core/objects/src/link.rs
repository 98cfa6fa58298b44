//! Objects of neighbouring planes that are one.

use std::collections::{BTreeMap, HashMap, HashSet};

use fewlabel_image::Plane;

use crate::UNLABELLED;

/// Overlap over union from which two objects of neighbouring planes are one.
const OVERLAP: f64 = 0.25;

/// Gives objects of neighbouring planes the same number: slices of a body, or one cell over time.
///
/// Each object goes on with the one in the plane before with which it overlaps most, counted as intersection over union, from
/// 0.25 on; no two with the same. Pairs are made from the largest overlap down, of equal ones that of the lower numbers first. All
/// others begin anew. Numbers are given in order of first appearance, without gaps.
///
/// ```
/// use fewlabel_image::Plane;
/// let mut linker = fewlabel_objects::Linker::new();
/// let row = |labels: [u32; 6]| Plane::new(1, 6, labels.to_vec());
/// assert_eq!(linker.link(0, &row([1, 1, 0, 0, 2, 2])).data, [1, 1, 0, 0, 2, 2]);
/// assert_eq!(linker.link(0, &row([3, 0, 4, 0, 5, 5])).data, [1, 0, 3, 0, 2, 2]);
/// assert_eq!(linker.count(), 3);
/// ```
#[derive(Clone, Debug, Default)]
pub struct Linker {
    /// The plane before of each series, with linked numbers.
    before: BTreeMap<usize, Plane<u32>>,
    count: u32,
}

impl Linker {
    /// Before the first plane.
    pub fn new() -> Self {
        Self::default()
    }

    /// Numbers that were given.
    pub fn count(&self) -> usize {
        self.count as usize
    }

    /// Lets a series go of which no plane is to come.
    pub fn forget(&mut self, series: usize) {
        self.before.remove(&series);
    }

    /// Takes the next plane of a series (the slices of a frame, say, or the frames of a slice), and gives it with linked
    /// numbers.
    ///
    /// # Panics
    /// When the planes of a series differ in size.
    pub fn link(&mut self, series: usize, plane: &Plane<u32>) -> Plane<u32> {
        let mut numbers = self.before.get(&series).map(|before| partners(before, plane)).unwrap_or_default();
        let data = plane.data.iter().map(|&label| match label {
            0 | UNLABELLED => label,
            label => *numbers.entry(label).or_insert_with(|| {
                self.count += 1;
                self.count
            }),
        });
        let linked = Plane::new(plane.height, plane.width, data.collect());
        self.before.insert(series, linked.clone());
        linked
    }
}

/// For objects of `here` the numbers of those in `before` with which they go on.
fn partners(before: &Plane<u32>, here: &Plane<u32>) -> HashMap<u32, u32> {
    assert!((before.height, before.width) == (here.height, here.width), "planes of a series have one size");
    let mut areas: [HashMap<u32, u64>; 2] = Default::default();
    let mut overlaps: HashMap<(u32, u32), u64> = HashMap::new();
    let is_object = |label: u32| label != 0 && label != UNLABELLED;
    for (&old, &new) in before.data.iter().zip(&here.data) {
        for (areas, label) in areas.iter_mut().zip([old, new]).filter(|(_, label)| is_object(*label)) {
            *areas.entry(label).or_default() += 1;
        }
        if is_object(old) && is_object(new) {
            *overlaps.entry((old, new)).or_default() += 1;
        }
    }
    let mut pairs: Vec<(f64, u32, u32)> = overlaps
        .into_iter()
        .map(|((old, new), shared)| (shared as f64 / (areas[0][&old] + areas[1][&new] - shared) as f64, old, new))
        .filter(|(overlap, ..)| *overlap >= OVERLAP)
        .collect();
    pairs.sort_by(|a, b| b.0.total_cmp(&a.0).then((a.1, a.2).cmp(&(b.1, b.2))));
    let (mut numbers, mut taken) = (HashMap::new(), HashSet::new());
    for (_, old, new) in pairs {
        if !numbers.contains_key(&new) && taken.insert(old) {
            numbers.insert(new, old);
        }
    }
    numbers
}

#[cfg(test)]
mod tests {
    use super::*;

    fn row(labels: &[u32]) -> Plane<u32> {
        Plane::new(1, labels.len(), labels.to_vec())
    }

    #[test]
    fn the_larger_part_of_a_cell_that_divides_keeps_its_number() {
        let mut linker = Linker::new();
        linker.link(0, &row(&[1, 1, 1, 1, 1, 1, 1, 1]));
        assert_eq!(linker.link(0, &row(&[2, 2, 2, 0, 3, 3, 3, 3])).data, [2, 2, 2, 0, 1, 1, 1, 1]);
    }

    #[test]
    fn little_overlap_is_none() {
        let mut linker = Linker::new();
        linker.link(0, &row(&[1, 1, 1, 0, 0, 0]));
        // 1 of 5 pixels is shared.
        assert_eq!(linker.link(0, &row(&[0, 0, 2, 2, 2, 0])).data, [0, 0, 2, 2, 2, 0]);
        // 2 of 4 are.
        assert_eq!(linker.link(0, &row(&[0, 0, 0, 7, 7, 7])).data, [0, 0, 0, 2, 2, 2]);
    }

    #[test]
    fn series_are_linked_each_by_itself() {
        let mut linker = Linker::new();
        linker.link(0, &row(&[1, 1, 0]));
        assert_eq!(linker.link(1, &row(&[2, 2, UNLABELLED])).data, [2, 2, UNLABELLED]);
        assert_eq!(linker.link(0, &row(&[3, 3, 0])).data, [1, 1, 0]);
        assert_eq!(linker.link(1, &row(&[4, 4, 0])).data, [2, 2, 0]);
        assert_eq!(linker.count(), 2);
    }
}
