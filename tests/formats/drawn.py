"""Outlines of a drawing: what must be found of each, and the pixels of shapes whose rule is simple."""

from dataclasses import dataclass, field

import numpy as np

from corpus import HEIGHT, WIDTH, hashed

PLANE = (1, 1, 1, HEIGHT, WIDTH)
STACK = (2, 3, 1, HEIGHT, WIDTH)
POLYGON = [(1, 3), (31, 4), (24, 28), (2, 21)]
NOTCHED = [(2, 3), (17, 3), (17, 16), (31, 16), (31, 21), (2, 21)]
HOLE = [[(1, 1), (34, 1), (34, 20), (1, 20)], [(4, 3), (20, 3), (20, 18), (4, 18)]]
FRACTIONS = [(1.25, 2.5), (33.5, 0.125), (30.75, 17.375), (14.6, 27.75)]


@dataclass
class Drawn:
    """An outline, and what must be found of it. Pixels that are not known here are `None`."""

    kind: str
    mask: np.ndarray | None
    bytes: bytes = b""
    name: str | None = None
    group: int = 0
    position: tuple = (0, 0, 0, 0)
    stroke_width: float = 0.0
    more: dict = field(default_factory=dict)

    def line(self):
        """As in the manifest."""
        sha256 = "" if self.mask is None else hashed(self.mask.astype("u1"))
        return {"kind": self.kind, "name": self.name, "group": self.group, "position": list(self.position),
                "stroke_width": self.stroke_width, "sha256": sha256, **self.more}


def expect(corpus, file, kind, made, drawn, shape):
    """A line of the manifest: the outlines, and the picture when all are painted in their order, each with its number."""
    painted = ""
    if all(one.mask is not None for one in drawn):
        frames, slices, _, height, width = shape
        ids = np.zeros((frames, slices, height, width), "u4")
        for t in range(frames):
            for z in range(slices):
                for number, one in enumerate(drawn):
                    if lies_on(one.position, shape, z, t):
                        ids[t, z][one.mask] = number + 1
        painted = hashed(ids)
    corpus.add(file, kind, made, reads="outlines", shape=list(shape), sha256=painted, outlines=[one.line() for one in drawn])


def lies_on(position, shape, z, t):
    """As ImageJ counts: planes of the stack with channels fastest, then slices, then frames; an axis of one holds all."""
    stack, channel, slice_, frame = position
    frames, slices, channels = shape[:3]
    if channel or slice_ or frame:
        return (slices == 1 or slice_ in (0, z + 1)) and (frames == 1 or frame in (0, t + 1))
    return not stack or frames * slices * channels == 1 or stack - 1 == t * slices + z


def inside(rings):
    """Pixels whose centres an odd number of edges lie to the left of."""
    y, x = np.mgrid[0:HEIGHT, 0:WIDTH] + 0.5
    found = np.zeros((HEIGHT, WIDTH), bool)
    for ring in rings:
        for (x0, y0), (x1, y1) in zip(ring, ring[1:] + ring[:1]):
            if y0 == y1:
                continue
            crossing = x0 + (y - y0) * (x1 - x0) / (y1 - y0)
            between = (y > min(y0, y1)) & (y <= max(y0, y1))
            assert not (between & (np.abs(crossing - x) < 1e-3)).any(), "a centre on an edge: readers may differ"
            found ^= between & (crossing < x)
    return found


def in_box(left, top, width, height):
    """Fractions grow to whole pixels."""
    mask = np.zeros((HEIGHT, WIDTH), bool)
    left, top = int(left), int(top)
    mask[max(top, 0) : top + int(np.ceil(height)), max(left, 0) : left + int(np.ceil(width))] = True
    return mask


def in_oval(left, top, width, height):
    left, top, width, height = int(left), int(top), np.ceil(width), np.ceil(height)
    y, x = np.mgrid[0:HEIGHT, 0:WIDTH] + 0.5
    return ((x - left - width / 2) / (width / 2)) ** 2 + ((y - top - height / 2) / (height / 2)) ** 2 <= 1


def of_points(points):
    mask = np.zeros((HEIGHT, WIDTH), bool)
    for x, y in points:
        mask[int(np.floor(y + 0.5)), int(np.floor(x + 0.5))] = True
    return mask
