"""Golden values for core/score: writes scores.json beside itself.

Made with Python 3.11, numpy 2.4.6, scikit-learn 1.9.1, scikit-image 0.26.0, stardist 0.9.2 (its matching
module): pip install stardist scikit-learn scikit-image; python tests/golden/scores.py
The perturbations of `perturb` are coded a second time in core/score/tests/golden.rs.
"""

import json
from pathlib import Path

import numpy as np
from skimage.io import imread
from sklearn.metrics import f1_score, jaccard_score
from stardist.matching import matching

DATA = Path(__file__).parent.parent / "data"
IMAGES = [
    "fluorescence/labels/0b2e702f90aee4fff2bc6e4326308d50cf04701082e718d4f831c8959fbcda93.png",
    "fluorescence/labels/308084bdd358e0bd3dc7f2b409d6f34cc119bce30216f44667fc2be43ff31722.png",
    "fluorescence/labels/a486f6ed4b8781e7883e433d06a83dd66db3e8b36d45b9976c4214820ee22629.png",
    "histology/labels/0e21d7b3eea8cdbbed60d51d72f4f8c1974c5d76a8a3893a7d5835c85284132e.png",
    "bbbc039/labels/E19_s2.png",
]
THRESHOLDS = [i / 100 for i in range(50, 100, 5)]


def shift(labels, dy, dx):
    moved = np.zeros_like(labels)
    h, w = labels.shape
    y, x = np.mgrid[:h, :w]
    inside = (y - dy >= 0) & (y - dy < h) & (x - dx >= 0) & (x - dx < w)
    moved[inside] = labels[(y - dy)[inside], (x - dx)[inside]]
    return moved


def erode(labels):
    """Keeps a pixel whose four edge neighbours, as far as there are, have its number."""
    p = np.pad(labels, 1, mode="edge")
    same = (p[:-2, 1:-1] == labels) & (p[2:, 1:-1] == labels) & (p[1:-1, :-2] == labels) & (p[1:-1, 2:] == labels)
    return np.where(same, labels, 0)


def merge(labels):
    return np.where(labels % 4 == 2, labels - 1, labels)


def drop(labels):
    return np.where(labels % 5 == 0, 0, labels)


def split(labels):
    """Cuts every third object into stripes of eight columns, in turn."""
    stripe = (np.arange(labels.shape[1]) // 8 % 2 == 1)[None, :]
    return np.where((labels % 3 == 0) & (labels != 0) & stripe, labels + 100_000, labels)


PERTURBATIONS = {
    "same": lambda l: l,
    "shift": lambda l: shift(l, 2, -3),
    "erode": erode,
    "merge": merge,
    "drop": drop,
    "split": split,
    "all": lambda l: split(drop(merge(shift(erode(l), 1, 1)))),
    "none": np.zeros_like,
}


def scores(truth, prediction):
    rows = [matching(truth, prediction, thresh=t) for t in THRESHOLDS]
    t, p = (truth > 0).ravel(), (prediction > 0).ravel()
    return {
        "found": [int(r.tp) for r in rows],
        "invented": [int(r.fp) for r in rows],
        "missed": [int(r.fn) for r in rows],
        "ap": [float(r.accuracy) for r in rows],
        "dice": float(f1_score(t, p)),
        "iou": float(jaccard_score(t, p)),
        # Classes: the object's number modulo 3.
        "class_dice": [float(v) for v in f1_score(*classes(truth, prediction), labels=[1, 2], average=None, zero_division=1)],
        "class_iou": [
            float(v) for v in jaccard_score(*classes(truth, prediction), labels=[1, 2], average=None, zero_division=1)
        ],
        "micro_dice": float(f1_score(*classes(truth, prediction), labels=[1, 2], average="micro")),
        "micro_iou": float(jaccard_score(*classes(truth, prediction), labels=[1, 2], average="micro")),
    }


def classes(truth, prediction):
    return (truth % 3).ravel(), (prediction % 3).ravel()


rows = []
for name in IMAGES:
    truth = imread(DATA / name).astype(np.int64)
    for perturbation, apply in PERTURBATIONS.items():
        rows.append({"labels": name, "perturbation": perturbation, **scores(truth, apply(truth))})
out = Path(__file__).with_suffix(".json")
out.write_text("[\n" + ",\n".join(json.dumps(row) for row in rows) + "\n]\n")
