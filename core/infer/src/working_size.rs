//! Bringing objects to the size that the network was trained on.

use fewlabel_contract::{Error, ErrorKind, Result};

/// Sizes that differ by no more than this are taken as equal: resampling costs more than it gives.
const TOLERANCE: f64 = 0.1;
/// A factor beyond this is a mistake in units, not a wish.
const LARGEST_FACTOR: f64 = 32.0;

/// The grid on which the network sees a plane.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct WorkingSize {
    /// Rows and columns.
    pub working: (usize, usize),
    /// The plane is scaled by this; 1 when it is taken as it is.
    pub factor: f64,
}

impl WorkingSize {
    /// For a plane of `grid` rows and columns whose objects have the diameter `here`, in pixels, and a
    /// network that was trained on objects of diameter `trained`.
    ///
    /// # Errors
    /// `invalid-request` when `here` is not a positive number, asks for a factor beyond 32, or is given
    /// to a model that does not know the size of its objects.
    pub fn new(grid: (usize, usize), trained: Option<f64>, here: Option<f64>) -> Result<Self> {
        let unchanged = Self { working: grid, factor: 1.0 };
        let Some(here) = here else {
            return Ok(unchanged);
        };
        let wrong = |message: &str| {
            Error::new(ErrorKind::InvalidRequest, "choose working size", message).with("object_diameter", format!("{here} px"))
        };
        if !(here.is_finite() && here > 0.0) {
            return Err(wrong("the diameter of the objects is not a positive number"));
        }
        let Some(trained) = trained else {
            return Err(wrong("this model does not say for which size of objects it was trained").hint("leave the diameter out"));
        };
        let factor = trained / here;
        if !(1.0 / LARGEST_FACTOR..=LARGEST_FACTOR).contains(&factor) {
            return Err(wrong("the diameter of the objects is too far from that of the model")
                .with("model", format!("{trained} px"))
                .hint("check its unit: micrometres when the image is calibrated, else pixels"));
        }
        if (factor - 1.0).abs() <= TOLERANCE {
            return Ok(unchanged);
        }
        let scaled = |side: usize| ((side as f64 * factor).round() as usize).max(1);
        Ok(Self { working: (scaled(grid.0), scaled(grid.1)), factor })
    }

    /// What to tell a person.
    pub fn note(&self) -> Option<String> {
        (self.factor != 1.0).then(|| {
            format!(
                "the image was scaled by {:.2} to {} x {} pixels for the network",
                self.factor, self.working.0, self.working.1
            )
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn objects_of_another_size_are_brought_to_the_trained_one() {
        let size = WorkingSize::new((100, 31), Some(30.0), Some(20.0)).unwrap();
        assert_eq!((size.working, size.factor), ((150, 47), 1.5));
        assert!(size.note().unwrap().contains("scaled by 1.50 to 150 x 47"));
        assert_eq!(WorkingSize::new((1, 1), Some(10.0), Some(100.0)).unwrap().working, (1, 1));
    }

    #[test]
    fn nearly_equal_sizes_are_left_alone() {
        for here in [None, Some(30.0), Some(27.5), Some(33.0)] {
            assert_eq!(WorkingSize::new((7, 9), Some(30.0), here).unwrap(), WorkingSize { working: (7, 9), factor: 1.0 });
        }
        assert_ne!(WorkingSize::new((7, 9), Some(30.0), Some(34.0)).unwrap().factor, 1.0);
    }

    #[test]
    fn senseless_diameters_are_refused() {
        for (trained, here) in [(Some(30.0), 0.0), (Some(30.0), f64::NAN), (Some(30.0), 0.5), (Some(30.0), 1e5), (None, 30.0)] {
            let error = WorkingSize::new((7, 9), trained, Some(here)).unwrap_err();
            assert_eq!(error.kind, ErrorKind::InvalidRequest, "{here}");
        }
    }
}
