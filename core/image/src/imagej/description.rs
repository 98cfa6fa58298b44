//! The lines of `ImageDescription`.

use std::collections::HashMap;
use std::fmt::Write;

use super::{length_unit, seconds_in};
use crate::Calibration;

/// What ImageJ says about a stack, beside its pixels.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Description {
    /// Planes in the file, when it says so; it does from two on.
    pub images: Option<usize>,
    /// Channels, 1 or more.
    pub channels: usize,
    /// Slices, 1 or more.
    pub slices: usize,
    /// Frames, 1 or more.
    pub frames: usize,
    /// Unit of length.
    pub unit: Option<String>,
    /// Distance of slices in `unit`.
    pub spacing: Option<f64>,
    /// Seconds between frames.
    pub frame_interval: Option<f64>,
    /// Lowest and highest value on display.
    pub range: Option<(f64, f64)>,
}

impl Description {
    /// Reads the text of the tag; `None` when it is not ImageJ's.
    ///
    /// Lines that cannot be understood count as missing, as in ImageJ.
    pub fn parse(text: &str) -> Option<Self> {
        if !text.starts_with("ImageJ=") {
            return None;
        }
        let lines: HashMap<&str, &str> = text.lines().filter_map(|line| line.split_once('=')).collect();
        let count = |key| lines.get(key).and_then(|v| v.trim().parse().ok()).filter(|&n: &usize| n > 0);
        let number = |key| lines.get(key).and_then(|v| v.trim().parse().ok()).filter(|n: &f64| n.is_finite());
        let unit = lines.get("unit").and_then(|v| length_unit(&unescaped(v)));
        // ImageJ writes `zunit` only where it differs, and then `spacing` is in it.
        let same_unit_in_z = lines.get("zunit").is_none_or(|v| length_unit(&unescaped(v)) == unit);
        let second = lines.get("tunit").map_or(Some(1.0), |v| seconds_in(&unescaped(v)));
        Some(Self {
            images: count("images"),
            channels: count("channels").unwrap_or(1),
            slices: count("slices").unwrap_or(1),
            frames: count("frames").unwrap_or(1),
            spacing: number("spacing").map(f64::abs).filter(|&d| d > 0.0 && unit.is_some() && same_unit_in_z),
            unit,
            frame_interval: number("finterval").zip(second).map(|(n, s)| n * s).filter(|&s| s > 0.0),
            range: number("min").zip(number("max")),
        })
    }

    /// What to write for `channels`, `slices` and `frames` of planes with a calibration and a range of display.
    pub fn new(channels: usize, slices: usize, frames: usize, calibration: &Calibration, range: (f64, f64)) -> Self {
        Self {
            images: Some(channels * slices * frames).filter(|&n| n > 1),
            channels,
            slices,
            frames,
            unit: calibration.unit.clone(),
            spacing: calibration.z,
            frame_interval: calibration.frame_interval,
            range: Some(range),
        }
    }

    /// The text of the tag, in ASCII.
    pub fn text(&self) -> String {
        let mut text = String::from("ImageJ=1.54p\n");
        let mut line = |key: &str, value: String| {
            // Writing to a string cannot fail.
            let _ = writeln!(text, "{key}={value}");
        };
        if let Some(images) = self.images {
            line("images", images.to_string());
            for (key, n) in [("channels", self.channels), ("slices", self.slices), ("frames", self.frames)] {
                if n > 1 {
                    line(key, n.to_string());
                }
            }
            if [self.channels, self.slices, self.frames].iter().filter(|&&n| n > 1).count() > 1 {
                line("hyperstack", "true".to_owned());
            }
            line("mode", "grayscale".to_owned());
        }
        if let Some(unit) = &self.unit {
            line("unit", escaped(unit));
        }
        if let Some(spacing) = self.spacing {
            line("spacing", spacing.to_string());
        }
        if let Some(seconds) = self.frame_interval {
            line("finterval", seconds.to_string());
        }
        if self.images.is_some() {
            line("loop", "false".to_owned());
        }
        if let Some((low, high)) = self.range {
            line("min", format!("{low:?}"));
            line("max", format!("{high:?}"));
        }
        text
    }

