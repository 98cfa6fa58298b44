//! Words that `train` and `pretrain` share, and what a training may do besides its labels.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// How a volume is cut into planes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum VolumePlane {
    /// Across the axis from foot to head.
    Axial,
    /// Across the axis from back to front.
    Coronal,
    /// Across the axis from left to right.
    Sagittal,
}

impl VolumePlane {
    /// As requests write it.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Axial => "axial",
            Self::Coronal => "coronal",
            Self::Sagittal => "sagittal",
        }
    }
}

/// Normalisation layers of a network.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Norm {
    /// Over the batch; folded into the convolutions of the saved model, which may then segment in tiles.
    #[default]
    Batch,
    /// Over each plane, without factor and offset, as Hu et al. (arXiv 2109.07407) have it. Such a model segments whole planes only.
    Instance,
}

impl Norm {
    /// As requests write it.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Batch => "batch",
            Self::Instance => "instance",
        }
    }
}

/// What a training does against learning its few labels by heart.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Regularisation {
    /// Nothing but augmentation.
    #[default]
    None,
    /// Crops are mixed two by two, and so are their training errors (Zhang et al., arXiv 1710.09412).
    Mixup,
    /// On images without labels, the network answers a turned crop as its running average answers the crop itself (TCSM, Li et al.,
    /// arXiv 1903.00348).
    Consistency,
}
