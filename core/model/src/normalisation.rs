//! Bringing the intensities of an image to the range that a network was trained on.

use std::cell::Cell;

use fewlabel_contract::{Error, ErrorKind, Result};
use fewlabel_image::Maps;
use serde::{Deserialize, Serialize};

use crate::percentile::Sampled;

/// Added to the range, as the model zoo's `scale_range` does, so that a constant channel becomes zero.
pub const NORMALISE_EPS: f64 = 1e-6;

/// Over what the percentiles are taken. Never over a tile.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Scope {
    /// All planes of an image together.
    #[default]
    Stack,
    /// Each plane by itself.
    Plane,
    /// The images that the model learned from: the low and high value of each channel are stored.
    Dataset(Vec<(f32, f32)>),
}

/// (x − low) / (high − low + 10⁻⁶) for each channel by itself, low and high being percentiles.
///
/// Nothing is clipped. What is not finite does not count in the percentiles and becomes the low value.
///
/// ```
/// use fewlabel_image::Maps;
/// use fewlabel_model::Normalisation;
/// let mut image = Maps::new(1, 5, 5, (0..25).map(|v| 100.0 + v as f32).collect());
/// let normalisation = Normalisation { low: 0.0, high: 100.0, ..Normalisation::default() };
/// let limits = normalisation.limits(|| [image.clone()].into_iter())?;
/// assert_eq!(limits, [(100.0, 124.0)]);
/// normalisation.apply(&mut image, &limits);
/// assert!((image.data[12] - 0.5).abs() < 1e-6);
/// # Ok::<(), fewlabel_contract::Error>(())
/// ```
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Normalisation {
    /// Over what the percentiles are taken.
    pub scope: Scope,
    /// Percentile that becomes 0; 0 to 100 and below `high`.
    pub low: f64,
    /// Percentile that becomes 1; 0 to 100.
    pub high: f64,
}

impl Default for Normalisation {
    fn default() -> Self {
        Self { scope: Scope::Stack, low: 1.0, high: 99.8 }
    }
}

impl Normalisation {
    /// The low and high value of each channel over all `planes`, which must agree in their channels.
    ///
    /// Linear interpolation between the sorted samples, as NumPy's default: exact for images of whole
    /// numbers below 65,536 whatever their size and for others up to 2²⁶ samples a channel; above, from
    /// a histogram of 65,536 bins between the smallest and the largest sample (an error of at most one
    /// bin). `planes` is called a second time then. A channel without a finite sample gives (0, 0).
    ///
    /// With [`Scope::Dataset`] the stored values come back and `planes` is not called. The caller hands
    /// over the planes of the scope: all of the image, or one.
    ///
    /// # Errors
    /// [`ErrorKind::BadModel`] when the percentiles are not 0 ≤ low < high ≤ 100.
    pub fn limits<I: Iterator<Item = Maps>>(&self, planes: impl Fn() -> I) -> Result<Vec<(f32, f32)>> {
        self.check()?;
        if let Scope::Dataset(limits) = &self.scope {
            return Ok(limits.clone());
        }
        let mut channels = Sampled::collect(&planes);
        Ok(channels.iter_mut().map(|channel| (channel.percentile(self.low), channel.percentile(self.high))).collect())
    }

    /// The same of planes that are read one after another: the first that cannot be read ends it.
    ///
    /// # Errors
    /// Those of [`Normalisation::limits`]; that of the plane.
    pub fn limits_of_read<I: Iterator<Item = Result<Maps>>>(&self, planes: impl Fn() -> I) -> Result<Vec<(f32, f32)>> {
        let failed = Cell::new(None);
        let read = || planes().map_while(|plane| plane.map_err(|error| failed.set(Some(error))).ok());
        let limits = self.limits(read)?;
        failed.into_inner().map_or(Ok(limits), Err)
    }

    /// Applies the limits to each channel in place.
    ///
    /// # Panics
    /// When there are not as many limits as channels.
    pub fn apply(&self, maps: &mut Maps, limits: &[(f32, f32)]) {
        assert_eq!(limits.len(), maps.channels, "one pair of limits a channel");
        for (c, &(low, high)) in limits.iter().enumerate() {
            let low = f64::from(low);
            let range = f64::from(high) - low + NORMALISE_EPS;
            for value in maps.channel_mut(c) {
                *value = if value.is_finite() { ((f64::from(*value) - low) / range) as f32 } else { 0.0 };
            }
        }
    }

    /// # Errors
    /// [`ErrorKind::BadModel`] when the percentiles are not 0 ≤ low < high ≤ 100.
    pub(crate) fn check(&self) -> Result<()> {
        if 0.0 <= self.low && self.low < self.high && self.high <= 100.0 {
            return Ok(());
        }
        Err(Error::new(ErrorKind::BadModel, "normalise image", "the percentiles are out of range or out of order")
            .with("low", self.low)
            .with("high", self.high)
            .with("allowed", "0 <= low < high <= 100"))
    }
}
