//! How unsure a model is about an image.

use std::ops::Range;

use fewlabel_contract::Result;
use fewlabel_image::{Calibration, MapRows, Maps, Shape};
use serde::{Deserialize, Serialize};

/// Which maps speak for which class.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Classes {
    /// Background alone, interior and boundary together; maps behind these are no probabilities.
    Objects,
    /// A map for each class.
    Each,
    /// One map: the probability of the one class, the rest that of the background.
    Single,
}

impl Classes {
    /// Maps that it looks at, of so many.
    fn maps(self, channels: usize) -> usize {
        match self {
            Self::Objects => channels.min(3),
            Self::Each => channels,
            Self::Single => channels.min(1),
        }
    }

    /// For each pixel the probability that another class than the likeliest one is right, 0 to 1; `NaN` where there is none. `maps`
    /// are those of [`Self::maps`].
    fn unsure(self, maps: &[&[f32]]) -> Vec<f32> {
        let of = |pixel: usize| {
            let at = |c: usize| maps[c][pixel];
            let best = match self {
                Self::Objects => at(0).max(at(1) + at(2)),
                Self::Each => (0..maps.len()).map(at).fold(f32::NAN, f32::max),
                Self::Single => at(0).max(1.0 - at(0)),
            };
            (1.0 - best).clamp(0.0, 1.0)
        };
        (0..maps.first().map_or(0, |map| map.len())).map(of).collect()
    }
}

/// Mean over the pixels of an image, in steps of 2^-24, so that it does not depend on the order.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub(super) struct Mean {
    sum: u64,
    pixels: u64,
}

impl Mean {
    /// Takes a part of the maps.
    pub fn add(&mut self, classes: Classes, part: &Maps) {
        let maps: Vec<&[f32]> = (0..classes.maps(part.channels)).map(|c| part.channel(c)).collect();
        for value in classes.unsure(&maps).into_iter().filter(|value| value.is_finite()) {
            self.sum += (f64::from(value) * f64::from(1 << 24)) as u64;
            self.pixels += 1;
        }
    }

    /// 0 to 1; `None` before the first pixel.
    pub fn value(&self) -> Option<f64> {
        (self.pixels > 0).then(|| self.sum as f64 / (self.pixels as f64 * f64::from(1 << 24)))
    }
}

/// Where a model is unsure, made of its maps when it is asked for.
pub(super) struct UnsureRows<'a> {
    pub maps: &'a dyn MapRows,
    pub classes: Classes,
}

impl MapRows for UnsureRows<'_> {
    fn shape(&self) -> Shape {
        Shape { c: 1, ..self.maps.shape() }
    }

    fn calibration(&self) -> &Calibration {
        self.maps.calibration()
    }

    fn rows(&self, t: usize, z: usize, _: usize, y: Range<usize>) -> Result<Vec<f32>> {
        let channels = 0..self.classes.maps(self.maps.shape().c);
        let maps = channels.map(|c| self.maps.rows(t, z, c, y.clone())).collect::<Result<Vec<_>>>()?;
        Ok(self.classes.unsure(&maps.iter().map(Vec::as_slice).collect::<Vec<_>>()))
    }
}

#[cfg(test)]
mod tests {
    use fewlabel_image::MapStack;

    use super::*;

    #[test]
    fn interior_and_boundary_are_one_class() {
        // Background, interior, boundary, and a distance, of two pixels: a sure one and one of which 0.6 speaks for an object.
        let maps = Maps::new(4, 1, 2, vec![1.0, 0.4, 0.0, 0.35, 0.0, 0.25, 9.0, 9.0]);
        let mut mean = Mean::default();
        assert_eq!(mean.value(), None);
        mean.add(Classes::Objects, &maps);
        assert!((mean.value().unwrap() - 0.2).abs() < 1e-6);
        let calibration = Calibration::default();
        let stack = MapStack { planes: &[maps], t: 1, z: 1, calibration: &calibration };
        let rows = UnsureRows { maps: &stack, classes: Classes::Objects };
        assert_eq!(rows.shape(), Shape::plane(1, 1, 2));
        let values = rows.rows(0, 0, 0, 0..1).unwrap();
        assert!(values[0] == 0.0 && (values[1] - 0.4).abs() < 1e-6, "{values:?}");
    }

    #[test]
    fn one_map_speaks_for_two_classes() {
        assert_eq!(Classes::Single.unsure(&[&[0.25, 0.75, 1.0]]), [0.25, 0.25, 0.0]);
        let each = Classes::Each.unsure(&[&[0.5, f32::NAN], &[0.25, f32::NAN], &[0.25, f32::NAN]]);
        assert!(each[0] == 0.5 && each[1].is_nan());
    }
}
