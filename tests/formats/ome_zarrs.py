"""OME-Zarr folders of versions 0.4 and 0.5, by zarr and by ome-zarr."""

import json
import logging
import shutil
import warnings

import numcodecs
import numpy as np
import zarr
from ome_zarr.format import FormatV04, FormatV05
from ome_zarr.writer import write_labels, write_multiscale
from zarr.codecs import BloscCodec, BytesCodec, Crc32cCodec, GzipCodec, TransposeCodec, ZstdCodec

from corpus import samples

SIZES = {"t": 2, "c": 3, "z": 4, "y": 29, "x": 37}
CHUNKS = {"t": 1, "c": 2, "z": 3, "y": 16, "x": 20}
AXES = ["yx", "zyx", "cyx", "tyx", "czyx", "tzyx", "tcyx", "tczyx"]
TYPES = ["b1", "u1", "<u2", ">u2", "<u4", "<u8", "i1", "<i2", "<i4", ">i8", "<f2", "<f4", ">f4", "<f8"]


def make(corpus):
    warnings.simplefilter("ignore")
    logging.getLogger("ome_zarr").setLevel(logging.ERROR)
    version_2(corpus)
    version_3(corpus)
    fillings(corpus)
    calibrations(corpus)
    by_ome_zarr(corpus)
    errors(corpus)


def described(axes, units=None):
    kinds = {"t": "time", "c": "channel"}
    units = units or {}
    return [{"name": axis, "type": kinds.get(axis, "space"), **({"unit": units[axis]} if axis in units else {})} for axis in axes]


def multiscales(axes, scales, units=None, *, version="0.4", common=None):
    """One entry for each level's scale."""
    levels = [{"path": str(number), "coordinateTransformations": [{"type": "scale", "scale": scale}]}
              for number, scale in enumerate(scales)]
    one = {"axes": described(axes, units), "datasets": levels, "name": "image"}
    if version == "0.4":
        one["version"] = version
    if common:
        one["coordinateTransformations"] = [{"type": "scale", "scale": common}]
    return [one]


def group(path, version, attributes):
    """A group with what OME-Zarr says of it."""
    path.mkdir(parents=True, exist_ok=True)
    if version == "0.4":
        (path / ".zgroup").write_text(json.dumps({"zarr_format": 2}))
        (path / ".zattrs").write_text(json.dumps(attributes))
    else:
        whole = {"zarr_format": 3, "node_type": "group", "attributes": {"ome": {"version": version, **attributes}}}
        (path / "zarr.json").write_text(json.dumps(whole))


def fresh(corpus, name):
    path = corpus.path(f"zarr/{name}.zarr")
    shutil.rmtree(path, ignore_errors=True)
    return path


