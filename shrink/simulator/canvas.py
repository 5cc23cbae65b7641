"""Painting on a frame while keeping account of what remains visible of each thing painted."""

from __future__ import annotations

import math
from collections import OrderedDict
from collections.abc import Hashable
from dataclasses import dataclass
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from shrink.simulator.textures import Image

BoxPx = tuple[int, int, int, int]
ANGLE_STEP = 3.0
CACHED_SPRITES = 600
OTHER = 255
"""Mark of painted things that carry no label but hide what lies below."""


@dataclass(frozen=True, slots=True)
class Turned:
    """A sprite turned and scaled: colour, alpha 0..1, soft shadow 0..1, solid mask and its box."""

    colour: NDArray[Any]
    alpha: NDArray[Any]
    shadow: NDArray[Any]
    solid: NDArray[np.bool_]
    box: BoxPx
    area: int


class SpriteCache:
    """Turned sprites by key, angle and scale; the oldest go first."""

    def __init__(self) -> None:
        self._kept: OrderedDict[tuple[Hashable, int, int], Turned] = OrderedDict()

    def turned(self, key: Hashable, sprite: Image, angle: float, scale: float) -> Turned:
        step, size = round(angle / ANGLE_STEP) % round(360 / ANGLE_STEP), round(scale * 20)
        found = self._kept.get((key, step, size))
        if found is None:
            found = _turn(sprite, step * ANGLE_STEP, size / 20)
            self._kept[(key, step, size)] = found
            if len(self._kept) > CACHED_SPRITES:
                self._kept.popitem(last=False)
        else:
            self._kept.move_to_end((key, step, size))
        return found


def _turn(sprite: Image, angle: float, scale: float) -> Turned:
    height, width = sprite.shape[:2]
    side = math.ceil(math.hypot(height, width) * scale) + 8
    matrix = cv2.getRotationMatrix2D((width / 2, height / 2), angle, scale)
    matrix[:, 2] += (side / 2 - width / 2, side / 2 - height / 2)
    turned = cv2.warpAffine(sprite, matrix, (side, side), flags=cv2.INTER_LINEAR)
    solid = turned[..., 3] > 128
    ys, xs = np.nonzero(solid)
    box = (0, 0, 0, 0)
    if len(xs):
        box = (int(xs.min()), int(ys.min()), int(xs.max()) + 1, int(ys.max()) + 1)
    alpha = turned[..., 3:].astype(np.float32) / 255
    shadow = cv2.GaussianBlur(alpha[..., 0], (0, 0), 2.5)[..., None]
    colour = turned[..., :3].astype(np.float32) * alpha
    return Turned(colour, 1 - alpha, shadow, solid, box, int(solid.sum()))


class Canvas:
    """A BGR frame and, when `marks` are asked for, which mark is on top at every pixel."""

    def __init__(self, picture: Image, cache: SpriteCache, *, marked: bool) -> None:
        self.picture = picture
        self.height, self.width = picture.shape[:2]
        self.cache = cache
        self.marks = np.zeros(picture.shape[:2], np.uint8) if marked else None

    def px(self, x_n: float, y_n: float) -> tuple[float, float]:
        return x_n * self.width, y_n * self.height

    def _window(self, x: float, y: float, side: int) -> tuple[slice, slice, slice, slice] | None:
        x0, y0 = round(x - side / 2), round(y - side / 2)
        x1, y1 = min(x0 + side, self.width), min(y0 + side, self.height)
        cx, cy = max(x0, 0), max(y0, 0)
        if cx >= x1 or cy >= y1:
            return None
        return slice(cy, y1), slice(cx, x1), slice(cy - y0, y1 - y0), slice(cx - x0, x1 - x0)

    def shadow(self, turned: Turned, x: float, y: float, dark: float) -> None:
        window = self._window(x, y, turned.solid.shape[0])
        if window is None:
            return
        rows, columns, own_rows, own_columns = window
        ground = self.picture[rows, columns]
        ground[:] = (ground * (1 - dark * turned.shadow[own_rows, own_columns])).astype(np.uint8)

    def sprite(self, turned: Turned, x: float, y: float, mark: int) -> BoxPx:
        """Paint centred on (x, y) pixels; returns the whole outline's box, off-frame parts included."""
        side = turned.solid.shape[0]
        window = self._window(x, y, side)
        if window is not None:
            rows, columns, own_rows, own_columns = window
            ground = self.picture[rows, columns]
            mixed = ground * turned.alpha[own_rows, own_columns] + turned.colour[own_rows, own_columns]
            ground[:] = mixed.astype(np.uint8)
            if self.marks is not None:
                self.marks[rows, columns][turned.solid[own_rows, own_columns]] = mark
        x0, y0 = round(x - side / 2), round(y - side / 2)
        box = turned.box
        return box[0] + x0, box[1] + y0, box[2] + x0, box[3] + y0

    def limb(
        self,
        start: tuple[float, float],
        end: tuple[float, float],
        thick: float,
        colour: tuple[float, ...],
        mark: int,
    ) -> None:
        """A rounded line with a lighter ridge, in pixels."""
        p, q = _shifted(start), _shifted(end)
        dark = tuple(c * 0.78 for c in colour)
        cv2.line(self.picture, p, q, dark, max(1, round(thick)), cv2.LINE_AA, 3)
        cv2.line(self.picture, p, q, colour, max(1, round(thick * 0.66)), cv2.LINE_AA, 3)
        if self.marks is not None:
            cv2.line(self.marks, p, q, mark, max(1, round(thick)), cv2.LINE_8, 3)

    def disc(self, centre: tuple[float, float], radius: float, colour: tuple[float, ...], mark: int) -> None:
        p, r = _shifted(centre), round(radius * 8)
        cv2.circle(self.picture, p, r, colour, -1, cv2.LINE_AA, 3)
        if self.marks is not None:
            cv2.circle(self.marks, p, r, mark, -1, cv2.LINE_8, 3)

    def visible_px(self, mark: int, box: BoxPx) -> int:
        if self.marks is None:
            return 0
        x0, y0, x1, y1 = max(box[0], 0), max(box[1], 0), max(box[2], 0), max(box[3], 0)
        return int(np.count_nonzero(self.marks[y0:y1, x0:x1] == mark))


def _shifted(point: tuple[float, float]) -> tuple[int, int]:
    return round(point[0] * 8), round(point[1] * 8)
