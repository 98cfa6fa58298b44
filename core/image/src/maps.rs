//! What goes into a network and comes out of it.

use crate::Plane;

/// Floating-point channels of one plane, in order `c y x`.
#[derive(Clone, Debug, PartialEq)]
pub struct Maps {
    /// Channels.
    pub channels: usize,
    /// Rows.
    pub height: usize,
    /// Columns.
    pub width: usize,
    /// `channels * height * width` values.
    pub data: Vec<f32>,
}

impl Maps {
    /// Takes values that are laid out `c y x`.
    ///
    /// # Panics
    /// When there are not `channels * height * width` of them.
    pub fn new(channels: usize, height: usize, width: usize, data: Vec<f32>) -> Self {
        assert_eq!(data.len(), channels * height * width, "maps of {channels} x {height} x {width}");
        Self { channels, height, width, data }
    }

    /// All zero.
    pub fn zeros(channels: usize, height: usize, width: usize) -> Self {
        Self { channels, height, width, data: vec![0.0; channels * height * width] }
    }

    /// One channel's values, row by row.
    pub fn channel(&self, c: usize) -> &[f32] {
        let n = self.height * self.width;
        &self.data[c * n..(c + 1) * n]
    }

    /// One channel's values, to be changed.
    pub fn channel_mut(&mut self, c: usize) -> &mut [f32] {
        let n = self.height * self.width;
        &mut self.data[c * n..(c + 1) * n]
    }

    /// Copies `part` into these maps, its first pixel at a row and column.
    ///
    /// # Panics
    /// When it has other channels or reaches beyond.
    pub fn paste(&mut self, part: &Self, (y, x): (usize, usize)) {
        assert_eq!(part.channels, self.channels, "channels of a part");
        let width = self.width;
        for c in 0..part.channels {
            let to = self.channel_mut(c);
            for (i, row) in part.channel(c).chunks_exact(part.width).enumerate() {
                let start = (y + i) * width + x;
                to[start..start + part.width].copy_from_slice(row);
            }
        }
    }

    /// A copy of one channel.
    pub fn plane(&self, c: usize) -> Plane<f32> {
        Plane::new(self.height, self.width, self.channel(c).to_vec())
    }
}
