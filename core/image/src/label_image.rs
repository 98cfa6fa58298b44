//! A label image in memory.

use crate::{Calibration, Plane};

/// Whole numbers on a grid, in order `t z y x`: 0 is background, every other number an object or a class.
#[derive(Clone, Debug, PartialEq)]
pub struct LabelImage {
    /// Frames.
    pub t: usize,
    /// Slices.
    pub z: usize,
    /// Rows.
    pub y: usize,
    /// Columns.
    pub x: usize,
    /// `t * z * y * x` numbers.
    pub ids: Vec<u32>,
    /// What a pixel measures.
    pub calibration: Calibration,
}

impl LabelImage {
    /// A single plane.
    pub fn from_plane(plane: Plane<u32>, calibration: Calibration) -> Self {
        Self { t: 1, z: 1, y: plane.height, x: plane.width, ids: plane.data, calibration }
    }

    /// A copy of one plane.
    ///
    /// # Panics
    /// When `t` or `z` lies outside.
    pub fn plane(&self, t: usize, z: usize) -> Plane<u32> {
        assert!(t < self.t && z < self.z, "plane t={t} z={z} of {} x {}", self.t, self.z);
        let n = self.y * self.x;
        let start = (t * self.z + z) * n;
        Plane::new(self.y, self.x, self.ids[start..start + n].to_vec())
    }
}
