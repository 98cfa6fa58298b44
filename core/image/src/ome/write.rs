//! OME-XML for an image that is written.

use std::fmt::{self, Write};

use fewlabel_contract::{Error, ErrorKind, Result};

use super::document::name_of_type;
use super::{SLICE_LABELS, unit};
use crate::{Calibration, PixelType, Shape};

const OPERATION: &str = "write OME-XML";

/// What is said of one image whose planes fill the pages of a file from the first on, in order `t z c`.
#[derive(Clone, Debug)]
pub(crate) struct Description<'a> {
    /// What people call it.
    pub name: &'a str,
    /// Extent.
    pub shape: Shape,
    /// Type of the samples.
    pub pixel_type: PixelType,
    /// Sizes in a unit that OME does not know are left out.
    pub calibration: &'a Calibration,
    /// One for each channel, or none.
    pub channel_names: &'a [String],
    /// One for each plane in order `t z c`, or none.
    pub slice_labels: &'a [String],
    /// A hash of the file's content, from which its UUID is made.
    pub hash: [u8; 16],
}

impl Description<'_> {
    /// The document, in ASCII: programs take descriptions in TIFF for UTF-8 or Latin-1, and either is right then.
    ///
    /// # Errors
    /// `unsupported` for integers of 64 bits, which OME does not have.
    pub(crate) fn text(&self) -> Result<String> {
        let Some(pixel_type) = name_of_type(self.pixel_type) else {
            return Err(Error::new(ErrorKind::Unsupported, OPERATION, "OME-XML has no such type of pixel")
                .with("type", self.pixel_type.words()));
        };
        let mut text = String::new();
        // Writing to a string cannot fail.
        let _ = self.write(&mut text, pixel_type);
        Ok(text)
    }

    fn write(&self, to: &mut String, pixel_type: &str) -> fmt::Result {
        let Shape { t, z, c, y, x } = self.shape;
        to.push_str("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n");
        to.push_str("<!-- OME-XML: the axes, sizes and names of the images in this file -->\n");
        write!(to, "<OME xmlns=\"http://www.openmicroscopy.org/Schemas/OME/2016-06\" UUID=\"{}\"", uuid(self.hash))?;
        writeln!(to, " Creator=\"Fewlabel {}\">", env!("CARGO_PKG_VERSION"))?;
        writeln!(to, "<Image ID=\"Image:0\" Name=\"{}\">", Escaped(self.name))?;
        write!(to, "<Pixels ID=\"Pixels:0\" DimensionOrder=\"XYCZT\" Type=\"{pixel_type}\" BigEndian=\"false\"")?;
        write!(to, " SizeX=\"{x}\" SizeY=\"{y}\" SizeZ=\"{z}\" SizeC=\"{c}\" SizeT=\"{t}\"")?;
        self.write_calibration(to)?;
        to.push_str(">\n");
        for channel in 0..c {
            write!(to, "<Channel ID=\"Channel:0:{channel}\" SamplesPerPixel=\"1\"")?;
            if let Some(name) = self.channel_names.get(channel).filter(|name| !name.is_empty()) {
                write!(to, " Name=\"{}\"", Escaped(name))?;
            }
            to.push_str("/>\n");
        }
        let planes = (0..t).flat_map(|t| (0..z).flat_map(move |z| (0..c).map(move |c| (t, z, c))));
        for (page, (t, z, c)) in planes.enumerate() {
            writeln!(to, "<TiffData IFD=\"{page}\" FirstZ=\"{z}\" FirstC=\"{c}\" FirstT=\"{t}\" PlaneCount=\"1\"/>")?;
        }
        to.push_str("</Pixels>\n");
        let labels = || self.slice_labels.iter().enumerate().filter(|(_, label)| !label.is_empty());
        if labels().next().is_none() {
            to.push_str("</Image>\n</OME>");
            return Ok(());
        }
        to.push_str("<AnnotationRef ID=\"Annotation:0\"/>\n</Image>\n<StructuredAnnotations>\n");
        writeln!(to, "<MapAnnotation ID=\"Annotation:0\" Namespace=\"{SLICE_LABELS}\"><Value>")?;
        for (plane, label) in labels() {
            writeln!(to, "<M K=\"{plane}\">{}</M>", Escaped(label))?;
        }
        to.push_str("</Value></MapAnnotation>\n</StructuredAnnotations>\n</OME>");
        Ok(())
    }

    fn write_calibration(&self, to: &mut String) -> fmt::Result {
        let calibration = self.calibration;
        if let Some(unit) = calibration.unit.as_deref().and_then(unit::length) {
            for (axis, size) in [("X", calibration.x), ("Y", calibration.y), ("Z", calibration.z)] {
                if let Some(size) = size {
                    write!(to, " PhysicalSize{axis}=\"{size}\" PhysicalSize{axis}Unit=\"{}\"", Escaped(unit))?;
                }
            }
        }
        if let Some(seconds) = calibration.frame_interval {
            write!(to, " TimeIncrement=\"{seconds}\" TimeIncrementUnit=\"s\"")?;
        }
        Ok(())
    }
}

