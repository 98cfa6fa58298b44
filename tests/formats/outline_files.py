"""ImageJ's `.roi` files and zips of them, by roifile."""

import struct

import numpy as np
from roifile import ROI_OPTIONS, ROI_SUBTYPE, ROI_TYPE, ImagejRoi, roiwrite

from corpus import HEIGHT, WIDTH
from drawn import FRACTIONS, HOLE, NOTCHED, PLANE, POLYGON, STACK, Drawn, expect, in_box, in_oval, inside, of_points


def make(corpus):
    drawn = all_kinds()
    for number, one in enumerate(drawn):
        file = f"roi/{number:02}_{one.kind.replace(' ', '_')}.roi"
        corpus.path(file).write_bytes(one.bytes)
        expect(corpus, file, "ImageJ .roi", "roifile", [one], PLANE)
    zips(corpus, drawn)
    refused(corpus)


def roi(kind, type_, mask, *, points=None, name=None, group=0, position=(0, 0, 0, 0), width=0.0, options=0, **fields):
    """A selection with all that can be said of it."""
    one = ImagejRoi.frompoints(np.array(points)) if points is not None else ImagejRoi()
    one.roitype, one.name, one.group, one.version = type_, name or "", group, fields.pop("version", 228)
    one.options = (one.options & ROI_OPTIONS.SUB_PIXEL_RESOLUTION) | options
    one.position, one.c_position, one.z_position, one.t_position = position
    one.float_stroke_width, one.stroke_width = width, int(width)
    for key, value in fields.items():
        setattr(one, key, value)
    return Drawn(kind, mask, one.tobytes(), name, group, position, width)


def in_float(value):
    """A float over the three fields that older selections use otherwise."""
    first, second, rest = struct.unpack(">BBh", struct.pack(">f", value))
    return {"arrow_style_or_aspect_ratio": first, "arrow_head_size": second, "rounded_rect_arc_size": rest}


def box(left, top, width, height):
    return {"left": int(left), "top": int(top), "right": int(left + width), "bottom": int(top + height)}


def fractional(left, top, width, height):
    whole = box(left, top, width, height)
    return {**whole, "xd": left, "yd": top, "widthd": width, "heightd": height, "options": ROI_OPTIONS.SUB_PIXEL_RESOLUTION}


def path(rings):
    """Segments of a composite: 0 moves, 1 draws, 4 closes."""
    numbers = []
    for ring in rings:
        for number, (x, y) in enumerate(ring):
            numbers += [min(number, 1), x, y]
        numbers.append(4)
    points = [point for ring in rings for point in ring]
    (left, top), (right, bottom) = np.min(points, axis=0), np.max(points, axis=0)
    return {"multi_coordinates": np.array(numbers, "f4"), "shape_roi_size": len(numbers),
            "left": int(left), "top": int(top), "right": int(np.ceil(right)), "bottom": int(np.ceil(bottom))}


