//! The metadata files of what is written.

use std::path::Path;

use fewlabel_contract::{Error, Result};
use serde_json::{Value, json};

use super::layout::Layout;
use crate::Calibration;
use crate::zarr::multiscale::NAMES;
use crate::zarr::{ZARRAY, ZATTRS, ZGROUP, unit};

const CREATOR: &str = "fewlabel";

/// Says who wrote a folder: only what bears this is replaced.
pub(super) fn creator() -> Value {
    json!({"name": CREATOR, "version": env!("CARGO_PKG_VERSION")})
}

/// Whether Fewlabel wrote the folder with these attributes.
pub(super) fn is_ours(attributes: &Value) -> bool {
    attributes.get("_creator").and_then(|creator| creator.get("name")).is_some_and(|name| name == CREATOR)
}

/// How the levels of a pyramid come from each other.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Downsampling {
    /// The upper left one of four: samples stay where they were.
    Nearest,
    /// The mean of four: samples move to the middle of these.
    Mean,
}

/// Writes `.zarray` of every level.
pub(super) fn write_arrays(folder: &Path, layout: &Layout, dtype: &str, level: u32) -> Result<()> {
    for (number, &(y, x)) in layout.levels.iter().enumerate() {
        let [t, z, c, ..] = layout.extent;
        let (chunk_y, chunk_x) = Layout::chunk((y, x));
        let array = json!({
            "zarr_format": 2,
            "shape": layout.in_order([t, z, c, y, x]),
            "chunks": layout.in_order([1, 1, 1, chunk_y, chunk_x]),
            "dtype": dtype,
            "compressor": {"id": "zlib", "level": level},
            "fill_value": 0,
            "order": "C",
            "filters": null,
            "dimension_separator": "/",
        });
        let folder = folder.join(number.to_string());
        std::fs::create_dir_all(&folder).map_err(|e| Error::io("write folder", &folder, &e))?;
        write(&folder.join(ZARRAY), &array)?;
    }
    Ok(())
}

/// Writes `.zgroup`, and `.zattrs` with `multiscales` and what else there is to say.
pub(super) fn write_group(
    folder: &Path,
    name: &str,
    layout: &Layout,
    calibration: &Calibration,
    downsampling: Downsampling,
    mut attributes: serde_json::Map<String, Value>,
) -> Result<()> {
    let datasets = (0..layout.levels.len()).map(|level| {
        let transformations = transformations(layout, calibration, downsampling, level);
        json!({"path": level.to_string(), "coordinateTransformations": transformations})
    });
    let multiscale = json!({
        "version": "0.4",
        "name": name,
        "axes": layout.axes.iter().map(|&axis| described(axis, calibration)).collect::<Vec<_>>(),
        "datasets": datasets.collect::<Vec<_>>(),
        "type": match downsampling {
            Downsampling::Nearest => "nearest",
            Downsampling::Mean => "mean",
        },
    });
    attributes.insert("multiscales".to_owned(), json!([multiscale]));
    attributes.insert("_creator".to_owned(), creator());
    write(&folder.join(ZATTRS), &Value::Object(attributes))?;
    write(&folder.join(ZGROUP), &json!({"zarr_format": 2}))
}

fn described(axis: usize, calibration: &Calibration) -> Value {
    let name = NAMES.get(axis).copied().unwrap_or_default();
    let (kind, unit) = match name {
        "t" => ("time", calibration.frame_interval.map(|_| "second")),
        "c" => ("channel", None),
        _ => ("space", calibration.unit.as_deref().map(unit::spelled_out)),
    };
    match unit {
        Some(unit) => json!({"name": name, "type": kind, "unit": unit}),
        None => json!({"name": name, "type": kind}),
    }
}

fn transformations(layout: &Layout, calibration: &Calibration, downsampling: Downsampling, level: usize) -> Vec<Value> {
    // A size that is not known is 1 and has no unit.
    let known = |size: Option<f64>| size.unwrap_or(1.0);
    let (y, x) = (known(calibration.y), known(calibration.x));
    let factor = 2_f64.powi(level as i32);
    let scale = [known(calibration.frame_interval), known(calibration.z), 1.0, y * factor, x * factor];
    let mut transformations = vec![json!({"type": "scale", "scale": layout.in_order(scale)})];
    if downsampling == Downsampling::Mean && level > 0 {
        let moved = (factor - 1.0) / 2.0;
        let translation = layout.in_order([0.0, 0.0, 0.0, y * moved, x * moved]);
        transformations.push(json!({"type": "translation", "translation": translation}));
    }
    transformations
}

fn write(path: &Path, value: &Value) -> Result<()> {
    let text = serde_json::to_vec_pretty(value)
        .map_err(|e| Error::internal("write folder", "metadata that cannot be written").because(&e))?;
    std::fs::write(path, text).map_err(|e| Error::io("write folder", path, &e))
}
