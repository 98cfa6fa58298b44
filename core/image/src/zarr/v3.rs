//! Metadata of an array of Zarr 3: `zarr.json`.

use std::path::Path;

use fewlabel_contract::Result;
use serde::Deserialize;
use serde_json::Value;

use super::array::{Coding, Keys, Metadata, Shards};
use super::codec::Codec;
use super::json::Named;
use super::number::Number;
use super::shards::Index;
use super::{ZARR_JSON, json, shown, unreadable, unsupported};

#[derive(Deserialize)]
struct Stored {
    zarr_format: u64,
    node_type: String,
    shape: Vec<u64>,
    data_type: Value,
    chunk_grid: Named,
    chunk_key_encoding: Named,
    fill_value: Value,
    codecs: Vec<Named>,
    #[serde(default)]
    storage_transformers: Vec<Value>,
}

/// Reads the metadata of the array in `folder`; `None` where there is none.
///
/// # Errors
/// `unreadable-image` for damaged metadata, `unsupported` for what is not read here, `limit-exceeded`, `io`.
pub(super) fn read(folder: &Path) -> Result<Option<Metadata>> {
    let Some(stored) = json::read::<Stored>(&folder.join(ZARR_JSON))? else { return Ok(None) };
    if stored.zarr_format != 3 || stored.node_type != "array" || !stored.storage_transformers.is_empty() {
        return Err(unsupported("the array is of another version of Zarr")
            .with("zarr_format", stored.zarr_format)
            .with("node_type", shown(&stored.node_type)));
    }
    if stored.chunk_grid.name() != "regular" {
        return Err(unsupported("the chunks are not all of one shape").with("grid", shown(stored.chunk_grid.name())));
    }
    let number = Number::of_v3(&stored.data_type)?;
    let (coding, shards) = coding(&stored.codecs, stored.shape.len(), number)?;
    Ok(Some(Metadata {
        shape: stored.shape,
        chunk: numbers(&stored.chunk_grid, "chunk_shape")?,
        number,
        fill: number.fill(&stored.fill_value)?,
        keys: keys(&stored.chunk_key_encoding)?,
        coding,
        shards,
    }))
}

fn keys(encoding: &Named) -> Result<Keys> {
    let (prefix, usual) = match encoding.name() {
        "default" => (true, '/'),
        "v2" => (false, '.'),
        other => return Err(unsupported("the files of the chunks are named in an unknown way").with("names", shown(other))),
    };
    let separator = match encoding.entry("separator").map(Value::as_str) {
        None => usual,
        Some(Some("/")) => '/',
        Some(Some(".")) => '.',
        Some(other) => {
            return Err(unreadable("an array has an unknown separator").with("separator", shown(other.unwrap_or_default())));
        }
    };
    Ok(Keys { prefix, separator })
}

/// How chunks are packed, and how they lie in shards, if so.
fn coding(codecs: &[Named], axes: usize, number: Number) -> Result<(Coding, Option<Shards>)> {
    let mut order: Vec<usize> = (0..axes).collect();
    let mut codecs = codecs.iter();
    while let Some(codec) = codecs.next() {
        match codec.name() {
            "transpose" => order = transposed(&order, codec)?,
            "bytes" => {
                let little_endian = endian(codec, number.bytes())?;
                let codecs = codecs.map(|codec| Codec::named(codec.name())).collect::<Result<_>>()?;
                return Ok((Coding { order, little_endian, codecs }, None));
            }
            "sharding_indexed" => {
                if !order.is_sorted() || codecs.next().is_some() {
                    return Err(unsupported("the shards are packed in a way that is not read here"));
                }
                let (coding, shards) = sharding(codec, axes, number)?;
                return Ok((coding, Some(shards)));
            }
            other => {
                return Err(unsupported("the array is filtered in a way that is not read here")
                    .with("codec", shown(other))
                    .hint("export the image without filters"));
            }
        }
    }
    Err(unreadable("an array does not say how its numbers are written"))
}

fn sharding(codec: &Named, axes: usize, number: Number) -> Result<(Coding, Shards)> {
    let (inner, index) = (list(codec, "codecs")?, list(codec, "index_codecs")?);
    // Shards in shards would need an index for each; no program is known to write them.
    if inner.iter().any(|codec| codec.name() == "sharding_indexed") {
        return Err(unsupported("shards in shards are not read here"));
    }
    let (coding, _) = coding(&inner, axes, number)?;
    let (little_endian, checksum) = match &index[..] {
        [bytes] if bytes.name() == "bytes" => (endian(bytes, 8)?, false),
        [bytes, sum] if bytes.name() == "bytes" && sum.name() == "crc32c" => (endian(bytes, 8)?, true),
        _ => return Err(unsupported("the index of the shards is packed in a way that is not read here")),
    };
    let at_start = match codec.entry("index_location").map(Value::as_str) {
        None | Some(Some("end")) => false,
        Some(Some("start")) => true,
        Some(_) => return Err(unreadable("the index of the shards is in an unknown place")),
    };
    let index = Index { at_start, little_endian, checksum };
    Ok((coding, Shards { chunk: numbers(codec, "chunk_shape")?, index }))
}

