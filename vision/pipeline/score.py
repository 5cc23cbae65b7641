"""Average precision of the detector as the product runs it, on held-out pictures."""

from __future__ import annotations

from collections import defaultdict
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import yaml

from vision.domain.types import Label
from vision.pipeline.detector import Detector
from vision.pipeline.labels import labels_map

OVERLAP = 0.5
CONFIDENCE = 0.02
Boxes = np.ndarray


def overlaps(one: Boxes, others: Boxes) -> np.ndarray:
    """Intersection over union of one box (4,) with (n, 4); corners."""
    low, high = np.maximum(one[:2], others[:, :2]), np.minimum(one[2:], others[:, 2:])
    shared = (high - low).clip(0).prod(axis=1)
    areas = (others[:, 2:] - others[:, :2]).prod(axis=1)
    return np.asarray(shared / (areas + (one[2:] - one[:2]).prod() - shared + 1e-12))


def hits(found: list[tuple[float, Boxes]], truth: Boxes) -> list[tuple[float, bool]]:
    """(score, right) of every detection of one label in one picture, best first; a truth counts once."""
    free, marked = list(range(len(truth))), []
    for score, box in sorted(found, key=lambda pair: -pair[0]):
        shares = overlaps(box, truth[free]) if free else np.zeros(0)
        right = bool(len(shares)) and float(shares.max()) >= OVERLAP
        if right:
            free.pop(int(shares.argmax()))
        marked.append((score, right))
    return marked


def average_precision(marked: list[tuple[float, bool]], wanted: int) -> float:
    """Area under the precision-recall curve, precision made monotone."""
    if not wanted or not marked:
        return 0.0
    right = np.array([mark for _, mark in sorted(marked, key=lambda pair: -pair[0])], float)
    recall, precision = right.cumsum() / wanted, right.cumsum() / np.arange(1, len(right) + 1)
    best = np.maximum.accumulate(precision[::-1])[::-1]
    return float(np.sum(np.diff(np.concatenate([[0.0], recall])) * best))


def recall_at(marked: list[tuple[float, bool]], wanted: int, confidence: float) -> float:
    return sum(right for score, right in marked if score >= confidence) / max(1, wanted)


def names_of_dataset(dataset: Path) -> dict[int, Label]:
    """Our label of each class number in a YOLO data set (`data.yaml`), by the usual names. Raises ValueError."""
    try:
        names = yaml.safe_load((dataset / "data.yaml").read_text())["names"]
    except (OSError, KeyError, TypeError, yaml.YAMLError) as error:
        raise ValueError(f"{dataset} is no YOLO data set: it needs a data.yaml with `names`.") from error
    pairs = names.items() if isinstance(names, dict) else enumerate(names)
    return labels_map({int(number): str(name) for number, name in pairs})


def _truth(path: Path, names: dict[int, Label]) -> dict[Label, Boxes]:
    boxes: dict[Label, list[list[float]]] = defaultdict(list)
    for line in path.read_text().splitlines() if path.exists() else ():
        kind, x, y, width, height = line.split()
        if int(kind) in names:
            cx, cy, w, h = float(x), float(y), float(width), float(height)
            boxes[names[int(kind)]].append([cx - w / 2, cy - h / 2, cx + w / 2, cy + h / 2])
    return {label: np.array(boxes[label]).reshape(-1, 4) for label in Label}


def score(detector: Detector, dataset: Path, *, split: str = "val", at: float = 0.25) -> dict[str, Any]:
    """mAP50 and per label AP50, recall and precision at confidence `at`, on the pictures of a YOLO data set.

    Of the labels that the data set has; open the detector with `CONFIDENCE`, or its curve is cut off.
    """
    names = names_of_dataset(dataset)
    labels = [label for label in Label if label in names.values()]
    marked: dict[Label, list[tuple[float, bool]]] = defaultdict(list)
    wanted: dict[Label, int] = defaultdict(int)
    for picture in sorted((dataset / "images" / split).iterdir()):
        image: Any = cv2.imread(str(picture))
        if image is None:
            continue
        truth = _truth(dataset / "labels" / split / f"{picture.stem}.txt", names)
        found = detector.detect([image])[0]
        for label in labels:
            mine = [
                (d.confidence, np.array([d.box.x1, d.box.y1, d.box.x2, d.box.y2])) for d in found if d.label == label
            ]
            marked[label] += hits(mine, truth[label])
            wanted[label] += len(truth[label])
    kept = {label: [right for share, right in marked[label] if share >= at] for label in labels}
    precisions = {label.value: round(average_precision(marked[label], wanted[label]), 4) for label in labels}
    return {
        "map50": round(sum(precisions.values()) / len(labels), 4),
        "per_label_map50": precisions,
        "per_label_recall": {one.value: round(recall_at(marked[one], wanted[one], at), 4) for one in labels},
        "per_label_precision": {one.value: round(sum(kept[one]) / max(1, len(kept[one])), 4) for one in labels},
        "confidence": at,
    }
