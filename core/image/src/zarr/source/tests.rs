use std::fs;

use proptest::prelude::*;
use serde_json::{Value, json};
use tempfile::TempDir;

use super::*;
use crate::zarr::crc32c::crc32c;
use crate::zarr::place::cells;
use crate::{PixelType, Pixels};

fn put(folder: &TempDir, path: &str, content: impl AsRef<[u8]>) {
    let path = folder.path().join(path);
    fs::create_dir_all(path.parent().expect("a parent")).expect("made");
    fs::write(path, content).expect("written");
}

fn axes(names: &str) -> Value {
    let kind = |name| match name {
        't' => "time",
        'c' => "channel",
        _ => "space",
    };
    names.chars().map(|name| json!({"name": name, "type": kind(name)})).collect()
}

fn multiscales(names: &str, paths: &[&str]) -> Value {
    let datasets: Vec<Value> = paths.iter().map(|path| json!({"path": path})).collect();
    json!([{"version": "0.4", "axes": axes(names), "datasets": datasets}])
}

fn zarray(shape: &[usize], chunks: &[usize], dtype: &str) -> Value {
    json!({
        "zarr_format": 2, "shape": shape, "chunks": chunks, "dtype": dtype, "compressor": null, "fill_value": 0, "order": "C",
        "filters": null,
    })
}

fn v3_array(shape: &[usize], chunks: &[usize], data_type: &str, codecs: Value) -> Value {
    json!({
        "zarr_format": 3, "node_type": "array", "shape": shape, "data_type": data_type, "fill_value": 7,
        "chunk_grid": {"name": "regular", "configuration": {"chunk_shape": chunks}},
        "chunk_key_encoding": {"name": "default", "configuration": {"separator": "/"}},
        "codecs": codecs, "attributes": {},
    })
}

fn v3_group(ome: Value) -> String {
    json!({"zarr_format": 3, "node_type": "group", "attributes": {"ome": ome}}).to_string()
}

/// A picture of 3 x 5 numbers of 16 bits, the highest byte first, in chunks of 2 x 3, of which the last is not there.
fn small() -> TempDir {
    let folder = tempfile::tempdir().expect("a folder");
    put(&folder, ".zattrs", json!({"multiscales": multiscales("yx", &["0"])}).to_string());
    let mut array = zarray(&[3, 5], &[2, 3], ">u2");
    array["fill_value"] = json!(300);
    put(&folder, "0/.zarray", array.to_string());
    let chunk = |numbers: [u16; 6]| numbers.map(u16::to_be_bytes).concat();
    put(&folder, "0/0.0", chunk([0, 1, 2, 10, 11, 12]));
    put(&folder, "0/0.1", chunk([3, 4, 99, 13, 14, 99]));
    put(&folder, "0/1.0", chunk([20, 21, 22, 99, 99, 99]));
    folder
}

fn open(folder: &TempDir) -> Result<ZarrSource> {
    ZarrSource::open(folder.path(), &Limits::default())
}

#[test]
fn chunks_of_version_2() {
    let folder = small();
    let source = open(&folder).expect("an image");
    let info = source.info().clone();
    assert_eq!((info.shape, info.pixel_type, info.levels.len()), (Shape::plane(1, 3, 5), PixelType::U16, 1));
    let image = source.image().expect("all");
    assert_eq!(image.pixels, Pixels::U16(vec![0, 1, 2, 3, 4, 10, 11, 12, 13, 14, 20, 21, 22, 300, 300]));
    let region = Region::whole(info.shape).rectangle(1..3, 2..4);
    assert_eq!(source.read(0, &region).expect("a part"), Pixels::U16(vec![12, 13, 22, 300]));
    assert!(source.read(1, &region).is_err_and(|e| e.kind == ErrorKind::InvalidRequest));
    assert!(source.read(0, &region.rectangle(1..4, 2..4)).is_err_and(|e| e.kind == ErrorKind::InvalidRequest));
    assert!(is_zarr(folder.path()) && !is_zarr(&folder.path().join("1")));
}

