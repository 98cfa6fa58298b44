"""ImageJ's TIFF files, by tifffile; and ImageJ's own form of those over 4 GB, by hand."""

import struct

import numpy as np
import tifffile

from corpus import HEIGHT, LENGTHS, WIDTH, samples, shape_of
from drawn import expect
from outline_files import in_tiffs

KIND = "ImageJ TIFF"


def make(corpus):
    axes_and_types(corpus)
    calibrations(corpus)
    names_and_tables(corpus)
    one_entry(corpus)
    outlines(corpus)


def save(corpus, name, made, array, axes, *, order=">", found=None, **options):
    path = corpus.path(f"imagej/{name}.tif")
    metadata = {"axes": axes, **options.pop("metadata", {})}
    tifffile.imwrite(path, array, imagej=True, byteorder=order, metadata=metadata, **options)
    corpus.image(f"imagej/{name}.tif", KIND, f"tifffile: {made}", array, axes, rgb="S" in axes, **(found or {}))


def axes_and_types(corpus):
    number = 0
    for axes in ("YX", "ZYX", "TYX", "CYX", "TZYX", "TCYX", "ZCYX", "TZCYX"):
        for kind in ("u1", "u2", "f4"):
            order = "><"[number % 2]
            packed = "zlib" if number % 4 == 3 else None
            number += 1
            save(corpus, f"{axes}_{kind}", f"{axes}, {packed}", samples(shape_of(axes), kind), axes, order=order,
                 compression=packed)
    for axes in ("YXS", "ZYXS", "TYXS", "TZYXS"):
        save(corpus, f"{axes}_rgb", axes, samples(shape_of(axes), "u1"), axes, photometric="rgb")


def calibrations(corpus):
    """Sizes are the resolution; those in pixels, or without a unit, are none."""
    units = [("\\u00B5m", "µm"), ("um", "µm"), ("micron", "µm"), ("nm", "nm"), ("mm", "mm"), ("cm", "cm"), ("inch", "inch"),
             ("pixel", None), (None, None)]
    for number, (written, unit) in enumerate(units):
        calibration = {"x": 0.325, "y": 0.65, "z": 1.5, "unit": unit} if unit else {}
        more = {"unit": written} if written else {}
        array = samples((2, 3, HEIGHT, WIDTH), "u1")
        for order in "><":
            calibration = {**calibration, "frame_interval": 2.5}
            save(corpus, f"unit_{number}_{'big' if order == '>' else 'little'}", f"unit {written}", array, "TZYX", order=order,
                 resolution=(1 / 0.325, 1 / 0.65), metadata={**more, "spacing": 1.5, "finterval": 2.5},
                 found={"calibration": calibration})
    flat = {"calibration": {"x": 0.1, "y": 0.1, "unit": "µm"}}
    save(corpus, "unit_flat", "no slices", samples((HEIGHT, WIDTH), "u2"), "YX", resolution=(10, 10), metadata={"unit": "um"},
         found=flat)
    for unit, factor in (("ms", 1e-3), ("min", 60)):
        calibration = {"calibration": {"frame_interval": 1.5 * factor}}
        save(corpus, f"time_{unit}", f"time in {unit}", samples((3, HEIGHT, WIDTH), "u1"), "TYX",
             metadata={"finterval": 1.5, "tunit": unit}, found=calibration)


def names_and_tables(corpus):
    labels = [f"slice {number}: DAPI" for number in range(6)]
    for order in "><":
        name = f"labels_{'big' if order == '>' else 'little'}"
        save(corpus, name, "slice labels", samples((2, 3, HEIGHT, WIDTH), "u2"), "ZCYX", order=order,
             metadata={"Labels": labels, "Info": "some text"}, found={"slice_labels": labels})
    few = {"slice_labels": ["first", "", "third", ""]}
    save(corpus, "labels_few", "fewer labels than slices", samples((4, HEIGHT, WIDTH), "u1"), "ZYX",
         metadata={"Labels": ["first", "", "third"]}, found=few)
    tables = [samples((3, 256), "u1")] * 3
    for mode in ("composite", "color", "grayscale"):
        save(corpus, f"tables_{mode}", f"look-up tables, {mode}", samples((3, HEIGHT, WIDTH), "u2"), "CYX",
             metadata={"mode": mode, "LUTs": tables, "Ranges": (0.0, 255.0) * 3})
    save(corpus, "colour_map", "a palette", samples((HEIGHT, WIDTH), "u1"), "YX", colormap=samples((3, 256), "u2"))
    save(corpus, "range", "a range of display", samples((2, HEIGHT, WIDTH), "f4"), "ZYX", metadata={"min": 3.5, "max": 99.0})


