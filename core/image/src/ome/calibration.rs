//! Pixel sizes and names of a series as this crate has them.

use crate::Calibration;

use super::unit::convert;
use super::{Length, Series};

impl Series {
    /// Sizes in the unit of the first axis that has one, and the time between frames.
    pub(crate) fn calibration(&self) -> Calibration {
        let unit = self.physical_size.iter().flatten().map(|length| length.unit).next();
        let size = |length: Option<Length>| length.and_then(|length| convert(length.value, length.unit, unit?));
        let [x, y, z] = self.physical_size.map(size);
        Calibration { x, y, z, unit: unit.map(str::to_owned), frame_interval: self.frame_interval }
    }

    /// Names of the channels, one for each, empty where one has none; no names at all where none has one or channels lie
    /// side by side in a pixel.
    pub(crate) fn channel_names(&self) -> Vec<String> {
        let one_each = self.channels.len() == self.shape.c && self.channels.iter().all(|channel| channel.samples == 1);
        if !one_each || self.channels.iter().all(|channel| channel.name.is_none()) {
            return Vec::new();
        }
        self.channels.iter().map(|channel| channel.name.clone().unwrap_or_default()).collect()
    }
}
