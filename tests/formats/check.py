"""What tifffile, zarr, ome-zarr, nibabel, imageio and roifile find in the files that we wrote: `check.py FOLDER`.

Reads `manifest.jsonl` in the folder, and prints a line of JSON for each file: whether all is found as the manifest says.
"""

import json
import logging
import sys
import xml.etree.ElementTree as ElementTree
from pathlib import Path

import imageio.v3 as imageio
import nibabel
import numpy as np
import tifffile
import zarr
from ome_zarr.io import parse_url
from ome_zarr.reader import Reader

from check_outlines import geojson, roi, rois
from corpus import TYPES, hashed, ordered

METRES = {"m": 1, "meter": 1, "cm": 1e-2, "mm": 1e-3, "millimeter": 1e-3, "µm": 1e-6, "um": 1e-6, "micron": 1e-6,
          "micrometer": 1e-6, "\\u00B5m": 1e-6, "nm": 1e-9, "nanometer": 1e-9}
OME = "{http://www.openmicroscopy.org/Schemas/OME/2016-06}"


def is_label(case):
    return not case["channel_names"] and case["made"] != "maps" and not case["file"].startswith("maps")


def samples(problems, case, array, axes):
    """Shape, type and samples."""
    array = ordered(array, axes)
    problems.expect("shape", list(array.shape), case["shape"])
    problems.expect("type", TYPES[array.dtype.str[1:]], case["type"])
    problems.expect("samples", hashed(array), case["sha256"])


def sizes(problems, case, unit, found, interval):
    """Sizes `x y z` in a unit, and seconds between frames; what is not known is `None`."""
    expected = case["calibration"]
    flat = case["shape"][1] == 1
    for axis, size in zip("xyz", found):
        meant = expected[axis]
        if axis == "z" and flat:
            continue
        if meant is None or expected["unit"] is None:
            problems.expect(f"size {axis}", size, None)
        else:
            metres = None if size is None else size * METRES[unit]
            problems.near(f"size {axis}", metres, meant * METRES[expected["unit"]])
    if case["shape"][0] > 1 or expected["frame_interval"] is not None:
        problems.near("frame interval", interval, expected["frame_interval"])


