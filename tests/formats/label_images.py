"""Labels: label images in all formats, Cellpose's `NAME_seg.npy`, arrays of NumPy."""

import io
from datetime import datetime

import imagecodecs
import nibabel
import numpy as np
import tifffile
from PIL import Image

from corpus import HEIGHT, UUID, WIDTH, samples

KIND = "label images"
REFUSED = "labels that are refused"


def make(corpus):
    label_images(corpus)
    refused(corpus)
    cellpose(corpus)
    arrays(corpus)


def ids(shape, kind, largest):
    return samples(shape, kind, largest)


def label_images(corpus):
    plane, stack = (HEIGHT, WIDTH), (3, HEIGHT, WIDTH)
    for kind, largest in (("u1", 255), ("u2", 65535), ("u4", (1 << 32) - 1), ("u8", (1 << 32) - 1), ("i2", 32767),
                          ("i4", 2147483647), ("f4", 1 << 24), ("f8", (1 << 32) - 1)):
        for shape, axes in ((plane, "YX"), (stack, "ZYX")):
            array = ids(shape, "u8", largest).astype(kind)
            file = f"labels/{kind}_{axes}.tif"
            tifffile.imwrite(corpus.path(file), array, photometric="minisblack", compression="zlib", metadata=None)
            corpus.labels(file, KIND, "tifffile", array, axes)
    # As StarDist keeps them, and as ImageJ does.
    array = ids((2, 3, HEIGHT, WIDTH), "u2", 500)
    tifffile.imwrite(corpus.path("labels/stardist.tif"), array, imagej=True, compression="zlib", metadata={"axes": "TZYX"})
    corpus.labels("labels/stardist.tif", KIND, "tifffile: ImageJ", array, "TZYX")
    array = ids(plane, "f4", 70000)
    metadata = {"axes": "YX", "unit": "um"}
    tifffile.imwrite(corpus.path("labels/imagej32.tif"), array, imagej=True, resolution=(4, 2), metadata=metadata)
    corpus.labels("labels/imagej32.tif", KIND, "tifffile: ImageJ", array, "YX", calibration={"x": 0.25, "y": 0.5, "unit": "µm"})
    plain = {"photometric": "minisblack", "metadata": None}
    for bits in (1, 4):
        array = ids(plane, "u1", (1 << bits) - 1)
        tifffile.imwrite(corpus.path(f"labels/bits_{bits}.tif"), array, bitspersample=bits, **plain)
        corpus.labels(f"labels/bits_{bits}.tif", KIND, f"tifffile: {bits} bits", array, "YX")
    array = ids(plane, "u1", 255)
    tifffile.imwrite(corpus.path("labels/palette.tif"), array, colormap=samples((3, 256), "u2"), metadata=None)
    corpus.labels("labels/palette.tif", KIND, "tifffile: with a palette", array, "YX")
    tifffile.imwrite(corpus.path("labels/ome.ome.tif"), ids(stack, "u2", 900), photometric="minisblack",
                     metadata={"axes": "ZYX", "UUID": UUID})
    corpus.labels("labels/ome.ome.tif", KIND, "tifffile: OME-TIFF", ids(stack, "u2", 900), "ZYX")
    for kind in ("u1", "u2"):
        array = ids(plane, kind, 255 if kind == "u1" else 65535)
        corpus.path(f"labels/{kind}.png").write_bytes(imagecodecs.png_encode(array))
        corpus.labels(f"labels/{kind}.png", KIND, "imagecodecs: PNG", array, "YX")
    for kind in ("u1", "i2", "f4", "f8"):
        array = ids((7, 5, 3), "u4", 100).astype(kind)
        image = nibabel.Nifti1Image(array, np.eye(4))
        image.header.set_xyzt_units("unknown", "unknown")
        nibabel.save(image, corpus.path(f"labels/{kind}.nii.gz"))
        corpus.labels(f"labels/{kind}.nii.gz", KIND, "nibabel", array, "XYZ")


