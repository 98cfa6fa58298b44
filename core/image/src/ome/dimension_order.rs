//! In which order the planes of an image follow each other.

/// `XYZCT` and the five others: the axes after rows and columns, the fastest first.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct DimensionOrder([usize; 3]);

impl DimensionOrder {
    /// Positions and extents below are in this order, whatever that of the planes is.
    const AXES: &str = "ZCT";

    /// Understands the attribute; `None` for anything but the six names.
    pub(super) fn parse(text: &str) -> Option<Self> {
        let letters = text.strip_prefix("XY").filter(|letters| letters.len() == 3)?;
        let mut order = [0; 3];
        for (axis, letter) in order.iter_mut().zip(letters.chars()) {
            *axis = Self::AXES.find(letter)?;
        }
        let [a, b, c] = order;
        (a != b && b != c && c != a).then_some(Self(order))
    }

    /// How many planes come before the one at slice, channel and frame `at`; `None` where that lies outside of `extent`.
    pub(super) fn rank(self, at: [usize; 3], extent: [usize; 3]) -> Option<usize> {
        self.0.iter().rev().try_fold(0_usize, |rank, &axis| {
            let inside = at[axis] < extent[axis];
            inside.then_some(())?;
            rank.checked_mul(extent[axis])?.checked_add(at[axis])
        })
    }

    /// Slice, channel and frame of the plane after `rank` others.
    pub(super) fn at(self, rank: usize, extent: [usize; 3]) -> [usize; 3] {
        let (mut at, mut rest) = ([0; 3], rank);
        for axis in self.0 {
            at[axis] = rest % extent[axis].max(1);
            rest /= extent[axis].max(1);
        }
        at
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn all_six_orders() {
        // Two slices, three channels, five frames: the second plane, and how many lie between neighbours along each axis.
        for (name, second, steps) in [
            ("XYZCT", [1, 0, 0], [1, 2, 6]),
            ("XYZTC", [1, 0, 0], [1, 10, 2]),
            ("XYCZT", [0, 1, 0], [3, 1, 6]),
            ("XYCTZ", [0, 1, 0], [15, 1, 3]),
            ("XYTZC", [0, 0, 1], [5, 10, 1]),
            ("XYTCZ", [0, 0, 1], [15, 5, 1]),
        ] {
            let (order, extent) = (DimensionOrder::parse(name).expect("an order"), [2, 3, 5]);
            assert_eq!(order.at(1, extent), second, "{name}");
            for (axis, step) in steps.into_iter().enumerate() {
                let mut at = [0; 3];
                at[axis] = 1;
                assert_eq!(order.rank(at, extent), Some(step), "{name}");
            }
            for rank in 0..30 {
                assert_eq!(order.rank(order.at(rank, extent), extent), Some(rank), "{name}");
            }
            assert_eq!(order.rank([2, 0, 0], extent), None);
        }
    }

    #[test]
    fn other_names_are_none() {
        for name in ["", "XY", "XYZZT", "XYZC", "XYZCTT", "ZCTXY", "xyzct", "XYZCµ", "XYµm"] {
            assert_eq!(DimensionOrder::parse(name), None, "{name}");
        }
    }
}
