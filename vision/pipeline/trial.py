"""Trying weights out on this machine: what a look costs, and how well they do on labelled pictures."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np

from vision.pipeline.detector import Detector

WARM = 5
SHOWN = (360, 640)
"""Height and width of the pictures of a lane that a look is timed with."""
SUFFIXES = {".png", ".jpg", ".jpeg", ".bmp"}


@dataclass(frozen=True)
class Cost:
    """Milliseconds a picture, on one thread: the least of all looks, and the middle one."""

    least_ms: float
    middle_ms: float
    looks: int

    def cameras(self, analysed_fps: float) -> float:
        """That one core would look at if it did nothing else."""
        return 1000 / (self.middle_ms * analysed_fps)


def cost_of(detectors: Sequence[Detector], pictures: Sequence[np.ndarray], looks: int) -> list[Cost]:
    """Of each, taking turns so that a busy machine is busy for all of them alike."""
    spent: list[list[float]] = [[] for _ in detectors]
    for number in range(WARM + looks):
        picture = pictures[number % len(pictures)]
        for detector, mine in zip(detectors, spent, strict=True):
            began = time.perf_counter()
            detector.detect([picture])
            if number >= WARM:
                mine.append((time.perf_counter() - began) * 1e3)
    return [Cost(round(min(mine), 2), round(float(np.median(mine)), 2), looks) for mine in spent]


def pictures_of(folder: Path | None, most: int = 200) -> list[np.ndarray]:
    """Pictures below a folder; without one a grey lane with noise, which costs the same."""
    if folder is None:
        noise = np.random.default_rng(0).normal(114, 12, (*SHOWN, 3))
        return [noise.clip(0, 255).astype(np.uint8)]
    paths = sorted(path for path in folder.rglob("*") if path.suffix.lower() in SUFFIXES)[:most]
    return [read for path in paths if (read := cv2.imread(str(path))) is not None]
