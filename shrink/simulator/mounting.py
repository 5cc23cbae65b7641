"""How another camera would have taken a picture: where it hangs, its lens, its sensor."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from shrink.simulator.textures import Image

Points = NDArray[np.float64]

ALONG = 0.3
"""Of the cameras look along the other side of the picture: goods move up or down in it."""
PAD = 114.0
"""The grey beside a picture that does not fill the detector's input."""
NOT_APART: Any = None
"""x and y of a place come in one array; OpenCV's types know only the two of them apart."""
SOLVED = 6
"""Steps after which a bent point is found to a hundredth of a pixel."""


@dataclass(frozen=True)
class Mounting:
    """`matrix` [3, 3] takes points of the drawn picture to the seen one; then the lens bends them by `bend`:
    a point at radius r (half the width is 1) is drawn from r (1 + bend r^2)."""

    matrix: NDArray[np.float64]
    bend: float
    width: int
    height: int

    @classmethod
    def askew(cls, rng: np.random.Generator, width: int, height: int) -> Mounting:
        """A little turned, tilted and bent, the whole lane still in the picture: as cameras hang in stores."""
        turn, zoom = float(rng.uniform(-5, 5)), float(rng.uniform(0.9, 1.0))
        affine = np.vstack([cv2.getRotationMatrix2D((width / 2, height / 2), turn, zoom), [0, 0, 1]])
        return cls(_tilted(rng, width, height, 0.04) @ affine, float(rng.uniform(0.0, 0.12)), width, height)

    @classmethod
    def drawn(cls, rng: np.random.Generator, width: int, height: int) -> Mounting:
        """Any that a store might have, for training."""
        mild, along = rng.random() < 0.6, rng.random() < ALONG
        zoom = float(rng.uniform(0.95, 1.06) if mild else rng.uniform(0.6, 1.6))
        turn = float(rng.uniform(-3, 3) if mild else rng.uniform(-14, 14))
        if along:
            turn += 90.0 if rng.random() < 0.5 else -90.0
            zoom = max(0.5, zoom * float(rng.uniform(height / width, 1.0)))
        affine = np.vstack([cv2.getRotationMatrix2D((width / 2, height / 2), turn, zoom), [0, 0, 1]])
        reach = 0.02 if mild else 0.16
        affine[:2, 2] += rng.uniform(-reach, reach, 2) * (width, height)
        tilt = 0.0 if mild else 0.1
        bend = float(rng.uniform(-0.02, 0.05) if mild else rng.uniform(-0.05, 0.22))
        return cls(_tilted(rng, width, height, tilt) @ affine, bend, width, height)

    def points(self, points: Points) -> Points:
        """Where points [n, 2] (pixels) of the drawn picture are seen."""
        flat = np.column_stack([points, np.ones(len(points))]) @ self.matrix.T
        straight = self._centred(flat[:, :2] / flat[:, 2:])
        bent = straight.copy()
        for _ in range(SOLVED):
            bent = straight / (1 + self.bend * (bent**2).sum(axis=1, keepdims=True))
        return bent * self.width / 2 + (self.width / 2, self.height / 2)

    def seen(self, picture: Image, beyond: tuple[float, float, float]) -> Image:
        """The picture as this camera sees it; what lies beyond the drawing is of the colour `beyond`."""
        return cv2.remap(picture, self.places, NOT_APART, cv2.INTER_LINEAR, borderValue=beyond)

    @cached_property
    def places(self) -> NDArray[np.float32]:
        """[height, width, 2]: where in the drawing each seen pixel lies."""
        y, x = np.mgrid[0 : self.height, 0 : self.width].astype(np.float64)
        seen = self._centred(np.stack([x.ravel(), y.ravel()], axis=1))
        straight = seen * (1 + self.bend * (seen**2).sum(axis=1, keepdims=True))
        straight = straight * self.width / 2 + (self.width / 2, self.height / 2)
        drawn = np.column_stack([straight, np.ones(len(straight))]) @ np.linalg.inv(self.matrix).T
        return (drawn[:, :2] / drawn[:, 2:]).astype(np.float32).reshape(self.height, self.width, 2)

    def _centred(self, points: Points) -> Points:
        return (points - (self.width / 2, self.height / 2)) / (self.width / 2)


def beyond(rng: np.random.Generator, picture: Image) -> tuple[float, float, float]:
    """What lies around the drawing: the floor, or the grey beside a picture that does not fill the input."""
    floor = picture.reshape(-1, 3).mean(axis=0) + rng.uniform(-30, 30, 3)
    blue, green, red = (float(v) for v in (floor if rng.random() < 0.6 else np.full(3, PAD)))
    return blue, green, red


def _tilted(rng: np.random.Generator, width: int, height: int, most: float) -> NDArray[np.float64]:
    """A camera that does not look straight down: the corners lie elsewhere by `most` of the picture at most."""
    corners = np.array([[0, 0], [width, 0], [width, height], [0, height]], np.float32)
    moved = corners + (rng.uniform(-most, most, (4, 2)) * (width, height)).astype(np.float32)
    return np.asarray(cv2.getPerspectiveTransform(corners, moved), np.float64)


def sensed(rng: np.random.Generator, picture: Image) -> Image:
    """Light, focus, movement, noise and compression of another sensor, in the size it is looked at."""
    if rng.random() < 0.3:
        picture = cv2.GaussianBlur(picture, (0, 0), float(rng.uniform(0.3, 1.1)))
    if rng.random() < 0.12:
        picture = cv2.filter2D(picture, -1, _smear(rng))
    if rng.random() < 0.3:
        picture = _lit(rng, picture)
    if rng.random() < 0.08:
        picture = cv2.cvtColor(cv2.cvtColor(picture, cv2.COLOR_BGR2GRAY), cv2.COLOR_GRAY2BGR)
    if rng.random() < 0.25:
        grain = rng.standard_normal(picture.shape, np.float32) * float(rng.uniform(2, 12))
        picture = cv2.add(picture, grain, dtype=cv2.CV_8U)
    quality = int(rng.integers(22, 95))
    packed = cv2.imencode(".jpg", picture, [cv2.IMWRITE_JPEG_QUALITY, quality])[1]
    return np.asarray(cv2.imdecode(packed, cv2.IMREAD_COLOR))


def _lit(rng: np.random.Generator, picture: Image) -> Image:
    """By night, too brightly, or with a cast."""
    levels = np.arange(256, dtype=np.float32)[:, None] / 255
    gamma, gain, cast = rng.uniform(0.6, 1.6), rng.uniform(0.35, 1.35), rng.uniform(0.8, 1.2, 3)
    table = np.clip(levels**gamma * gain * cast * 255, 0, 255).astype(np.uint8).reshape(256, 1, 3)
    return cv2.LUT(picture, table)


def _smear(rng: np.random.Generator) -> NDArray[np.float32]:
    """The kernel of a movement of a few pixels during the exposure."""
    side = int(rng.choice([3, 5, 7]))
    line = np.zeros((side, side), np.float32)
    line[side // 2] = 1.0
    turned = cv2.getRotationMatrix2D((side / 2 - 0.5, side / 2 - 0.5), float(rng.uniform(0, 180)), 1.0)
    kernel = cv2.warpAffine(line, turned, (side, side))
    return kernel / kernel.sum()
