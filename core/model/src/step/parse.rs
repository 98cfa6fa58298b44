//! Reading the zoo's processing steps.

use fewlabel_contract::{Error, ErrorKind, Result};
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::{PerChannel, Step};

/// A step as it stands in `bioimageio.yaml`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct Described {
    /// Which step.
    pub id: String,
    /// Its settings.
    #[serde(default)]
    pub kwargs: Value,
}

/// Sample types that the zoo knows.
const TYPES: [&str; 11] =
    ["float32", "float64", "uint8", "int8", "uint16", "int16", "uint32", "int32", "uint64", "int64", "bool"];

/// Understands the steps of one tensor.
///
/// # Errors
/// [`ErrorKind::Unsupported`], naming the step, when it or one of its settings is not known;
/// [`ErrorKind::BadModel`] when a setting makes no sense.
pub(crate) fn parse(described: &[Described]) -> Result<Vec<Step>> {
    described.iter().map(|step| one(step).map_err(|error| error.with("step", &step.id))).collect()
}

fn one(described: &Described) -> Result<Step> {
    let settings = Settings::new(&described.kwargs)?;
    let step = match described.id.as_str() {
        "zero_mean_unit_variance" => {
            settings.only(&["axes", "eps"])?;
            Step::ZeroMeanUnitVariance { across_channels: settings.across_channels()?, eps: settings.eps()? }
        }
        "fixed_zero_mean_unit_variance" => {
            settings.only(&["mean", "std", "axis"])?;
            settings.channel_axis()?;
            let std = settings.per_channel("std", None)?;
            let all_positive = match &std {
                PerChannel::All(std) => *std > 0.0,
                PerChannel::Each(list) => list.iter().all(|std| *std > 0.0),
            };
            if !all_positive {
                return Err(wrong("a standard deviation is not more than zero"));
            }
            Step::FixedZeroMeanUnitVariance { mean: settings.per_channel("mean", None)?, std }
        }
        "scale_range" => {
            settings.only(&["axes", "min_percentile", "max_percentile", "eps", "reference_tensor"])?;
            if settings.get("reference_tensor").is_some() {
                return Err(unknown("percentiles of another tensor are not known here"));
            }
            let low = settings.number("min_percentile", Some(0.0))?;
            let high = settings.number("max_percentile", Some(100.0))?;
            if !(0.0 <= low && low < high && high <= 100.0) {
                return Err(wrong("the percentiles are out of range or out of order"));
            }
            Step::ScaleRange { across_channels: settings.across_channels()?, low, high, eps: settings.eps()? }
        }
        "scale_linear" => {
            settings.only(&["gain", "offset", "axis"])?;
            settings.channel_axis()?;
            Step::ScaleLinear {
                gain: settings.per_channel("gain", Some(1.0))?,
                offset: settings.per_channel("offset", Some(0.0))?,
            }
        }
        "clip" => {
            settings.only(&["min", "max"])?;
            let min = settings.number("min", Some(f64::NEG_INFINITY))?;
            let max = settings.number("max", Some(f64::INFINITY))?;
            if min >= max {
                return Err(wrong("the smallest value is not below the largest"));
            }
            Step::Clip { min, max }
        }
        "ensure_dtype" => {
            settings.only(&["dtype"])?;
            let dtype = settings.get("dtype").and_then(Value::as_str).unwrap_or_default();
            if !TYPES.contains(&dtype) {
                return Err(unknown("this sample type is not known").with("type", dtype));
            }
            Step::EnsureDtype { dtype: dtype.to_owned() }
        }
        "sigmoid" => {
            settings.only(&[])?;
            Step::Sigmoid
        }
        "binarize" => {
            settings.only(&["threshold", "axis"])?;
            settings.channel_axis()?;
            Step::Binarize { threshold: settings.per_channel("threshold", None)? }
        }
        _ => return Err(unknown("the model wants a processing step that is not known here")),
    };
    Ok(step)
}

fn unknown(message: &str) -> Error {
    Error::new(ErrorKind::Unsupported, "read model", message)
}

fn wrong(message: &str) -> Error {
    Error::new(ErrorKind::BadModel, "read model", message)
}

/// The settings of a step.
struct Settings<'a>(Option<&'a serde_json::Map<String, Value>>);

impl<'a> Settings<'a> {
    fn new(kwargs: &'a Value) -> Result<Self> {
        match kwargs {
            Value::Null => Ok(Self(None)),
            Value::Object(map) => Ok(Self(Some(map))),
            _ => Err(wrong("the settings of a step are not a table")),
        }
    }

    /// A setting that is there and not null.
    fn get(&self, name: &str) -> Option<&'a Value> {
        self.0?.get(name).filter(|value| !value.is_null())
    }

    /// No setting but these may be there: one that is not understood changes the result.
    fn only(&self, known: &[&str]) -> Result<()> {
        let unheard = self.0.into_iter().flatten().find(|(name, value)| !value.is_null() && !known.contains(&name.as_str()));
        match unheard {
            Some((name, _)) => Err(unknown("a setting of a processing step is not known here").with("setting", name)),
            None => Ok(()),
        }
    }

    fn number(&self, name: &str, default: Option<f64>) -> Result<f64> {
        match self.get(name) {
            Some(value) => value.as_f64().filter(|number| number.is_finite()),
            None => default,
        }
        .ok_or_else(|| wrong("a setting of a step is missing or not a number").with("setting", name))
    }

    fn eps(&self) -> Result<f64> {
        self.number("eps", Some(1e-6))
    }

    fn per_channel(&self, name: &str, default: Option<f64>) -> Result<PerChannel> {
        let Some(Value::Array(list)) = self.get(name) else {
            return self.number(name, default).map(PerChannel::All);
        };
        let numbers: Option<Vec<f64>> = list.iter().map(Value::as_f64).collect();
        numbers
            .filter(|numbers| !numbers.is_empty())
            .map(PerChannel::Each)
            .ok_or_else(|| wrong("a setting of a step is not a list of numbers").with("setting", name))
    }

    /// `axis` says along which axis a list runs: only the channels make sense in a plane.
    fn channel_axis(&self) -> Result<()> {
        match self.get("axis").map(|axis| axis.as_str()) {
            None | Some(Some("channel")) => Ok(()),
            _ => Err(unknown("a step along another axis than the channels is not known here")),
        }
    }

    /// `axes` are those that statistics are taken over; without them all.
    fn across_channels(&self) -> Result<bool> {
        let Some(axes) = self.get("axes") else { return Ok(true) };
        let named: Option<Vec<&str>> = axes.as_array().and_then(|list| list.iter().map(Value::as_str).collect());
        let named = named.ok_or_else(|| wrong("the axes of a step are not a list of names"))?;
        let known = |name: &&str| ["batch", "channel", "y", "x"].contains(name);
        if !named.iter().all(known) || !named.contains(&"y") || !named.contains(&"x") {
            return Err(unknown("statistics over other axes than whole planes are not known here"));
        }
        Ok(named.contains(&"channel"))
    }
}
