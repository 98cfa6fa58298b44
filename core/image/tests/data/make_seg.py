"""Makes the NumPy files of this folder: label planes as Cellpose saves them in `NAME_seg.npy`, and plain arrays.

    python make_seg.py numpy1      # with NumPy 1.26.4
    python make_seg.py numpy2      # with NumPy 2.4 or later

The dictionaries have the keys and kinds of values of Cellpose 3 (`io.masks_flows_to_seg` and the save function of its
window), without its images. The masks are always the same: see `MASKS`.
"""

import pickle
import sys
from datetime import datetime
from pathlib import Path

import numpy as np

HERE = Path(__file__).parent
# A plane of 3 rows and 4 columns, and a stack of two planes.
MASKS = np.array([[0, 1, 1, 0], [0, 0, 1, 300], [2, 2, 0, 300]], np.uint16)
STACK = np.stack([MASKS, MASKS[::-1]])


def seg(masks):
    """What Cellpose saves: a dictionary as an array without axes."""
    return np.asanyarray({
        "outlines": np.zeros(masks.shape, np.uint16),
        "colors": np.full((3, 3), 200, np.uint8),
        "masks": masks,
        "chan_choose": [0, 0],
        "ismanual": np.zeros(3, bool),
        "manual_changes": [[datetime(2024, 5, 6), "added mask", [1, 2]]],
        "filename": "C:\\cells\\zellen \u00b5.tif",
        "flows": [np.zeros((3, 4, 3), np.uint8), np.zeros((1, 3, 4), np.float32), [], None],
        "est_diam": np.float64(30.5),
        "diameter": -1.5,
        "zdraw": [None, None, [0, 1], 123456789012345678901234567890],
        "normalize_params": {"lowhigh": None, "percentile": [1.0, 99.0], "sharpen": (), "invert": False},
    })


def header():
    """How `numpy.save` begins a file that holds a pickle."""
    text = "{'descr': '|O', 'fortran_order': False, 'shape': (), }"
    return b"\x93NUMPY\x01\x00" + (118).to_bytes(2, "little") + text.encode().ljust(117) + b"\n"


def pickled(name, masks, protocol):
    (HERE / name).write_bytes(header() + pickle.dumps(seg(masks), protocol=protocol))


if __name__ == "__main__":
    version = sys.argv[1]
    np.save(HERE / f"{version}_seg.npy", seg(MASKS).item())
    np.save(HERE / f"{version}_stack_seg.npy", seg(np.asfortranarray(STACK)).item())
    for protocol in (2, 5):
        pickled(f"{version}_protocol{protocol}_seg.npy", MASKS.astype(">i8"), protocol)
    if version == "numpy2":
        np.save(HERE / "plain_i4.npy", MASKS.astype(np.int32))
        np.save(HERE / "plain_fortran_u1.npy", np.asfortranarray(np.minimum(STACK, 255).astype(np.uint8)))
        np.save(HERE / "plain_f4.npy", MASKS.astype(np.float32))
        np.save(HERE / "object.npy", np.asanyarray({"labels": MASKS}))
