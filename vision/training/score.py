"""Average precision of the detector as the product runs it, on held-out pictures."""

from __future__ import annotations

from collections import defaultdict
from pathlib import Path
from typing import Any

import cv2
import numpy as np

from vision.pipeline.openvino_detector import OpenVinoDetector
from vision.training.pictures import NAMES

OVERLAP = 0.5
CONFIDENCE = 0.02
Boxes = np.ndarray


def overlaps(one: Boxes, others: Boxes) -> np.ndarray:
    """Intersection over union of one box (4,) with (n, 4); corners."""
    low, high = np.maximum(one[:2], others[:, :2]), np.minimum(one[2:], others[:, 2:])
    shared = (high - low).clip(0).prod(axis=1)
    areas = (others[:, 2:] - others[:, :2]).prod(axis=1)
    return shared / (areas + (one[2:] - one[:2]).prod() - shared + 1e-12)


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


def _truth(path: Path) -> dict[str, Boxes]:
    boxes: dict[str, list[list[float]]] = defaultdict(list)
    for line in path.read_text().splitlines():
        kind, x, y, width, height = line.split()
        cx, cy, w, h = float(x), float(y), float(width), float(height)
        boxes[NAMES[int(kind)]].append([cx - w / 2, cy - h / 2, cx + w / 2, cy + h / 2])
    return {label: np.array(boxes[label]).reshape(-1, 4) for label in NAMES}


def score(folder: Path, dataset: Path, *, split: str = "val", at: float = 0.25) -> dict[str, Any]:
    """mAP50 and per label AP50, recall and precision at confidence `at`, of the exported model in `folder`."""
    detector = OpenVinoDetector(folder, confidence=CONFIDENCE)
    marked: dict[str, list[tuple[float, bool]]] = defaultdict(list)
    wanted: dict[str, int] = defaultdict(int)
    for picture in sorted((dataset / "images" / split).iterdir()):
        truth = _truth(dataset / "labels" / split / f"{picture.stem}.txt")
        image: Any = cv2.imread(str(picture))
        found = detector.detect([image])[0]
        for label in NAMES:
            mine = [
                (d.confidence, np.array([d.box.x1, d.box.y1, d.box.x2, d.box.y2])) for d in found if d.label == label
            ]
            marked[label] += hits(mine, truth[label])
            wanted[label] += len(truth[label])
    kept = {label: [right for share, right in marked[label] if share >= at] for label in NAMES}
    precisions = {label: round(average_precision(marked[label], wanted[label]), 4) for label in NAMES}
    return {
        "map50": round(sum(precisions.values()) / len(NAMES), 4),
        "per_label_map50": precisions,
        "per_label_recall": {label: round(recall_at(marked[label], wanted[label], at), 4) for label in NAMES},
        "per_label_precision": {label: round(sum(kept[label]) / max(1, len(kept[label])), 4) for label in NAMES},
        "confidence": at,
    }