def all_kinds():
    """Every kind of selection; groups, positions, widths and names among them."""
    parts = [[(1, 1), (9, 1), (9, 8), (1, 8)], [(22, 8), (30, 10), (20, 23)]]
    far = [(-7, -9), (21, -4), (15, 48)]
    line = {"x1": 2.0, "y1": 3.0, "x2": 31.5, "y2": 18.0}
    # ImageJ keeps corners of such shapes, too.
    axis = {"x1": 3.0, "y1": 12.5, "x2": 32.0, "y2": 18.0, "points": [(3, 8), (33, 8), (33, 23), (3, 23)]}
    bent = [(2, 2), (18, 19), (32, 3)]
    many = [(x, y) for y in range(10) for x in range(30)]
    return [
        roi("freehand", ROI_TYPE.FREEHAND, inside([POLYGON]), points=POLYGON, name="from points", group=1),
        roi("freehand", ROI_TYPE.FREEHAND, inside([FRACTIONS]), points=FRACTIONS, name="fractions", position=(0, 1, 2, 2)),
        roi("polygon", ROI_TYPE.POLYGON, inside([POLYGON]), points=POLYGON, name="Zelle 7 µ細", group=255),
        roi("polygon", ROI_TYPE.POLYGON, inside([FRACTIONS]), points=FRACTIONS, position=(5, 0, 0, 0), name="plane 5"),
        roi("polygon", ROI_TYPE.POLYGON, inside([far]), points=far, name="beyond the edges"),
        roi("polygon", ROI_TYPE.POLYGON, inside([POLYGON]), points=POLYGON, name="stroke", width=2.5, group=3),
        roi("traced", ROI_TYPE.TRACED, inside([NOTCHED]), points=NOTCHED, name="traced", position=(0, 0, 3, 0)),
        roi("rectangle", ROI_TYPE.RECT, in_box(3, 2, 19, 17), name="box", group=2, **box(3, 2, 19, 17)),
        roi("rectangle", ROI_TYPE.RECT, in_box(-4, 20, 19, 17), name="box at the edge", **box(-4, 20, 19, 17)),
        roi("rectangle", ROI_TYPE.RECT, in_box(2.5, 1.25, 16.75, 15.5), name="box of fractions", position=(0, 0, 0, 2),
            **fractional(2.5, 1.25, 16.75, 15.5)),
        roi("rectangle", ROI_TYPE.RECT, None, name="rounded", rounded_rect_arc_size=9, **box(1, 1, 33, 19)),
        roi("oval", ROI_TYPE.OVAL, in_oval(2, 1, 31, 18), name="oval", group=7, width=3.0, **box(2, 1, 31, 18)),
        roi("oval", ROI_TYPE.OVAL, in_oval(30, 20, 12, 12), name="oval at the edge", **box(30, 20, 12, 12)),
        roi("oval", ROI_TYPE.OVAL, in_oval(2.25, 1.5, 17.5, 19.75), name="oval of fractions",
            **fractional(2.25, 1.5, 17.5, 19.75)),
        roi("ellipse", ROI_TYPE.FREEHAND, None, name="ellipse", subtype=ROI_SUBTYPE.ELLIPSE, group=4, **axis, **in_float(0.5)),
        roi("rotated rectangle", ROI_TYPE.FREEHAND, None, name="turned", subtype=ROI_SUBTYPE.ROTATED_RECT, **axis,
            **in_float(5.0)),
        roi("composite", ROI_TYPE.RECT, inside(HOLE), name="hole", group=9, position=(0, 1, 1, 1), **path(HOLE)),
        roi("composite", ROI_TYPE.RECT, inside(parts), name="parts", **path(parts)),
        roi("line", ROI_TYPE.LINE, None, name="line", width=3.0, **line, **box(2, 3, 30, 15)),
        roi("line", ROI_TYPE.LINE, None, name="arrow", subtype=ROI_SUBTYPE.ARROW, width=2.0, **line, **box(2, 3, 30, 15)),
        roi("polyline", ROI_TYPE.POLYLINE, None, points=bent, name="bent", width=2.0, group=12),
        roi("freeline", ROI_TYPE.FREELINE, None, points=FRACTIONS, name="by hand", width=1.5),
        roi("angle", ROI_TYPE.ANGLE, None, points=bent, name="angle"),
        roi("points", ROI_TYPE.POINT, of_points([(5, 6)]), points=[(5, 6)], name="a point", position=(0, 1, 2, 1)),
        roi("points", ROI_TYPE.POINT, of_points(many[::7]), points=many[::7], name="many points", group=30),
        roi("points", ROI_TYPE.POINT, of_points(FRACTIONS), points=FRACTIONS, name="points between pixels"),
        roi("note", ROI_TYPE.RECT, np.zeros((HEIGHT, WIDTH), bool), name="text", subtype=ROI_SUBTYPE.TEXT, text="some",
            text_name="SansSerif", text_size=9, **box(2, 3, 20, 9)),
        roi("polygon", ROI_TYPE.POLYGON, inside([POLYGON]), points=POLYGON, version=217, name="from an old ImageJ"),
        large(),
    ]


def large():
    """More corners than 16 bits count."""
    around = np.linspace(0, 2 * np.pi, 70000, endpoint=False)
    points = np.stack([18.3 + 12 * np.cos(around), 14.2 + 9 * np.sin(around)], axis=1).astype("f4")
    y, x = np.mgrid[0:HEIGHT, 0:WIDTH] + 0.5
    distance = ((x - 18.3) / 12) ** 2 + ((y - 14.2) / 9) ** 2
    assert (np.abs(distance - 1) > 1e-3).all(), "a centre near the edge"
    return roi("freehand", ROI_TYPE.FREEHAND, distance < 1, points=points, name="70000 corners")


def in_tiffs():
    """A selection and an overlay; names, for nothing else says which is which."""
    kinds = all_kinds()
    return [next(one for one in kinds if one.name == name) for name in ("Zelle 7 µ細", "oval", "box", "hole", "traced")]


def unzipped(drawn):
    """ImageJ gives selections without a name that of their entry."""
    return [one for one in drawn if one.name and "µ" not in one.name]


def zips(corpus, drawn):
    named = unzipped(drawn)
    known = [one for one in named if one.mask is not None and one.kind != "points"]
    sets = (("all", named, PLANE), ("stack", known, STACK), ("few", known[:2], PLANE), ("reversed", known[::-1], STACK))
    for file, some, shape in sets:
        rois = [ImagejRoi.frombytes(one.bytes) for one in some]
        target = corpus.path(f"roi/{file}.zip")
        target.unlink(missing_ok=True)
        roiwrite(target, rois)
        expect(corpus, f"roi/{file}.zip", "ImageJ ROI zip", "roifile", some, shape)


def refused(corpus):
    whole = all_kinds()[0].bytes
    damaged = {"cut.roi": whole[:70], "empty.roi": b"", "other.roi": b"Jout" + whole[4:], "cut.zip": b"PK\3\4abc"}
    for name, content in damaged.items():
        corpus.path(f"roi/{name}").write_bytes(content)
        corpus.add(f"roi/{name}", "outlines that are refused", "cut short or damaged", reads="outlines", error="unreadable-image")
