"""tifffile opens the label images, with axes, pixel type and calibration as they should be."""

import tempfile
from pathlib import Path

import numpy as np
import tifffile
from skimage.io import imread

from told import MODEL, NAMES, check, fewlabel, image_path, predicted_labels_path


def opens_everywhere():
    types, sizes, ids, kinds = set(), True, True, set()
    for name in NAMES:
        with tifffile.TiffFile(predicted_labels_path(name)) as tiff:
            labels = tiff.asarray()
            kinds.add(tiff.is_imagej)
        types.add(labels.dtype.name)
        sizes &= labels.shape == imread(image_path(name)).shape[:2]
        present = np.unique(labels[labels > 0])
        ids &= np.array_equal(present, np.arange(1, len(present) + 1))
    check("label images are 16 bit", types == {"uint16"}, types)
    check("label images are ImageJ's", kinds == {True}, kinds)
    check("label images have the size of their images", sizes, sizes)
    check("labels count from 1 without gaps", ids, ids)


def calibration_comes_back(folder):
    small = [imread(image_path(name)) for name in NAMES]
    small = [image for image in small if image.shape == (256, 256)][:4]
    stack = np.stack(small).reshape(2, 2, 256, 256)
    source = folder / "Stapel µ.tif"
    metadata = {"axes": "TZYX", "unit": "um", "spacing": 1.5, "finterval": 2.5}
    tifffile.imwrite(source, stack, imagej=True, resolution=(1 / 0.325, 1 / 0.325), metadata=metadata)
    fewlabel("segment", "--model", MODEL, source, "--output", folder / "out")
    with tifffile.TiffFile(folder / "out" / "Stapel µ.labels.tif") as tiff:
        series, page, told = tiff.series[0], tiff.pages[0], tiff.imagej_metadata
        labels = series.asarray()
    check("axes of a stack come back", (series.axes, labels.shape) == ("TZYX", stack.shape), (series.axes, labels.shape))
    for tag in ("XResolution", "YResolution"):
        above, below = page.tags[tag].value
        check(f"{tag} comes back", abs(below / above - 0.325) < 1e-5, below / above)
    units = {"um", "µm", "micron", "\\u00B5m"}
    check("the unit comes back", told.get("unit") in units, told.get("unit"))
    for key in ("spacing", "finterval"):
        check(f"{key} comes back", abs(float(told.get(key, 0)) - metadata[key]) < 1e-9, told.get(key))
    counts = [int(len(np.unique(plane)) - 1) for plane in labels.reshape(4, 256, 256)]
    check("every plane of a stack has objects", min(counts) > 0, counts)


if __name__ == "__main__":
    opens_everywhere()
    with tempfile.TemporaryDirectory() as temporary:
        calibration_comes_back(Path(temporary))
