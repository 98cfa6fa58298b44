//! Seeded watershed.

use std::cmp::Reverse;
use std::collections::BinaryHeap;

use fewlabel_image::Plane;

use crate::neighbours::neighbours;

/// Lets every seed grow over the pixels of `mask`, highest `landscape` first, until the regions meet.
///
/// Seeds are the non-zero pixels of `seeds` inside `mask`; the result holds their numbers, and 0
/// outside `mask` and where no seed can be reached by steps to one of the eight neighbours. Every
/// other pixel belongs to exactly one seed: there are no watershed lines. Of pixels of equal height
/// the one that was reached first goes first, and seeds are reached in raster order, so the result
/// is the same everywhere. A landscape value that is no number counts as lowest.
///
/// Priority flood: Meyer, Topographic distance and watershed lines, 1994; here on heights, from the top.
///
/// ```
/// use fewlabel_image::Plane;
/// let landscape = Plane::new(1, 5, vec![0.9, 0.5, 0.1, 0.6, 0.8]);
/// let seeds = Plane::new(1, 5, vec![1, 0, 0, 0, 2]);
/// let mask = Plane::filled(1, 5, true);
/// assert_eq!(fewlabel_objects::watershed(&landscape, &seeds, &mask).data, [1, 1, 2, 2, 2]);
/// ```
///
/// # Panics
/// When the three planes differ in size.
pub fn watershed(landscape: &Plane<f32>, seeds: &Plane<u32>, mask: &Plane<bool>) -> Plane<u32> {
    let (height, width) = (landscape.height, landscape.width);
    assert!(
        (seeds.height, seeds.width) == (height, width) && (mask.height, mask.width) == (height, width),
        "landscape, seeds and mask have the same size"
    );
    let mut labels = Plane::filled(height, width, 0);
    let mut queue = BinaryHeap::new();
    let mut order = 0_u64;
    let mut push = |queue: &mut BinaryHeap<_>, pixel: usize| {
        queue.push((sortable(landscape.data[pixel]), Reverse(order), pixel));
        order += 1;
    };
    for pixel in 0..seeds.data.len() {
        if seeds.data[pixel] != 0 && mask.data[pixel] {
            labels.data[pixel] = seeds.data[pixel];
            push(&mut queue, pixel);
        }
    }
    while let Some((_, _, pixel)) = queue.pop() {
        for next in neighbours(pixel, height, width) {
            if mask.data[next] && labels.data[next] == 0 {
                labels.data[next] = labels.data[pixel];
                push(&mut queue, next);
            }
        }
    }
    labels
}

/// A whole number that orders like the value; what is no number comes below everything.
pub(crate) fn sortable(value: f32) -> u32 {
    if value.is_nan() {
        return 0;
    }
    // Adding zero makes -0 and 0 equal. Negative values order backwards in their bits.
    let bits = (value + 0.0).to_bits();
    if bits >> 31 == 1 { !bits } else { bits | 1 << 31 }
}
