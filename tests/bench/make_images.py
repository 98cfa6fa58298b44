"""Writes the large images for the reading bench into a folder: mosaics of real ones, of a gigabyte of samples each.

Those that are there stay. Their names are the answer, as a JSON object.
"""

import json
import os
import sys
from pathlib import Path

import imagecodecs
import numpy
import tifffile

TILE = 512
# A gigabyte of 16 bits: 121 regions of 2048 x 2048, and as many planes.
SIDE = 22528
PLANE = 2048
PLANES = 121


def fields():
    """The real images and their mirror images, all of one size."""
    folder = Path(__file__).parent.parent / "data/bbbc039/images"
    images = [imagecodecs.imread(path) for path in sorted(folder.glob("*.png"))]
    return [image[::down, ::right] for down in (1, -1) for right in (1, -1) for image in images]


def rows(images, top, count, width):
    """Rows of the mosaic; neighbours are different fields."""
    height, across = images[0].shape
    chosen = lambda y: [images[(5 * (y // height) + x) % len(images)][y % height] for x in range(width // across + 1)]
    return numpy.stack([numpy.concatenate(chosen(y))[:width] for y in range(top, top + count)])


def tiles(images):
    for top in range(0, SIDE, TILE):
        band = rows(images, top, TILE, SIDE)
        yield from (numpy.ascontiguousarray(band[:, left : left + TILE]) for left in range(0, SIDE, TILE))


def planes(images):
    yield from (rows(images, number * PLANE, PLANE, PLANE) for number in range(PLANES))


def write_deflate(path, predictor):
    """Tiled, packed with Deflate at its usual level."""
    shape = {"shape": (SIDE, SIDE), "dtype": numpy.uint16, "tile": (TILE, TILE)}
    tifffile.imwrite(path, tiles(fields()), photometric="minisblack", compression="deflate", predictor=predictor, **shape)


def write_imagej(path):
    """As ImageJ writes stacks: big-endian, planes one behind another."""
    shape = {"shape": (PLANES, PLANE, PLANE), "dtype": numpy.uint16}
    tifffile.imwrite(path, planes(fields()), imagej=True, byteorder=">", metadata={"axes": "ZYX"}, **shape)


def main():
    folder = Path(sys.argv[1])
    folder.mkdir(parents=True, exist_ok=True)
    files = {
        "deflate": ("deflate.tif", lambda path: write_deflate(path, False)),
        "differences": ("deflate_differences.tif", lambda path: write_deflate(path, True)),
        "imagej": ("imagej.tif", write_imagej),
    }
    for name, write in files.values():
        if not (folder / name).exists():
            part = folder / f"{name}.part"
            write(part)
            os.replace(part, folder / name)
    print(json.dumps({key: str(folder / name) for key, (name, _) in files.items()}))


main()
