//! Length of an object's outline.

use std::f64::consts::{FRAC_PI_2, FRAC_PI_4};

use fewlabel_image::Plane;

/// Perimeter of the `true` pixels, holes included, for pixels of `pixel_height` x `pixel_width`.
///
/// Crofton's formula with lines in four directions: how often such lines enter the object, times
/// their spacing, weighted by the angle that a direction stands for (Legland, Kiêu and Devaux,
/// Computation of Minkowski measures on 2D and 3D binary images, 2007; scikit-image's
/// `perimeter_crofton` and MorphoLibJ's perimeter are the same).
pub(crate) fn perimeter(inside: &Plane<bool>, pixel_height: f64, pixel_width: f64) -> f64 {
    let is_inside = |y: Option<usize>, x: Option<usize>| match (y, x) {
        (Some(y), Some(x)) => y < inside.height && x < inside.width && inside.at(y, x),
        _ => false,
    };
    let (mut along_rows, mut along_columns, mut along_diagonals) = (0_usize, 0_usize, 0_usize);
    for y in 0..inside.height {
        for x in (0..inside.width).filter(|&x| inside.at(y, x)) {
            let above = y.checked_sub(1);
            along_rows += usize::from(!is_inside(Some(y), x.checked_sub(1)));
            along_columns += usize::from(!is_inside(above, Some(x)));
            along_diagonals += usize::from(!is_inside(above, x.checked_sub(1)));
            along_diagonals += usize::from(!is_inside(above, Some(x + 1)));
        }
    }
    let diagonal = pixel_height.hypot(pixel_width);
    let tilt = (pixel_height / pixel_width).atan();
    along_rows as f64 * pixel_height * tilt
        + along_columns as f64 * pixel_width * (FRAC_PI_2 - tilt)
        + along_diagonals as f64 * (pixel_height * pixel_width / diagonal) * FRAC_PI_4
}
