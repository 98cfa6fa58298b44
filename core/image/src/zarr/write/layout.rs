//! Axes, levels and chunks of what is written.

use crate::Shape;
use crate::zarr::place::Axes;

/// Longest side of a chunk in pixels: files neither tiny nor too large for one row of them in memory.
const CHUNK: usize = 512;

/// Which axes an array has, and how large the levels of its pyramid are.
#[derive(Debug)]
pub(super) struct Layout {
    /// Which of `t z c y x` there are, in the order of NGFF: time, channel, then space.
    pub(super) axes: Vec<usize>,
    /// Extent of all five.
    pub(super) extent: Axes<usize>,
    /// Rows and columns of each level: halves, rounded up, until one chunk holds all.
    pub(super) levels: Vec<(usize, usize)>,
}

impl Layout {
    /// Time and slices where there are several; channels where wanted.
    pub(super) fn new(shape: Shape, channels: bool) -> Self {
        let extent = [shape.t, shape.z, shape.c, shape.y, shape.x];
        let axes = [(0, shape.t > 1), (2, channels), (1, shape.z > 1), (3, true), (4, true)];
        let mut levels = vec![(shape.y, shape.x)];
        while let Some(&(y, x)) = levels.last().filter(|(y, x)| *y.max(x) > CHUNK) {
            levels.push((y.div_ceil(2), x.div_ceil(2)));
        }
        Self { axes: axes.into_iter().filter_map(|(axis, there)| there.then_some(axis)).collect(), extent, levels }
    }

    /// Rows and columns of a chunk of a level of this size.
    pub(super) fn chunk((y, x): (usize, usize)) -> (usize, usize) {
        (y.min(CHUNK), x.min(CHUNK))
    }

    /// What each axis has of something, in the order of the array.
    pub(super) fn in_order<T: Copy>(&self, of: Axes<T>) -> Vec<T> {
        self.axes.iter().filter_map(|&axis| of.get(axis).copied()).collect()
    }

    /// The folders of a plane below that of a level: the place of its chunks along the axes before y and x.
    pub(super) fn place(&self, t: usize, z: usize, c: usize) -> Vec<String> {
        let planes = self.axes.iter().filter(|&&axis| axis < 3);
        planes.filter_map(|&axis| [t, z, c].get(axis).map(usize::to_string)).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn levels_are_halves_until_one_chunk_holds_all() {
        let layout = Layout::new(Shape { t: 1, z: 3, c: 1, y: 1025, x: 700 }, false);
        assert_eq!(layout.levels, [(1025, 700), (513, 350), (257, 175)]);
        assert_eq!(layout.axes, [1, 3, 4]);
        assert_eq!(Layout::chunk((1025, 350)), (512, 350));
        assert_eq!(Layout::new(Shape::plane(1, 512, 1), false).levels.len(), 1);
    }

    #[test]
    fn axes_are_in_the_order_of_the_format() {
        let layout = Layout::new(Shape { t: 2, z: 3, c: 1, y: 5, x: 6 }, true);
        assert_eq!(layout.in_order(layout.extent), [2, 1, 3, 5, 6]);
        assert_eq!(layout.place(1, 2, 0), ["1", "0", "2"]);
        assert_eq!(Layout::new(Shape::plane(1, 5, 6), false).place(0, 0, 0), [""; 0]);
    }
}
