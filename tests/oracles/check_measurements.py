"""`objects.csv` agrees with scikit-image's region properties, and with scipy's hull of the pixels' squares."""

import csv

import numpy as np
import tifffile
from scipy.spatial import ConvexHull
from scipy.spatial.distance import pdist
from skimage.io import imread
from skimage.measure import regionprops

from told import DEMO, NAMES, check, image_path, predicted_labels_path


def hull(region):
    """The convex hull of all corners of the object's pixels.

    scikit-image's own hulls and diameters are of other points: the middles of the pixels' sides."""
    corners = [region.coords + corner for corner in [(0, 0), (0, 1), (1, 0), (1, 1)]]
    return ConvexHull(np.unique(np.concatenate(corners), axis=0))


def feret(region):
    around = hull(region)
    return pdist(around.points[around.vertices]).max()


#: Column, independent value, largest difference. Positions are from the edge of the image, half a pixel before the
#: first pixel's middle. Of a polygon scipy's `volume` is the area.
COLUMNS = [
    ("area", lambda r: r.area, 0),
    ("centroid_x", lambda r: r.centroid[1] + 0.5, 1e-6),
    ("centroid_y", lambda r: r.centroid[0] + 0.5, 1e-6),
    ("box_x", lambda r: r.bbox[1], 0),
    ("box_y", lambda r: r.bbox[0], 0),
    ("box_width", lambda r: r.bbox[3] - r.bbox[1], 0),
    ("box_height", lambda r: r.bbox[2] - r.bbox[0], 0),
    ("mean_1", lambda r: r.image_intensity[r.image].mean(), 1e-4),
    ("median_1", lambda r: np.median(r.image_intensity[r.image]), 1e-4),
    ("min_1", lambda r: r.intensity_min, 0),
    ("max_1", lambda r: r.intensity_max, 0),
    ("integrated_1", lambda r: r.image_intensity[r.image].sum(), 0.5),
    ("feret", feret, 1e-6),
    ("solidity", lambda r: r.area / hull(r).volume, 1e-6),
]


if __name__ == "__main__":
    with open(DEMO / "tables" / "objects.csv", newline="", encoding="utf-8") as table:
        rows = {(row["image"], int(row["label"])): row for row in csv.DictReader(table)}
    regions = {}
    for name in NAMES:
        labels, image = tifffile.imread(predicted_labels_path(name)), imread(image_path(name))
        for region in regionprops(labels.astype(np.int32), intensity_image=image.astype(np.float64)):
            regions[name, region.label] = region
    check("a row for each object", rows.keys() == regions.keys(), f"{len(rows)} rows, {len(regions)} objects")
    for column, value, tolerance in COLUMNS:
        worst = max(abs(float(rows[key][column]) - value(region)) for key, region in regions.items())
        check(f"column {column}", worst <= tolerance, worst)
