"""`fewlabel evaluate` agrees with scipy's assignment and scikit-learn's pixel scores on the demo's label images."""

import numpy as np
import tifffile
from scipy.optimize import linear_sum_assignment
from sklearn.metrics import f1_score, jaccard_score
from skimage.io import imread

from told import DATA, DEMO, NAMES, check, fewlabel, predicted_labels_path, true_labels_path

THRESHOLDS = np.arange(50, 100, 5) / 100


def intersection_over_union(truth, prediction):
    """Of every true object with every predicted one."""
    table = np.zeros((truth.max() + 1, prediction.max() + 1), np.int64)
    np.add.at(table, (truth.ravel(), prediction.ravel()), 1)
    true_sizes, predicted_sizes = table.sum(1, keepdims=True), table.sum(0, keepdims=True)
    union = true_sizes + predicted_sizes - table
    iou = np.where(union > 0, table / np.maximum(union, 1), 0)
    return iou[1:, 1:][true_sizes[1:, 0] > 0][:, predicted_sizes[0, 1:] > 0]


def average_precision(iou, threshold):
    """TP / (TP + FP + FN) with as many one-to-one partners as there can be."""
    partners = iou >= threshold
    rows, columns = linear_sum_assignment(partners, maximize=True)
    found = int(partners[rows, columns].sum())
    wrong = sum(iou.shape) - 2 * found
    return found / (found + wrong) if found + wrong else 1.0


if __name__ == "__main__":
    result = fewlabel("evaluate", "--predictions", DEMO / "labels", "--labels", DATA / "labels", f"@{DATA / 'split.json'}#val")
    told = {image["name"]: image for image in result["images"]}
    check("every image is scored", sorted(told) == sorted(NAMES), len(told))
    worst_ap = worst_dice = worst_iou = 0.0
    precisions, all_truth, all_predicted = [], [], []
    for name in NAMES:
        truth = imread(true_labels_path(name)).astype(np.int64)
        prediction = tifffile.imread(predicted_labels_path(name)).astype(np.int64)
        iou = intersection_over_union(truth, prediction)
        precisions.append([average_precision(iou, threshold) for threshold in THRESHOLDS])
        worst_ap = max(worst_ap, np.abs(np.subtract(precisions[-1], told[name]["objects"]["ap"])).max())
        a, b = (truth > 0).ravel(), (prediction > 0).ravel()
        all_truth.append(a)
        all_predicted.append(b)
        worst_dice = max(worst_dice, abs(f1_score(a, b, zero_division=1) - told[name]["overlap"]["dice"]))
        worst_iou = max(worst_iou, abs(jaccard_score(a, b, zero_division=1) - told[name]["overlap"]["iou"]))
    check("AP at IoU 0.5 to 0.95 of each image", worst_ap < 1e-9, worst_ap)
    check("Dice of each image", worst_dice < 1e-9, worst_dice)
    check("IoU of each image", worst_iou < 1e-9, worst_iou)
    mean = np.mean(precisions, axis=0)
    off = abs(mean[0] - result["objects"]["ap50"])
    check("mean AP50", off < 1e-9, off)
    off = abs(mean[:9].mean() - result["objects"]["ap_50_90"])
    check("mean AP 0.5 to 0.9", off < 1e-9, off)
    off = abs(f1_score(np.concatenate(all_truth), np.concatenate(all_predicted)) - result["micro"]["dice"])
    check("Dice of all pixels together", off < 1e-9, off)
