//! How the axes of a volume are taken to cut it across an anatomical axis.

use fewlabel_contract::{Result, VolumePlane};

use crate::{Calibration, LabelImage, NiftiHeader, Shape};

/// A line through the body, either way.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Direction {
    LeftRight,
    BackFront,
    FootHead,
}

/// Other names for slices, rows and columns: a permutation of the axes `z y x`. Nothing is mirrored.
///
/// | planes | `z` | `y` | `x` |
/// | --- | --- | --- | --- |
/// | axial | foot-head | back-front | left-right |
/// | coronal | back-front | foot-head | left-right |
/// | sagittal | left-right | foot-head | back-front |
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Turn {
    /// For each of the turned axes `z y x` its number among the stored ones.
    axes: [usize; 3],
}

impl Turn {
    /// That for these planes of an image of `shape`: by the affine of its NIfTI `header`, or, without one, with `x` from left to right,
    /// `y` from back to front, `z` from foot to head.
    ///
    /// Nothing when the axes stay as they are stored, and for an image of one slice, which is no volume.
    ///
    /// # Errors
    /// `unreadable-image` for an affine that is not finite or gives no volume; it does not name the file.
    pub fn across(plane: VolumePlane, shape: Shape, header: Option<&NiftiHeader>) -> Result<Option<Self>> {
        use Direction::{BackFront, FootHead, LeftRight};
        if shape.z == 1 {
            return Ok(None);
        }
        let [_, y, z] = header.map_or(Ok([LeftRight, BackFront, FootHead]), NiftiHeader::directions)?;
        let wanted = match plane {
            VolumePlane::Axial => [FootHead, BackFront, LeftRight],
            VolumePlane::Coronal => [BackFront, FootHead, LeftRight],
            VolumePlane::Sagittal => [LeftRight, FootHead, BackFront],
        };
        // Each direction is that of one stored axis: what is neither that of slices nor of rows is that of columns.
        let axes = wanted.map(|direction| match () {
            () if direction == z => 0,
            () if direction == y => 1,
            () => 2,
        });
        Ok((axes != [0, 1, 2]).then_some(Self { axes }))
    }

    /// What belongs to the stored axes `z y x`, in the order of the turned ones.
    pub(crate) fn turned<T: Clone>(self, stored: &[T; 3]) -> [T; 3] {
        self.axes.map(|axis| stored[axis].clone())
    }

    /// What belongs to the turned axes `z y x`, in the order of the stored ones.
    pub(crate) fn stored<T: Clone>(self, turned: &[T; 3]) -> [T; 3] {
        let mut stored = turned.clone();
        self.axes.into_iter().zip(turned).for_each(|(axis, value)| stored[axis] = value.clone());
        stored
    }

    /// Whether slices stay slices.
    pub(crate) const fn keeps_slices(self) -> bool {
        self.axes[0] == 0
    }

    pub(crate) fn turned_shape(self, shape: Shape) -> Shape {
        let [z, y, x] = self.turned(&[shape.z, shape.y, shape.x]);
        Shape { z, y, x, ..shape }
    }

    pub(crate) fn stored_shape(self, shape: Shape) -> Shape {
        let [z, y, x] = self.stored(&[shape.z, shape.y, shape.x]);
        Shape { z, y, x, ..shape }
    }

    pub(crate) fn turned_calibration(self, of: &Calibration) -> Calibration {
        let [z, y, x] = self.turned(&[of.z, of.y, of.x]);
        Calibration { z, y, x, ..of.clone() }
    }

    pub(crate) fn stored_calibration(self, of: &Calibration) -> Calibration {
        let [z, y, x] = self.stored(&[of.z, of.y, of.x]);
        Calibration { z, y, x, ..of.clone() }
    }

    /// Labels as they are stored, turned.
    pub(crate) fn labels(self, labels: &LabelImage) -> LabelImage {
        let LabelImage { t, z, y, x, .. } = *labels;
        let [slice, row, column] = self.turned(&[y * x, x, 1]);
        let turned = self.turned_shape(Shape { t, z, c: 1, y, x });
        let mut ids = Vec::with_capacity(labels.ids.len());
        for frame in labels.ids.chunks_exact(z * y * x) {
            let rows = (0..turned.z).flat_map(|z| (0..turned.y).map(move |y| z * slice + y * row));
            rows.for_each(|first| ids.extend((0..turned.x).map(|x| frame[first + x * column])));
        }
        let calibration = self.turned_calibration(&labels.calibration);
        LabelImage { t, z: turned.z, y: turned.y, x: turned.x, ids, calibration }
    }
}

