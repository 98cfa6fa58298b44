//! Words that several entries share.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::{Error, ErrorKind};

/// What is looked for in the images.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Find {
    /// Separate objects (instances), possibly with classes.
    #[default]
    Objects,
    /// Areas (semantic classes).
    Areas,
    /// The kind (class) of a whole image.
    Kinds,
}

/// What to do with outputs that are there already.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Existing {
    /// Stop before anything is computed.
    #[default]
    Error,
    /// Keep those that the same request made; compute the others.
    Skip,
    /// Replace them.
    Overwrite,
}

/// Kind of file in which labels and maps are written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Format {
    /// ImageJ TIFF, up to 4 GB: `NAME.labels.tif`.
    #[serde(rename = "imagej")]
    ImageJ,
    /// OME-TIFF, tiled, with a pyramid: `NAME.labels.ome.tif`.
    OmeTiff,
    /// OME-Zarr, a folder: `NAME.labels.ome.zarr`.
    OmeZarr,
    /// NIfTI, on the grid of the image: `NAME.labels.nii.gz`.
    Nifti,
    /// PNG, for labels of a single plane; maps are ImageJ TIFFs then: `NAME.labels.png`.
    Png,
}

/// How the columns of the table of objects are called.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Columns {
    /// `area`, `centroid_x`, `mean_1`.
    #[default]
    Fewlabel,
    /// As ImageJ calls what it measures alike: `Area`, `X`, `Mean`.
    ImageJ,
}

/// Which planes of a stack are joined to objects through planes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Link {
    /// Each plane by itself.
    #[default]
    None,
    /// Through the slices of a volume.
    Z,
    /// Through time.
    T,
}

/// Where training and, when named, inference computes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Device {
    /// The fastest that is there; what was chosen and why is said.
    #[default]
    Auto,
    /// The processor.
    Cpu,
    /// The GPU with this number; absent is an error, never a silent fallback.
    Cuda(u32),
}

impl std::fmt::Display for Device {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Auto => f.write_str("auto"),
            Self::Cpu => f.write_str("cpu"),
            Self::Cuda(n) => write!(f, "cuda:{n}"),
        }
    }
}

impl std::str::FromStr for Device {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self, Error> {
        match text {
            "auto" => Ok(Self::Auto),
            "cpu" => Ok(Self::Cpu),
            "cuda" => Ok(Self::Cuda(0)),
            other => other.strip_prefix("cuda:").and_then(|n| n.parse().ok()).map(Self::Cuda).ok_or_else(|| {
                Error::new(ErrorKind::InvalidRequest, "choose device", "there is no such device word")
                    .with("value", other)
                    .hint("use auto, cpu, cuda or cuda:N")
            }),
        }
    }
}

impl Serialize for Device {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Device {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        text.parse().map_err(|error: Error| serde::de::Error::custom(error))
    }
}

impl JsonSchema for Device {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "Device".into()
    }

    fn json_schema(_: &mut schemars::SchemaGenerator) -> schemars::Schema {
        schemars::json_schema!({
            "description": "Where to compute.",
            "type": "string",
            "pattern": "^(auto|cpu|cuda(:[0-9]+)?)$"
        })
    }
}
