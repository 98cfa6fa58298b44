//! Where objects touch.

use fewlabel_image::Plane;
use fewlabel_objects::UNLABELLED;

/// Whether the pixel is an object's and another object lies within `reach` pixels of it, along rows and columns.
pub fn touches(labels: &Plane<u32>, y: usize, x: usize, reach: usize) -> bool {
    let id = labels.at(y, x);
    if id == 0 || id == UNLABELLED {
        return false;
    }
    let around = |place: usize, length: usize| place.saturating_sub(reach)..(place + reach + 1).min(length);
    let columns = around(x, labels.width);
    around(y, labels.height)
        .any(|row| labels.row(row)[columns.clone()].iter().any(|&other| other != id && other != 0 && other != UNLABELLED))
}
