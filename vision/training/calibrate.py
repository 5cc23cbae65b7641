"""Fit what a detector's sightings of a crossing are worth: belief.json, beside the weights.

    python -m vision.training.calibrate --weights vision/weights/lane --minutes 90

Lanes are rendered, filmed as H.264 and looked at with every crossing said, however faint; each is then right or
invented by the script's truth. A logistic curve over its evidence (vision/domain/belief.py) is fitted by penalised
maximum likelihood and checked on lanes left out in turn. `--lanes` names the module that records lanes
(`recordings(first_seed, count, minutes)`), so that the seeing side does not depend on the simulator.
"""

from __future__ import annotations

import argparse
import importlib
import json
import tempfile
from collections.abc import Iterable, Sequence
from itertools import pairwise
from pathlib import Path
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from vision.domain.belief import Belief, Evidence, features
from vision.domain.types import VisualEventDraft, ZoneShape
from vision.pipeline.calibration import NAME, weights_digest
from vision.pipeline.decode import frames
from vision.pipeline.gate import Attention
from vision.pipeline.openvino_detector import OpenVinoDetector, model_file
from vision.pipeline.run import LaneVision, PipelineConfig, analyse

Array = NDArray[np.float64]
FIRST_SEED = 60_001
EVERYTHING = Belief(30.0, {})
TOLERANCE_S = 1.0
PENALTY = 0.3
"""Of 3, 1, 0.3, 0.1 and 0.03 the one with the least loss on lanes left out."""
FOLDS = 5
STEPS = 40
KINDS = ("item_pass", "item_bypass")


def crossings(lane: Any, detector: OpenVinoDetector, folder: Path) -> list[tuple[dict[str, float], bool]]:
    """Evidence of everything that seemed to cross in one recording, and whether it did."""
    film = folder / f"{lane.seed}.mp4"
    if not film.exists():
        lane.write(film)
    zones = [ZoneShape(kind, polygon) for kind, polygon in lane.zones()]
    began = lane.till.start_at.timestamp()
    attention = Attention()
    pictures = frames(film, began, 10.0, 640, attention)
    _, events, _ = analyse(pictures, detector, zones, PipelineConfig(), LaneVision(), attention)
    truth = [(began + move.at_s, move.visual) for ticket in lane.tickets for move in ticket.moves]
    return labelled([event for event in events if event.type.value in KINDS], truth)


def labelled(
    events: Sequence[VisualEventDraft], truth: Sequence[tuple[float, str]]
) -> list[tuple[dict[str, float], bool]]:
    """Nearest pairs of one kind first; what is left over of the events was invented."""
    near = sorted(
        (abs(event.at - at), i, j)
        for i, event in enumerate(events)
        for j, (at, kind) in enumerate(truth)
        if kind == event.type.value and abs(event.at - at) <= TOLERANCE_S
    )
    right: dict[int, int] = {}
    for _, i, j in near:
        if i not in right and j not in right.values():
            right[i] = j
    return [(_features(event), i in right) for i, event in enumerate(events)]


def _features(event: VisualEventDraft) -> dict[str, float]:
    stored: Any = event.attributes["evidence"]
    return features(Evidence(**stored))


def fit(rows: Array, right: Array, penalty: float = PENALTY) -> Array:
    """[k + 1] bias and weights of a ridge-penalised logistic regression, by Newton's method."""
    table = np.column_stack([np.ones(len(rows)), rows])
    ridge = np.diag([0.0] + [penalty] * rows.shape[1])
    weights = np.zeros(table.shape[1])
    for _ in range(STEPS):
        p = 1 / (1 + np.exp(-np.clip(table @ weights, -30, 30)))
        slope = table.T @ (right - p) - ridge @ weights
        curve = table.T @ (table * (p * (1 - p))[:, None]) + ridge + 1e-9 * np.eye(len(weights))
        step = np.linalg.solve(curve, slope)
        weights += step
        if float(np.abs(step).max()) < 1e-6:
            break
    return weights


def predicted(rows: Array, weights: Array) -> Array:
    return np.asarray(1 / (1 + np.exp(-np.clip(weights[0] + rows @ weights[1:], -30, 30))))


def checked(rows: Array, right: Array, lane: Array) -> Array:
    """Probabilities for each row from a fit without its fold of lanes."""
    found = np.zeros(len(rows))
    for fold in range(FOLDS):
        mine = lane % FOLDS == fold
        if mine.any() and not mine.all():
            found[mine] = predicted(rows[mine], fit(rows[~mine], right[~mine]))
    return found


def report(p: Array, right: Array) -> dict[str, Any]:
    """Reliability on lanes left out: how often what was believed so far was right."""
    edges = [0.0, 0.2, 0.5, 0.8, 0.95, 0.99, 1.001]
    bins = []
    for low, high in pairwise(edges):
        inside = (p >= low) & (p < high)
        if inside.any():
            mean, share = float(p[inside].mean()), float(right[inside].mean())
            bins.append({"believed": round(mean, 3), "right": round(share, 3), "n": int(inside.sum())})
    kept = np.clip(p, 1e-6, 1 - 1e-6)
    loss = float(-(right * np.log(kept) + (1 - right) * np.log(1 - kept)).mean())
    return {"log_loss": round(loss, 4), "brier": round(float(((p - right) ** 2).mean()), 4), "reliability": bins}


def calibrate(found: Iterable[tuple[int, dict[str, float], bool]]) -> dict[str, Any]:
    """`found`: (lane, features, right). What belief.json says, less the digest."""
    rows = list(found)
    names = sorted(rows[0][1])
    table = np.array([[seen[name] for name in names] for _, seen, _ in rows])
    right = np.array([float(mark) for _, _, mark in rows])
    weights = fit(table, right)
    return {
        "bias": round(float(weights[0]), 4),
        "weights": {name: round(float(weight), 4) for name, weight in zip(names, weights[1:], strict=True)},
        "crossings": len(rows),
        "invented": int((1 - right).sum()),
        **report(checked(table, right, np.array([lane for lane, _, _ in rows])), right),
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--weights", type=Path, default=Path("vision/weights/lane"))
    parser.add_argument("--lanes", default="shrink.simulator.lanes")
    parser.add_argument("--minutes", type=float, default=90.0)
    parser.add_argument("--each", type=float, default=3.0, help="minutes a lane")
    parser.add_argument("--first-seed", type=int, default=FIRST_SEED)
    parser.add_argument("--folder", type=Path, help="keep the films here, and use those that are there")
    options = parser.parse_args()
    cv2.setNumThreads(1)
    detector = OpenVinoDetector(options.weights)
    detector.belief = EVERYTHING
    module = importlib.import_module(options.lanes)
    found: list[tuple[int, dict[str, float], bool]] = []
    with tempfile.TemporaryDirectory() as temporary:
        folder = options.folder or Path(temporary)
        folder.mkdir(parents=True, exist_ok=True)
        count = round(options.minutes / options.each)
        for number, lane in enumerate(module.recordings(options.first_seed, count, options.each)):
            found += [(number, seen, right) for seen, right in crossings(lane, detector, folder)]
    model = model_file(options.weights)
    told = {
        "digest": weights_digest(model),
        "seeds": [options.first_seed, options.first_seed + count - 1],
        "minutes": options.minutes,
        **calibrate(found),
    }
    model.with_name(NAME).write_text(json.dumps(told, indent=2) + "\n")
    print(json.dumps(told, indent=2))


if __name__ == "__main__":
    main()