#[test]
fn levels_with_other_planes_are_left_out() {
    let folder = tempfile::tempdir().expect("a folder");
    put(&folder, ".zattrs", json!({"multiscales": multiscales("zyx", &["0", "a/1", "2", "3", "4"])}).to_string());
    put(&folder, "0/.zarray", zarray(&[4, 8, 9], &[1, 8, 9], "|u1").to_string());
    put(&folder, "a/1/.zarray", zarray(&[4, 4, 5], &[1, 8, 9], "|u1").to_string());
    put(&folder, "2/.zarray", zarray(&[2, 2, 3], &[1, 8, 9], "|u1").to_string());
    put(&folder, "3/.zarray", zarray(&[4, 2, 3], &[1, 8, 9], "|u2").to_string());
    put(&folder, "4/.zarray", zarray(&[4, 2, 3], &[1, 8, 9], "|u1").to_string());
    let source = open(&folder).expect("an image");
    assert_eq!(source.info().levels, [(8, 9), (4, 5), (2, 3)]);
    let region = Region::whole(source.info().level(2));
    assert_eq!(source.read(2, &region).expect("missing chunks"), Pixels::U8(vec![0; 24]));
    fs::remove_dir_all(folder.path().join("4")).expect("removed");
    assert!(open(&folder).is_err_and(|e| e.kind == ErrorKind::UnreadableImage && e.to_string().contains("missing")));
}

#[test]
fn shards_of_version_3() {
    let folder = tempfile::tempdir().expect("a folder");
    let omero = json!({"channels": [{"label": "DAPI"}, {"label": "GFP"}]});
    put(&folder, "zarr.json", v3_group(json!({"version": "0.5", "multiscales": multiscales("cyx", &["0"]), "omero": omero})));
    let little = json!({"name": "bytes", "configuration": {"endian": "little"}});
    let inner = json!([{"name": "transpose", "configuration": {"order": [2, 0, 1]}}, little]);
    let sharding = json!({"chunk_shape": [1, 2, 2], "codecs": inner, "index_codecs": [little, {"name": "crc32c"}]});
    let codecs = json!([{"name": "sharding_indexed", "configuration": sharding}]);
    put(&folder, "0/zarr.json", v3_array(&[2, 4, 2], &[2, 4, 2], "int16", codecs).to_string());
    // Chunks (0, 1, 0) and (1, 0, 0) are there; their columns lie one after another.
    let numbers: Vec<u8> = [1_i16, 3, -2, 4, 10, 30, 20, 40].iter().flat_map(|number| number.to_le_bytes()).collect();
    let nothing = [u64::MAX; 2];
    let index: Vec<u8> = [nothing, [0, 8], [8, 8], nothing].iter().flatten().flat_map(|number| number.to_le_bytes()).collect();
    let shard = [&numbers[..], &index, &crc32c(&index).to_le_bytes()].concat();
    put(&folder, "0/c/0/0/0", &shard);
    let source = open(&folder).expect("an image");
    assert_eq!(source.info().channel_names, ["DAPI", "GFP"]);
    let all = vec![7, 7, 7, 7, 1, -2, 3, 4, 10, 20, 30, 40, 7, 7, 7, 7];
    assert_eq!(source.image().expect("all").pixels, Pixels::I16(all));
    let region = Region { c: 1..2, ..Region::whole(source.info().shape) }.rectangle(1..3, 1..2);
    assert_eq!(source.read(0, &region).expect("a part"), Pixels::I16(vec![40, 7]));
    for (bad, why) in [(&shard[..shard.len() - 1], "cut short"), (&shard[..20], "no index"), (&[][..], "empty")] {
        put(&folder, "0/c/0/0/0", bad);
        assert!(source.image().is_err_and(|e| e.kind == ErrorKind::UnreadableImage), "{why}");
    }
}

