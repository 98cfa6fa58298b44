"""Seeds of outlines and requests."""

import io
import json
import zipfile

import numpy as np
import roifile

from common import ROOT, files, keep


def write_roi():
    corners = np.array([[2, 3], [20, 4], [14, 18], [5, 12]], "f4")
    kinds = ["POLYGON", "RECT", "OVAL", "LINE", "FREELINE", "POLYLINE", "FREEHAND", "TRACED", "ANGLE", "POINT"]
    made = {}
    for kind in kinds:
        for shift in [0, 0.25]:
            roi = roifile.ImagejRoi.frompoints(corners[: 3 if kind == "ANGLE" else 4] + shift, name=kind.lower())
            roi.roitype = roifile.ROI_TYPE[kind]
            roi.x1, roi.y1, roi.x2, roi.y2 = 2.5, 3.5, 20.0, 11.0
            made[f"{kind.lower()}-{shift}"] = roi.tobytes()
    for name, subtype in [("ellipse", 3), ("rotated", 5)]:
        roi = roifile.ImagejRoi.frompoints(corners + 0.5)
        roi.roitype, roi.subtype = roifile.ROI_TYPE.FREEHAND, roifile.ROI_SUBTYPE(subtype)
        roi.x1, roi.y1, roi.x2, roi.y2, roi.ellipse_aspect_ratio = 2.5, 3.5, 20.0, 11.0, 0.5
        made[name] = roi.tobytes()
    spline = roifile.ImagejRoi.frompoints(corners)
    spline.options |= roifile.ROI_OPTIONS.SPLINE_FIT
    spline.position, spline.c_position, spline.z_position = 0, 1, 2
    made["spline"] = spline.tobytes()
    path = np.array([0, 1, 1, 1, 9, 1, 2, 9, 5, 9, 9, 3, 5, 9, 1, 9, 1, 5, 4, 0, 3, 3, 1, 5, 3, 1, 5, 5, 4], ">f4")
    header = bytearray(made["rect-0"][:64])
    header[36:40], header[60:64] = len(path).to_bytes(4, "big"), bytes(4)
    made["composite"] = bytes(header) + path.tobytes()
    for name, content in made.items():
        keep("roi", name, content)
    for compression, name in [(zipfile.ZIP_STORED, "zip-stored"), (zipfile.ZIP_DEFLATED, "zip")]:
        file = io.BytesIO()
        with zipfile.ZipFile(file, "w", compression) as archive:
            for stem in ["polygon-0", "composite", "point-0.25"]:
                archive.writestr(f"{stem}.roi", made[stem])
        keep("roi", name, file.getvalue())
    keep(
        "roi",
        "files",
        files([(f"sub/{stem}.roi", made[stem]) for stem in ["polygon-0.25", "ellipse", "composite"]] + [("a.txt", b"a")]),
    )


def write_geojson():
    square = [[[2, 3], [12, 3], [12, 9], [2, 9], [2, 3]]]
    hole = [[4, 4], [6, 4], [6, 6], [4, 4]]
    shapes = {
        "polygon": ("Polygon", square),
        "hole": ("Polygon", [*square, hole]),
        "parts": ("MultiPolygon", [square, [[[20.5, 20], [25, 20], [22, 26.5], [20.5, 20]]]]),
        "line": ("LineString", [[1, 1], [9.5, 4], [3, 8]]),
        "point": ("Point", [4, 5]),
        "points": ("MultiPoint", [[4, 5], [7.5, 8]]),
    }
    properties = {
        "objectType": "annotation",
        "name": "one",
        "color": [1, 2, 3],
        "isLocked": True,
        "classification": {"names": ["Tumor", "Positive"], "color": [200, 0, 0]},
    }
    features = []
    for name, (kind, coordinates) in shapes.items():
        geometry = {"type": kind, "coordinates": coordinates, "plane": {"c": -1, "z": 1, "t": 0}, "isEllipse": name == "polygon"}
        feature = {"type": "Feature", "id": name, "geometry": geometry, "properties": properties}
        keep("geojson", name, json.dumps(feature).encode())
        keep("geojson", f"bare-{name}", json.dumps(geometry).encode())
        features.append(feature)
    child = {
        **features[4],
        "properties": {
            "objectType": "cell",
            "imagej": {"group": 3, "strokeWidth": 2.5, "properties": "a: b", "position": [1, 0, 0, 0]},
        },
    }
    features[0] = {**features[0], "properties": {**properties, "childObjects": [child], "measurements": {"Area": 1.5}}}
    keep("geojson", "collection", json.dumps({"type": "FeatureCollection", "features": features}).encode())
    keep("geojson", "array", b"\xef\xbb\xbf \n" + json.dumps(features[1:3]).encode())


def write_request():
    for path in sorted((ROOT / "tests/contract").glob("*.json")):
        vectors = json.loads(path.read_text())
        for number, vector in enumerate(vectors if isinstance(vectors, list) else []):
            keep("request", f"{path.stem}-{number}", json.dumps(vector["request"]).encode())
    args = {
        "images": ["a"],
        "labels": ["b"],
        "save": "m.zip",
        "minutes": 2.5,
        "device": "cuda:1",
        "object_diameter": "from labels",
    }
    train = {"contract": 1, "entry": "train", "args": args}
    proxy = {"images": ["a"], "save": "m.zip", "method": "contrast-proxy", "mask_ratio": 0.5, "temperature": 0.1}
    response = {
        "entry": "segment",
        "result": {"tile": 512, "halo": 9, "images": [{"name": "a", "status": "done", "objects": 3, "seconds": 0.5}]},
    }
    for name, value in {
        "train": train,
        "pretrain": {"contract": 1, "entry": "pretrain", "args": proxy},
        "classify": {"contract": 1, "entry": "classify", "args": {"model": "k.zip", "images": ["a"], "output": "k.csv"}},
        "export": {"contract": 1, "entry": "export", "args": {"model": "m.zip", "as": "onnx", "opset": 13, "output": "m.onnx"}},
        "record": {"version": "0.1.0", "request": train},
        "response": response,
        "progress": {"event": "progress", "phase": "training", "step": 3, "metrics": {"ap50": 0.5}},
        "ended": {"event": "ended", "status": "done", "response": response},
        "error": {
            "kind": "not-found",
            "operation": "open image",
            "message": "none",
            "context": [["file", "a.tif"]],
            "causes": ["x"],
        },
        "buffer": {
            "contract": 1,
            "entry": "segment",
            "args": {"model": "otsu", "images": [{"buffer": 0, "y": 4, "x": 5, "type": "u16"}]},
        },
    }.items():
        keep("request", name, json.dumps(value).encode())


if __name__ == "__main__":
    for write in [write_roi, write_geojson, write_request]:
        write()
