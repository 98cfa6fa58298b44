//! How fast this machine runs a model.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::check::check_ranges;
use crate::{Entry, Result};

/// Arguments of `bench`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct BenchArgs {
    /// Name or file of the model.
    #[schemars(length(min = 1))]
    pub model: String,
    /// Side of the square network input, a multiple of the network's stride.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(range(min = 1), extend("unit" = "px", "unset" = "512, or the one size that the network takes"))]
    pub size: Option<usize>,
    /// Tiles in flight at once.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(range(min = 1), extend("unset" = "1"))]
    pub threads: Option<usize>,
}

impl BenchArgs {
    /// Checks the ranges.
    ///
    /// # Errors
    /// [`crate::ErrorKind::InvalidRequest`], naming the field.
    pub fn check(&self) -> Result<()> {
        check_ranges(Entry::Bench, self)
    }
}

/// Result of `bench`: one forward pass of the network, without halo, reading or decoding.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct BenchResult {
    /// Side of the network input.
    #[schemars(extend("unit" = "px"))]
    pub size: usize,
    /// Tiles in flight at once.
    pub threads: usize,
    /// Median wall time of a tile, divided by the tiles in flight.
    #[schemars(extend("unit" = "s", "varies" = true))]
    pub seconds_per_tile: f64,
    /// Pixels that go through the network in a second.
    #[schemars(extend("unit" = "px/s", "varies" = true))]
    pub pixels_per_second: f64,
    /// Forward passes that were timed.
    pub runs: usize,
}
