"""NIfTI-1 and NIfTI-2 files, by nibabel."""

import itertools

import nibabel
import numpy as np

from corpus import samples

TYPES = ["u1", "i1", "u2", "i2", "u4", "i4", "u8", "i8", "f4", "f8"]
SHAPES = [(7, 5), (7, 5, 4), (7, 5, 1), (7, 5, 3, 2), (7, 5, 3, 2, 3), (7, 6, 1, 1, 2)]
LENGTHS = [("meter", "m"), ("mm", "mm"), ("micron", "µm"), ("unknown", None)]
TIMES = [("sec", 1.0), ("msec", 1e-3), ("usec", 1e-6), ("unknown", None)]


def make(corpus):
    types(corpus)
    scaled(corpus)
    colours(corpus)
    errors(corpus)


def axes_of(array):
    return "XYZTC"[: array.ndim]


def keep(corpus, name, made, image, array, axes, **more):
    nibabel.save(image, corpus.path(f"nifti/{name}"))
    corpus.image(f"nifti/{name}", "NIfTI", f"nibabel: {made}", array, axes, **more)


def types(corpus):
    """Axes are x y z t c in the file; sizes count together with a unit."""
    for number, (version, kind, order) in enumerate(itertools.product((1, 2), TYPES, "<>")):
        image_class = nibabel.Nifti1Image if version == 1 else nibabel.Nifti2Image
        shape = SHAPES[(number + number // 6) % 6]
        array = samples(shape, kind)
        if kind[0] == "f":
            array = np.nan_to_num(array, nan=1.5, posinf=2, neginf=-2)
        header = image_class.header_class(endianness=order)
        header.set_data_dtype(np.dtype(kind).newbyteorder(order))
        image = image_class(array.astype(np.dtype(kind).newbyteorder(order)), np.diag([2.0, 3.0, 4.0, 1.0]), header,
                            **({"dtype": np.dtype(kind)} if kind in ("i8", "u8") else {}))
        sizes = (0.325, 0.65, 1.5, 250.0, 1.0)[: len(shape)]
        image.header.set_zooms(sizes)
        (length, unit), (time, second) = LENGTHS[number % 4], TIMES[number // 4 % 4]
        image.header.set_xyzt_units(length, time)
        calibration = {}
        if unit:
            calibration = {"unit": unit, **dict(zip("xyz", sizes[:3]))}
        if second and len(shape) > 3:
            calibration["frame_interval"] = 250.0 * second
        name = f"v{version}_{kind}_{'little' if order == '<' else 'big'}.nii{'.gz' if number % 3 else ''}"
        keep(corpus, name, f"{kind}, {shape}", image, array, axes_of(array), calibration=calibration)


def scaled(corpus):
    """Scaled samples are what they mean: floats, of 64 bits where they are stored so."""
    for number, (kind, (slope, intercept)) in enumerate(itertools.product(TYPES, ((0.5, -3.0), (1.0, 2.0), (0.25, 0.0)))):
        stored = np.nan_to_num(samples((5, 4, 3), kind, None if kind[0] == "f" else 100), nan=1, posinf=2, neginf=3)
        stored = np.clip(stored, -1e6, 1e6).astype(kind)
        version = nibabel.Nifti1Header if number % 2 else nibabel.Nifti2Header
        header = version()
        header.set_data_dtype(kind)
        header.set_data_shape(stored.shape)
        header["magic"] = b"n+1" if number % 2 else b"n+2"
        header["vox_offset"] = 352 if number % 2 else 544
        header["scl_slope"], header["scl_inter"] = slope, intercept
        path = corpus.path(f"nifti/scaled_{kind}_{slope}_{intercept}.nii")
        path.write_bytes(header.binaryblock + b"\0\0\0\0" + stored.tobytes(order="F"))
        loaded = nibabel.load(path)
        assert np.array_equal(loaded.dataobj.get_unscaled(), stored)
        assert (loaded.dataobj.slope, loaded.dataobj.inter) == (slope, intercept)
        meant = (stored.astype("f8") * slope + intercept).astype("f8" if kind == "f8" else "f4")
        corpus.image(f"nifti/{path.name}", "NIfTI", "nibabel: scaled", meant, "XYZ")
    # A slope of 0 is none.
    plain = samples((5, 4, 3), "i2")
    image = nibabel.Nifti1Image(plain, np.eye(4))
    image.header.set_xyzt_units("unknown", "unknown")
    keep(corpus, "unscaled.nii", "no slope", image, plain, "XYZ")


def colours(corpus):
    for letters in ("RGB", "RGBA"):
        array = np.zeros((7, 5, 3), [(letter, "u1") for letter in letters])
        for number, letter in enumerate(letters):
            array[letter] = samples((7, 5, 3, 4), "u1")[..., number]
        image = nibabel.Nifti1Image(array, np.eye(4))
        image.header.set_xyzt_units("unknown", "unknown")
        found = np.stack([array[letter] for letter in "RGB"], axis=-1)
        keep(corpus, f"{letters.lower()}.nii.gz", letters, image, found, "XYZS", rgb=True)


def errors(corpus):
    kind = "NIfTI that is refused"
    nibabel.save(nibabel.Nifti1Image(np.zeros((2, 2, 2), "c8"), np.eye(4)), corpus.path("nifti/complex.nii"))
    corpus.error("nifti/complex.nii", kind, "complex numbers", "unsupported")
    nibabel.save(nibabel.Nifti1Pair(samples((4, 4, 4), "i2"), np.eye(4)), corpus.path("nifti/pair.hdr"))
    corpus.error("nifti/pair.hdr", kind, "header and samples in two files", "unsupported")
    for name in ("cut.nii", "cut.nii.gz"):
        path = corpus.path(f"nifti/{name}")
        nibabel.save(nibabel.Nifti1Image(samples((9, 8, 7), "i2"), np.eye(4)), path)
        whole = path.read_bytes()
        path.write_bytes(whole[: len(whole) * 2 // 3])
        corpus.error(f"nifti/{name}", kind, "cut short", "unreadable-image")
