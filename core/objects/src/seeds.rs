//! Where objects begin.

use std::cmp::Reverse;

use fewlabel_image::Plane;

use crate::components::{find, unite};
use crate::neighbours::neighbours;
use crate::watershed::sortable;

/// Numbers the peaks of `landscape` inside `mask` that stand at least `height` above the highest
/// pass to a higher peak; each is one pixel, numbered from 1 in raster order.
///
/// That height is the peak's dynamics (Grimaud 1992): the peaks are the h-maxima of `landscape`.
/// The highest pixel of every component of `mask` (eight neighbours) is always a peak; of peaks of
/// equal height the first in raster order counts as higher.
///
/// ```
/// use fewlabel_image::Plane;
/// let landscape = Plane::new(1, 5, vec![0.8, 0.5, 0.55, 0.2, 1.0]);
/// let mask = Plane::filled(1, 5, true);
/// assert_eq!(fewlabel_objects::peaks(&landscape, &mask, 0.1).data, [1, 0, 0, 0, 2]);
/// assert_eq!(fewlabel_objects::peaks(&landscape, &mask, 0.7).data, [0, 0, 0, 0, 1]);
/// ```
///
/// # Panics
/// When the two planes differ in size.
pub fn peaks(landscape: &Plane<f32>, mask: &Plane<bool>, height: f32) -> Plane<u32> {
    assert!((landscape.height, landscape.width) == (mask.height, mask.width), "landscape and mask have the same size");
    let mut order: Vec<u32> = (0..mask.data.len() as u32).filter(|&pixel| mask.data[pixel as usize]).collect();
    order.sort_by_key(|&pixel| Reverse(sortable(landscape.data[pixel as usize])));
    // A pixel's rank is its place in that order, so the root of a tree, its smallest rank, is its peak.
    let mut ranks = vec![u32::MAX; mask.data.len()];
    let mut parents: Vec<u32> = (0..order.len() as u32).collect();
    let mut low = vec![false; order.len()];
    for (rank, &pixel) in order.iter().enumerate() {
        let rank = rank as u32;
        let level = landscape.data[pixel as usize];
        ranks[pixel as usize] = rank;
        for next in neighbours(pixel as usize, mask.height, mask.width) {
            if ranks[next] == u32::MAX {
                continue;
            }
            let (here, there) = (find(&mut parents, rank), find(&mut parents, ranks[next]));
            if here != there {
                let lower = here.max(there);
                let peak = landscape.data[order[lower as usize] as usize];
                // The pixel itself is no peak as soon as it has a neighbour that came before it.
                low[lower as usize] = lower == rank || peak - level < height;
                unite(&mut parents, here, there);
            }
        }
    }
    let mut seeds = Plane::filled(mask.height, mask.width, 0);
    for (rank, &pixel) in order.iter().enumerate() {
        if !low[rank] {
            seeds.data[pixel as usize] = 1;
        }
    }
    let mut count = 0;
    for seed in seeds.data.iter_mut().filter(|seed| **seed != 0) {
        count += 1;
        *seed = count;
    }
    seeds
}
