"""Seconds of one training step of the same network with the same loss in PyTorch.

Speaks as core/learn/benches/step.rs does: settings come in as a JSON line, what was set up goes out; then each line in runs
a block of steps, and its seconds a step go out. Weights and batch are those that the other program wrote (`start`).
"""

import json
import os
import sys
import time

# The wheel names CUDA libraries that are not used here and stand in as empty ones: their symbols must not be looked for.
sys.setdlopenflags(os.RTLD_LAZY)

import numpy  # noqa: E402
import torch  # noqa: E402
from torch import nn  # noqa: E402
from torch.nn import functional as F  # noqa: E402

CLASSES = 3
MAPS = 2
BACKGROUND = 0.2


class Stage(nn.Module):
    """Two 3x3 convolutions, each with batch normalisation and ReLU."""

    def __init__(self, inputs, outputs):
        super().__init__()
        self.conv1 = nn.Conv2d(inputs, outputs, 3, padding=1, bias=False)
        self.norm1 = nn.BatchNorm2d(outputs)
        self.conv2 = nn.Conv2d(outputs, outputs, 3, padding=1, bias=False)
        self.norm2 = nn.BatchNorm2d(outputs)
        self.relu = nn.ReLU(inplace=True)

    def forward(self, maps):
        maps = self.relu(self.norm1(self.conv1(maps)))
        return self.relu(self.norm2(self.conv2(maps)))


class UNet(nn.Module):
    """The network of core/model/src/unet.rs, with its names."""

    def __init__(self, width, levels):
        super().__init__()
        self.levels = levels
        for level in range(levels):
            inputs = 1 if level == 0 else width << (level - 1)
            self.add_module(f"enc{level}", Stage(inputs, width << level))
        for level in reversed(range(levels - 1)):
            self.add_module(f"up{level}", nn.ConvTranspose2d(width << (level + 1), width << level, 2, stride=2))
            self.add_module(f"dec{level}", Stage(width << (level + 1), width << level))
        self.head = nn.Conv2d(width, CLASSES + MAPS, 1)
        self.pool = nn.MaxPool2d(2)

    def forward(self, maps):
        skips = []
        for level in range(self.levels):
            maps = getattr(self, f"enc{level}")(maps)
            if level < self.levels - 1:
                skips.append(maps)
                maps = self.pool(maps)
        for level in reversed(range(self.levels - 1)):
            maps = torch.cat([getattr(self, f"up{level}")(maps), skips[level]], 1)
            maps = getattr(self, f"dec{level}")(maps)
        return self.head(maps)


def loss_of(logits, batch):
    """Cross-entropy and soft Dice of the classes, cross-entropy less entropy of the maps; as core/learn/src/loss."""
    classes, maps = logits[:, :CLASSES], logits[:, CLASSES:]
    target, weight = batch["class"], batch["weight"]
    cross_entropy = (F.cross_entropy(classes, target, reduction="none") * weight).sum() / weight.sum().clamp(min=1)
    share = classes.softmax(1)
    wanted = F.one_hot(target, CLASSES).permute(0, 3, 1, 2).float()
    both = (share * wanted).sum((0, 2, 3))[1:]
    every = (share.square().sum((0, 2, 3)) + wanted.sum((0, 2, 3)))[1:]
    dice = 1 - ((2 * both + 1) / (every + 1)).mean()
    values = batch["values"]
    map_weight = (weight * torch.where(target != 0, 1.0, BACKGROUND)).unsqueeze(1)
    entropy = torch.special.entr(values) + torch.special.entr(1 - values)
    cost = F.binary_cross_entropy_with_logits(maps, values, reduction="none") - entropy
    distance = (cost * map_weight).sum() / (map_weight.sum().clamp(min=1) * MAPS)
    return cross_entropy + dice + distance


def read_safetensors(path):
    """Arrays by name: 8 bytes of length, a JSON header, the bytes."""
    types = {"F32": numpy.float32, "U8": numpy.uint8}
    with open(path, "rb") as file:
        header = json.loads(file.read(int.from_bytes(file.read(8), "little")))
        data = file.read()
    arrays = {}
    for name, entry in header.items():
        if name != "__metadata__":
            start, end = entry["data_offsets"]
            array = numpy.frombuffer(data[start:end], types[entry["dtype"]]).reshape(entry["shape"])
            arrays[name] = torch.from_numpy(array.copy())
    return arrays


def load(network, arrays):
    """Puts our weights into PyTorch's places."""
    ours = {"running_mean": "mean", "running_var": "var"}
    state = network.state_dict()
    for name in state:
        stem, _, last = name.rpartition(".")
        if last != "num_batches_tracked":
            state[name] = arrays[f"{stem}.{ours.get(last, last)}"]
    network.load_state_dict(state)


def say(**line):
    print(json.dumps(line), flush=True)


def main():
    settings = json.loads(sys.stdin.readline())
    torch.set_num_threads(settings["threads"])
    arrays = read_safetensors(settings["start"])
    network = UNet(settings["width"], settings["levels"])
    load(network, arrays)
    batch = {name: arrays[f"batch.{name}"] for name in ["images", "class", "values", "weight"]}
    batch["class"] = batch["class"].long()
    if settings["channels_last"]:
        network = network.to(memory_format=torch.channels_last)
        for name in ["images", "values"]:
            batch[name] = batch[name].to(memory_format=torch.channels_last)
    weights = [p for p in network.parameters() if p.dim() == 4]
    others = [p for p in network.parameters() if p.dim() != 4]
    groups = [{"params": weights, "weight_decay": 0.01}, {"params": others, "weight_decay": 0.0}]
    optimiser = torch.optim.AdamW(groups, lr=1e-3, betas=(0.9, 0.99), eps=1e-8, fused=True)
    bf16 = settings["precision"] == "bf16"

    def loss():
        with torch.autocast("cpu", torch.bfloat16, enabled=bf16):
            logits = network(batch["images"])
        return loss_of(logits.float(), batch)

    say(
        version=torch.__version__,
        # With the running statistics of the normalisations, as ours are counted.
        parameters=sum(v.numel() for n, v in network.state_dict().items() if not n.endswith("num_batches_tracked")),
        loss=loss().item(),
    )
    for _ in sys.stdin:
        start = time.perf_counter()
        for _ in range(settings["steps"]):
            optimiser.zero_grad(set_to_none=True)
            loss().backward()
            nn.utils.clip_grad_norm_(network.parameters(), 1.0)
            optimiser.step()
        say(seconds=(time.perf_counter() - start) / settings["steps"])


main()
