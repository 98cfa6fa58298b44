//! What a pixel measures, by the sizes and units of the header.

use super::header::{Field, NiftiHeader};
use crate::{Calibration, Shape};

/// Codes of lengths and what people call them.
const LENGTHS: [(u8, &str); 3] = [(1, "m"), (2, "mm"), (3, "µm")];
/// The bits of lengths and of times.
const LENGTH: u8 = 0b000_111;
const TIME: u8 = 0b111_000;
/// Codes of times, and how many make a second.
const TIMES: [(u8, f64); 3] = [(8, 1.0), (16, 1e3), (24, 1e6)];

/// The calibration of an image with so many axes. Sizes count only together with a unit, and only where they are more than 0.
pub(super) fn calibration(header: &NiftiHeader, axes: usize) -> Calibration {
    // Version 2 has four bytes for what fills one.
    let units = header.get(Field::Units, 0) as u8;
    let size = |axis: usize| {
        let size = decimal(header.get(Field::Pixdim, axis));
        (axis <= axes && size.is_finite() && size > 0.0).then_some(size)
    };
    let unit = LENGTHS.iter().find(|(code, _)| units & LENGTH == *code).map(|(_, name)| (*name).to_owned());
    let in_unit = |axis: usize| unit.as_ref().and_then(|_| size(axis));
    let per_second = TIMES.iter().find(|(code, _)| units & TIME == *code).map(|(_, times)| times);
    Calibration {
        x: in_unit(1),
        y: in_unit(2),
        z: in_unit(3),
        frame_interval: per_second.and_then(|times| size(4).map(|size| size / times)),
        unit,
    }
}

/// Writes a calibration into a new header.
///
/// The format has one unit for all lengths and no way to leave out one of them: where one that matters is not known, all are
/// 1 without a unit. Units that the format does not have are converted, or else left out in the same way.
pub(super) fn set(header: &mut NiftiHeader, calibration: &Calibration, shape: Shape) {
    let (unit, factor) = match calibration.unit.as_deref() {
        Some("nm") => ("µm", 1e-3),
        Some("cm") => ("mm", 10.0),
        Some(unit) => (unit, 1.0),
        None => ("", 1.0),
    };
    let length = LENGTHS.iter().find(|(_, name)| unit == *name).map(|(code, _)| *code);
    let z = calibration.z.or((shape.z == 1).then_some(1.0 / factor));
    let (units, sizes) = match (length, calibration.x, calibration.y, z) {
        (Some(code), Some(x), Some(y), Some(z)) => (code, [x * factor, y * factor, z * factor]),
        _ => (0, [1.0; 3]),
    };
    let (seconds, interval) = calibration.frame_interval.map_or((0, 1.0), |seconds| (TIMES[0].0, seconds));
    header.set(Field::Units, 0, f64::from(units | seconds));
    for (axis, size) in [1.0].into_iter().chain(sizes).chain([interval, 1.0, 1.0, 1.0]).enumerate() {
        header.set(Field::Pixdim, axis, size);
    }
}

/// The shortest decimal number that is the same 32-bit float: NIfTI-1 stores 0.325 as 0.32499998807907104.
fn decimal(value: f64) -> f64 {
    let short = value as f32;
    if f64::from(short) == value { short.to_string().parse().unwrap_or(value) } else { value }
}

#[cfg(test)]
mod tests {
    use super::super::header::Version;
    use super::*;

    fn header(units: u8, sizes: [f64; 4]) -> NiftiHeader {
        let mut header = NiftiHeader::new(Version::One);
        header.set(Field::Units, 0, f64::from(units));
        sizes.into_iter().enumerate().for_each(|(i, size)| header.set(Field::Pixdim, i + 1, size));
        header
    }

    fn of(x: f64, z: Option<f64>, unit: &str) -> Calibration {
        Calibration { x: Some(x), y: Some(x), z, unit: Some(unit.to_owned()), frame_interval: None }
    }

    #[test]
    fn units_and_sizes() {
        let both = calibration(&header(3 | 16, [0.325, 0.325, 2.0, 500.0]), 4);
        assert_eq!(both, Calibration { frame_interval: Some(0.5), ..of(0.325, Some(2.0), "µm") });
        assert_eq!(calibration(&header(2, [0.1, 0.1, 3.0, 9.0]), 2), of(0.1, None, "mm"), "two axes, and no unit of time");
        let wrong = calibration(&header(1 | 24, [f64::NAN, -1.0, 0.0, 2e6]), 4);
        assert_eq!(wrong, Calibration { unit: Some("m".into()), frame_interval: Some(2.0), ..Calibration::default() });
        assert_eq!(calibration(&header(32, [1.0; 4]), 4), Calibration::default(), "hertz, and no unit of length");
    }

    #[test]
    fn calibrations_come_back() {
        let stack = Shape { t: 2, z: 3, c: 1, y: 4, x: 5 };
        let back = |calibration: &Calibration, shape: Shape| {
            let mut header = NiftiHeader::new(Version::One);
            set(&mut header, calibration, shape);
            super::calibration(&header, 4)
        };
        for whole in [of(0.325, Some(2.0), "µm"), of(1e-3, Some(0.5), "m"), of(0.7, Some(0.7), "mm")] {
            let whole = Calibration { frame_interval: Some(0.04), ..whole };
            assert_eq!(back(&whole, stack), whole);
        }
        assert_eq!(back(&of(325.0, Some(1000.0), "nm"), stack), of(0.325, Some(1.0), "µm"));
        assert_eq!(back(&of(1.5, None, "cm"), Shape::plane(1, 4, 5)), of(15.0, Some(1.0), "mm"));
        for unknown in [of(1.0, Some(1.0), "parsec"), of(0.325, None, "µm"), Calibration::default()] {
            assert_eq!(back(&unknown, stack), Calibration::default());
        }
    }
}
