"""Seconds of one pass of a packaged model in onnxruntime.

Settings come in as a JSON line, what was set up goes out; then each line in runs a block of passes, and its median seconds
go out.
"""

import json
import statistics
import sys
import time
import zipfile

import numpy
import onnxruntime


def say(**line):
    print(json.dumps(line), flush=True)


def main():
    settings = json.loads(sys.stdin.readline())
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = settings["threads"]
    options.inter_op_num_threads = 1
    # Between the blocks others are timed: no thread may turn round and round then.
    options.add_session_config_entry("session.force_spinning_stop", "1")
    with zipfile.ZipFile(settings["model"]) as package:
        graph = package.read("weights.onnx")
    session = onnxruntime.InferenceSession(graph, options, providers=["CPUExecutionProvider"])
    entry = session.get_inputs()[0]
    size = settings["size"]
    image = (numpy.arange(entry.shape[1] * size * size) % 255 / 255).astype(numpy.float32)
    feed = {entry.name: image.reshape(1, entry.shape[1], size, size)}
    session.run(None, feed)
    say(version=onnxruntime.__version__)
    for _ in sys.stdin:
        seconds = []
        for _ in range(settings["passes"]):
            start = time.perf_counter()
            session.run(None, feed)
            seconds.append(time.perf_counter() - start)
        say(seconds=statistics.median(seconds))


main()
