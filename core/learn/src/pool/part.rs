//! Where a part of the pool lies.

use fewlabel_image::Rectangle;

/// Side of the squares that large planes are taken in, in pixels of the image. Holds many crops, and a few megabytes.
pub(super) const SIDE: usize = 1024;

/// A plane, or a rectangle of a large one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Part {
    /// Number of its image in the pool.
    pub image: usize,
    /// Frame.
    pub t: usize,
    /// Slice.
    pub z: usize,
    /// Rows and columns.
    pub rectangle: Rectangle,
}

/// The parts of a plane of `height` rows and `width` columns: one, or several of about the same size.
pub(super) fn rectangles(height: usize, width: usize) -> Vec<Rectangle> {
    let ranges = |length: usize| {
        let count = length.div_ceil(SIDE);
        (0..count).map(|i| i * length / count..(i + 1) * length / count).collect::<Vec<_>>()
    };
    let columns = ranges(width);
    ranges(height).into_iter().flat_map(|y| columns.iter().map(move |x| Rectangle { y: y.clone(), x: x.clone() })).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parts_cover_the_plane_once() {
        for (height, width, count) in [(1, 1, 1), (100, 80, 1), (SIDE, SIDE, 1), (SIDE + 1, 700, 2), (2000, 5000, 10)] {
            let parts = rectangles(height, width);
            assert_eq!(parts.len(), count);
            assert!(
                parts.iter().all(|part| part.y.len() <= SIDE && part.x.len() <= SIDE && !part.y.is_empty() && !part.x.is_empty())
            );
            assert_eq!(parts.iter().map(|part| part.y.len() * part.x.len()).sum::<usize>(), height * width);
            assert!(parts.iter().any(|part| (part.y.start, part.x.start) == (0, 0)));
            assert!(parts.iter().any(|part| (part.y.end, part.x.end) == (height, width)));
        }
    }
}
