"""What the makers of the corpus share: samples, hashes, and the manifest with a line of JSON for each file.

A line says what must be found in a file: shape `t z c y x`, type, SHA-256 of the samples in that order with the lowest byte
first, calibration, names, smaller copies; or the kind of error that reading must end with.
"""

import hashlib
import json
from pathlib import Path

import numpy as np

ROOT = Path(__file__).resolve().parents[2]
# Odd sizes, so that strips, tiles and chunks end beyond the image.
HEIGHT, WIDTH = 29, 37
AXES = "TZCYX"
# One length for each axis, none like another.
LENGTHS = {"T": 2, "Z": 4, "C": 3, "Y": HEIGHT, "X": WIDTH, "S": 3}
# Of OME-TIFFs, so that they are the same each time.
UUID = "urn:uuid:00000000-0000-4000-8000-000000000000"
TYPES = {"b": "U8", "u1": "U8", "u2": "U16", "u4": "U32", "u8": "U64", "i1": "I8", "i2": "I16", "i4": "I32", "i8": "I64",
         "f2": "F32", "f4": "F32", "f8": "F64"}


def shape_of(axes):
    """Lengths of these axes."""
    return tuple(LENGTHS[axis] for axis in axes.upper())


def samples(shape, dtype, largest=None):
    """Numbers over the whole range of a type, or up to `largest`, its ends among them; floats with fractions, signs and what
    is no number."""
    dtype = np.dtype(dtype)
    if largest is not None and dtype.kind == "f":
        return samples(shape, "u8", largest).astype(dtype)
    count = int(np.prod(shape))
    scattered = (np.arange(count, dtype=np.uint64) + 1) * np.uint64(0x9E3779B97F4A7C15)
    if dtype.kind == "f":
        values = (scattered >> np.uint64(40)).astype("f8") / 2048 - 4000
        special = [np.inf, -np.inf, np.nan, -0.0, np.finfo(dtype).tiny / 4, np.finfo(dtype).max]
        values[: min(count, len(special))] = special[: min(count, len(special))]
        return values.astype(dtype).reshape(shape)
    if dtype.kind == "b":
        return (scattered >> np.uint64(63)).astype(bool).reshape(shape)
    if largest is None:
        info = np.iinfo(dtype)
        ends = [int(info.min), int(info.max)]
        unsigned = (scattered >> np.uint64(64 - info.bits)).astype(f"u{dtype.itemsize}")
        values = unsigned.view(f"{dtype.kind}{dtype.itemsize}")
    else:
        ends = [0, largest]
        values = (scattered % np.uint64(largest + 1)).astype(f"{dtype.kind}{dtype.itemsize}")
    values[: min(count, 2)] = ends[: min(count, 2)]
    return values.astype(dtype).reshape(shape)


def smooth(shape):
    """A soft pattern of 8 bits, which JPEG changes little."""
    y, x = np.mgrid[0 : shape[0], 0 : shape[1]]
    channels = [128 + 90 * np.sin(x / (9 + c)) * np.cos(y / (11 - c)) for c in range(shape[2] if len(shape) > 2 else 1)]
    planes = np.stack(channels, axis=-1).round().astype(np.uint8)
    return planes if len(shape) > 2 else planes[..., 0]


def ordered(array, axes):
    """The array in order `t z c y x`; samples of colours (S) are channels, within those of C."""
    axes = axes.upper()
    order = [axes.index(axis) for axis in "TZCSYX" if axis in axes]
    array = np.transpose(array, order)
    lengths = dict(zip(sorted(axes, key="TZCSYX".index), array.shape))
    shape = [lengths.get("T", 1), lengths.get("Z", 1), lengths.get("C", 1) * lengths.get("S", 1), lengths["Y"], lengths["X"]]
    return array.reshape(shape)


def as_read(array):
    """16-bit floats are read as 32-bit ones, truth as numbers."""
    if array.dtype.kind == "b":
        return array.astype("u1")
    return array.astype("f4") if array.dtype.kind == "f" and array.dtype.itemsize == 2 else array


def hashed(array):
    """SHA-256 of the samples, the lowest byte of each first."""
    return hashlib.sha256(np.ascontiguousarray(array.astype(array.dtype.newbyteorder("<"))).tobytes()).hexdigest()


class Corpus:
    """A folder of files and what must be found in them."""

    def __init__(self, folder):
        self.folder = folder
        self.lines = []

    def path(self, file):
        """Where a file of the corpus goes."""
        path = self.folder / file
        path.parent.mkdir(parents=True, exist_ok=True)
        return path

    def image(self, file, kind, made, array, axes, *, rgb=False, levels=(), within=None, **more):
        """An image: its array, whose axes have these letters. `levels` are its smaller copies with the same axes."""
        array = ordered(as_read(array), axes)
        line = {"shape": list(array.shape), "type": TYPES[array.dtype.str[1:]], "rgb": rgb, "sha256": hashed(array)}
        smaller = [ordered(as_read(level), axes) for level in levels]
        line["levels"] = [{"y": level.shape[3], "x": level.shape[4], "sha256": hashed(level)} for level in smaller]
        if within is not None:
            beside = f"{file}.samples"
            self.path(beside).write_bytes(array.tobytes())
            line["near"] = {"samples": beside, "within": within}
        self.add(file, kind, made, **line, **more)

    def labels(self, file, kind, made, array, axes, **more):
        """Labels: whole numbers with these axes."""
        array = ordered(array, axes)
        self.add(file, kind, made, reads="labels", shape=list(array.shape), sha256=hashed(array.astype("u4")), **more)

    def error(self, file, kind, made, error, **more):
        """A file that cannot be read, and the kind of error that says so."""
        self.add(file, kind, made, error=error, **more)

    def add(self, file, kind, made, **line):
        """Any line."""
        self.lines.append({"file": file, "format": kind, "made": made, **line})

    def write(self):
        """Writes the manifest, when all files are there."""
        files = [line["file"] + line.get("reads", "image") for line in self.lines]
        assert len(set(files)) == len(files), "two lines for one file"
        text = "".join(json.dumps(line) + "\n" for line in self.lines)
        (self.folder / "manifest.jsonl").write_text(text)
