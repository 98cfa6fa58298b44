//! Maps as ImageJ hyperstacks.

use std::path::Path;

use fewlabel_contract::{Error, Result};

use super::hyperstack::Hyperstack;
use crate::{Calibration, Maps};

const OPERATION: &str = "write maps";

/// Writes the maps of `t * z` planes, given in order `t z`, as a 32-bit hyperstack with a channel for each map.
///
/// `channel_names` become the labels of the slices: one for each channel, or nothing. Values are shown from the lowest (or 0
/// when all are above) to the highest finite one.
///
/// # Errors
/// `limit-exceeded` for more than 4 GB, `internal` when sizes do not fit each other, and those of
/// [`AtomicFile`](crate::AtomicFile).
pub fn write_maps(
    path: &Path,
    planes: &[Maps],
    t: usize,
    z: usize,
    calibration: &Calibration,
    channel_names: &[String],
    existing_ok: bool,
) -> Result<()> {
    let fault = |message: &str| Error::internal(OPERATION, message).file(path);
    let first = planes.first().ok_or_else(|| fault("no maps"))?;
    let extent = |maps: &Maps| (maps.channels, maps.height, maps.width);
    if planes.len() != t * z || planes.iter().any(|maps| extent(maps) != extent(first)) {
        return Err(fault("the maps do not fill their shape").with("planes", planes.len()).with("t", t).with("z", z));
    }
    if !channel_names.is_empty() && channel_names.len() != first.channels {
        return Err(fault("names for another number of channels")
            .with("names", channel_names.len())
            .with("channels", first.channels));
    }
    let slice_labels: Vec<String> = planes.iter().flat_map(|_| channel_names.iter().cloned()).collect();
    let stack = Hyperstack {
        channels: first.channels,
        slices: z,
        frames: t,
        height: first.height,
        width: first.width,
        calibration,
        range: range(planes),
        slice_labels: &slice_labels,
    };
    let channels = planes.iter().flat_map(|maps| (0..maps.channels).map(|c| Ok(maps.channel(c).to_vec())));
    stack.write(path, channels, existing_ok)
}

fn range(planes: &[Maps]) -> (f64, f64) {
    let finite = planes.iter().flat_map(|maps| &maps.data).copied().filter(|v| v.is_finite());
    let (low, high) = finite.fold((0.0_f32, 0.0_f32), |(low, high), v| (low.min(v), high.max(v)));
    (f64::from(low), f64::from(high))
}
