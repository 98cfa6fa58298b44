//! Units as people and programs write them.

/// The unit of length that `text` names, as a person writes it; `None` where it names none that an image can be
/// calibrated in: pixels and nothing.
pub(crate) fn length_unit(text: &str) -> Option<String> {
    let text = text.trim();
    match text.to_lowercase().as_str() {
        "" | "pixel" | "pixels" | "px" => None,
        // `µ` exists twice in Unicode: as the micro sign and as the Greek letter.
        "micron" | "microns" | "micrometer" | "micrometers" | "micrometre" | "micrometres" | "um" | "\u{b5}m" | "\u{3bc}m" => {
            Some("µm".to_owned())
        }
        "nanometer" | "nanometers" | "nanometre" | "nanometres" => Some("nm".to_owned()),
        "millimeter" | "millimeters" | "millimetre" | "millimetres" => Some("mm".to_owned()),
        // Mostly the print density of another program: a size that is kept and told, but that no model scales an image by.
        "inch" | "inches" | "in" => Some("inch".to_owned()),
        _ => Some(text.to_owned()),
    }
}

/// Length in seconds of the unit of time that `text` names.
pub(crate) fn seconds_in(text: &str) -> Option<f64> {
    match text.trim().to_lowercase().as_str() {
        "" | "s" | "sec" | "secs" | "second" | "seconds" => Some(1.0),
        "ms" | "msec" | "millisecond" | "milliseconds" => Some(1e-3),
        "m" | "min" | "mins" | "minute" | "minutes" => Some(60.0),
        "h" | "hr" | "hour" | "hours" => Some(3600.0),
        "d" | "day" | "days" => Some(86_400.0),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::{length_unit, seconds_in};

    #[test]
    fn all_spellings_of_the_micrometre_are_one() {
        for text in ["micron", "um", "µm", "μm", " Microns ", "micrometer"] {
            assert_eq!(length_unit(text).as_deref(), Some("µm"), "{text}");
        }
        assert_eq!(length_unit("nm").as_deref(), Some("nm"));
        assert_eq!(length_unit("parsec").as_deref(), Some("parsec"));
        assert_eq!(length_unit("inches").as_deref(), Some("inch"));
        for text in ["", " ", "pixel"] {
            assert_eq!(length_unit(text), None, "{text:?}");
        }
    }

    #[test]
    fn times_are_in_seconds() {
        assert_eq!(seconds_in("min"), Some(60.0));
        assert_eq!(seconds_in("ms"), Some(0.001));
        assert_eq!(seconds_in("fortnight"), None);
    }
}
