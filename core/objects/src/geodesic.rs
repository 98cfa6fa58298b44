//! Distance along paths that stay inside a region.

use std::cmp::Reverse;
use std::collections::BinaryHeap;

use fewlabel_image::Plane;

use crate::neighbours::neighbours;

/// For each pixel of `mask` the length, in pixels, of the shortest path from `start` (row, column)
/// that stays in `mask`; a step to an edge neighbour is 1 long, one to a corner neighbour √2.
/// Infinite outside `mask`, where no path leads, and everywhere when `start` lies outside.
///
/// Dijkstra's algorithm, so exact for such paths.
///
/// ```
/// use fewlabel_image::Plane;
/// let mask = Plane::new(3, 3, [
///     1, 0, 1,
///     1, 0, 1,
///     0, 1, 0,
/// ].map(|v| v == 1).to_vec());
/// let distance = fewlabel_objects::geodesic_distance(&mask, (0, 0));
/// assert_eq!(distance.at(0, 2), 2.0 + 2.0 * 2_f32.sqrt());
/// ```
pub fn geodesic_distance(mask: &Plane<bool>, start: (usize, usize)) -> Plane<f32> {
    let (height, width) = (mask.height, mask.width);
    let mut distance = Plane::filled(height, width, f32::INFINITY);
    if start.0 >= height || start.1 >= width || !mask.at(start.0, start.1) {
        return distance;
    }
    distance.set(start.0, start.1, 0.0);
    // Bits of a value that is not negative order like the value.
    let mut queue = BinaryHeap::from([Reverse((0.0_f32.to_bits(), start.0 * width + start.1))]);
    while let Some(Reverse((bits, pixel))) = queue.pop() {
        let here = f32::from_bits(bits);
        if here > distance.data[pixel] {
            continue;
        }
        for next in neighbours(pixel, height, width) {
            if !mask.data[next] {
                continue;
            }
            let straight = next / width == pixel / width || next % width == pixel % width;
            let there = here + if straight { 1.0 } else { std::f32::consts::SQRT_2 };
            if there < distance.data[next] {
                distance.data[next] = there;
                queue.push(Reverse((there.to_bits(), next)));
            }
        }
    }
    distance
}
