"""Seeds of OME-Zarr folders."""

import json
import pathlib
import tempfile

import numcodecs
import zarr
from zarr.codecs import BloscCodec, BytesCodec, Crc32cCodec, GzipCodec, TransposeCodec, ZstdCodec

from common import CORPUS, MARK, files, grid, keep


def packed_folder(folder):
    named = [(str(path.relative_to(folder)), path.read_bytes()) for path in sorted(folder.rglob("*")) if path.is_file()]
    return files(named)


def multiscales(version, names, paths):
    kinds = {"t": "time", "c": "channel"}
    axes = [
        {"name": name, "type": kinds.get(name, "space"), **({"unit": "micrometer"} if name in "zyx" else {})} for name in names
    ]
    scale = lambda level: [0.5 * 2**level if name in "yx" else 1.0 for name in names]
    datasets = [
        {"path": path, "coordinateTransformations": [{"type": "scale", "scale": scale(i)}]} for i, path in enumerate(paths)
    ]
    return [{"version": version, "name": "a", "axes": axes, "datasets": datasets}]


def write_zarr():
    omero = {
        "channels": [{"label": "a", "color": "FF0000", "window": {"start": 0, "end": 9, "min": 0, "max": 255}, "active": True}]
        * 2
    }

    def save(name, zarr_format, names, data, attributes=None, **options):
        with tempfile.TemporaryDirectory() as place:
            folder = pathlib.Path(place) / "a.zarr"
            group = zarr.create_group(store=str(folder), zarr_format=zarr_format)
            for level, path in enumerate(["0", "1"]):
                part = data[..., :: 2**level, :: 2**level]
                chunks = tuple(min(4, side) for side in part.shape)
                group.create_array(path, data=part, **{"chunks": chunks, "fill_value": 3, **options})
            said = {"multiscales": multiscales("0.4" if zarr_format == 2 else "0.5", names, ["0", "1"]), **(attributes or {})}
            group.attrs.update(said if zarr_format == 2 else {"ome": {"version": "0.5", **said}})
            keep("zarr", name, packed_folder(folder))

    data = grid("u2", 2, 6, 7)
    slashes = {"name": "v2", "separator": "/"}
    for name, codec in {
        "v2-plain": None,
        "v2-zlib": numcodecs.Zlib(1),
        "v2-gzip": numcodecs.GZip(1),
        "v2-lz4": numcodecs.LZ4(),
        "v2-zstd": numcodecs.Zstd(1),
        "v2-blosc-lz4": numcodecs.Blosc("lz4", 5, numcodecs.Blosc.SHUFFLE),
        "v2-blosc-blosclz": numcodecs.Blosc("blosclz", 5, numcodecs.Blosc.BITSHUFFLE),
        "v2-blosc-zlib": numcodecs.Blosc("zlib", 5, numcodecs.Blosc.NOSHUFFLE),
        "v2-blosc-zstd": numcodecs.Blosc("zstd", 5, numcodecs.Blosc.SHUFFLE),
    }.items():
        save(name, 2, "cyx", data, {"omero": omero}, compressors=codec, chunk_key_encoding=slashes)
    save("v2-columns", 2, "zyx", grid(">i4", 2, 5, 4), compressors=None, order="F")
    save("v2-bool", 2, "yx", grid("?", 5, 4), {"image-label": {"version": "0.4"}}, compressors=None, fill_value=True)
    for name, codecs in {
        "v3-plain": {"compressors": None},
        "v3-gzip": {"compressors": GzipCodec(level=1)},
        "v3-zstd": {"compressors": [ZstdCodec(level=1), Crc32cCodec()]},
        "v3-blosc": {"compressors": BloscCodec(cname="lz4", shuffle="shuffle", typesize=2)},
        "v3-transposed": {
            "filters": TransposeCodec(order=(2, 0, 1)),
            "serializer": BytesCodec(endian="big"),
            "compressors": None,
        },
        "v3-shards": {"shards": (2, 8, 8), "chunks": (1, 4, 4), "compressors": ZstdCodec(level=1)},
    }.items():
        save(name, 3, "cyx", data, {"omero": omero}, **codecs)
    save("v3-float", 3, "tczyx", grid("f2", 1, 2, 1, 4, 5), compressors=None, fill_value=float("nan"))
    start = {
        "zarr.json": json.dumps(
            {"zarr_format": 3, "node_type": "group", "attributes": {"ome": {"version": "0.5", "bioformats2raw.layout": 3}}}
        ),
        "OME/zarr.json": json.dumps(
            {"zarr_format": 3, "node_type": "group", "attributes": {"ome": {"version": "0.5", "series": ["0", "1"]}}}
        ),
    }
    inner = (CORPUS / "zarr/seed-v3-plain").read_bytes().replace(MARK, MARK + b"0/")
    keep("zarr", "series", files([(name, text.encode()) for name, text in start.items()]) + inner)


if __name__ == "__main__":
    write_zarr()
