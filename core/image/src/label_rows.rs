//! Labels that are handed over a few rows at a time.

use std::ops::Range;

use fewlabel_contract::{Error, Result};

use crate::{Calibration, LabelImage, Shape};

/// Labels of an image that need not be in memory: those who write them ask for rows, from top to bottom of each plane, one plane
/// after another in order `t z`.
pub trait LabelRows {
    /// Extent; `c` is 1.
    fn shape(&self) -> Shape;

    /// What a pixel measures.
    fn calibration(&self) -> &Calibration;

    /// The largest label, or any number above it; it decides in which type labels are written.
    fn largest(&self) -> u32;

    /// The labels in rows `y` of slice `z` of frame `t`, row by row.
    ///
    /// # Errors
    /// Those of what makes the labels; they end the writing.
    fn rows(&self, t: usize, z: usize, y: Range<usize>) -> Result<Vec<u32>>;
}

impl LabelRows for LabelImage {
    fn shape(&self) -> Shape {
        Shape { t: self.t, z: self.z, c: 1, y: self.y, x: self.x }
    }

    fn calibration(&self) -> &Calibration {
        &self.calibration
    }

    fn largest(&self) -> u32 {
        self.ids.iter().copied().max().unwrap_or(0)
    }

    fn rows(&self, t: usize, z: usize, y: Range<usize>) -> Result<Vec<u32>> {
        let first = (t * self.z + z) * self.y;
        let rows = self.ids.get((first + y.start) * self.x..(first + y.end) * self.x);
        rows.map(<[u32]>::to_vec).ok_or_else(|| Error::internal("write labels", "the labels do not fill their shape"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_of_labels_in_memory() {
        let labels = LabelImage { t: 2, z: 2, y: 3, x: 2, ids: (0..24).collect(), calibration: Calibration::default() };
        assert_eq!((labels.shape(), labels.largest()), (Shape { t: 2, z: 2, c: 1, y: 3, x: 2 }, 23));
        assert_eq!(labels.rows(1, 0, 1..3).expect("rows"), [14, 15, 16, 17]);
        let short = LabelImage { ids: vec![1; 23], ..labels };
        assert!(short.rows(1, 1, 2..3).is_err());
    }
}
