"""onnx and onnxruntime read `weights.onnx`, and compute what the package says."""

import io
import zipfile

import numpy as np
import onnx
import onnxruntime
from bioimageio.spec import load_description

from told import MODEL, check


def member(name):
    with zipfile.ZipFile(MODEL) as package:
        return package.read(name)


if __name__ == "__main__":
    bytes_of_graph = member("weights.onnx")
    graph = onnx.load_from_string(bytes_of_graph)
    onnx.checker.check_model(graph, full_check=True)
    check("the graph passes onnx's checker", True, f"{len(graph.graph.node)} nodes")
    opset = max(domain.version for domain in graph.opset_import)
    check("operator set 17 or older, IR 8 or older", opset <= 17 and graph.ir_version <= 8, (opset, graph.ir_version))

    session = onnxruntime.InferenceSession(bytes_of_graph, providers=["CPUExecutionProvider"])
    entry = session.get_inputs()[0]
    source = np.load(io.BytesIO(member("test_input.npy"))).astype(np.float32)
    expected = np.load(io.BytesIO(member("test_output.npy")))
    steps = load_description(MODEL, perform_io_checks=False).inputs[0].preprocessing
    scaled = [step for step in steps if step.id == "scale_range"]
    check("the normalisation is one percentile step", len(scaled) == 1, [step.id for step in steps])
    percent = scaled[0].kwargs
    low, high = (np.percentile(source, p, axis=(-2, -1), keepdims=True) for p in (percent.min_percentile, percent.max_percentile))
    normalised = ((source - low) / (high - low + percent.eps)).astype(np.float32)
    found = session.run(None, {entry.name: normalised})[0]
    off = float(np.abs(found - expected).max())
    check("onnxruntime gives the package's test output to 1e-4", off <= 1e-4, off)

    pair = np.concatenate([normalised, normalised[..., ::-1, :]])
    both = session.run(None, {entry.name: np.ascontiguousarray(pair)})[0]
    off = float(np.abs(both[:1] - found).max())
    check("a batch gives what each image gives", both.shape[0] == 2 and off <= 1e-4, off)
    wide = session.run(None, {entry.name: np.ascontiguousarray(np.tile(normalised, (1, 1, 1, 2)))})[0]
    check("other sizes run", wide.shape[-2:] == (normalised.shape[-2], 2 * normalised.shape[-1]), wide.shape)