/// Whether the lowest byte of a number comes first; numbers of one byte need not say so.
fn endian(codec: &Named, bytes: usize) -> Result<bool> {
    match codec.entry("endian").and_then(Value::as_str) {
        Some("little") => Ok(true),
        Some("big") => Ok(false),
        None if bytes == 1 => Ok(true),
        other => Err(unreadable("an array has an unknown order of bytes").with("endian", shown(other.unwrap_or_default()))),
    }
}

/// The order of the axes behind a codec `transpose`, whose own order says which axis comes to each place.
fn transposed(order: &[usize], codec: &Named) -> Result<Vec<usize>> {
    let wrong = || unreadable("an array has an impossible order of axes");
    let places: Vec<usize> = part(codec, "order")?;
    let mut seen = places.clone();
    seen.sort_unstable();
    if !seen.iter().copied().eq(0..order.len()) {
        return Err(wrong());
    }
    places.iter().map(|&place| order.get(place).copied().ok_or_else(wrong)).collect()
}

fn numbers(named: &Named, entry: &str) -> Result<Vec<u64>> {
    part(named, entry)
}

fn list(named: &Named, entry: &str) -> Result<Vec<Named>> {
    part(named, entry)
}

fn part<T: serde::de::DeserializeOwned>(named: &Named, entry: &str) -> Result<T> {
    let value = named.entry(entry).ok_or_else(|| unreadable("the metadata is damaged").with("missing", entry))?;
    json::part(value)
}

#[cfg(test)]
mod tests {
    use fewlabel_contract::ErrorKind;
    use serde_json::json;

    use super::*;

    fn of(codecs: Value) -> Result<(Coding, Option<Shards>)> {
        let number = Number::of_v3(&json!("uint16")).expect("a type");
        coding(&json::part::<Vec<Named>>(&codecs)?, 3, number)
    }

    const LITTLE: &str = r#"{"name": "bytes", "configuration": {"endian": "little"}}"#;

    fn little() -> Value {
        serde_json::from_str(LITTLE).expect("json")
    }

    #[test]
    fn transpositions_follow_each_other() {
        let turn = json!({"name": "transpose", "configuration": {"order": [1, 2, 0]}});
        let (once, _) = of(json!([turn, little(), "zstd"])).expect("known");
        assert_eq!((once.order, once.little_endian, once.codecs), (vec![1, 2, 0], true, vec![Codec::Zstd]));
        let (twice, _) = of(json!([turn, turn, little()])).expect("known");
        assert_eq!(twice.order, [2, 0, 1]);
        for order in [json!([0, 1]), json!([0, 1, 1]), json!([0, 1, 3]), json!("F"), json!([0, 1, -1])] {
            let codecs = json!([{"name": "transpose", "configuration": {"order": order}}, little()]);
            assert!(of(codecs).is_err_and(|e| e.kind == ErrorKind::UnreadableImage), "{order}");
        }
    }

    #[test]
    fn shards() {
        let sharding = |inner: Value, index: Value, location: Value| {
            let configuration =
                json!({"chunk_shape": [1, 2, 2], "codecs": inner, "index_codecs": index, "index_location": location});
            json!({"name": "sharding_indexed", "configuration": configuration})
        };
        let usual = sharding(json!([little(), "gzip"]), json!([little(), {"name": "crc32c"}]), json!("end"));
        let (coding, shards) = of(json!([usual])).expect("known");
        assert_eq!(coding.codecs, [Codec::Gzip]);
        let shards = shards.expect("shards");
        assert_eq!(shards.index, Index { at_start: false, little_endian: true, checksum: true });
        assert_eq!(shards.chunk, [1, 2, 2]);
        for (codecs, kind) in [
            (json!([usual, "gzip"]), ErrorKind::Unsupported),
            (json!([sharding(json!([usual]), json!([little()]), json!("end"))]), ErrorKind::Unsupported),
            (json!([sharding(json!([little()]), json!([little(), "gzip"]), json!("end"))]), ErrorKind::Unsupported),
            (json!([sharding(json!([little()]), json!([little()]), json!("middle"))]), ErrorKind::UnreadableImage),
            (json!([sharding(json!([]), json!([little()]), json!("end"))]), ErrorKind::UnreadableImage),
            (json!(["sharding_indexed"]), ErrorKind::UnreadableImage),
        ] {
            assert!(of(codecs.clone()).is_err_and(|e| e.kind == kind), "{codecs}");
        }
    }

    #[test]
    fn what_is_not_read() {
        for (codecs, kind) in [
            (json!([]), ErrorKind::UnreadableImage),
            (json!(["bytes"]), ErrorKind::UnreadableImage),
            (json!(["vlen-utf8"]), ErrorKind::Unsupported),
            (json!([little(), "blosc2"]), ErrorKind::Unsupported),
        ] {
            assert!(of(codecs.clone()).is_err_and(|e| e.kind == kind), "{codecs}");
        }
    }

    #[test]
    fn names_of_chunks() {
        let of = |value: Value| keys(&json::part::<Named>(&value).expect("a name"));
        assert_eq!(of(json!("default")).expect("known"), Keys { prefix: true, separator: '/' });
        assert_eq!(of(json!({"name": "v2"})).expect("known"), Keys { prefix: false, separator: '.' });
        let dots = json!({"name": "default", "configuration": {"separator": "."}});
        assert_eq!(of(dots).expect("known"), Keys { prefix: true, separator: '.' });
        let other = json!({"name": "default", "configuration": {"separator": "../"}});
        assert!(of(other).is_err() && of(json!("suffix")).is_err());
    }
}
