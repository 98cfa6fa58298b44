//! An image in memory.

use crate::{Maps, Pixels};

/// Extent along the five axes. All are 1 or more in an [`Image`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Shape {
    /// Frames.
    pub t: usize,
    /// Slices.
    pub z: usize,
    /// Channels.
    pub c: usize,
    /// Rows.
    pub y: usize,
    /// Columns.
    pub x: usize,
}

impl Shape {
    /// One plane of `c` channels.
    pub const fn plane(c: usize, y: usize, x: usize) -> Self {
        Self { t: 1, z: 1, c, y, x }
    }

    /// Number of samples.
    pub const fn len(&self) -> usize {
        self.t * self.z * self.c * self.y * self.x
    }

    /// Whether there is no sample at all.
    pub const fn is_empty(&self) -> bool {
        self.len() == 0
    }
}

/// What a pixel measures. `None` means pixels, never a guess.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Calibration {
    /// Size of a pixel along x, in `unit`; more than 0.
    pub x: Option<f64>,
    /// Size of a pixel along y, in `unit`; more than 0.
    pub y: Option<f64>,
    /// Distance of slices, in `unit`; more than 0.
    pub z: Option<f64>,
    /// Unit of length as a person writes it: `µm`, `nm`.
    pub unit: Option<String>,
    /// Time between frames, in seconds.
    pub frame_interval: Option<f64>,
}

impl Calibration {
    /// Height and width of a pixel: both sizes where they are known, a square where one is, else 1.
    pub fn pixel_size(&self) -> (f64, f64) {
        let square = self.x.or(self.y).unwrap_or(1.0);
        (self.y.unwrap_or(square), self.x.unwrap_or(square))
    }
}

/// An image with named axes, its pixel type and its calibration.
#[derive(Clone, Debug, PartialEq)]
pub struct Image {
    /// Extent.
    pub shape: Shape,
    /// Samples in order `t z c y x`.
    pub pixels: Pixels,
    /// Whether the three channels are the red, green and blue of one colour picture.
    pub rgb: bool,
    /// What a pixel measures.
    pub calibration: Calibration,
    /// ImageJ's slice labels, one for each plane in file order (`t z c`; a plane of colours counts once), or none.
    pub slice_labels: Vec<String>,
}

impl Image {
    /// All channels of one plane as raw sample values, `c y x`.
    ///
    /// # Panics
    /// When `t` or `z` lies outside.
    pub fn plane(&self, t: usize, z: usize) -> Maps {
        let s = self.shape;
        assert!(t < s.t && z < s.z, "plane t={t} z={z} of {s:?}");
        let n = s.c * s.y * s.x;
        let start = (t * s.z + z) * n;
        let range = start..start + n;
        Maps::new(s.c, s.y, s.x, self.pixels.floats(range))
    }
}
