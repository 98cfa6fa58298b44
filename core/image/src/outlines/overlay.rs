//! Outlines inside ImageJ's TIFFs: those of its overlay, and its selection.

use fewlabel_contract::Result;

use super::roi::note_and_name;
use super::{Outline, OutlineShape, decode_roi, exceeded, unreadable};
use crate::Limits;
use crate::imagej::{Kind, PrivateTags};

/// What ImageJ calls the lines, rectangles and texts of scale bars and calibration bars (`ij.plugin.ScaleBar`,
/// `ij.plugin.CalibrationBar`).
const BARS: [&str; 2] = ["|SB|", "|CB|"];

/// How many outlines the overlay holds. Those that cannot be read count, so that whoever asks for them hears of it. Points are not
/// looked at: a curve has thousands of them, and an overlay thousands of curves.
pub(crate) fn count_overlay(tags: &PrivateTags<'_>) -> usize {
    let entries = tags.entries(Kind::Overlay).unwrap_or_default();
    let counts = |bytes: &&[u8]| note_and_name(bytes).is_none_or(|(is_note, name)| outlines_something(is_note, name.as_deref()));
    entries.into_iter().filter(counts).count()
}

/// The outlines of the overlay, in its order, without texts, pictures and bars; where there are none, the selection.
///
/// ImageJ saves whatever selection there happens to be, often one of the overlay's own outlines; so it counts alone only.
///
/// # Errors
/// Those of [`decode_roi`]; `unreadable-image` for tags that are damaged; `limit-exceeded`.
pub(crate) fn outlines_of(tags: &PrivateTags<'_>, limits: &Limits) -> Result<Vec<Outline>> {
    let read = |kind| -> Result<Vec<Outline>> {
        let entries = tags.entries(kind).ok_or_else(|| unreadable("the outlines in this TIFF are damaged"))?;
        if entries.len() > limits.outlines {
            return Err(exceeded("the overlay holds more outlines than allowed", entries.len(), limits.outlines));
        }
        let mut left = limits.bytes;
        let outlines = entries.into_iter().enumerate().map(|(place, bytes)| {
            let outline = decode_roi(bytes, None).map_err(|e| e.with("outline", place + 1))?;
            let held = outline.shape.bytes();
            left = left.checked_sub(held).ok_or_else(|| exceeded("the overlay is larger than allowed", held, left))?;
            Ok(outline)
        });
        let counts =
            |outline: &Outline| outlines_something(matches!(outline.shape, OutlineShape::Note { .. }), outline.name.as_deref());
        outlines.filter(|outline| outline.as_ref().map_or(true, counts)).collect()
    };
    let overlay = read(Kind::Overlay)?;
    if overlay.is_empty() { read(Kind::Selection) } else { Ok(overlay) }
}

/// Whether it was drawn around, along or onto something in the image.
fn outlines_something(is_note: bool, name: Option<&str>) -> bool {
    !is_note && !name.is_some_and(|name| BARS.contains(&name))
}

#[cfg(test)]
mod tests {
    use fewlabel_contract::ErrorKind;
    use proptest::prelude::*;

    use super::super::{Point, encode_roi};
    use super::*;

    fn square(name: &str) -> Vec<u8> {
        let shape = OutlineShape::Rectangle { corner: Point::new(1.0, 2.0), width: 3.0, height: 4.0, arc: 0.0 };
        encode_roi(&Outline { name: Some(name.to_owned()), ..Outline::new(shape) }).expect("encoded")
    }

    /// Lengths and metadata with these outlines in the overlay, and a selection.
    fn tags(overlay: &[Vec<u8>], selection: Option<&Vec<u8>>) -> (Vec<u32>, Vec<u8>) {
        let mut metadata = b"IJIJover".to_vec();
        metadata.extend((overlay.len() as u32).to_be_bytes());
        metadata.extend(b"roi ");
        metadata.extend(u32::from(selection.is_some()).to_be_bytes());
        let mut lengths = vec![metadata.len() as u32];
        for entry in overlay.iter().chain(selection) {
            lengths.push(entry.len() as u32);
            metadata.extend(entry);
        }
        (lengths, metadata)
    }

    fn read(parts: &(Vec<u32>, Vec<u8>), limits: &Limits) -> (usize, Result<Vec<Outline>>) {
        let tags = PrivateTags { lengths: &parts.0, metadata: &parts.1, little_endian: false };
        (count_overlay(&tags), outlines_of(&tags, limits))
    }

    fn names(outlines: &[Outline]) -> Vec<&str> {
        outlines.iter().filter_map(|outline| outline.name.as_deref()).collect()
    }

    #[test]
    fn the_overlay_counts_and_without_one_the_selection() {
        let (a, b, selection) = (square("a"), square("b"), square("s"));
        let (count, outlines) = read(&tags(&[a, square("|SB|"), b], Some(&selection)), &Limits::default());
        assert_eq!((count, names(&outlines.expect("read"))), (2, vec!["a", "b"]));
        let (count, outlines) = read(&tags(&[square("|CB|")], Some(&selection)), &Limits::default());
        assert_eq!((count, names(&outlines.expect("read"))), (0, vec!["s"]));
        let (count, outlines) = read(&(Vec::new(), Vec::new()), &Limits::default());
        assert_eq!((count, outlines.expect("read")), (0, Vec::new()));
    }

    #[test]
    fn many_points_count_towards_the_limit() {
        let corners = [(0.5, 0.0), (60_000.0, 0.0), (0.0, 60_000.0)].map(|(x, y)| Point::new(x, y));
        let mut curve = encode_roi(&Outline::new(OutlineShape::Polygon(corners.to_vec()))).expect("encoded");
        // ImageJ's option for a curve through the corners.
        curve[51] |= 1;
        let three = tags(&[curve.clone(), curve.clone(), curve], None);
        let (count, outlines) = read(&three, &Limits { bytes: 2 << 20, ..Limits::default() });
        assert_eq!((count, outlines.expect_err("three megabytes").kind), (3, ErrorKind::LimitExceeded));
        assert_eq!(read(&three, &Limits::default()).1.expect("read").len(), 3);
    }

    #[test]
    fn damage_and_limits_are_errors() {
        let two = tags(&[square("a"), b"Iout".to_vec()], None);
        let (count, outlines) = read(&two, &Limits::default());
        let error = outlines.expect_err("cut short");
        assert_eq!((count, error.kind), (2, ErrorKind::UnreadableImage), "{error}");
        assert!(error.to_string().contains("outline: 2"), "{error}");
        let (_, outlines) = read(&two, &Limits { outlines: 1, ..Limits::default() });
        assert_eq!(outlines.expect_err("two").kind, ErrorKind::LimitExceeded);
        let (count, outlines) = read(&(two.0, two.1[..30].to_vec()), &Limits::default());
        let error = outlines.expect_err("damaged");
        assert_eq!((count, error.kind), (0, ErrorKind::UnreadableImage), "{error}");
    }

    proptest! {
        #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

        #[test]
        fn any_bytes_are_read_or_refused(changes in proptest::collection::vec((any::<usize>(), any::<u8>()), 1..6), length: u32) {
            let (mut lengths, mut metadata) = tags(&[square("a"), square("b")], Some(&square("c")));
            for (at, value) in changes {
                let at = at % metadata.len();
                metadata[at] = value;
            }
            let at = length as usize % lengths.len();
            lengths[at] = length;
            let _ = read(&(lengths, metadata), &Limits::default());
        }
    }
}
