"""GeoJSON as QuPath exports it."""

import json

import numpy as np

from drawn import FRACTIONS, HOLE, PLANE, POLYGON, STACK, Drawn, expect, in_box, in_oval, inside, of_points


def feature(kind, coordinates, mask, geometry, *, name=None, classified=None, plane=None, ellipse=False, extra=None):
    """A feature, and what must be found of it. Where no plane is said, QuPath means the first."""
    of = {"type": geometry, "coordinates": coordinates}
    if plane:
        of["plane"] = plane
    if ellipse:
        of["isEllipse"] = True
    properties = {"objectType": "annotation", **(extra or {})}
    if name:
        properties["name"] = name
    if classified:
        properties["classification"] = {"name": classified, "color": [200, 0, 1]}
    where = {"c": -1, "z": 0, "t": 0, **(plane or {})}
    position = (0, where["c"] + 1, where["z"] + 1, where["t"] + 1)
    found = Drawn(kind, mask, name=name, position=position, more={"class": classified})
    return {"type": "Feature", "geometry": of, "properties": properties}, found


def ring(points):
    """The last point of a ring repeats the first."""
    return [list(point) for point in [*points, points[0]]]


def make(corpus):
    triangle = [(22, 8), (30, 10), (20, 23)]
    square = [(3, 2), (22, 2), (22, 19), (3, 19)]
    around = np.linspace(0, 2 * np.pi, 72, endpoint=False)
    oval = [(17.5 + 15.5 * np.cos(a), 10 + 9 * np.sin(a)) for a in around]
    features = [
        feature("polygon", [ring(POLYGON)], inside([POLYGON]), "Polygon", name="cell", classified="Tumor"),
        feature("polygon", [ring(FRACTIONS)], inside([FRACTIONS]), "Polygon", plane={"c": -1, "z": 1, "t": 0}),
        feature("rectangle", [ring(square)], in_box(3, 2, 19, 17), "Polygon", classified="Region*",
                plane={"c": 0, "z": 2, "t": 1}),
        feature("composite", [ring(part) for part in HOLE], inside(HOLE), "Polygon", classified="Tumor: Positive"),
        feature("composite", [[ring(part) for part in HOLE], [ring([(30, 22), (36, 22), (33, 28)])]],
                inside([*HOLE, [(30, 22), (36, 22), (33, 28)]]), "MultiPolygon", name="several", extra={"isLocked": True}),
        feature("polygon", [ring(triangle)], inside([triangle]), "Polygon", extra={"objectType": "detection"}),
        feature("oval", [ring(oval)], in_oval(2, 1, 31, 18), "Polygon", ellipse=True, name="oval"),
        feature("points", [5.5, 6.5], of_points([(5, 6)]), "Point", name="a point"),
        feature("points", [[5.5, 6.5], [9.2, 3.9]], of_points([(5, 6), (9, 3)]), "MultiPoint", classified="Ignore*"),
        feature("line", [[2.5, 3.5], [30.0, 18.5]], None, "LineString"),
        feature("polyline", [[2.5, 3.5], [30.0, 18.5], [12.0, 20.0]], None, "LineString", name="way"),
    ]
    everything = {"type": "FeatureCollection", "features": [one for one, _ in features]}
    write(corpus, "all", everything, [found for _, found in features], STACK)
    known = [(one, found) for one, found in features if found.mask is not None]
    write(corpus, "array", [one for one, _ in known], [found for _, found in known], STACK)
    for number, (one, found) in enumerate(features):
        write(corpus, f"feature_{number}", one, [found], STACK)
    write(corpus, "geometry", features[0][0]["geometry"], [Drawn("polygon", inside([POLYGON]), position=(0, 0, 1, 1))], PLANE)
    write(corpus, "none", {"type": "FeatureCollection", "features": []}, [], PLANE)
    collection = {"type": "Feature", "geometry": {"type": "GeometryCollection", "geometries": []}, "properties": {}}
    for name, text, error in (("cut", json.dumps(everything)[:300], "unreadable-image"),
                              ("other", "{\"a\": 1}", "unreadable-image"),
                              ("collection", json.dumps(collection), "unsupported")):
        corpus.path(f"geojson/{name}.geojson").write_text(text)
        corpus.add(f"geojson/{name}.geojson", "outlines that are refused", name, reads="outlines", error=error)


def write(corpus, name, content, found, shape):
    corpus.path(f"geojson/{name}.geojson").write_text(json.dumps(content))
    expect(corpus, f"geojson/{name}.geojson", "GeoJSON", "as QuPath exports it", found, shape)
