//! A two-dimensional field of values.

/// Values on a grid of `height` rows and `width` columns, row by row.
///
/// ```
/// use fewlabel_image::Plane;
/// let plane = Plane::new(2, 3, vec![1, 2, 3, 4, 5, 6]);
/// assert_eq!(plane.at(1, 0), 4);
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Plane<T> {
    /// Rows.
    pub height: usize,
    /// Columns.
    pub width: usize,
    /// `height * width` values, row by row.
    pub data: Vec<T>,
}

impl<T: Copy> Plane<T> {
    /// Takes values that are laid out row by row.
    ///
    /// # Panics
    /// When there are not `height * width` of them.
    pub fn new(height: usize, width: usize, data: Vec<T>) -> Self {
        assert_eq!(data.len(), height * width, "a plane of {height} x {width}");
        Self { height, width, data }
    }

    /// The same value everywhere.
    pub fn filled(height: usize, width: usize, value: T) -> Self {
        Self { height, width, data: vec![value; height * width] }
    }

    /// The value in row `y`, column `x`.
    #[inline]
    pub fn at(&self, y: usize, x: usize) -> T {
        self.data[y * self.width + x]
    }

    /// Writes the value in row `y`, column `x`.
    #[inline]
    pub fn set(&mut self, y: usize, x: usize, value: T) {
        self.data[y * self.width + x] = value;
    }

    /// Row `y`.
    pub fn row(&self, y: usize) -> &[T] {
        &self.data[y * self.width..(y + 1) * self.width]
    }

    /// Each value changed by `f`.
    pub fn map<U>(&self, f: impl Fn(T) -> U) -> Plane<U> {
        Plane { height: self.height, width: self.width, data: self.data.iter().map(|&v| f(v)).collect() }
    }
}
