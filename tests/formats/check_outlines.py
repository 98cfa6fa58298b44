"""What roifile finds in selections that we wrote, and JSON in GeoJSON."""

import json

import numpy as np
from roifile import ROI_SUBTYPE, ROI_TYPE, ImagejRoi, roiread

from corpus import hashed
from drawn import in_box, in_oval, inside, lies_on

KINDS = {ROI_TYPE.POLYGON: "polygon", ROI_TYPE.FREEHAND: "freehand", ROI_TYPE.TRACED: "traced", ROI_TYPE.RECT: "rectangle",
         ROI_TYPE.OVAL: "oval", ROI_TYPE.LINE: "line", ROI_TYPE.POLYLINE: "polyline", ROI_TYPE.FREELINE: "freeline",
         ROI_TYPE.ANGLE: "angle", ROI_TYPE.POINT: "points"}


def kind(one):
    if one.composite:
        return "composite"
    return {ROI_SUBTYPE.ELLIPSE: "ellipse", ROI_SUBTYPE.ROTATED_RECT: "rotated rectangle"}.get(one.subtype, KINDS[one.roitype])


def mask(one):
    """The pixels, for shapes whose rule is simple."""
    if kind(one) in ("polygon", "freehand", "traced"):
        return inside([list(map(tuple, one.coordinates().astype("f8").tolist()))])
    if kind(one) == "composite":
        rings = [[tuple(point) for point in ring.astype("f8").tolist()] for ring in one.coordinates(multi=True)]
        # roifile repeats the first corner of a ring behind the last.
        return inside([ring[:-1] if ring[0] == ring[-1] else ring for ring in rings])
    whole = (one.left, one.top, one.right - one.left, one.bottom - one.top)
    edges = (one.xd, one.yd, one.widthd, one.heightd) if one.subpixelrect else whole
    if kind(one) == "rectangle" and not one.rounded_rect_arc_size:
        return in_box(*edges)
    return in_oval(*edges) if kind(one) == "oval" else None


def told(problems, one, expected):
    problems.expect("kind", kind(one), expected["kind"])
    problems.expect("name", one.name, expected["name"])
    problems.expect("group", one.group, expected["group"])
    problems.expect("position", [one.position, one.c_position, one.z_position, one.t_position], expected["position"])
    if kind(one) != "points":
        problems.expect("width", one.float_stroke_width or one.stroke_width, expected["stroke_width"])
    pixels = mask(one)
    if pixels is not None:
        problems.expect(f"pixels of {one.name}", hashed(pixels.astype("u1")), expected["sha256"])


def roi(problems, path, case):
    told(problems, ImagejRoi.fromfile(path), case["outlines"][0])


def rois(problems, path, case):
    found = roiread(path)
    problems.expect("number", len(found), len(case["outlines"]))
    for one, expected in zip(found, case["outlines"]):
        told(problems, one, expected)
    if all(mask(one) is not None for one in found):
        painted = paint([(mask(one), (one.position, one.c_position, one.z_position, one.t_position)) for one in found], case)
        problems.expect("all outlines", painted, case["sha256"])


def paint(outlines, case):
    """All outlines in their order, each with its number, in the planes of the image."""
    frames, slices, _, height, width = case["shape"]
    ids = np.zeros((frames, slices, height, width), "u4")
    for t in range(frames):
        for z in range(slices):
            for number, (pixels, position) in enumerate(outlines):
                if lies_on(position, case["shape"], z, t):
                    ids[t, z][pixels] = number + 1
    return hashed(ids)


def geojson(problems, path, case):
    features = json.loads(path.read_text())["features"]
    problems.expect("number", len(features), len(case["outlines"]))
    for feature, expected in zip(features, case["outlines"]):
        properties, geometry = feature["properties"], feature["geometry"]
        problems.expect("name", properties.get("name"), expected["name"])
        problems.expect("class", properties.get("classification", {}).get("name"), expected["class"])
        more = properties.get("imagej", {})
        problems.expect("group", more.get("group", 0), expected["group"])
        problems.expect("width", more.get("strokeWidth", 0), expected["stroke_width"])
        plane = {"c": -1, "z": 0, "t": 0, **geometry.get("plane", {})}
        position = [0, plane["c"] + 1, plane["z"] + 1, plane["t"] + 1]
        problems.expect("position", more.get("position", position), expected["position"])
        if expected["kind"] not in ("polygon", "freehand", "traced", "composite"):
            continue
        polygons = geometry["coordinates"] if geometry["type"] == "MultiPolygon" else [geometry["coordinates"]]
        rings = [[tuple(map(float, point)) for point in ring[:-1]] for polygon in polygons for ring in polygon]
        closed = all(ring[0] == ring[-1] for polygon in polygons for ring in polygon)
        problems.expect("rings are closed", closed, True)
        problems.expect(f"pixels of {expected['name']}", hashed(inside(rings).astype("u1")), expected["sha256"])
