"""Seconds in which tifffile and imagecodecs read a tiled file, region by region, with several threads.

Speaks as core/image/benches/reading.rs does: settings come in as a JSON line, what was found goes out; then each line in
opens the file and reads all of it once more, and the seconds go out. Each thread reads regions of its own into an array
of its own, tile by tile: what tifffile offers beyond that (`aszarr`, `segments`) does more for each tile, or reads whole pages.
"""

import json
import sys
import time
from concurrent.futures import ThreadPoolExecutor

import imagecodecs
import numpy
import tifffile


class Page:
    """The first page of an open file."""

    def __init__(self, file):
        self.page = file.pages[0]
        self.handle = file.filehandle
        self.height, self.width = self.page.shape
        self.tile = self.page.tilelength, self.page.tilewidth
        self.across = -(-self.width // self.tile[1])

    def read(self, top, left, height, width):
        """The samples of a region."""
        (tall, wide), page = self.tile, self.page
        region = numpy.empty((height, width), page.dtype)
        for row in range(top // tall, -(-(top + height) // tall)):
            for column in range(left // wide, -(-(left + width) // wide)):
                index = row * self.across + column
                with self.handle.lock:
                    self.handle.seek(page.dataoffsets[index])
                    packed = self.handle.read(page.databytecounts[index])
                tile = page.decode(packed, index)[0][0, :, :, 0]
                y, x = row * tall, column * wide
                above, before = max(top - y, 0), max(left - x, 0)
                part = tile[above : top + height - y, before : left + width - x]
                y, x = y + above - top, x + before - left
                region[y : y + part.shape[0], x : x + part.shape[1]] = part
        return region


def read(settings, use):
    """Opens the file and does something with the samples of each region."""
    side = settings["side"]
    with tifffile.TiffFile(settings["file"]) as file, ThreadPoolExecutor(settings["threads"]) as threads:
        # Threads of this script read from the file, one at a time.
        file.filehandle.set_lock(True)
        page = Page(file)
        corners = [(y, x) for y in range(0, page.height, side) for x in range(0, page.width, side)]

        def one(corner):
            y, x = corner
            return use(page.read(y, x, min(side, page.height - y), min(side, page.width - x)))

        return list(threads.map(one, corners))


def say(**line):
    print(json.dumps(line), flush=True)


def main():
    settings = json.loads(sys.stdin.readline())
    total = sum(read(settings, lambda region: int(region.sum(dtype=numpy.uint64))))
    say(version=f"{tifffile.__version__} + imagecodecs {imagecodecs.__version__}", sum=total)
    for _ in sys.stdin:
        start = time.perf_counter()
        read(settings, lambda region: region.size)
        say(seconds=time.perf_counter() - start)


main()
