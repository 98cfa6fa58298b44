//! Units as NGFF spells them: by the names of UDUNITS-2, in the singular.

use crate::imagej;

/// Names of lengths, how a person writes them, and their size in metres.
const LENGTHS: [(&str, &str, f64); 9] = [
    ("micrometer", "µm", 1e-6),
    ("nanometer", "nm", 1e-9),
    ("millimeter", "mm", 1e-3),
    ("centimeter", "cm", 1e-2),
    ("meter", "m", 1.0),
    ("kilometer", "km", 1e3),
    ("angstrom", "Å", 1e-10),
    ("picometer", "pm", 1e-12),
    ("inch", "inch", 0.0254),
];

/// Names of times, and their length in seconds; those of [`imagej::seconds_in`] are known, too.
const TIMES: [(&str, f64); 3] = [("microsecond", 1e-6), ("nanosecond", 1e-9), ("picosecond", 1e-12)];

/// The unit of length that `text` names, as a person writes it.
pub(super) fn length(text: &str) -> Option<String> {
    let name = text.trim().to_lowercase();
    match LENGTHS.iter().find(|(known, short, _)| *known == name || *short == text.trim()) {
        Some((_, short, _)) => Some((*short).to_owned()),
        None => imagej::length_unit(text),
    }
}

/// How many of `to` are one of `from`, both as a person writes them; `None` where that is not known.
pub(super) fn ratio(from: &str, to: &str) -> Option<f64> {
    let metres = |unit: &str| LENGTHS.iter().find(|(_, short, _)| *short == unit).map(|(_, _, metres)| *metres);
    if from == to { Some(1.0) } else { Some(metres(from)? / metres(to)?) }
}

/// Length in seconds of the unit of time that `text` names.
pub(super) fn seconds(text: &str) -> Option<f64> {
    let name = text.trim().to_lowercase();
    if name.is_empty() {
        return None;
    }
    TIMES.iter().find(|(known, _)| *known == name).map(|(_, seconds)| *seconds).or_else(|| imagej::seconds_in(&name))
}

/// How NGFF spells a unit that a person writes so.
pub(super) fn spelled_out(unit: &str) -> &str {
    LENGTHS.iter().find(|(_, short, _)| *short == unit).map_or(unit, |(name, _, _)| name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn units_and_back() {
        for (name, short, _) in LENGTHS {
            assert_eq!(length(name).as_deref(), Some(short));
            assert_eq!(length(short).as_deref(), Some(short));
            assert_eq!(spelled_out(short), name);
        }
        assert_eq!(length("um").as_deref(), Some("µm"));
        assert_eq!(length("pixel"), None);
        assert_eq!(length("parsec").as_deref(), Some("parsec"));
        assert_eq!(spelled_out("parsec"), "parsec");
    }

    #[test]
    fn ratios_and_times() {
        let nanometres = ratio("µm", "nm").expect("known");
        assert!((nanometres - 1000.0).abs() < 1e-9);
        assert_eq!(ratio("parsec", "parsec"), Some(1.0));
        assert_eq!(ratio("parsec", "µm"), None);
        assert_eq!(seconds("millisecond"), Some(1e-3));
        assert_eq!(seconds("microsecond"), Some(1e-6));
        assert_eq!(seconds("hour"), Some(3600.0));
        assert_eq!(seconds(""), None);
    }
}
