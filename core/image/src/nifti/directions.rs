//! Which way through the body each axis of a file leads.

use fewlabel_contract::{Error, Result};

use super::header::{Field, NiftiHeader};
use super::unreadable;
use crate::Direction;

/// Below this volume of the box of their unit vectors, axes lie in one plane: of axes at right angles it is 1, and tilted scans
/// are far above it.
const FLAT: f64 = 1e-3;

/// By so much another assignment must be better than the one before: rounding does not decide between equals.
const CLEARLY: f64 = 1e-6;

/// The ways to give each of three axes a direction of its own, the one of an image without affine first.
const ASSIGNMENTS: [[usize; 3]; 6] = [[0, 1, 2], [1, 0, 2], [0, 2, 1], [2, 1, 0], [1, 2, 0], [2, 0, 1]];

impl NiftiHeader {
    /// The direction that each of the axes `x y z` mostly follows, either way: by the second affine (sform), else by the first (qform),
    /// else left to right, back to front, foot to head.
    ///
    /// Each direction belongs to one axis: of the six ways the one with the largest sum of the cosines, signs aside.
    ///
    /// # Errors
    /// `unreadable-image` for an affine that is not finite or gives no volume.
    pub(crate) fn directions(&self) -> Result<[Direction; 3]> {
        let directions = [Direction::LeftRight, Direction::BackFront, Direction::FootHead];
        let axes = if self.get(Field::AffineCode, 0) > 0.0 {
            [0, 1, 2].map(|axis| [0, 1, 2].map(|row| self.get(Field::Affine, 4 * row + axis)))
        } else if self.get(Field::QuaternionCode, 0) > 0.0 {
            self.rotated_axes()
        } else {
            return Ok(directions);
        };
        let cosines = axes.map(unit);
        let [x, y, z] = cosines;
        let volume = x[0] * (y[1] * z[2] - y[2] * z[1]) - x[1] * (y[0] * z[2] - y[2] * z[0]) + x[2] * (y[0] * z[1] - y[1] * z[0]);
        if volume.is_nan() || volume.abs() < FLAT {
            return Err(flat(axes));
        }
        let sum = |ways: [usize; 3]| (0..3).map(|axis| cosines[axis][ways[axis]].abs()).sum::<f64>();
        let [first, others @ ..] = ASSIGNMENTS;
        let best = others.into_iter().fold(first, |best, ways| if sum(ways) > sum(best) + CLEARLY { ways } else { best });
        Ok(best.map(|direction| directions[direction]))
    }
}

/// The same vector with length 1; no numbers where it has no length.
fn unit(vector: [f64; 3]) -> [f64; 3] {
    // By the largest part first: squares of numbers that fit may not.
    let largest = vector.iter().fold(0.0, |largest: f64, part| largest.max(part.abs()));
    let scaled = vector.map(|part| part / largest);
    let length = scaled.iter().map(|part| part * part).sum::<f64>().sqrt();
    scaled.map(|part| part / length)
}

fn flat(axes: [[f64; 3]; 3]) -> Error {
    let words = axes.map(|axis| axis.map(|part| part.to_string()).join(" ")).join(", ");
    unreadable("the affine of the NIfTI header does not tell which way the axes lead")
        .with("x, y, z lead along", words)
        .hint("write the file with a valid affine (sform or qform), or leave plane out")
}

#[cfg(test)]
impl NiftiHeader {
    /// With an sform of these rows of `x y z`.
    pub(crate) fn with_affine(rows: [[f64; 3]; 3]) -> Self {
        let mut header = Self::new(super::header::Version::Two);
        header.set(Field::AffineCode, 0, 1.0);
        for (place, value) in rows.iter().flat_map(|&[x, y, z]| [x, y, z, 7.0]).enumerate() {
            header.set(Field::Affine, place, value);
        }
        header
    }
}

#[cfg(test)]
mod tests {
    use fewlabel_contract::ErrorKind;
    use proptest::prelude::*;

    use super::super::header::Version;
    use super::*;

    const DIRECTIONS: [Direction; 3] = [Direction::LeftRight, Direction::BackFront, Direction::FootHead];

    /// The affine whose axis `j` leads along the direction `ways[j]`, so long and this way.
    fn axis_aligned(ways: [usize; 3], lengths: [f64; 3]) -> [[f64; 3]; 3] {
        [0, 1, 2].map(|row| [0, 1, 2].map(|axis| if ways[axis] == row { lengths[axis] } else { 0.0 }))
    }

    #[test]
    fn all_48_orientations_along_the_axes() {
        for ways in ASSIGNMENTS {
            for signs in 0..8 {
                let sign = |axis: usize| if signs >> axis & 1 == 0 { 1.0 } else { -1.0 };
                // Sizes that differ a lot must not count.
                let header = NiftiHeader::with_affine(axis_aligned(ways, [0.2 * sign(0), 9.0 * sign(1), 1e-4 * sign(2)]));
                assert_eq!(header.directions(), Ok(ways.map(|way| DIRECTIONS[way])), "{ways:?} {signs:b}");
            }
        }
    }

