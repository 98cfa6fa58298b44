"""The real images of this checkout, as imageio reads them; and some of them in other formats."""

import imageio.v3 as imageio
import nibabel
import numpy as np
import tifffile
import zarr
from ome_zarr.writer import write_multiscale

from corpus import ROOT, UUID

DATA = ROOT / "tests" / "data"


def make(corpus):
    images = sorted(DATA.glob("*/images/*.png"))
    for path in images:
        array = imageio.imread(path)
        colours = array.ndim == 3
        file = path.relative_to(ROOT).as_posix()
        array = array[..., :3] if colours else array
        corpus.image(file, "real images", "imageio", array, "YXS" if colours else "YX", rgb=colours)
    for path in sorted(DATA.glob("*/labels/*.png")):
        array = imageio.imread(path)
        corpus.labels(path.relative_to(ROOT).as_posix(), "real images", "imageio", array, "YX")
    # One of each set.
    first = {path.parent.parent.name: path for path in reversed(images)}
    for name, path in sorted(first.items()):
        array = imageio.imread(path)
        in_other_formats(corpus, name, array[..., :3] if array.ndim == 3 else array)


def in_other_formats(corpus, name, array):
    colours = array.ndim == 3
    axes, photometric = ("YXS", "rgb") if colours else ("YX", "minisblack")
    options = {"photometric": photometric, "compression": "zlib", "predictor": 2}
    for kind, more in (("tiles", {"tile": (128, 128), "metadata": None}), ("lzw", {"compression": "lzw", "metadata": None}),
                       ("ome", {"ome": True, "tile": (256, 256), "metadata": {"axes": axes, "UUID": UUID}})):
        file = f"real/{name}_{kind}.tif"
        tifffile.imwrite(corpus.path(file), array, **{**options, **more})
        corpus.image(file, "real images", f"tifffile: {kind}", array, axes, rgb=colours)
    if array.dtype in (np.uint8, np.uint16):
        file = f"real/{name}_imagej.tif"
        tifffile.imwrite(corpus.path(file), array, imagej=True, photometric=photometric)
        corpus.image(file, "real images", "tifffile: imagej", array, axes, rgb=colours)
    if not colours:
        file = f"real/{name}.nii.gz"
        image = nibabel.Nifti1Image(array.T, np.eye(4))
        image.header.set_xyzt_units("unknown", "unknown")
        nibabel.save(image, corpus.path(file))
        corpus.image(file, "real images", "nibabel", array, "YX")
        file = f"real/{name}.zarr"
        levels = [array, array[::2, ::2]]
        write_multiscale(levels, zarr.open_group(corpus.path(file), mode="w"), axes="yx")
        corpus.image(file, "real images", "ome-zarr", array, "YX", levels=levels[1:])