#[cfg(test)]
pub(crate) mod tests {
    use fewlabel_contract::ErrorKind;

    use super::*;

    /// All ways to exchange three axes, the first of which exchanges none.
    pub(crate) fn turns() -> [Turn; 6] {
        [[0, 1, 2], [0, 2, 1], [1, 0, 2], [1, 2, 0], [2, 0, 1], [2, 1, 0]].map(|axes| Turn { axes })
    }

    const SHAPE: Shape = Shape { t: 2, z: 3, c: 1, y: 4, x: 5 };

    #[test]
    fn without_a_header_the_axes_are_those_of_the_body() {
        let across = |plane| Turn::across(plane, SHAPE, None).expect("axes");
        assert_eq!(across(VolumePlane::Axial), None, "they are stored so");
        let shape = |plane| across(plane).expect("a turn").turned_shape(SHAPE);
        assert_eq!(shape(VolumePlane::Coronal), Shape { z: 4, y: 3, x: 5, ..SHAPE });
        assert_eq!(shape(VolumePlane::Sagittal), Shape { z: 5, y: 3, x: 4, ..SHAPE });
        let plane = Shape { z: 1, ..SHAPE };
        assert_eq!(Turn::across(VolumePlane::Sagittal, plane, None), Ok(None), "a plane is no volume");
    }

    #[test]
    fn a_header_says_where_the_axes_lead() {
        // x leads from foot to head, y from left to right, z from front to back, as turned scans are stored.
        let header = NiftiHeader::with_affine([[0.0, 0.9, 0.0], [0.0, 0.0, -2.0], [0.7, 0.0, 0.0]]);
        let shape = |plane| Turn::across(plane, SHAPE, Some(&header)).expect("axes").map(|turn| turn.turned_shape(SHAPE));
        assert_eq!(shape(VolumePlane::Axial), Some(Shape { z: 5, y: 3, x: 4, ..SHAPE }));
        assert_eq!(shape(VolumePlane::Coronal), Some(Shape { z: 3, y: 5, x: 4, ..SHAPE }));
        assert_eq!(shape(VolumePlane::Sagittal), Some(Shape { z: 4, y: 5, x: 3, ..SHAPE }));
        let flat = NiftiHeader::with_affine([[0.0; 3]; 3]);
        let error = Turn::across(VolumePlane::Axial, SHAPE, Some(&flat)).expect_err("no volume");
        assert_eq!(error.kind, ErrorKind::UnreadableImage, "{error}");
        assert_eq!(Turn::across(VolumePlane::Axial, Shape { z: 1, ..SHAPE }, Some(&flat)), Ok(None), "nobody asks it");
    }

    #[test]
    fn there_and_back_is_where_it_was() {
        for turn in turns() {
            let (turned, stored) = (turn.turned(&["z", "y", "x"]), turn.stored(&["z", "y", "x"]));
            assert_eq!((turn.stored(&turned), turn.turned(&stored)), (["z", "y", "x"], ["z", "y", "x"]));
            assert_eq!(turn.keeps_slices(), turned[0] == "z");
            assert_eq!(turn.stored_shape(turn.turned_shape(SHAPE)), SHAPE);
            let calibration =
                Calibration { x: Some(1.0), y: Some(2.0), z: None, unit: Some("mm".into()), frame_interval: Some(0.5) };
            assert_eq!(turn.stored_calibration(&turn.turned_calibration(&calibration)), calibration);
        }
        let [_, _, slices_and_rows, ..] = turns();
        let calibration = Calibration { x: Some(1.0), y: Some(2.0), z: Some(5.0), ..Calibration::default() };
        let turned = slices_and_rows.turned_calibration(&calibration);
        assert_eq!((turned.x, turned.y, turned.z), (Some(1.0), Some(5.0), Some(2.0)));
    }
}