def save(corpus, name, made, axes, dtype, version, *, attributes=None, expect=None, holes=False, **options):
    path = fresh(corpus, name)
    array = samples([SIZES[axis] for axis in axes], np.dtype(dtype))
    options.setdefault("chunks", tuple(CHUNKS[axis] for axis in axes))
    options.setdefault("fill_value", 0)
    format_ = 2 if version == "0.4" else 3
    stored = zarr.create_array(path / "0", shape=array.shape, dtype=array.dtype, zarr_format=format_, **options)
    if holes:
        # Chunks that are not there are full of the fill value.
        half = tuple(slice(0, max(1, size // 2)) for size in options.get("shards", options["chunks"]))
        stored[half] = array[half]
        array = stored[...]
    else:
        stored[...] = array
    group(path, version, attributes or {"multiscales": multiscales(axes, [[1.0] * len(axes)], version=version)})
    corpus.image(f"zarr/{name}.zarr", f"OME-Zarr {version}", f"zarr: {made}", np.asarray(array), axes, **(expect or {}))


def version_2(corpus):
    compressors = {"none": None, "zlib": numcodecs.Zlib(1), "gzip": numcodecs.GZip(5), "zstd": numcodecs.Zstd(3),
                   "lz4": numcodecs.LZ4()}
    for name in ("blosclz", "lz4", "lz4hc", "zlib", "zstd"):
        for shuffle in (0, 1, 2):
            compressors[f"blosc_{name}_{shuffle}"] = numcodecs.Blosc(cname=name, clevel=5, shuffle=shuffle)
    number = 0
    for name, compressor in compressors.items():
        for dtype in (TYPES[number % 14], TYPES[(number + 5) % 14]):
            axes = AXES[number % 8]
            number += 3
            keys = {"name": "v2", "separator": "/." [number % 2]}
            order = "CF"[number % 3 == 0]
            save(corpus, f"v2_{name}_{np.dtype(dtype).str[1:]}_{axes}_{number}", f"{name}, {dtype}, order {order}", axes, dtype,
                 "0.4", compressors=compressor, order=order, chunk_key_encoding=keys)
    for number, dtype in enumerate(TYPES):
        save(corpus, f"v2_type_{number}", dtype, AXES[number % 8], dtype, "0.4", compressors=numcodecs.Zstd(1))


def version_3(corpus):
    codecs = {"none": None, "gzip": GzipCodec(level=5), "zstd": ZstdCodec(level=3), "zstd_sum": ZstdCodec(level=1, checksum=True),
              "crc32c": Crc32cCodec()}
    for name in ("blosclz", "lz4", "lz4hc", "zlib", "zstd"):
        for shuffle in ("noshuffle", "shuffle", "bitshuffle"):
            codecs[f"blosc_{name}_{shuffle}"] = BloscCodec(cname=name, clevel=5, shuffle=shuffle, typesize=4)
    types = [dtype.strip("<>") for dtype in TYPES if not dtype.startswith(">")]
    number = 0
    for name, codec in codecs.items():
        for dtype in (types[number % 11], types[(number + 4) % 11]):
            axes = AXES[number % 8]
            number += 3
            options = {"compressors": codec}
            if number % 2:
                options["filters"] = [TransposeCodec(order=tuple(np.roll(range(len(axes)), number % 5).tolist()))]
            if number % 4 == 0 and np.dtype(dtype).itemsize > 1:
                options["serializer"] = BytesCodec(endian="big")
            keys = {"name": "default", "separator": "/"} if number % 3 else {"name": "v2", "separator": "."}
            save(corpus, f"v3_{name}_{dtype}_{axes}_{number}", f"{name}, {dtype}", axes, dtype, "0.5", chunk_key_encoding=keys,
                 **options)
    for number, dtype in enumerate(types):
        axes = AXES[number % 8]
        codec = list(codecs.values())[number % 5]
        shards = tuple(2 * CHUNKS[axis] for axis in axes)
        save(corpus, f"v3_shards_{dtype}_{axes}", f"shards, {dtype}", axes, dtype, "0.5", compressors=codec, shards=shards)
        inner = {"shape": shards, "index_location": "start"}
        save(corpus, f"v3_shards_start_{dtype}_{axes}", f"shards with their index first, {dtype}", axes, dtype, "0.5",
             compressors=codec, shards=inner)


def fillings(corpus):
    for number, (dtype, value) in enumerate((("b1", True), ("u1", 7), ("<u2", 300), ("<i4", -3), ("<f4", np.nan), ("<f8", -1.5))):
        for version in ("0.4", "0.5"):
            save(corpus, f"fill_{version}_{number}", f"filled with {value}", AXES[number + 1], dtype, version, fill_value=value,
                 holes=True)
    save(corpus, "fill_shards", "shards that are missing", "czyx", "<u2", "0.5", fill_value=9, holes=True, shards=(2, 6, 16, 20),
         chunks=(1, 3, 8, 10))


def calibrations(corpus):
    lengths = [("micrometer", "µm"), ("nanometer", "nm"), ("millimeter", "mm"), ("centimeter", "cm"), ("meter", "m"),
               ("angstrom", "Å")]
    for version in ("0.4", "0.5"):
        for unit, found in lengths:
            scales = multiscales("zyx", [[1.5, 0.65, 0.325]], dict.fromkeys("zyx", unit), version=version)
            save(corpus, f"unit_{version}_{unit}", unit, "zyx", "u1", version, attributes={"multiscales": scales},
                 expect={"calibration": {"x": 0.325, "y": 0.65, "z": 1.5, "unit": found}})
        units = {"t": "millisecond", "z": "nanometer", "y": "micrometer", "x": "micrometer"}
        scales = multiscales("tzyx", [[500.0, 1500.0, 0.65, 0.325]], units, version=version)
        save(corpus, f"unit_{version}_mixed", "several units", "tzyx", "u1", version, attributes={"multiscales": scales},
             expect={"calibration": {"x": 0.325, "y": 0.65, "z": 1.5, "unit": "µm", "frame_interval": 0.5}})
        scales = multiscales("tyx", [[1.0, 2.0, 2.0]], {"t": "second", "y": "micrometer", "x": "micrometer"}, version=version,
                             common=[3.0, 0.5, 0.25])
        save(corpus, f"unit_{version}_common", "a scale in common", "tyx", "u2", version, attributes={"multiscales": scales},
             expect={"calibration": {"x": 0.5, "y": 1.0, "unit": "µm", "frame_interval": 3.0}})
        window = {"start": 0, "end": 9, "min": 0, "max": 9}
        channels = [{"label": name, "color": "FF0000", "window": window} for name in ("DAPI", "α", "c")]
        named = {"multiscales": multiscales("cyx", [[1.0] * 3], version=version), "omero": {"channels": channels}}
        save(corpus, f"names_{version}", "channel names", "cyx", "u2", version, attributes=named,
             expect={"channel_names": ["DAPI", "α", "c"]})


def by_ome_zarr(corpus):
    """Pyramids, and labels in the folder of their image."""
    for version, format_ in (("0.4", FormatV04()), ("0.5", FormatV05())):
        for axes, dtype in (("yx", "u1"), ("zyx", "u2"), ("czyx", "f4"), ("tczyx", "u2")):
            path = fresh(corpus, f"pyramid_{version}_{axes}")
            lengths = {"t": 2, "c": 2, "z": 2, "y": 101, "x": 77}
            array = samples([lengths[axis] for axis in axes], dtype)
            levels = [array, np.ascontiguousarray(array[..., ::2, ::2]), np.ascontiguousarray(array[..., ::4, ::4])]
            root = zarr.open_group(path, mode="w", zarr_format=format_.zarr_format)
            units = {axis: "micrometer" for axis in axes if axis in "zyx"}
            scale = {"t": 1.0, "c": 1.0, "z": 2.0, "y": 0.5, "x": 0.25}
            transformations = [[{"type": "scale", "scale": [scale[axis] * (1 << level if axis in "yx" else 1) for axis in axes]}]
                               for level in range(3)]
            write_multiscale(levels, root, axes=described(axes, units), fmt=format_, coordinate_transformations=transformations,
                             storage_options={"chunks": tuple(min(size, 40) for size in array.shape)})
            calibration = {"x": 0.25, "y": 0.5, "unit": "µm", **({"z": 2.0} if "z" in axes else {})}
            corpus.image(f"zarr/pyramid_{version}_{axes}.zarr", f"OME-Zarr {version}", "ome-zarr: a pyramid", array, axes,
                         levels=levels[1:], calibration=calibration)
        path = fresh(corpus, f"with_labels_{version}")
        root = zarr.open_group(path, mode="w", zarr_format=format_.zarr_format)
        image, labels = samples((64, 80), "u2"), samples((64, 80), "u4", 70000)
        write_multiscale([image], root, axes="yx", fmt=format_)
        write_labels(labels, root, name="cells", axes="yx", fmt=format_, scale_factors=[])
        corpus.image(f"zarr/with_labels_{version}.zarr", f"OME-Zarr {version}", "ome-zarr: an image with labels", image, "yx")
        corpus.labels(f"zarr/with_labels_{version}.zarr/labels/cells", "label images", "ome-zarr", labels, "yx")


def errors(corpus):
    kind = "OME-Zarr that is refused"
    path = fresh(corpus, "array")
    zarr.create_array(path, shape=(4, 4), dtype="u1", zarr_format=2)
    corpus.error("zarr/array.zarr", kind, "an array without metadata", "unsupported")
    for name, attributes, error in (
        ("plate", {"plate": {"wells": []}}, "unsupported"),
        ("old", {"multiscales": [{"version": "0.3", "axes": ["y", "x"], "datasets": [{"path": "0"}]}]}, "unsupported"),
        ("nothing", {}, "unreadable-image"),
        ("no_array", {"multiscales": multiscales("yx", [[1.0, 1.0]])}, "unreadable-image"),
        ("axis", {"multiscales": multiscales("pyx", [[1.0] * 3])}, "unsupported"),
    ):
        group(fresh(corpus, name), "0.4", attributes)
        corpus.error(f"zarr/{name}.zarr", kind, "metadata alone", error)
    path = fresh(corpus, "damaged")
    stored = zarr.create_array(path / "0", shape=(4, 4), dtype="u1", zarr_format=2, compressors=numcodecs.Zlib(1))
    stored[...] = 1
    group(path, "0.4", {"multiscales": multiscales("yx", [[1.0, 1.0]])})
    (path / "0" / "0.0").write_bytes(b"no zlib")
    corpus.error("zarr/damaged.zarr", kind, "a damaged chunk", "unreadable-image")
