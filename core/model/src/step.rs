//! The model zoo's processing steps.

mod parse;

use fewlabel_image::Maps;

use crate::percentile::Sampled;

pub(crate) use parse::{Described, parse};

/// The zoo's tools add this to a deviation where the format has no field for it.
const FIXED_EPS: f64 = 1e-6;

/// A value for all channels, or one for each.
#[derive(Clone, Debug, PartialEq)]
pub enum PerChannel {
    /// The same for all.
    All(f64),
    /// One a channel.
    Each(Vec<f64>),
}

impl PerChannel {
    /// The value for channel `c`; the last one where there are too few.
    pub fn at(&self, c: usize) -> f64 {
        match self {
            Self::All(value) => *value,
            Self::Each(values) => values.get(c).or(values.last()).copied().unwrap_or(0.0),
        }
    }
}

/// A processing step of bioimage.io 0.5, on one plane `c y x`.
///
/// Statistics are taken from the whole plane: over each channel by itself, or over all channels
/// (`across_channels`). The zoo's statistics over a data set become those of the plane.
#[derive(Clone, Debug, PartialEq)]
pub enum Step {
    /// (x − mean) / (standard deviation + eps).
    ZeroMeanUnitVariance {
        /// One mean and deviation for all channels.
        across_channels: bool,
        /// Added to the deviation.
        eps: f64,
    },
    /// (x − mean) / (standard deviation + 10⁻⁶), with given values.
    FixedZeroMeanUnitVariance {
        /// Mean.
        mean: PerChannel,
        /// Standard deviation, more than 0.
        std: PerChannel,
    },
    /// (x − low) / (high − low + eps), low and high being percentiles.
    ScaleRange {
        /// One pair of percentiles for all channels.
        across_channels: bool,
        /// Percentile that becomes 0; 0 to 100.
        low: f64,
        /// Percentile that becomes 1; 0 to 100.
        high: f64,
        /// Added to the range.
        eps: f64,
    },
    /// gain · x + offset.
    ScaleLinear {
        /// Factor.
        gain: PerChannel,
        /// Summand.
        offset: PerChannel,
    },
    /// Into min … max.
    Clip {
        /// Smallest value; may be −∞.
        min: f64,
        /// Largest value; may be ∞.
        max: f64,
    },
    /// Another sample type. Samples stay 32-bit floating point here: whole numbers are cut towards zero
    /// and into the range of the type.
    EnsureDtype {
        /// Name of the type: `float32`, `uint8` …
        dtype: String,
    },
    /// 1 / (1 + exp(−x)).
    Sigmoid,
    /// 1 where x is above the threshold, else 0.
    Binarize {
        /// Threshold.
        threshold: PerChannel,
    },
}

impl Step {
    /// Applies the step to one whole plane in place.
    ///
    /// ```
    /// use fewlabel_image::Maps;
    /// use fewlabel_model::{PerChannel, Step};
    /// let mut plane = Maps::new(1, 5, 5, (0..25).map(|v| v as f32).collect());
    /// Step::Binarize { threshold: PerChannel::All(11.5) }.apply(&mut plane);
    /// assert_eq!(plane.data.iter().sum::<f32>(), 13.0);
    /// ```
    pub fn apply(&self, maps: &mut Maps) {
        match self {
            Self::ZeroMeanUnitVariance { across_channels, eps } => {
                let of = |values: &[f32]| {
                    let (mean, deviation) = mean_and_deviation(values);
                    (mean, deviation + eps)
                };
                let statistics = statistics(maps, *across_channels, of);
                each(maps, |c, x| (x - statistics[c].0) / statistics[c].1);
            }
            Self::FixedZeroMeanUnitVariance { mean, std } => {
                each(maps, |c, x| (x - mean.at(c)) / (std.at(c) + FIXED_EPS));
            }
            Self::ScaleRange { across_channels, low, high, eps } => {
                let of = |values: &[f32]| {
                    let mut sampled = Sampled::of(values);
                    let (low, high) = (f64::from(sampled.percentile(*low)), f64::from(sampled.percentile(*high)));
                    (low, high - low + eps)
                };
                let statistics = statistics(maps, *across_channels, of);
                each(maps, |c, x| (x - statistics[c].0) / statistics[c].1);
            }
            Self::ScaleLinear { gain, offset } => each(maps, |c, x| x * gain.at(c) + offset.at(c)),
            Self::Clip { min, max } => each(maps, |_, x| x.max(*min).min(*max)),
            Self::EnsureDtype { dtype } => {
                if let Some((min, max)) = whole_numbers(dtype) {
                    each(maps, |_, x| x.trunc().max(min).min(max));
                } else if dtype == "bool" {
                    each(maps, |_, x| f64::from(u8::from(x != 0.0)));
                }
            }
            Self::Sigmoid => each(maps, |_, x| 1.0 / (1.0 + (-x).exp())),
            Self::Binarize { threshold } => each(maps, |c, x| f64::from(u8::from(x > threshold.at(c)))),
        }
    }
}

/// Changes each sample, given its channel, in 64 bit.
fn each(maps: &mut Maps, change: impl Fn(usize, f64) -> f64) {
    for c in 0..maps.channels {
        maps.channel_mut(c).iter_mut().for_each(|x| *x = change(c, f64::from(*x)) as f32);
    }
}

/// A pair of numbers for each channel: from its own samples, or the same from all.
fn statistics(maps: &Maps, across_channels: bool, of: impl Fn(&[f32]) -> (f64, f64)) -> Vec<(f64, f64)> {
    if across_channels {
        return vec![of(&maps.data); maps.channels];
    }
    (0..maps.channels).map(|c| of(maps.channel(c))).collect()
}

/// Mean and standard deviation (of the whole, not estimated) of the finite samples.
fn mean_and_deviation(values: &[f32]) -> (f64, f64) {
    let finite = || values.iter().filter(|value| value.is_finite()).map(|&value| f64::from(value));
    let n = finite().count().max(1) as f64;
    let mean = finite().sum::<f64>() / n;
    let variance = finite().map(|value| (value - mean).powi(2)).sum::<f64>() / n;
    (mean, variance.sqrt())
}

/// The range of a type of whole numbers; none for others.
fn whole_numbers(dtype: &str) -> Option<(f64, f64)> {
    let (sign, bits) = match dtype.strip_prefix("uint") {
        Some(bits) => (0.0, bits),
        None => (1.0, dtype.strip_prefix("int")?),
    };
    let bits: i32 = bits.parse().ok()?;
    let size = 2f64.powi(bits - sign as i32);
    Some((-sign * size, size - 1.0))
}
