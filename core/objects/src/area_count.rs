//! Connected areas of labels that come row by row.

use std::collections::HashSet;

use serde::{Deserialize, Serialize};

use crate::UNLABELLED;
use crate::components::{find, unite};

/// Counts the connected pieces of pixels of one label, eight neighbours each, of rows that come from top to bottom. 0 and
/// [`UNLABELLED`] are no pieces. Held are two rows.
///
/// ```
/// let mut count = fewlabel_objects::AreaCount::new();
/// for row in [[1, 1, 0, 2, 0], [0, 0, 1, 0, 2], [3, 0, 0, 0, 0]] {
///     count.add(&row);
/// }
/// assert_eq!(count.total(), 3);
/// ```
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct AreaCount {
    /// Label and piece of each pixel of the row before; piece 0 is none.
    before: Vec<(u32, u32)>,
    /// Pieces in it, numbered from 1 without gaps.
    open: u32,
    /// Pieces that ended above it.
    ended: usize,
}

impl AreaCount {
    /// Before the first row.
    pub fn new() -> Self {
        Self::default()
    }

    /// Takes the next row, which is as long as those before.
    pub fn add(&mut self, row: &[u32]) {
        let mut parents: Vec<u32> = (0..=self.open).collect();
        let mut here: Vec<(u32, u32)> = Vec::with_capacity(row.len());
        for (x, &label) in row.iter().enumerate() {
            if label == 0 || label == UNLABELLED {
                here.push((0, 0));
                continue;
            }
            let above = self.before.get(x.saturating_sub(1)..self.before.len().min(x + 2)).unwrap_or_default();
            let touching = here.last().into_iter().chain(above).filter(|(other, _)| *other == label);
            let piece = touching.map(|(_, piece)| *piece).reduce(|a, b| unite(&mut parents, a, b)).unwrap_or_else(|| {
                parents.push(parents.len() as u32);
                parents.len() as u32 - 1
            });
            here.push((label, piece));
        }
        let roots: HashSet<u32> = (1..parents.len() as u32).map(|piece| find(&mut parents, piece)).collect();
        let mut numbers = vec![0; parents.len()];
        let mut open = 0;
        for (_, piece) in here.iter_mut().filter(|(_, piece)| *piece != 0) {
            let number: &mut u32 = &mut numbers[find(&mut parents, *piece) as usize];
            if *number == 0 {
                open += 1;
                *number = open;
            }
            *piece = *number;
        }
        self.ended += roots.len() - open as usize;
        (self.open, self.before) = (open, here);
    }

    /// Pieces so far.
    pub fn total(&self) -> usize {
        self.ended + self.open as usize
    }
}

#[cfg(test)]
mod tests {
    use fewlabel_image::Plane;
    use proptest::prelude::*;

    use super::*;
    use crate::components::equal_components;

    proptest! {
        #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

        #[test]
        fn as_many_as_in_the_whole(width in 1_usize..12, labels in prop::collection::vec(0_u32..3, 1..150)) {
            let height = labels.len().div_ceil(width);
            let mut labels = labels;
            labels.resize(height * width, UNLABELLED);
            let mut count = AreaCount::new();
            labels.chunks(width).for_each(|row| count.add(row));
            let whole = equal_components(&Plane::new(height, width, labels), true).1;
            prop_assert_eq!(count.total(), whole as usize);
        }
    }
}
