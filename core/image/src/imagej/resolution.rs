//! Pixel sizes as the rationals of TIFF: pixels for each unit of length.

/// Size of a pixel for a resolution of `numerator / denominator` pixels a unit; `None` when that is no size.
pub(crate) fn pixel_size(numerator: u32, denominator: u32) -> Option<f64> {
    (numerator > 0 && denominator > 0).then(|| f64::from(denominator) / f64::from(numerator))
}

/// The resolution that comes closest to `1 / size`, as numerator and denominator; `None` when `size` is not a
/// positive number or lies outside of what the 32 bits of each can say (about 2⁻³² to 2³²).
///
/// The convergents of the continued fraction are the best approximations for their size; the last one that fits
/// in 32 bits is off by less than one part in 2³² for pixel sizes from 10⁻⁴ to 10⁴.
pub(crate) fn resolution(size: f64) -> Option<(u32, u32)> {
    if !(size.is_finite() && size > 0.0) {
        return None;
    }
    // Of the pixel size, denominator over numerator: a size such as 0.325 then ends soon.
    let (mut before, mut now) = ((0_u64, 1_u64), (1_u64, 0_u64));
    let mut rest = size;
    for _ in 0..64 {
        let whole = rest.floor();
        if whole > f64::from(u32::MAX) {
            break;
        }
        let next = (whole as u64 * now.0 + before.0, whole as u64 * now.1 + before.1);
        if next.0 > u64::from(u32::MAX) || next.1 > u64::from(u32::MAX) {
            break;
        }
        (before, now) = (now, next);
        let part = rest - whole;
        if part <= 0.0 || now.0 as f64 / now.1 as f64 == size {
            break;
        }
        rest = 1.0 / part;
    }
    let (denominator, numerator) = (u32::try_from(now.0).ok()?, u32::try_from(now.1).ok()?);
    pixel_size(numerator, denominator).map(|_| (numerator, denominator))
}

#[cfg(test)]
mod tests {
    use super::{pixel_size, resolution};
    use proptest::prelude::*;

    #[test]
    fn usual_sizes_are_short_fractions() {
        assert_eq!(resolution(0.325), Some((40, 13)));
        assert_eq!(resolution(1.0), Some((1, 1)));
        assert_eq!(resolution(10.0), Some((1, 10)));
        assert_eq!(pixel_size(40, 13), Some(0.325));
    }

    #[test]
    fn what_is_no_size_has_no_resolution() {
        for size in [0.0, -1.0, f64::NAN, f64::INFINITY, 1e-12, 1e12] {
            assert_eq!(resolution(size), None, "{size}");
        }
        assert_eq!(pixel_size(0, 1), None);
        assert_eq!(pixel_size(1, 0), None);
    }

    proptest! {
        #[test]
        fn sizes_come_back(exponent in -4.0..4.0_f64) {
            let size = 10_f64.powf(exponent);
            let (numerator, denominator) = resolution(size).expect("a size");
            let back = pixel_size(numerator, denominator).expect("a size");
            prop_assert!((back / size - 1.0).abs() < 1e-9, "{size} came back as {back}");
        }
    }
}
