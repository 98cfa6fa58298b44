//! Label images in another size.

use crate::Plane;

/// Takes for each pixel the label at its centre (nearest neighbour on the half-pixel grid), so that no label
/// arises that was not there.
///
/// # Panics
/// When there is something to fill and `labels` is empty.
///
/// ```
/// use fewlabel_image::{Plane, resample_labels};
/// let labels = Plane::new(1, 4, vec![0, 0, 7, 7]);
/// assert_eq!(resample_labels(&labels, 1, 2).data, [0, 7]);
/// assert_eq!(resample_labels(&labels, 2, 2).data, [0, 7, 0, 7]);
/// ```
pub fn resample_labels(labels: &Plane<u32>, height: usize, width: usize) -> Plane<u32> {
    let columns: Vec<usize> = (0..width).map(|x| under_centre(x, width, labels.width)).collect();
    let mut data = Vec::with_capacity(height * width);
    for y in 0..height {
        let row = labels.row(under_centre(y, height, labels.height));
        data.extend(columns.iter().map(|&x| row[x]));
    }
    Plane::new(height, width, data)
}

/// Which of `from` source pixels lies under the centre of pixel `i` of `to`: the whole part of
/// `(i + 1/2) · from / to`, in whole numbers and therefore exact.
fn under_centre(i: usize, to: usize, from: usize) -> usize {
    (2 * i + 1) * from / (2 * to)
}
