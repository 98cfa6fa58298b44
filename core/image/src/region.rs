//! Parts of an image.

use std::ops::Range;

use fewlabel_contract::{Error, ErrorKind, Result};
use serde::{Deserialize, Serialize};

use crate::Shape;

/// Rows and columns of a plane, each a range from the first to behind the last.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Rectangle {
    /// Rows.
    pub y: Range<usize>,
    /// Columns.
    pub x: Range<usize>,
}

impl Rectangle {
    /// All of a plane of so many rows and columns.
    pub const fn whole((height, width): (usize, usize)) -> Self {
        Self { y: 0..height, x: 0..width }
    }

    /// How many rows and columns it has.
    pub fn size(&self) -> (usize, usize) {
        (self.y.len(), self.x.len())
    }
}

/// Frames, slices, channels, rows and columns of an image, each a range from the first to behind the last.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Region {
    /// Frames.
    pub t: Range<usize>,
    /// Slices.
    pub z: Range<usize>,
    /// Channels.
    pub c: Range<usize>,
    /// Rows.
    pub y: Range<usize>,
    /// Columns.
    pub x: Range<usize>,
}

impl Region {
    /// All of an image of this shape.
    pub const fn whole(shape: Shape) -> Self {
        Self { t: 0..shape.t, z: 0..shape.z, c: 0..shape.c, y: 0..shape.y, x: 0..shape.x }
    }

    /// All channels of one plane of an image of this shape.
    pub const fn plane(shape: Shape, t: usize, z: usize) -> Self {
        Self { t: t..t + 1, z: z..z + 1, c: 0..shape.c, y: 0..shape.y, x: 0..shape.x }
    }

    /// The same planes and channels, but only these rows and columns.
    #[must_use]
    pub fn rectangle(self, y: Range<usize>, x: Range<usize>) -> Self {
        Self { y, x, ..self }
    }

    /// Extent of what it holds.
    pub fn shape(&self) -> Shape {
        Shape { t: self.t.len(), z: self.z.len(), c: self.c.len(), y: self.y.len(), x: self.x.len() }
    }

    /// That it is not empty and lies in an image of this shape.
    ///
    /// # Errors
    /// `invalid-request` with the axis, what was asked for, and what there is.
    pub fn check(&self, shape: Shape) -> Result<()> {
        let axes = [
            ("frames", &self.t, shape.t),
            ("slices", &self.z, shape.z),
            ("channels", &self.c, shape.c),
            ("rows", &self.y, shape.y),
            ("columns", &self.x, shape.x),
        ];
        for (name, asked, there) in axes {
            if asked.is_empty() || asked.end > there {
                return Err(Error::new(ErrorKind::InvalidRequest, "read region", "the region lies outside of the image")
                    .with("axis", name)
                    .with("asked for", format!("{} to {}", asked.start, asked.end))
                    .with("there are", there));
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_region_lies_in_its_image() {
        let shape = Shape { t: 2, z: 3, c: 4, y: 5, x: 6 };
        let region = Region::plane(shape, 1, 2).rectangle(4..5, 0..6);
        assert_eq!(region.shape(), Shape { t: 1, z: 1, c: 4, y: 1, x: 6 });
        assert!(region.check(shape).is_ok() && Region::whole(shape).check(shape).is_ok());
        let error = region.clone().rectangle(4..6, 0..6).check(shape).expect_err("beyond the last row");
        assert!(error.to_string().contains("rows"), "{error}");
        assert!(region.rectangle(3..3, 0..6).check(shape).is_err(), "nothing");
    }
}