    /// Frames, slices and channels of a stack of `planes`: as the lines say, or, where their product is another
    /// number, all planes are slices. ImageJ does the same.
    pub fn axes(&self, planes: usize) -> (usize, usize, usize) {
        let product = self.frames.checked_mul(self.slices).and_then(|n| n.checked_mul(self.channels));
        if product == Some(planes) { (self.frames, self.slices, self.channels) } else { (1, planes, 1) }
    }
}

/// Letters outside ASCII as `\u00B5`, four digits for each unit of UTF-16; ends of lines vanish.
fn escaped(text: &str) -> String {
    let mut out = String::new();
    for unit in text.encode_utf16() {
        match u8::try_from(unit) {
            Ok(b @ b' '..=b'~') => out.push(char::from(b)),
            Ok(0..b' ') => {}
            _ => {
                let _ = write!(out, "\\u{unit:04X}");
            }
        }
    }
    out
}

/// The reverse of [`escaped`]; what is no such escape stays as it is.
fn unescaped(text: &str) -> String {
    let mut units: Vec<u16> = Vec::new();
    let mut rest = text;
    while let Some(first) = rest.chars().next() {
        let digits = rest.strip_prefix("\\u").and_then(|r| r.get(..4));
        match digits.and_then(|d| u16::from_str_radix(d, 16).ok()) {
            Some(unit) => {
                units.push(unit);
                rest = &rest[6..];
            }
            None => {
                units.extend(first.encode_utf16(&mut [0; 2]).iter());
                rest = &rest[first.len_utf8()..];
            }
        }
    }
    String::from_utf16_lossy(&units)
}

#[cfg(test)]
mod tests {
    use super::Description;
    use crate::Calibration;

    #[test]
    fn a_hyperstack_saved_by_imagej() {
        let text = "ImageJ=1.53t\nimages=30\nchannels=2\nslices=5\nframes=3\nhyperstack=true\nmode=composite\n\
                    unit=\\u00B5m\nfinterval=2.5\ntunit=min\nspacing=-0.7\nloop=false\nmin=4.0\nmax=511.0\n";
        let d = Description::parse(text).expect("ImageJ's");
        assert_eq!(d.axes(30), (3, 5, 2));
        assert_eq!(d.unit.as_deref(), Some("µm"));
        assert_eq!(d.spacing, Some(0.7));
        assert_eq!(d.frame_interval, Some(150.0));
        assert_eq!(d.range, Some((4.0, 511.0)));
    }

    #[test]
    fn a_stack_whose_axes_do_not_multiply_is_a_stack_of_slices() {
        let d = Description::parse("ImageJ=1.11a\nimages=7\nslices=3\nframes=2\n").expect("ImageJ's");
        assert_eq!(d.axes(7), (1, 7, 1));
        let d = Description::parse("ImageJ=1.11a\nimages=7\nslices=18446744073709551615\nframes=9\n").expect("ImageJ's");
        assert_eq!(d.axes(7), (1, 7, 1));
    }

    #[test]
    fn a_distance_without_unit_or_in_another_one_is_not_taken() {
        let spacing = |text| Description::parse(text).expect("ImageJ's").spacing;
        assert_eq!(spacing("ImageJ=1\nspacing=2\n"), None);
        assert_eq!(spacing("ImageJ=1\nspacing=2\nunit=um\nzunit=nm\n"), None);
        assert_eq!(spacing("ImageJ=1\nspacing=2\nunit=um\nzunit=micron\n"), Some(2.0));
        assert_eq!(spacing("ImageJ=1\nspacing=NaN\nunit=um\n"), None);
        assert_eq!(spacing("ImageJ=1\nspacing=0\nunit=um\n"), None);
    }

    #[test]
    fn what_is_written_is_read() {
        let calibration =
            Calibration { unit: Some("µm".into()), z: Some(1.25), frame_interval: Some(0.1), ..Calibration::default() };
        let d = Description::new(2, 3, 4, &calibration, (0.0, 65_535.0));
        assert!(d.text().is_ascii());
        assert_eq!(Description::parse(&d.text()), Some(d));
    }

    #[test]
    fn other_descriptions_are_not_imagejs() {
        assert_eq!(Description::parse("<?xml version=\"1.0\"?><OME/>"), None);
        assert_eq!(Description::parse(""), None);
    }
}