def one_entry(corpus):
    """ImageJ writes stacks over 4 GB with a page entry for the first plane only, all planes behind one another."""
    for number, (axes, kind, start) in enumerate((("ZYX", "u1", 8), ("TZCYX", "u2", 768), ("CYX", "f4", 8), ("TYX", "u2", 4096))):
        array = samples(shape_of(axes), kind)
        sizes = "".join(f"{name}={LENGTHS[axis]}\n" for name, axis in
                        (("channels", "C"), ("slices", "Z"), ("frames", "T")) if axis in axes)
        images = int(np.prod(array.shape[:-2]))
        text = f"ImageJ=1.54p\nimages={images}\n{sizes}hyperstack=true\nmode=grayscale\nloop=false\n\0".encode()
        big = number % 2 == 0
        path = corpus.path(f"imagej/one_entry_{axes}.tif")
        path.write_bytes(with_one_entry(array, text, start, ">" if big else "<"))
        corpus.image(f"imagej/one_entry_{axes}.tif", KIND, "by hand: one page entry for all planes", array, axes)


def with_one_entry(array, text, start, order):
    """The planes from a place on; then the page entry of the first of them."""
    planes = array.astype(array.dtype.newbyteorder(order)).tobytes()
    place = start + len(planes) + len(planes) % 2
    float_, plane = array.dtype.kind == "f", HEIGHT * WIDTH * array.itemsize
    # Tag, type (2 text, 3 of 16 bits, 4 of 32), value.
    tags = [(256, 4, WIDTH), (257, 4, HEIGHT), (258, 3, 8 * array.itemsize), (259, 3, 1), (262, 3, 1), (270, 2, None),
            (273, 4, start), (277, 3, 1), (278, 4, HEIGHT), (279, 4, plane), (339, 3, 3 if float_ else 1)]
    behind = place + 2 + 12 * len(tags) + 4
    directory = struct.pack(f"{order}H", len(tags))
    for tag, kind, value in tags:
        if kind == 2:
            directory += struct.pack(f"{order}HHII", tag, kind, len(text), behind)
        else:
            directory += struct.pack(f"{order}HHI", tag, kind, 1) + struct.pack(f"{order}{'HH' if kind == 3 else 'I'}",
                                                                                *((value, 0) if kind == 3 else (value,)))
    directory += struct.pack(f"{order}I", 0)
    magic = (b"MM" if order == ">" else b"II") + struct.pack(f"{order}HI", 42, place)
    return magic.ljust(start, b"\0") + planes.ljust(place - start, b"\0") + directory + text


def outlines(corpus):
    """The selection and the overlay inside a TIFF hold the same bytes as `.roi` files. Asked for outlines, the overlay is meant,
    or, where there is none, the selection."""
    drawn = in_tiffs()
    array = samples((3, HEIGHT, WIDTH), "u2")
    for order in "><":
        for name, metadata, found in (
            ("selection", {"ROI": drawn[0].bytes}, drawn[:1]),
            ("overlay", {"Overlays": [one.bytes for one in drawn[1:]]}, drawn[1:]),
            ("both", {"ROI": drawn[0].bytes, "Overlays": [one.bytes for one in drawn[1:]]}, drawn[1:]),
        ):
            file = f"{name}_{'big' if order == '>' else 'little'}"
            labels = ["a", "b", "c"]
            save(corpus, file, f"with outlines: {name}", array, "ZYX", order=order, metadata={"Labels": labels, **metadata},
                 found={"slice_labels": labels})
            expect(corpus, f"imagej/{file}.tif", "ImageJ outlines in a TIFF", "tifffile and roifile", found,
                   (1, 3, 1, HEIGHT, WIDTH))
