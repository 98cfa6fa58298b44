"""Golden values for core/objects: writes objects.json beside itself.

Made with Python 3.11, numpy 2.4.6, scipy 1.17.1, scikit-image 0.26.0:
pip install scipy scikit-image; python tests/golden/objects.py
`checksum` and `noise` are coded a second time in core/objects/tests/golden.rs.
"""

import json
from pathlib import Path

import numpy as np
from scipy import ndimage
from scipy.spatial import ConvexHull
from scipy.spatial.distance import pdist
from skimage.filters import threshold_otsu
from skimage.io import imread
from skimage.measure import perimeter_crofton, regionprops
from skimage.segmentation import find_boundaries, watershed

DATA = Path(__file__).parent.parent / "data"
NAMES = [
    "fluorescence/{}/0b2e702f90aee4fff2bc6e4326308d50cf04701082e718d4f831c8959fbcda93.png",
    "fluorescence/{}/a486f6ed4b8781e7883e433d06a83dd66db3e8b36d45b9976c4214820ee22629.png",
    "histology/{}/0e21d7b3eea8cdbbed60d51d72f4f8c1974c5d76a8a3893a7d5835c85284132e.png",
    "bbbc039/{}/E19_s2.png",
]


def checksum(values):
    """A sum that notices where each whole number stands."""
    values = np.asarray(values, dtype=np.int64).ravel()
    return int((values * (np.arange(values.size, dtype=np.int64) % 1009 + 1)).sum())


def noise(count):
    """A permutation of 0..count that looks like noise: 7919 is a prime that divides no image here."""
    return (np.arange(count, dtype=np.int64) * 7919) % count


def corners(mask):
    y, x = np.nonzero(mask)
    return np.unique(np.concatenate([np.stack([y + dy, x + dx], 1) for dy in (0, 1) for dx in (0, 1)]), axis=0)


def squared_distance(mask):
    return np.rint(ndimage.distance_transform_edt(mask) ** 2).astype(np.int64)


def normalised_distance(labels):
    """Distance inside each object over its largest; scipy does not count the image's edge as outside."""
    out = np.zeros(labels.shape)
    for i in np.unique(labels[labels > 0]):
        distance = ndimage.distance_transform_edt(labels == i)
        out += distance / distance.max()
    return out


def boundary(labels):
    """Inner boundaries; an object of boundary alone keeps its pixels farthest from the edge out of it."""
    found = find_boundaries(labels, connectivity=2, mode="inner")
    for i in np.unique(labels[labels > 0]):
        if found[labels == i].all():
            distance = ndimage.distance_transform_edt(labels == i)
            found[distance == distance.max()] = False
    return found


def measurements(labels, image):
    rows = []
    for region in regionprops(labels, intensity_image=image):
        mask = np.pad(region.image, 1)
        points = corners(region.image)
        hull = ConvexHull(points)
        values = image[labels == region.label].astype(np.float64)
        rows.append(
            {
                "label": int(region.label),
                "area": float(region.area),
                "bbox": [int(v) for v in region.bbox],
                "centroid": [float(v) for v in region.centroid],
                "perimeter": float(perimeter_crofton(mask, directions=4)),
                "hull_area": float(hull.volume),
                "feret": float(pdist(points[hull.vertices]).max()),
                "mean": float(values.mean()),
                "median": float(np.median(values)),
                "min": float(values.min()),
                "max": float(values.max()),
                "integrated": float(values.sum()),
            }
        )
    return rows


def seeds(labels):
    """The first pixel of each object in raster order."""
    out = np.zeros_like(labels)
    ids, first = np.unique(labels, return_index=True)
    for i, pixel in zip(ids, first):
        if i:
            out.ravel()[pixel] = i
    return out


rows = []
for name in NAMES:
    labels = imread(DATA / name.format("labels")).astype(np.int64)
    image = imread(DATA / name.format("images"))
    grey = (image.astype(np.float64).mean(axis=2) if image.ndim == 3 else image).astype(np.float32)
    height, width = labels.shape
    distances = normalised_distance(labels)
    eight, four = np.ones((3, 3)), None
    watersheds = watershed(-noise(labels.size).reshape(labels.shape), seeds(labels), connectivity=2, mask=labels > 0)
    rows.append(
        {
            "name": name,
            "squared_distance": checksum(squared_distance(labels > 0)),
            "squared_distance_outside": checksum(squared_distance(labels == 0)),
            "components_8": checksum(ndimage.label(labels > 0, eight)[0]),
            "components_4": checksum(ndimage.label(labels > 0, four)[0]),
            "boundary": checksum(boundary(labels)),
            "distance_sum": float(distances.sum()),
            "distance_moment": float((distances * np.arange(labels.size).reshape(labels.shape)).sum() / labels.size),
            "watershed": checksum(watersheds),
            "otsu": float(threshold_otsu(grey)),
            "objects": measurements(labels, grey),
        }
    )
out = Path(__file__).with_suffix(".json")
out.write_text("[\n" + ",\n".join(json.dumps(row) for row in rows) + "\n]\n")
