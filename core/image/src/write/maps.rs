//! Maps as ImageJ hyperstacks.

use std::path::Path;

use fewlabel_contract::{Error, Result};

use super::hyperstack::{Hyperstack, has_room};
use crate::{MapRows, Shape};

const OPERATION: &str = "write maps";

/// Values that are written at once.
const PIECE: usize = 1 << 20;

/// Whether [`write_maps`] can write maps of this shape.
pub fn imagej_holds_maps(shape: Shape) -> bool {
    has_room(shape, size_of::<f32>())
}

/// Writes maps as a 32-bit hyperstack with a channel for each, some rows at a time. They are asked for twice: values are shown from
/// the lowest (or 0 when all are above) to the highest finite one.
///
/// `channel_names` become the labels of the slices: one for each channel, or nothing.
///
/// # Errors
/// `limit-exceeded` for more than 4 GB, `internal` when sizes do not fit each other, those of `maps`, and those of
/// [`AtomicFile`](crate::AtomicFile).
pub fn write_maps(path: &Path, maps: &dyn MapRows, channel_names: &[String], existing_ok: bool) -> Result<()> {
    let shape = maps.shape();
    if !channel_names.is_empty() && channel_names.len() != shape.c {
        return Err(Error::internal(OPERATION, "names for another number of channels")
            .file(path)
            .with("names", channel_names.len())
            .with("channels", shape.c));
    }
    let slice_labels: Vec<String> = (0..shape.t * shape.z).flat_map(|_| channel_names.iter().cloned()).collect();
    let stack = Hyperstack {
        channels: shape.c,
        slices: shape.z,
        frames: shape.t,
        height: shape.y,
        width: shape.x,
        calibration: maps.calibration(),
        range: range(maps)?,
        slice_labels: &slice_labels,
    };
    stack.write(path, pieces(maps), existing_ok)
}

/// All values, some rows at a time, in order `t z c`.
fn pieces(maps: &dyn MapRows) -> impl Iterator<Item = Result<Vec<f32>>> {
    let shape = maps.shape();
    let rows = (PIECE / shape.x.max(1)).max(1);
    let planes = (0..shape.t).flat_map(move |t| (0..shape.z).map(move |z| (t, z)));
    let channels = planes.flat_map(move |(t, z)| (0..shape.c).map(move |c| (t, z, c)));
    let pieces = channels.flat_map(move |(t, z, c)| (0..shape.y).step_by(rows).map(move |y| (t, z, c, y)));
    pieces.map(move |(t, z, c, y)| maps.rows(t, z, c, y..(y + rows).min(shape.y)))
}

fn range(maps: &dyn MapRows) -> Result<(f64, f64)> {
    let (mut low, mut high) = (0.0_f32, 0.0_f32);
    for piece in pieces(maps) {
        for value in piece?.into_iter().filter(|value| value.is_finite()) {
            (low, high) = (low.min(value), high.max(value));
        }
    }
    Ok((f64::from(low), f64::from(high)))
}
