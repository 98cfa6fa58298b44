//! Units of OME-XML.

use crate::imagej::length_unit;

/// Units of length and the power of ten of a metre that each is. Inches and points are left out, as in ImageJ's files: they
/// are the print density of other programs. So are `pixel` and `reference frame`, which are no lengths.
const LENGTHS: [(&str, i32); 10] =
    [("km", 3), ("m", 0), ("dm", -1), ("cm", -2), ("mm", -3), ("µm", -6), ("nm", -9), ("Å", -10), ("pm", -12), ("fm", -15)];

/// Units of time as parts of a second, and those longer than one.
const PARTS_OF_A_SECOND: [(&str, f64); 6] = [("ds", 1e1), ("cs", 1e2), ("ms", 1e3), ("µs", 1e6), ("ns", 1e9), ("ps", 1e12)];
const SECONDS: [(&str, f64); 5] = [("s", 1.0), ("min", 60.0), ("h", 3600.0), ("d", 86_400.0), ("ks", 1e3)];

/// The unit of length that `text` names, as OME spells it.
pub(super) fn length(text: &str) -> Option<&'static str> {
    // The letter of the Ångström exists twice in Unicode, that of the micrometre, too.
    let text = length_unit(&text.replace('\u{212b}', "Å"))?;
    LENGTHS.iter().find(|(name, _)| *name == text).map(|(name, _)| *name)
}

/// A length in another unit; `None` where one of the units is not known.
pub(super) fn convert(value: f64, from: &str, to: &str) -> Option<f64> {
    let power = |unit| LENGTHS.iter().find(|(name, _)| *name == unit).map(|(_, power)| *power);
    let up = power(from)? - power(to)?;
    // Powers of ten up to 22 are exact, their reciprocals are not.
    Some(if up < 0 { value / 10_f64.powi(-up) } else { value * 10_f64.powi(up) })
}

/// A length in centimetres, for the resolution tags of TIFF; `None` for a unit that is not known.
pub(crate) fn centimetres(value: f64, unit: &str) -> Option<f64> {
    convert(value, length(unit)?, "cm")
}

/// A time in seconds; `None` for a unit that is not known.
pub(super) fn seconds(value: f64, unit: &str) -> Option<f64> {
    let unit = unit.replace('\u{3bc}', "µ");
    let of = |table: &[(&str, f64)]| table.iter().find(|(name, _)| *name == unit).map(|(_, factor)| *factor);
    of(&SECONDS).map(|factor| value * factor).or_else(|| of(&PARTS_OF_A_SECOND).map(|parts| value / parts))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lengths_are_known_and_converted() {
        for text in ["µm", "\u{3bc}m", "um", "micron"] {
            assert_eq!(length(text), Some("µm"), "{text}");
        }
        assert_eq!((length("Å"), length("\u{212b}"), length("nm")), (Some("Å"), Some("Å"), Some("nm")));
        for text in ["pixel", "reference frame", "in", "pt", "", "parsec"] {
            assert_eq!(length(text), None, "{text}");
        }
        assert_eq!(convert(325.0, "nm", "µm"), Some(0.325));
        assert_eq!(convert(0.3, "mm", "µm"), Some(300.0));
        assert_eq!(convert(5.0, "Å", "nm"), Some(0.5));
        assert_eq!(convert(1.0, "pixel", "µm"), None);
        assert_eq!(centimetres(0.325, "um"), Some(0.325 / 1e4));
    }

    #[test]
    fn times_are_in_seconds() {
        for (unit, second) in [("s", 2.0), ("ms", 0.002), ("µs", 2e-6), ("\u{3bc}s", 2e-6), ("min", 120.0), ("h", 7200.0)] {
            assert_eq!(seconds(2.0, unit), Some(second), "{unit}");
        }
        // A megasecond is no millisecond.
        assert_eq!(seconds(2.0, "Ms"), None);
    }
}