#[test]
fn the_first_of_several_images() {
    let folder = tempfile::tempdir().expect("a folder");
    put(&folder, ".zattrs", r#"{"bioformats2raw.layout": 3}"#);
    for number in 0..3 {
        put(&folder, &format!("{number}/.zattrs"), json!({"multiscales": multiscales("yx", &["0"])}).to_string());
        put(&folder, &format!("{number}/0/.zarray"), zarray(&[2, 3 + number], &[2, 9], "|b1").to_string());
    }
    put(&folder, "1/0/0.0", [0, 1, 0, 1, 9, 9, 9, 9, 9, 1, 1, 1, 0, 9, 9, 9, 9, 9]);
    let source = open(&folder).expect("the first");
    assert_eq!((source.series(), source.info().shape.x), (3, 3));
    put(&folder, "OME/.zattrs", r#"{"series": ["1", "0"]}"#);
    let source = open(&folder).expect("the first of the list");
    assert_eq!((source.series(), source.info().shape.x), (2, 4));
    assert_eq!(source.image().expect("bool").pixels, Pixels::U8(vec![0, 1, 0, 1, 1, 1, 1, 0]));
    for (series, kind) in [("../1", ErrorKind::Unsupported), ("4", ErrorKind::UnreadableImage)] {
        put(&folder, "OME/.zattrs", json!({"series": [series]}).to_string());
        assert!(open(&folder).is_err_and(|e| e.kind == kind), "{series}");
    }
}

#[test]
fn folders_of_something_else() {
    for (file, content, kind, says) in [
        (".zattrs", json!({"plate": {"wells": []}}), ErrorKind::Unsupported, "plate"),
        (".zattrs", json!({"well": {}}), ErrorKind::Unsupported, "well"),
        (".zattrs", json!({"labels": ["cells"]}), ErrorKind::Unsupported, "cells"),
        (".zattrs", json!({}), ErrorKind::UnreadableImage, "no OME-Zarr"),
        (".zattrs", json!({"multiscales": []}), ErrorKind::UnreadableImage, "no levels"),
        (".zattrs", json!({"multiscales": [{"version": "0.1", "datasets": []}]}), ErrorKind::Unsupported, "0.1"),
        (".zattrs", json!([1]), ErrorKind::UnreadableImage, "damaged"),
        (".zgroup", json!({"zarr_format": 2}), ErrorKind::UnreadableImage, "no OME-Zarr"),
        (".zarray", zarray(&[1, 1], &[1, 1], "|u1"), ErrorKind::Unsupported, "array"),
        ("zarr.json", v3_array(&[1, 1], &[1, 1], "uint8", json!([])), ErrorKind::Unsupported, "array"),
        ("zarr.json", json!({"zarr_format": 3, "node_type": "group"}), ErrorKind::UnreadableImage, "no OME-Zarr"),
        ("other", json!({}), ErrorKind::UnreadableImage, "not an OME-Zarr"),
    ] {
        let folder = tempfile::tempdir().expect("a folder");
        put(&folder, file, content.to_string());
        let error = open(&folder).expect_err("no image");
        assert!(error.kind == kind && error.to_string().contains(says) && error.to_string().contains("file: "), "{error}");
    }
    assert!(ZarrSource::open(Path::new("none.zarr"), &Limits::default()).is_err_and(|e| e.kind == ErrorKind::NotFound));
    let file = tempfile::NamedTempFile::new().expect("a file");
    let error = ZarrSource::open(file.path(), &Limits::default()).expect_err("a file");
    assert!(error.kind == ErrorKind::UnreadableImage && error.to_string().contains("not the folder"), "{error}");
}

#[test]
fn absurd_claims_are_refused() {
    let (huge, limits) = (u64::MAX, Limits { side: 1000, bytes: 4000, pages: 10, ..Limits::default() });
    for (key, value, kind) in [
        ("shape", json!([3, 1001]), ErrorKind::LimitExceeded),
        ("shape", json!([huge, huge]), ErrorKind::LimitExceeded),
        ("shape", json!([3]), ErrorKind::UnreadableImage),
        ("shape", json!([3, 5, 1]), ErrorKind::UnreadableImage),
        ("shape", json!([3, 0]), ErrorKind::UnreadableImage),
        ("shape", json!([3, -5]), ErrorKind::UnreadableImage),
        ("shape", json!([3, 5.5]), ErrorKind::UnreadableImage),
        ("chunks", json!([0, 3]), ErrorKind::UnreadableImage),
        ("chunks", json!([3]), ErrorKind::UnreadableImage),
        ("chunks", json!([huge, 3]), ErrorKind::LimitExceeded),
        ("chunks", json!([1000, 3]), ErrorKind::LimitExceeded),
        ("dtype", json!("|S9"), ErrorKind::Unsupported),
        ("dtype", json!([["r", "|u1"]]), ErrorKind::Unsupported),
        ("order", json!("D"), ErrorKind::UnreadableImage),
        ("fill_value", json!(70_000), ErrorKind::UnreadableImage),
        ("compressor", json!({"id": "lzma"}), ErrorKind::Unsupported),
        ("compressor", json!("zlib"), ErrorKind::UnreadableImage),
        ("filters", json!([{"id": "delta"}]), ErrorKind::Unsupported),
        ("dimension_separator", json!("/../"), ErrorKind::UnreadableImage),
        ("zarr_format", json!(3), ErrorKind::Unsupported),
    ] {
        let folder = small();
        let mut array = zarray(&[3, 5], &[2, 3], ">u2");
        array[key] = value.clone();
        put(&folder, "0/.zarray", array.to_string());
        let error = ZarrSource::open(folder.path(), &limits).expect_err("absurd");
        assert!(error.kind == kind && error.context.iter().any(|(name, _)| name == "file"), "{key} {value}: {error}");
    }
    for path in ["../other", "/0", "", "0/..", "C:0"] {
        let folder = small();
        put(&folder, ".zattrs", json!({"multiscales": multiscales("yx", &[path])}).to_string());
        assert!(open(&folder).is_err_and(|e| e.kind == ErrorKind::Unsupported), "{path}");
    }
}

#[test]
fn absurd_claims_of_version_3_are_refused() {
    let huge = u64::MAX;
    let bytes = json!({"name": "bytes"});
    let shards = |chunk: Value| {
        json!([{"name": "sharding_indexed", "configuration": {
            "chunk_shape": chunk, "codecs": [bytes], "index_codecs": [{"name": "bytes", "configuration": {"endian": "little"}}],
        }}])
    };
    for (key, value, kind) in [
        ("codecs", shards(json!([3, 2])), ErrorKind::UnreadableImage),
        ("codecs", shards(json!([4, huge])), ErrorKind::UnreadableImage),
        ("codecs", shards(json!([0, 4])), ErrorKind::UnreadableImage),
        ("codecs", json!(vec![bytes.clone(); 2]), ErrorKind::Unsupported),
        (
            "codecs",
            json!([bytes, "gzip", "gzip", "gzip", "gzip", "gzip", "gzip", "gzip", "gzip", "gzip"]),
            ErrorKind::Unsupported,
        ),
        ("chunk_grid", json!({"name": "rectilinear"}), ErrorKind::Unsupported),
        ("chunk_grid", json!({"name": "regular"}), ErrorKind::UnreadableImage),
        ("storage_transformers", json!([{"name": "x"}]), ErrorKind::Unsupported),
        ("node_type", json!("group"), ErrorKind::Unsupported),
        ("data_type", json!("string"), ErrorKind::Unsupported),
        ("fill_value", json!("AA=="), ErrorKind::UnreadableImage),
    ] {
        let folder = tempfile::tempdir().expect("a folder");
        put(&folder, "zarr.json", v3_group(json!({"multiscales": multiscales("yx", &["0"])})));
        let mut array = v3_array(&[4, 4], &[4, 4], "uint8", json!([bytes]));
        put(&folder, "0/zarr.json", array.to_string());
        open(&folder).expect("as it is");
        array[key] = value.clone();
        put(&folder, "0/zarr.json", array.to_string());
        let error = open(&folder).expect_err("absurd");
        assert_eq!(error.kind, kind, "{key} {value}: {error}");
    }
    let folder = tempfile::tempdir().expect("a folder");
    put(&folder, "zarr.json", v3_group(json!({"multiscales": multiscales("yx", &["0"])})));
    put(&folder, "0/zarr.json", v3_array(&[4, 4], &[1 << 20, 1 << 20], "uint8", shards(json!([1, 1]))).to_string());
    assert!(open(&folder).is_err_and(|e| e.kind == ErrorKind::LimitExceeded), "an index of 16 TB");
}

#[test]
fn chunks_that_are_not_what_they_should_be() {
    let folder = small();
    let source = open(&folder).expect("an image");
    for content in [vec![0; 11], vec![0; 13], Vec::new(), vec![0; 100_000]] {
        put(&folder, "0/0.1", content);
        let error = source.image().expect_err("another length");
        assert!(error.kind == ErrorKind::UnreadableImage && error.to_string().contains("0.1"), "{error}");
    }
    fs::remove_file(folder.path().join("0/0.1")).expect("removed");
    fs::create_dir(folder.path().join("0/0.1")).expect("made");
    assert!(source.image().is_err_and(|e| e.kind == ErrorKind::UnreadableImage), "a folder");
}

#[test]
fn parts_are_limited() {
    let folder = small();
    let open = |limits| ZarrSource::open(folder.path(), &limits).expect("an image");
    let all = Region::whole(Shape::plane(1, 3, 5));
    let few = open(Limits { bytes: 29, ..Limits::default() });
    assert!(few.read(0, &all).is_err_and(|e| e.kind == ErrorKind::LimitExceeded), "30 bytes");
    assert!(few.read(0, &all.clone().rectangle(0..3, 0..4)).is_ok());
    let few = open(Limits { pages: 3, ..Limits::default() });
    assert!(few.read(0, &all).is_err_and(|e| e.kind == ErrorKind::LimitExceeded), "4 chunks");
    assert!(few.read(0, &all.rectangle(0..3, 0..3)).is_ok());
}

/// The number at a place of an image of the property test.
fn number(cell: [usize; 5]) -> u16 {
    cell.iter().fold(1, |number, &at| number * 7 + at as u16)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn every_region_of_every_layout(
        names in prop::sample::select(vec!["tczyx", "tzcyx", "czyx", "tyx", "xy", "yxc", "zyx"]),
        extents in prop::array::uniform5(1_usize..5),
        chunk in prop::array::uniform5(1_usize..4),
        from in prop::array::uniform5(0.0_f64..1.0),
        to in prop::array::uniform5(0.0_f64..1.0),
        column_order: bool,
        dots: bool,
    ) {
        let axis = |name: char| "tzcyx".find(name).expect("an axis");
        let axes: Vec<usize> = names.chars().map(axis).collect();
        let mut shape = [1; 5];
        axes.iter().for_each(|&axis| shape[axis] = extents[axis]);
        let of_axes = |all: [usize; 5]| axes.iter().map(|&axis| all[axis]).collect::<Vec<_>>();
        let folder = tempfile::tempdir().expect("a folder");
        put(&folder, ".zattrs", json!({"multiscales": multiscales(names, &["0"])}).to_string());
        let mut array = zarray(&of_axes(shape), &of_axes(chunk), "<u2");
        array["order"] = json!(if column_order { "F" } else { "C" });
        array["dimension_separator"] = json!(if dots { "." } else { "/" });
        put(&folder, "0/.zarray", array.to_string());
        let mut order = axes.clone();
        if column_order {
            order.reverse();
        }
        let mut grid = [0..1, 0..1, 0..1, 0..1, 0..1];
        axes.iter().for_each(|&axis| grid[axis] = 0..shape[axis].div_ceil(chunk[axis]));
        for block in cells(grid) {
            let mut bytes = Vec::new();
            let length: usize = order.iter().map(|&axis| chunk[axis]).product();
            for mut rest in 0..length {
                let mut cell = [0; 5];
                for &axis in order.iter().rev() {
                    cell[axis] = block[axis] * chunk[axis] + rest % chunk[axis];
                    rest /= chunk[axis];
                }
                bytes.extend(number(cell).to_le_bytes());
            }
            let names: Vec<String> = axes.iter().map(|&axis| block[axis].to_string()).collect();
            put(&folder, &format!("0/{}", names.join(if dots { "." } else { "/" })), bytes);
        }
        let range = |axis: usize| {
            let start = (from[axis] * shape[axis] as f64) as usize;
            start..start + 1 + (to[axis] * (shape[axis] - start) as f64) as usize
        };
        let ranges = [range(0), range(1), range(2), range(3), range(4)];
        let [t, z, c, y, x] = ranges.clone();
        let pixels = open(&folder).expect("an image").read(0, &Region { t, z, c, y, x }).expect("a region");
        prop_assert_eq!(pixels, Pixels::U16(cells(ranges).map(number).collect()));
    }
}
