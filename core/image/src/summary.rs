//! An image in one line.

use crate::{Calibration, ImageInfo};

impl ImageInfo {
    /// What a person would say about the image: channels, slices, frames, width x height, type, pixel size, and what else
    /// there is.
    ///
    /// ```
    /// use fewlabel_image::{Calibration, ImageInfo, PixelType, Shape};
    /// let mut info = ImageInfo::new(Shape::plane(1, 5, 5), PixelType::U16);
    /// info.calibration = Calibration { x: Some(0.325), y: Some(0.325), unit: Some("µm".into()), ..Calibration::default() };
    /// assert_eq!(info.summary(), "1 channel, 1 z, 1 t, 5 x 5, 16 bit, 0.325 µm");
    /// ```
    pub fn summary(&self) -> String {
        let s = self.shape;
        let channels = match (self.rgb, s.c) {
            (true, _) => "RGB".to_owned(),
            (false, 1) => "1 channel".to_owned(),
            (false, n) => format!("{n} channels"),
        };
        let named = self.channel_names.iter().any(|name| !name.is_empty());
        let mut parts = vec![
            if named { format!("{channels} ({})", self.channel_names.join(", ")) } else { channels },
            format!("{} z", s.z),
            format!("{} t", s.t),
            format!("{} x {}", s.x, s.y),
            self.pixel_type.words().to_owned(),
            pixel_size(&self.calibration),
        ];
        if let (true, Some(z)) = (s.z > 1, self.calibration.z) {
            parts.push(format!("slices {} apart", with_unit(z, &self.calibration)));
        }
        if let (true, Some(seconds)) = (s.t > 1, self.calibration.frame_interval) {
            parts.push(format!("a frame every {} s", rounded(seconds)));
        }
        if self.levels.len() > 1 {
            parts.push(format!("a pyramid of {} levels", self.levels.len()));
        }
        match self.outlines {
            0 => {}
            1 => parts.push("an outline in its overlay".to_owned()),
            n => parts.push(format!("{n} outlines in its overlay")),
        }
        parts.join(", ")
    }
}

fn pixel_size(calibration: &Calibration) -> String {
    match (calibration.x, calibration.y) {
        (Some(x), Some(y)) if rounded(x) != rounded(y) => format!("{} x {}", rounded(x), with_unit(y, calibration)),
        (Some(size), _) | (None, Some(size)) => with_unit(size, calibration),
        (None, None) => "no pixel size".to_owned(),
    }
}

fn with_unit(value: f64, calibration: &Calibration) -> String {
    format!("{} {}", rounded(value), calibration.unit.as_deref().unwrap_or("px"))
}

/// Six digits say all that a microscope knows, and hide what rationals in files round off.
fn rounded(value: f64) -> String {
    let digits = 5 - value.abs().log10().floor().clamp(-12.0, 5.0) as i32;
    let text = format!("{value:.*}", digits.max(0) as usize);
    if text.contains('.') { text.trim_end_matches('0').trim_end_matches('.').to_owned() } else { text }
}

#[cfg(test)]
mod tests {
    use super::rounded;

    #[test]
    fn sizes_are_short() {
        for (value, text) in [
            (0.325, "0.325"),
            (1e6 / 3_076_923.0, "0.325"),
            (0.100_000_1, "0.1"),
            (1.0, "1"),
            (10.0, "10"),
            (1200.0, "1200"),
            (1_234_567.0, "1234567"),
            (99.999_99, "100"),
            (0.000_012_345, "0.000012345"),
        ] {
            assert_eq!(rounded(value), text);
        }
    }
}