def refused(corpus):
    plane = (HEIGHT, WIDTH)
    half, negative = np.full(plane, 0.5, "f4"), np.full(plane, -1, "i2")
    for name, array, options, error in (
        ("colours", samples((*plane, 3), "u1"), {"photometric": "rgb"}, "unreadable-image"),
        ("channels", samples((*plane, 2), "u1"), {"planarconfig": "contig"}, "unreadable-image"),
        ("halves", half, {}, "unreadable-image"),
        ("negative", negative, {}, "unreadable-image"),
        ("too_large", np.full(plane, 1 << 32, "u8"), {}, "unreadable-image"),
        ("inexact", np.full(plane, (1 << 24) + 2, "f4"), {}, "unreadable-image"),
        ("nothing", np.full(plane, np.nan, "f4"), {}, "unreadable-image"),
    ):
        file = f"labels/{name}.tif"
        tifffile.imwrite(corpus.path(file), array, metadata=None, **{"photometric": "minisblack", **options})
        corpus.error(file, REFUSED, name, error, reads="labels")
    picture = Image.fromarray(samples(plane, "u1"), "P")
    picture.putpalette(samples((256, 3), "u1").tobytes())
    picture.save(corpus.path("labels/palette.png"))
    corpus.error("labels/palette.png", REFUSED, "a palette of a picture", "unreadable-image", reads="labels")


def seg(masks):
    """The keys and kinds of values of Cellpose 3 (`io.masks_flows_to_seg`)."""
    return {
        "outlines": np.zeros(masks.shape, np.uint16),
        "colors": np.full((3, 3), 200, np.uint8),
        "masks": masks,
        "chan_choose": [0, 0],
        "ismanual": np.zeros(3, bool),
        "manual_changes": [[datetime(2024, 5, 6), "added mask", [1, 2]]],
        "filename": "C:\\cells\\zellen µ.tif",
        "flows": [np.zeros((3, 4, 3), np.uint8), np.zeros((1, 3, 4), np.float32), [], None],
        "est_diam": np.float64(30.5),
        "diameter": None,
        "zdraw": [None, None],
    }


def cellpose(corpus):
    for kind, largest in (("u2", 65535), ("u4", 1 << 20), ("i4", 70000), ("i8", 300)):
        for shape, axes in (((HEIGHT, WIDTH), "YX"), ((3, HEIGHT, WIDTH), "ZYX")):
            masks = ids(shape, "u4", largest).astype(kind)
            file = f"labels/{kind}_{axes}_seg.npy"
            np.save(corpus.path(file), seg(masks), allow_pickle=True)
            corpus.labels(file, "Cellpose and NumPy", "as Cellpose saves", masks, axes)
    np.save(corpus.path("labels/other_seg.npy"), {"cells": 3}, allow_pickle=True)
    corpus.error("labels/other_seg.npy", REFUSED, "no masks", "unreadable-image", reads="labels")


def arrays(corpus):
    for number, kind in enumerate(("u1", "u2", "u4", "u8", "i1", "i2", "i4", "i8")):
        for order in "<>":
            shape, axes = (((HEIGHT, WIDTH), "YX"), ((2, HEIGHT, WIDTH), "ZYX"))[number % 2]
            array = ids(shape, "u8", 100).astype(np.dtype(kind).newbyteorder(order))
            file = f"labels/array_{kind}_{'little' if order == '<' else 'big'}.npy"
            np.save(corpus.path(file), np.asfortranarray(array) if number % 3 else array)
            corpus.labels(file, "Cellpose and NumPy", "numpy", array, axes)
    for name, array, error in (("float", np.ones((4, 5), "f4"), "unsupported"), ("line", np.ones(4, "u1"), "unsupported"),
                               ("below", np.full((4, 5), -2, "i4"), "unreadable-image")):
        np.save(corpus.path(f"labels/{name}.npy"), array)
        corpus.error(f"labels/{name}.npy", REFUSED, name, error, reads="labels")
    whole = io.BytesIO()
    np.save(whole, np.ones((40, 50), "u2"))
    corpus.path("labels/cut.npy").write_bytes(whole.getvalue()[:-100])
    corpus.error("labels/cut.npy", REFUSED, "cut short", "unreadable-image", reads="labels")
    corpus.error("labels/array_u1_little.npy", "NumPy arrays as images", "numpy", "unsupported")
