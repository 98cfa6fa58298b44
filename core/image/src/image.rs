//! An image in memory.

use crate::Maps;

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

/// Samples in order `t z c y x`.
#[derive(Clone, Debug, PartialEq)]
pub enum Pixels {
    /// Unsigned 8 bit.
    U8(Vec<u8>),
    /// Unsigned 16 bit.
    U16(Vec<u16>),
    /// Unsigned 32 bit.
    U32(Vec<u32>),
    /// 32-bit floating point.
    F32(Vec<f32>),
}

impl Pixels {
    /// Number of samples.
    pub fn len(&self) -> usize {
        match self {
            Self::U8(v) => v.len(),
            Self::U16(v) => v.len(),
            Self::U32(v) => v.len(),
            Self::F32(v) => v.len(),
        }
    }

    /// Whether there is no sample at all.
    pub fn is_empty(&self) -> bool {
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
        let data = match &self.pixels {
            Pixels::U8(v) => v[range].iter().map(|&p| f32::from(p)).collect(),
            Pixels::U16(v) => v[range].iter().map(|&p| f32::from(p)).collect(),
            Pixels::U32(v) => v[range].iter().map(|&p| p as f32).collect(),
            Pixels::F32(v) => v[range].to_vec(),
        };
        Maps::new(s.c, s.y, s.x, data)
    }

    /// A rectangle of one plane, as an image of its own without slice labels.
    ///
    /// # Panics
    /// When the rectangle is empty or reaches beyond the plane.
    #[must_use]
    pub fn rectangle(&self, t: usize, z: usize, top: usize, left: usize, height: usize, width: usize) -> Self {
        let s = self.shape;
        assert!(t < s.t && z < s.z && height > 0 && width > 0, "{height} x {width} pixels of plane t={t} z={z} of {s:?}");
        assert!(top + height <= s.y && left + width <= s.x, "{height} x {width} pixels at {top}, {left} of {s:?}");
        let plane = (t * s.z + z) * s.c * s.y;
        let rows = (0..s.c).flat_map(|c| (top..top + height).map(move |y| (plane + c * s.y + y) * s.x + left));
        let pixels = match &self.pixels {
            Pixels::U8(v) => Pixels::U8(pieces(v, rows, width)),
            Pixels::U16(v) => Pixels::U16(pieces(v, rows, width)),
            Pixels::U32(v) => Pixels::U32(pieces(v, rows, width)),
            Pixels::F32(v) => Pixels::F32(pieces(v, rows, width)),
        };
        Self {
            shape: Shape::plane(s.c, height, width),
            pixels,
            rgb: self.rgb,
            calibration: self.calibration.clone(),
            slice_labels: Vec::new(),
        }
    }
}

/// From each start so many samples.
fn pieces<T: Copy>(samples: &[T], starts: impl Iterator<Item = usize>, length: usize) -> Vec<T> {
    starts.flat_map(|start| samples[start..start + length].iter().copied()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_rectangle_holds_the_samples_of_its_place() {
        let shape = Shape { t: 2, z: 2, c: 2, y: 3, x: 4 };
        let image = Image {
            shape,
            pixels: Pixels::U16((0..shape.len() as u16).collect()),
            rgb: false,
            calibration: Calibration { x: Some(0.5), ..Calibration::default() },
            slice_labels: vec!["a".into(); 4],
        };
        let part = image.rectangle(1, 0, 1, 2, 2, 2);
        assert_eq!((part.shape, part.calibration.x, part.slice_labels.len()), (Shape::plane(2, 2, 2), Some(0.5), 0));
        // Plane 2 of 4 begins at 48; a row has 4 samples, a channel 12.
        assert_eq!(part.pixels, Pixels::U16(vec![54, 55, 58, 59, 66, 67, 70, 71]));
        let whole = image.rectangle(0, 1, 0, 0, 3, 4);
        assert_eq!(whole.plane(0, 0), image.plane(0, 1));
    }
}
