"""Seconds of the supervised contrast of pixels as one writes it in PyTorch, with the whole matrix of similarities.

Speaks as core/learn/benches/contrast.rs does, which computes the same some rows at a time.
"""

import json
import os
import sys
import time

# The wheel names CUDA libraries that are not used here and stand in as empty ones: their symbols must not be looked for.
sys.setdlopenflags(os.RTLD_LAZY)

import torch  # noqa: E402
from torch.nn import functional as F  # noqa: E402

CHANNELS = 128
TEMPERATURE = 0.1


def contrast(rows, classes):
    rows = F.normalize(rows, dim=1)
    likeness = rows @ rows.T / TEMPERATURE
    itself = torch.eye(len(rows), dtype=torch.bool)
    same = (classes[:, None] == classes[None]) & ~itself
    share = likeness - torch.logsumexp(likeness.masked_fill(itself, -torch.inf), 1, keepdim=True)
    each = -(share * same).sum(1) / same.sum(1)
    return each[classes != 0].mean()


def main():
    settings = json.loads(sys.stdin.readline())
    torch.set_num_threads(settings["threads"])
    n, side, stride = 2 * settings["images"], settings["side"], settings["stride"]
    place = torch.arange(side)
    labels = ((place // 16)[:, None] + (place // 24)[None]) % 3
    labels = labels.repeat(n, 1, 1)
    axis = lambda of, step: torch.arange(of, dtype=torch.float32) * step  # noqa: E731
    planes = axis(n, 1.0).view(-1, 1, 1) + axis(side, 0.11).view(-1, 1) + axis(side, 0.07)
    values = planes[:, ::stride, ::stride].reshape(-1, 1)
    rows = torch.sin(values + axis(CHANNELS, 0.37)).requires_grad_()
    classes = labels[:, ::stride, ::stride].reshape(-1)

    def one_pass():
        loss = contrast(rows, classes)
        torch.autograd.grad(loss, rows)
        return float(loss)

    ready = {"version": torch.__version__, "loss": one_pass(), "parameters": int((classes != 0).sum())}
    print(json.dumps(ready), flush=True)
    for _ in sys.stdin:
        start = time.perf_counter()
        for _ in range(settings["passes"]):
            one_pass()
        print(json.dumps({"seconds": (time.perf_counter() - start) / settings["passes"]}), flush=True)


main()
