//! Maps as OME-Zarr.

use std::path::Path;

use fewlabel_contract::{Error, Result};
use serde_json::{Map, Value, json};

use super::folder::NewFolder;
use super::layout::Layout;
use super::metadata::{self, Downsampling};
use super::pyramid::{COMPRESSION, Cell, write_plane};
use crate::MapRows;

const OPERATION: &str = "write maps";

/// What several channels are shown in, again and again; a single one is white.
const COLORS: [&str; 6] = ["FF0000", "00FF00", "0000FF", "FF00FF", "00FFFF", "FFFF00"];

/// Writes maps as the folder `path`, an OME-Zarr 0.4 image of 32-bit floats with a pyramid of levels, in which a value is the
/// mean of four.
///
/// Axes are channel, y and x, and time and slices where there are several; calibration is their scale. `channel_names` has
/// one for each channel, or nothing. Values are shown from the lowest (or 0 when all are above) to the highest finite one.
/// Not more than rows of 512 pixels of each level are in memory.
///
/// The folder appears when it is whole. With `existing_ok` it replaces one that Fewlabel wrote, and only such a one.
///
/// # Errors
/// Those of `maps`; `invalid-request` for what is there already; `internal` for maps that do not fit their shape, or
/// names for another number of channels; `io`.
pub fn write_maps_zarr(path: &Path, maps: &dyn MapRows, channel_names: &[String], existing_ok: bool) -> Result<()> {
    let shape = maps.shape();
    if shape.is_empty() {
        return Err(Error::internal(OPERATION, "maps of an impossible shape").file(path));
    }
    if !channel_names.is_empty() && channel_names.len() != shape.c {
        return Err(Error::internal(OPERATION, "names for another number of channels")
            .file(path)
            .with("names", channel_names.len())
            .with("channels", shape.c));
    }
    let folder = NewFolder::create(path, existing_ok)?;
    let layout = Layout::new(shape, true);
    metadata::write_arrays(folder.partial(), &layout, f32::DTYPE, COMPRESSION)?;
    let mut range = (0.0_f32, 0.0_f32);
    let planes = (0..shape.t).flat_map(|t| (0..shape.z).map(move |z| (t, z)));
    for (t, z, c) in planes.flat_map(|(t, z)| (0..shape.c).map(move |c| (t, z, c))) {
        write_plane(folder.partial(), &layout, &layout.place(t, z, c), |y| {
            let values = maps.rows(t, z, c, y)?;
            let finite = values.iter().filter(|value| value.is_finite());
            range = finite.fold(range, |(low, high), &value| (low.min(value), high.max(value)));
            Ok(values)
        })?;
    }
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    let named = (!channel_names.is_empty()).then(|| ("omero".to_owned(), omero(channel_names, range)));
    let attributes = named.into_iter().collect();
    metadata::write_group(folder.partial(), &name, &layout, maps.calibration(), Downsampling::Mean, attributes)?;
    folder.commit()
}

fn omero(names: &[String], (low, high): (f32, f32)) -> Value {
    let window = json!({"start": low, "min": low, "end": high, "max": high});
    let colors = COLORS.iter().cycle().copied();
    let channels = names.iter().zip(colors).map(|(name, color)| {
        let color = if names.len() == 1 { "FFFFFF" } else { color };
        json!({"label": name, "color": color, "window": window, "active": true})
    });
    Value::Object(Map::from_iter([("channels".to_owned(), channels.collect())]))
}

#[cfg(test)]
mod tests;