    #[test]
    fn the_first_affine_counts_where_there_is_no_second() {
        for version in [Version::One, Version::Two] {
            let mut header = NiftiHeader::new(version);
            // (1/2, 1/2, 1/2, 1/2) turns x into y, y into z, z into x.
            (0..3).for_each(|number| header.set(Field::Quaternion, number, 0.5));
            let turned = [Direction::BackFront, Direction::FootHead, Direction::LeftRight];
            assert_eq!(header.directions(), Ok(DIRECTIONS), "neither is there");
            header.set(Field::QuaternionCode, 0, 1.0);
            assert_eq!(header.directions(), Ok(turned));
            header.set(Field::Quaternion, 1, f64::NAN);
            assert_eq!(header.directions().map_err(|e| e.kind), Err(ErrorKind::UnreadableImage));
            header.set(Field::AffineCode, 0, 4.0);
            assert!(header.directions().is_err(), "it holds nothing");
            [0, 5, 10].into_iter().for_each(|number| header.set(Field::Affine, number, 1.0));
            assert_eq!(header.directions(), Ok(DIRECTIONS));
        }
        // Rotations by half a turn have no first number; nor have numbers that are too large.
        for quaternion in [[0.0, 0.0, 1.0], [0.0, 2.0, 0.0]] {
            let mut header = NiftiHeader::new(Version::One);
            header.set(Field::QuaternionCode, 0, 2.0);
            quaternion.into_iter().enumerate().for_each(|(number, value)| header.set(Field::Quaternion, number, value));
            assert_eq!(header.directions(), Ok(DIRECTIONS), "{quaternion:?}");
        }
    }

    #[test]
    fn each_direction_belongs_to_one_axis() {
        // x and y both lead mostly from left to right; y is less wrong from back to front.
        let header = NiftiHeader::with_affine([[1.0, 0.8, 0.0], [0.1, 0.6, 0.0], [0.0, 0.0, 1.0]]);
        assert_eq!(header.directions(), Ok(DIRECTIONS));
        // At 45 degrees both ways are as good: as they are stored.
        for rounding in [-1e-9, 0.0, 1e-9] {
            let header = NiftiHeader::with_affine([[1.0, 1.0 + rounding, 0.0], [1.0, -1.0, 0.0], [0.0, 0.0, 1.0]]);
            assert_eq!(header.directions(), Ok(DIRECTIONS));
        }
    }

    #[test]
    fn affines_without_volume_are_refused() {
        let good = axis_aligned([1, 2, 0], [1.0, 2.0, 3.0]);
        for (row, axis, value) in [(1, 0, 0.0), (1, 0, f64::NAN), (2, 1, f64::INFINITY)] {
            let mut rows = good;
            rows[row][axis] = value;
            let error = NiftiHeader::with_affine(rows).directions().expect_err("no volume");
            assert_eq!(error.kind, ErrorKind::UnreadableImage);
            assert!(error.to_string().contains("affine"), "{error}");
        }
        let parallel = [[1.0, 2.0, 0.0], [1.0, 2.0, 0.0], [0.0, 0.0, 1.0]];
        assert!(NiftiHeader::with_affine(parallel).directions().is_err());
        assert!(
            NiftiHeader::with_affine([[f64::MAX, 0.0, 0.0], [0.0, f64::MIN_POSITIVE, 0.0], [0.0, 0.0, 1.0]]).directions().is_ok()
        );
    }

    proptest! {
        /// A scan turned by less than a quarter of a right angle about any line is named after what it was before.
        #[test]
        fn oblique_scans_are_named_after_the_nearest_axes(
            number in 0..6_usize,
            lengths in prop::array::uniform3(prop_oneof![-5.0..-0.1_f64, 0.1..5.0_f64]),
            line in prop::array::uniform3(-1.0..1.0_f64),
            angle in -0.39..0.39_f64,
        ) {
            let [a, b, c] = unit(line);
            prop_assume!(a.is_finite());
            let (sin, cos) = angle.sin_cos();
            let rotate = |v: [f64; 3]| {
                let cross = [b * v[2] - c * v[1], c * v[0] - a * v[2], a * v[1] - b * v[0]];
                let along = (a * v[0] + b * v[1] + c * v[2]) * (1.0 - cos);
                [0, 1, 2].map(|i| v[i] * cos + cross[i] * sin + [a, b, c][i] * along)
            };
            let straight = axis_aligned(ASSIGNMENTS[number], lengths);
            let axes = [0, 1, 2].map(|axis| rotate([0, 1, 2].map(|row| straight[row][axis])));
            let rows = [0, 1, 2].map(|row| axes.map(|axis| axis[row]));
            let expected = ASSIGNMENTS[number].map(|way| DIRECTIONS[way]);
            prop_assert_eq!(NiftiHeader::with_affine(rows).directions(), Ok(expected));
        }

        #[test]
        fn any_header_is_answered(numbers in prop::collection::vec(any::<f64>(), 12), codes in prop::array::uniform2(-1.0..3.0_f64)) {
            let mut header = NiftiHeader::new(Version::Two);
            numbers.iter().enumerate().for_each(|(place, value)| header.set(Field::Affine, place, *value));
            (0..3).for_each(|number| header.set(Field::Quaternion, number, numbers[number]));
            header.set(Field::QuaternionCode, 0, codes[0]);
            header.set(Field::AffineCode, 0, codes[1]);
            if let Ok(directions) = header.directions() {
                prop_assert!(DIRECTIONS.iter().all(|direction| directions.contains(direction)));
            }
        }
    }
}