def pyramid(problems, case, levels):
    """Each level is half of the one above: of labels the upper left of four, of maps their mean."""
    largest = max(levels[0].shape[-2:])
    problems.expect("has levels", len(levels) > 1, largest > 512)
    problems.expect("the last level is small", max(levels[-1].shape[-2:]) <= 512, True)
    for above, below in zip(levels, levels[1:]):
        if is_label(case):
            problems.expect("level", np.array_equal(below, above[..., ::2, ::2]), True)
            continue
        total = np.zeros((*above.shape[:-2], (above.shape[-2] + 1) // 2, (above.shape[-1] + 1) // 2))
        count = np.zeros(total.shape)
        for y in (0, 1):
            for x in (0, 1):
                part = above[..., y::2, x::2]
                total[..., : part.shape[-2], : part.shape[-1]] += part
                count[..., : part.shape[-2], : part.shape[-1]] += 1
        problems.expect("level", below.shape == total.shape and np.allclose(below, total / count, atol=1e-4), True)


def resolutions(page):
    """Sizes of a pixel by the tags, in their unit."""
    for tag in ("XResolution", "YResolution"):
        value = page.tags[tag].value if tag in page.tags else None
        yield None if value is None else value[1] / value[0]


def imagej_tiff(problems, path, case):
    with tifffile.TiffFile(path) as tiff:
        problems.expect("is of ImageJ", tiff.is_imagej, True)
        told, series = tiff.imagej_metadata, tiff.series[0]
        samples(problems, case, series.asarray(), series.axes)
        sizes(problems, case, told.get("unit"), [*resolutions(tiff.pages[0]), told.get("spacing")], told.get("finterval"))
        labels = told.get("Labels", [])
        # tifffile answers a single one as it is.
        problems.expect("slice labels", [labels] if isinstance(labels, str) else labels, case["slice_labels"])
        problems.expect("range", [told["min"], told["max"]], case["range"])


def ome_tiff(problems, path, case):
    with tifffile.TiffFile(path) as tiff:
        problems.expect("is OME-TIFF", tiff.is_ome, True)
        problems.expect("images", len(tiff.series), 1)
        page, series = tiff.pages[0], tiff.series[0]
        problems.expect("tiles", page.is_tiled, True)
        problems.expect("compression", page.compression, tifffile.COMPRESSION.ADOBE_DEFLATE)
        samples(problems, case, series.asarray(), series.axes)
        pyramid(problems, case, [level.asarray() for level in series.levels])
        root = ElementTree.fromstring(tiff.ome_metadata)
        if case["calibration"]["unit"] is not None:
            in_centimetres = [None if size is None else size * 1e-2 for size in resolutions(page)]
            metres = METRES[case["calibration"]["unit"]]
            problems.near("resolution", in_centimetres[0], case["calibration"]["x"] * metres)
            problems.near("resolution", in_centimetres[1], case["calibration"]["y"] * metres)
    pixels = root.find(f"{OME}Image/{OME}Pixels")
    found = [pixels.get(f"PhysicalSize{axis}") for axis in "XYZ"]
    interval = pixels.get("TimeIncrement")
    sizes(problems, case, pixels.get("PhysicalSizeXUnit"), [None if size is None else float(size) for size in found],
          None if interval is None else float(interval))
    names = [channel.get("Name") for channel in pixels.findall(f"{OME}Channel")]
    problems.expect("channel names", [name for name in names if name], case["channel_names"])
    labels = {int(one.get("K")): one.text for one in root.iter(f"{OME}M")}
    problems.expect("slice labels", [labels[plane] for plane in sorted(labels)], case["slice_labels"])


def ome_zarr(problems, path, case):
    group = zarr.open_group(path, mode="r")
    attributes = dict(group.attrs)
    one = attributes["multiscales"][0]
    axes = "".join(axis["name"] for axis in one["axes"])
    levels = [group[dataset["path"]][...] for dataset in one["datasets"]]
    samples(problems, case, levels[0], axes)
    pyramid(problems, case, levels)
    units = {axis["name"]: axis.get("unit") for axis in one["axes"]}
    scales = [dict(zip(axes, dataset["coordinateTransformations"][0]["scale"])) for dataset in one["datasets"]]
    known = {axis: size for axis, size in scales[0].items() if units[axis]}
    sizes(problems, case, units["x"], [known.get(axis) for axis in "xyz"], known.get("t"))
    for number, scale in enumerate(scales):
        problems.near("scale of a level", scale["x"], scales[0]["x"] * (1 << number))
    if is_label(case):
        said = attributes["image-label"]
        problems.expect("colours", said["colors"][0], {"label-value": 1, "rgba": [255, 0, 0, 255]})
        problems.expect("source", said["source"], {"image": "../.."})
    else:
        names = [channel["label"] for channel in attributes["omero"]["channels"]]
        problems.expect("channel names", names, case["channel_names"])
        # ome-zarr itself: labels are found by it in the folder of an image only.
        node = next(iter(Reader(parse_url(path))()))
        problems.expect("levels in ome-zarr", [level.shape for level in node.data], [level.shape for level in levels])
        problems.expect("samples in ome-zarr", np.array_equal(node.data[0].compute(), levels[0]), True)


def nifti(problems, path, case):
    image = nibabel.load(path)
    array = np.asarray(image.dataobj)
    samples(problems, case, array, "XYZTC"[: array.ndim])
    header = image.header
    problems.expect("intent", int(header["intent_code"]), 1002 if is_label(case) else 0)
    problems.expect("scale", (image.dataobj.slope, image.dataobj.inter), (1, 0))
    like = Path(case["made"])
    if like.is_absolute():
        other = nibabel.load(like)
        problems.expect("affine", np.array_equal(image.affine, other.affine), True)
        problems.expect("version", type(image), type(other))
        problems.expect("units", header.get_xyzt_units(), other.header.get_xyzt_units())
        sizes_of_both = list(zip(header.get_zooms()[:3], other.header.get_zooms()))
        problems.expect("sizes", [size for size, _ in sizes_of_both], [size for _, size in sizes_of_both])
        return
    length, time = header.get_xyzt_units()
    zooms = [float(zoom) for zoom in header.get_zooms()] + [None] * 5
    unit = {"meter": "m", "mm": "mm", "micron": "µm"}.get(length)
    found = [zoom if unit else None for zoom in zooms[:3]]
    interval = zooms[3] if time == "sec" else None
    if case["shape"][1] > 1 and case["calibration"]["z"] is None:
        # The format cannot leave out one of three sizes.
        case = {**case, "calibration": {**case["calibration"], "unit": None}}
    sizes(problems, case, unit, found, interval if case["shape"][0] > 1 else case["calibration"]["frame_interval"])


def png(problems, path, case):
    array = imageio.imread(path)
    samples(problems, case, array, "YXS" if array.ndim == 3 else "YX")


class Problems(list):
    """What was found otherwise than expected."""

    def expect(self, what, found, expected):
        if found != expected:
            self.append(f"{what}: expected {expected}, found {found}")

    def near(self, what, found, expected):
        missing = found is None or expected is None
        if (found is not expected) if missing else abs(found - expected) > 1e-6 * abs(expected):
            self.append(f"{what}: expected {expected}, found {found}")


CHECKS = {"ImageJ TIFF": imagej_tiff, "OME-TIFF": ome_tiff, "OME-Zarr": ome_zarr, "NIfTI": nifti, "PNG": png, "ImageJ .roi": roi,
          "ImageJ ROI zip": rois, "GeoJSON": geojson}


def main(folder):
    # It tells which version it expects first; both are read.
    logging.getLogger("ome_zarr").setLevel(logging.ERROR)
    for line in (folder / "manifest.jsonl").read_text().splitlines():
        case = json.loads(line)
        problems = Problems()
        try:
            CHECKS[case["format"]](problems, folder / case["file"], case)
        except Exception as error:  # Whatever a reader does not like of a file is what is looked for here.
            problems.append(f"{type(error).__name__}: {error}")
        print(json.dumps({"file": case["file"], "ok": not problems, "found": "; ".join(problems)}))


if __name__ == "__main__":
    main(Path(sys.argv[1]))
