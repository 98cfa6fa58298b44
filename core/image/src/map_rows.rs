//! Maps that are handed over a few rows at a time.

use std::ops::Range;

use fewlabel_contract::{Error, Result};

use crate::{Calibration, Maps, Shape};

/// Maps of an image that need not be in memory: those who write them ask for rows, from top to bottom of each channel, one
/// channel after another in order `t z c`.
pub trait MapRows {
    /// Extent.
    fn shape(&self) -> Shape;

    /// What a pixel measures.
    fn calibration(&self) -> &Calibration;

    /// The values in rows `y` of channel `c` of slice `z` of frame `t`, row by row.
    ///
    /// # Errors
    /// Those of what makes the maps; they end the writing.
    fn rows(&self, t: usize, z: usize, c: usize, y: Range<usize>) -> Result<Vec<f32>>;
}

/// Maps of `t * z` planes in memory, in order `t z`.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct MapStack<'a> {
    /// All of one extent.
    pub planes: &'a [Maps],
    /// Frames.
    pub t: usize,
    /// Slices.
    pub z: usize,
    /// What a pixel measures.
    pub calibration: &'a Calibration,
}

impl<'a> MapStack<'a> {
    /// The slices of one frame.
    pub const fn slices(planes: &'a [Maps], calibration: &'a Calibration) -> Self {
        Self { planes, t: 1, z: planes.len(), calibration }
    }
}

impl MapRows for MapStack<'_> {
    fn shape(&self) -> Shape {
        let (c, y, x) = self.planes.first().map_or((0, 0, 0), |maps| (maps.channels, maps.height, maps.width));
        Shape { t: self.t, z: self.z, c, y, x }
    }

    fn calibration(&self) -> &Calibration {
        self.calibration
    }

    fn rows(&self, t: usize, z: usize, c: usize, y: Range<usize>) -> Result<Vec<f32>> {
        let Shape { c: channels, y: height, x: width, .. } = self.shape();
        let maps = self.planes.get(t * self.z + z).filter(|m| (m.channels, m.height, m.width) == (channels, height, width));
        let maps = maps.filter(|_| self.planes.len() == self.t * self.z);
        let rows = maps.and_then(|maps| maps.data.get((c * height + y.start) * width..(c * height + y.end) * width));
        rows.map(<[f32]>::to_vec).ok_or_else(|| Error::internal("write maps", "the maps do not fill their shape"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_of_maps_in_memory() {
        let plane = |first: usize| Maps::new(2, 3, 2, (first..first + 12).map(|n| n as f32).collect());
        let (planes, calibration) = ([plane(0), plane(12)], Calibration::default());
        let stack = MapStack { planes: &planes, t: 2, z: 1, calibration: &calibration };
        assert_eq!(stack.shape(), Shape { t: 2, z: 1, c: 2, y: 3, x: 2 });
        assert_eq!(stack.rows(1, 0, 1, 1..2).expect("rows"), [20.0, 21.0]);
        assert!(stack.rows(2, 0, 0, 0..1).is_err());
        assert!(MapStack { z: 2, ..stack }.rows(0, 0, 0, 0..1).is_err(), "planes are missing");
        assert_eq!(MapStack::slices(&planes, &calibration), MapStack { t: 1, z: 2, ..stack });
        let uneven = [plane(0), Maps::zeros(1, 3, 4)];
        assert!(MapStack { planes: &uneven, ..stack }.rows(1, 0, 0, 0..1).is_err());
    }
}
