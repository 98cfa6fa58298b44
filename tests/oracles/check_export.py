"""onnx and onnxruntime read what `export` writes, with all versions of operators that it offers."""

import io
import json
import tempfile
import zipfile
from pathlib import Path

import numpy as np
import onnx
import onnxruntime

from told import MODEL, ROOT, check, fewlabel

KINDS = ROOT / "tests" / "contract" / "kinds.zip"


def test_tensors(model):
    """The normalised test input of a package of one scale, and what its network gives."""
    with zipfile.ZipFile(model) as package:
        source, expected = (np.load(io.BytesIO(package.read(f"test_{name}.npy"))) for name in ("input", "output"))
    low, high = (np.percentile(source, p, axis=(-2, -1), keepdims=True) for p in (1.0, 99.8))
    return ((source - low) / (high - low + 1e-6)).astype(np.float32), expected


def look(model, name, folder):
    normalised, expected = test_tensors(model)
    for opset in [None, *range(13, 22)]:
        path = folder / f"{name} {opset}.onnx"
        told = fewlabel("export", "--model", model, "--output", path, *([] if opset is None else ["--opset", opset]))
        graph = onnx.load(path)
        onnx.checker.check_model(graph, full_check=True)
        session = onnxruntime.InferenceSession(path, providers=["CPUExecutionProvider"])
        off = float(np.abs(session.run(None, {session.get_inputs()[0].name: normalised})[0] - expected).max())
        said = graph.opset_import[0].version == told["opset"] == (opset or 17)
        check(f"{name} with opset {opset} gives the test output to 1e-4", said and off <= 1e-4, off)
    metadata = {entry.key: entry.value for entry in graph.metadata_props}
    scale = json.loads(metadata["normalisation"])
    check(f"{name} tells its normalisation", (scale["low"], scale["high"]) == (1.0, 99.8), metadata)


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as place:
        look(MODEL, "the demo's model", Path(place))
        look(KINDS, "a model of kinds", Path(place))
