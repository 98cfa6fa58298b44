//! Length of an object's outline.

use std::f64::consts::{FRAC_PI_2, FRAC_PI_4};

/// How often lines of four directions enter an object: from pixels outside to pixels inside.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct LineEntries {
    /// Along rows, from the left.
    pub(crate) rows: usize,
    /// Along columns, from above.
    pub(crate) columns: usize,
    /// Along both diagonals, from above.
    pub(crate) diagonals: usize,
}

impl LineEntries {
    /// Perimeter of the object, holes included, for pixels of `pixel_height` x `pixel_width`.
    ///
    /// Crofton's formula with lines in four directions: how often such lines enter the object, times
    /// their spacing, weighted by the angle that a direction stands for (Legland, Kiêu and Devaux,
    /// Computation of Minkowski measures on 2D and 3D binary images, 2007; scikit-image's
    /// `perimeter_crofton` and MorphoLibJ's perimeter are the same).
    pub(crate) fn perimeter(self, pixel_height: f64, pixel_width: f64) -> f64 {
        let diagonal = pixel_height.hypot(pixel_width);
        let tilt = (pixel_height / pixel_width).atan();
        self.rows as f64 * pixel_height * tilt
            + self.columns as f64 * pixel_width * (FRAC_PI_2 - tilt)
            + self.diagonals as f64 * (pixel_height * pixel_width / diagonal) * FRAC_PI_4
    }
}
