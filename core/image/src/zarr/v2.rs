//! Metadata of an array of Zarr 2: `.zarray`.

use std::path::Path;

use fewlabel_contract::Result;
use serde::Deserialize;
use serde_json::Value;

use super::array::{Coding, Keys, Metadata};
use super::codec::Codec;
use super::number::Number;
use super::{ZARRAY, json, shown, unreadable, unsupported};

#[derive(Deserialize)]
struct Stored {
    zarr_format: u64,
    shape: Vec<u64>,
    chunks: Vec<u64>,
    dtype: Value,
    compressor: Option<Identified>,
    #[serde(default)]
    fill_value: Value,
    order: String,
    filters: Option<Vec<Identified>>,
    dimension_separator: Option<String>,
}

#[derive(Deserialize)]
struct Identified {
    id: String,
}

/// Reads the metadata of the array in `folder`; `None` where there is none.
///
/// # Errors
/// `unreadable-image` for damaged metadata, `unsupported` for what is not read here, `limit-exceeded`, `io`.
pub(super) fn read(folder: &Path) -> Result<Option<Metadata>> {
    let Some(stored) = json::read::<Stored>(&folder.join(ZARRAY))? else { return Ok(None) };
    if stored.zarr_format != 2 {
        return Err(unsupported("the array is of another version of Zarr").with("zarr_format", stored.zarr_format));
    }
    if let Some(filter) = stored.filters.iter().flatten().next() {
        return Err(unsupported("the array is filtered in a way that is not read here")
            .with("filter", shown(&filter.id))
            .hint("export the image without filters"));
    }
    let (number, little_endian) = Number::of_v2(&stored.dtype)?;
    let axes = 0..stored.shape.len();
    let order = match stored.order.as_str() {
        "C" => axes.collect(),
        "F" => axes.rev().collect(),
        other => return Err(unreadable("an array has an unknown order").with("order", shown(other))),
    };
    let separator = match stored.dimension_separator.as_deref() {
        None | Some(".") => '.',
        Some("/") => '/',
        Some(other) => return Err(unreadable("an array has an unknown separator").with("separator", shown(other))),
    };
    let codecs = stored.compressor.iter().map(|compressor| Codec::named(&compressor.id)).collect::<Result<_>>()?;
    Ok(Some(Metadata {
        shape: stored.shape,
        chunk: stored.chunks,
        number,
        fill: number.fill(&stored.fill_value)?,
        keys: Keys { prefix: false, separator },
        coding: Coding { order, little_endian, codecs },
        shards: None,
    }))
}