/// A UUID of version 8 (RFC 9562), whose bits, but for six, are free.
fn uuid(hash: [u8; 16]) -> String {
    let mut bytes = hash;
    bytes[6] = bytes[6] & 0x0f | 0x80;
    bytes[8] = bytes[8] & 0x3f | 0x80;
    let mut text = String::from("urn:uuid:");
    for (i, byte) in bytes.iter().enumerate() {
        let hyphen = if matches!(i, 4 | 6 | 8 | 10) { "-" } else { "" };
        // Writing to a string cannot fail.
        let _ = write!(text, "{hyphen}{byte:02x}");
    }
    text
}

/// Text between tags or quotes: what is no plain letter becomes a reference to a character, what XML cannot hold the sign for
/// an unknown one.
struct Escaped<'a>(&'a str);

impl fmt::Display for Escaped<'_> {
    fn fmt(&self, to: &mut fmt::Formatter) -> fmt::Result {
        for letter in self.0.chars() {
            match letter {
                '<' | '>' | '&' | '"' | '\'' | '\t' | '\n' | '\r' | '\u{7f}'.. if !matches!(letter, '\u{fffe}' | '\u{ffff}') => {
                    write!(to, "&#{};", u32::from(letter))?;
                }
                ' '..='~' => to.write_char(letter)?,
                _ => to.write_str("&#65533;")?,
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::super::{Ome, Series};
    use super::*;
    use crate::Limits;

    fn read(text: &str) -> Series {
        match Ome::parse(text, &Limits::default()) {
            Ok(Some(Ome::Images(mut images))) if images.len() == 1 => images.remove(0),
            other => panic!("{other:?}"),
        }
    }

    fn description<'a>(calibration: &'a Calibration, names: &'a [String], labels: &'a [String]) -> Description<'a> {
        Description {
            name: "cells.ome.tif",
            shape: Shape { t: 2, z: 3, c: 2, y: 5, x: 7 },
            pixel_type: PixelType::U16,
            calibration,
            channel_names: names,
            slice_labels: labels,
            hash: [0xff; 16],
        }
    }

    #[test]
    fn what_is_written_is_read() {
        let calibration =
            Calibration { x: Some(0.325), y: Some(1e-7), z: Some(1.5), unit: Some("µm".into()), frame_interval: Some(0.1) };
        let names = ["DAPI <1>".to_owned(), "α & \"β\"".to_owned()];
        let labels: Vec<String> = (0..12).map(|i| if i % 5 == 0 { format!(" µ {i}\n\t") } else { String::new() }).collect();
        let description = description(&calibration, &names, &labels);
        let text = description.text().expect("written");
        assert!(text.is_ascii() && text.contains("UUID=\"urn:uuid:ffffffff-ffff-8fff-bfff-ffffffffffff\""), "{text}");
        let series = read(&text);
        assert_eq!(series.name.as_deref(), Some("cells.ome.tif"));
        assert_eq!((series.shape, series.pixel_type), (description.shape, Some(PixelType::U16)));
        assert_eq!((series.calibration(), series.channel_names()), (calibration.clone(), names.to_vec()));
        assert_eq!(series.planes(12, "cells.ome.tif").expect("pages"), (0..12).collect::<Vec<_>>());
        assert_eq!(series.slice_labels, labels);
        let plain = Description { slice_labels: &[], channel_names: &[], ..description }.text().expect("written");
        assert_eq!((read(&plain).slice_labels.len(), read(&plain).channel_names().len()), (0, 0));
    }

    #[test]
    fn what_ome_does_not_know_is_left_out_or_refused() {
        let calibration = Calibration { x: Some(2.0), unit: Some("parsec".into()), ..Calibration::default() };
        let description = description(&calibration, &[], &[]);
        let text = description.text().expect("written");
        assert!(!text.contains("Physical"), "{text}");
        let error = Description { pixel_type: PixelType::U64, ..description }.text().expect_err("refused");
        assert_eq!(error.kind, ErrorKind::Unsupported);
    }

    proptest! {
        #[test]
        fn any_name_comes_back(name in "\\PC{1,20}", label in ".{1,20}") {
            let (names, labels) = ([name.clone(), String::new()], [label.clone()]);
            let calibration = Calibration::default();
            let series = read(&description(&calibration, &names, &labels).text().expect("written"));
            let name = name.trim();
            prop_assert_eq!(series.channel_names().first().cloned(), (!name.is_empty()).then(|| name.to_owned()));
            let unknown = |c: char| c < ' ' && !matches!(c, '\t' | '\n' | '\r') || matches!(c, '\u{fffe}' | '\u{ffff}');
            let label: String = label.chars().map(|c| if unknown(c) { '\u{fffd}' } else { c }).collect();
            prop_assert_eq!(series.slice_labels.first(), Some(&label));
        }
    }
}
