//! The rectangle around an object.

use std::collections::BTreeMap;

use fewlabel_image::Plane;

use crate::UNLABELLED;

/// A rectangle of pixels.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Window {
    /// First row.
    pub top: usize,
    /// First column.
    pub left: usize,
    /// Rows.
    pub height: usize,
    /// Columns.
    pub width: usize,
}

impl Window {
    /// `margin` pixels more on each side, as far as a plane of `height` x `width` reaches.
    #[must_use]
    pub fn grown(&self, margin: usize, height: usize, width: usize) -> Self {
        let (top, left) = (self.top.saturating_sub(margin), self.left.saturating_sub(margin));
        let bottom = (self.top + self.height + margin).min(height);
        let right = (self.left + self.width + margin).min(width);
        Self { top, left, height: bottom - top, width: right - left }
    }

    /// A copy of the rectangle's pixels.
    ///
    /// # Panics
    /// When it does not lie inside the plane.
    pub fn crop<T: Copy>(&self, plane: &Plane<T>) -> Plane<T> {
        let mut data = Vec::with_capacity(self.height * self.width);
        for y in self.top..self.top + self.height {
            data.extend_from_slice(&plane.row(y)[self.left..self.left + self.width]);
        }
        Plane::new(self.height, self.width, data)
    }

    fn include(&mut self, y: usize, x: usize) {
        let (bottom, right) = ((self.top + self.height).max(y + 1), (self.left + self.width).max(x + 1));
        self.top = self.top.min(y);
        self.left = self.left.min(x);
        self.height = bottom - self.top;
        self.width = right - self.left;
    }
}

/// The bounding box of each object of a label plane, by its number; the pieces of an object share one.
pub fn windows(labels: &Plane<u32>) -> BTreeMap<u32, Window> {
    let mut windows = BTreeMap::new();
    for y in 0..labels.height {
        for (x, &label) in labels.row(y).iter().enumerate() {
            if label != 0 && label != UNLABELLED {
                let start = Window { top: y, left: x, height: 1, width: 1 };
                windows.entry(label).or_insert(start).include(y, x);
            }
        }
    }
    windows
}
