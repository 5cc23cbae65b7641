"""What moves and is explained by nothing else: items for which the model has no class.

A background is kept per pixel of a small colour picture. What differs from it, outside the boxes that the detector has
explained, is cut into blobs. A blob that reaches in over the lane's long side is an arm; any other is a thing.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import cv2
import numpy as np

from vision.domain.types import Box, Detection, Label


@dataclass(frozen=True)
class MotionConfig:
    side: int = 160
    threshold: float = 16.0
    noise_times: float = 5.0
    settle_s: float = 2.0
    """How fast the background follows where nothing is seen on it."""
    absorb_s: float = 8.0
    """What has lain still for so long becomes background."""
    flooded: float = 0.6
    """When more of the picture than this differs, the light changed: start again."""
    least_area: float = 0.004
    least_side: float = 0.03
    least_fill: float = 0.3
    least_rest: float = 0.5
    """The share of a blob that the detector must have left unexplained for it to be a thing of its own."""


@dataclass(frozen=True)
class Background:
    """`image` float16 [h, w, 3] BGR; `previous` uint8 [h, w, 3]; `still_s` float16 [h, w]."""

    image: np.ndarray
    previous: np.ndarray
    still_s: np.ndarray
    at: float


def background_step(
    state: Background | None, crop: np.ndarray, at: float, config: MotionConfig
) -> tuple[Background, np.ndarray]:
    """The background after this picture and the foreground in it, uint8 0 or 1 [h, w]."""
    small = _small(crop, config.side)
    if state is None or state.previous.shape != small.shape or at < state.at:
        return _fresh(small, at), np.zeros(small.shape[:2], np.uint8)
    image, now = state.image.astype(np.float32), small.astype(np.float32)
    gain = np.clip(_level(now) / np.maximum(_level(image), 1), 0.7, 1.4)
    difference = _strongest(cv2.absdiff(now, image * gain.astype(np.float32)))
    noise = float(np.median(difference[::3, ::3]))
    mask = _cleaned(difference > max(config.threshold, config.noise_times * noise))
    ghosts = _ghosts(mask, small, image, config)
    mask[ghosts] = 0
    if mask.mean() > config.flooded:
        return _fresh(small, at), np.zeros_like(mask)
    elapsed = min(at - state.at, 1.0)
    calm = _strongest(cv2.absdiff(small, state.previous)) < 12
    still = np.where((mask > 0) & calm, state.still_s.astype(np.float32) + elapsed, 0)
    absorbed = still > config.absorb_s
    share = np.where(mask > 0, 0.0, 1 - np.exp(-elapsed / config.settle_s)).astype(np.float32)
    share[absorbed | ghosts] = 1.0
    image = image + cv2.merge([share, share, share]) * (now - image)
    after = Background(image.astype(np.float16), small, np.where(absorbed, 0, still).astype(np.float16), at)
    return after, mask


def _cleaned(mask: np.ndarray) -> np.ndarray:
    """Small holes closed, single specks gone; uint8 0 or 1."""
    closed = cv2.morphologyEx(mask.astype(np.uint8), cv2.MORPH_CLOSE, np.ones((5, 5), np.uint8))
    return np.asarray(cv2.morphologyEx(closed, cv2.MORPH_OPEN, np.ones((3, 3), np.uint8)))


def _ghosts(mask: np.ndarray, small: np.ndarray, image: np.ndarray, config: MotionConfig) -> np.ndarray:
    """Where the background remembers a thing that has gone: the outline is in the background, not in the picture.

    Without this whatever lies there in the first picture would stay a blob after it has left.
    """
    ghosts = np.zeros(mask.shape, bool)
    count, labels, stats, _ = cv2.connectedComponentsWithStats(mask, connectivity=8)
    if count == 1:
        return ghosts
    outline = cv2.morphologyEx(mask, cv2.MORPH_GRADIENT, np.ones((3, 3), np.uint8)) > 0
    reach = cv2.dilate(labels.astype(np.uint8), np.ones((3, 3), np.uint8))
    seen, remembered = _edges(small.astype(np.float32)), _edges(image)
    for number in range(1, min(count, 255)):
        if stats[number, cv2.CC_STAT_AREA] < config.least_area * mask.size / 4:
            continue
        border = outline & (reach == number)
        if remembered[border].mean() > 1.5 * seen[border].mean() + 4:
            ghosts |= labels == number
    return ghosts


def _edges(image: np.ndarray) -> np.ndarray:
    """Strength of the colour edges, float32 [h, w]."""
    across, down = cv2.Sobel(image, cv2.CV_32F, 1, 0), cv2.Sobel(image, cv2.CV_32F, 0, 1)
    return _strongest(np.abs(across) + np.abs(down)) / 4


def _strongest(channels: np.ndarray) -> np.ndarray:
    """The largest of the three channels; several times faster than numpy's max over the last axis."""
    blue, green, red = cv2.split(channels)
    return cv2.max(cv2.max(blue, green), red)


def _level(image: np.ndarray) -> np.ndarray:
    """Median of each channel, from every ninth pixel."""
    return np.asarray(np.median(image[::3, ::3].reshape(-1, 3), axis=0))


def _fresh(small: np.ndarray, at: float) -> Background:
    return Background(small.astype(np.float16), small, np.zeros(small.shape[:2], np.float16), at)


def _small(crop: np.ndarray, side: int) -> np.ndarray:
    scale = min(1.0, side / max(crop.shape[:2]))
    size = (max(8, round(crop.shape[1] * scale)), max(8, round(crop.shape[0] * scale)))
    return cv2.GaussianBlur(cv2.resize(crop, size, interpolation=cv2.INTER_AREA), (3, 3), 0)


def proposals(
    mask: np.ndarray, explained: Sequence[Detection], flow: tuple[float, float] | None, config: MotionConfig
) -> list[Detection]:
    """Blobs of `mask` outside the `explained` boxes; all boxes in 0..1 of the crop. `flow`: the lane's direction."""
    height, width = mask.shape
    rest = mask.copy()
    for known in explained:
        box = known.box.grown(1.2)
        rest[_span(box.y1, box.y2, height), _span(box.x1, box.x2, width)] = 0
    _, whole, sizes, _ = cv2.connectedComponentsWithStats(mask, connectivity=8)
    count, parts, stats, _ = cv2.connectedComponentsWithStats(rest, connectivity=8)
    found = []
    for number, (x, y, w, h, area) in enumerate(stats[1:count].tolist(), start=1):
        box = Box(x / width, y / height, (x + w) / width, (y + h) / height)
        fill = area / (w * h)
        if (
            area / mask.size < config.least_area
            or min(box.width, box.height) < config.least_side
            or fill < config.least_fill
        ):
            continue
        blob = whole[y : y + h, x : x + w][parts[y : y + h, x : x + w] == number][0]
        if area < config.least_rest * sizes[blob, cv2.CC_STAT_AREA]:
            continue  # what sticks out of a known thing's box is part of it
        label = Label.HAND if _reaches_in(box, flow) else Label.ITEM
        found.append(Detection(box, label, round(0.3 + 0.3 * fill, 3)))
    return found


def _span(low: float, high: float, length: int) -> slice:
    return slice(max(0, int(low * length)), max(0, int(np.ceil(high * length))))


def _reaches_in(box: Box, flow: tuple[float, float] | None) -> bool:
    """Touches a border that goods do not come over: one that runs along the lane."""
    if flow is None:
        return False
    if abs(flow[0]) >= abs(flow[1]):
        return box.y1 <= 0.01 or box.y2 >= 0.99
    return box.x1 <= 0.01 or box.x2 >= 0.99
