"""How a shelf zone looks, and which of its places look different for good.

Each zone has a small picture of how it looked when nothing was going on. A place that differs from it for a while,
keeps still and is connected with nothing that reaches in from outside has changed: goods are islands, arms and shoppers
come from somewhere. What is hidden is not gone, and is compared when it can be seen again. The light is told by the
surroundings of the zone.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import cv2
import numpy as np

from vision.domain.shelf import Change
from vision.domain.types import Box, ZoneKind, ZoneShape


@dataclass(frozen=True)
class LookConfig:
    side: int = 64
    reach: float = 0.25
    """How far around the zone is looked at, in sizes of it: what comes in is seen to come."""
    threshold: float = 16.0
    settle_s: float = 2.0
    """How fast the usual look follows the light where nothing differs from it."""
    calm_s: float = 0.8
    busy_s: float = 3.0
    """So long a place must keep still while somebody is at the zone."""
    absorb_s: float = 30.0
    """What has reached in so long without a movement is part of the shelf."""
    still: float = 0.75
    first: float = 0.25
    most: float = 0.6
    """A look begins to go when so much of it has gone; it has gone, or has come, when so much has."""
    speck: int = 6
    """Fewer cells with an edge are noise."""
    least_area: float = 0.01
    """Of the zone's picture; smaller things are not seen."""
    inside: float = 0.5
    light: float = 3.0
    """No shadow and no patch of sun is darker or brighter by more than this factor."""
    same: float = 0.35
    """Share of the difference that may be left when the light explains it."""


@dataclass(frozen=True)
class ShelfView:
    """One shelf zone on pictures of one size. `inside`: bool [h, w] of its small picture."""

    zone: int
    pixels: tuple[int, int, int, int]
    area: Box
    picture: Box
    inside: np.ndarray

    @classmethod
    def of(cls, number: int, zone: ZoneShape, shape: tuple[int, ...], config: LookConfig) -> ShelfView:
        height, width = shape[:2]
        xs, ys = [x * width for x, _ in zone.polygon], [y * height for _, y in zone.polygon]
        reach = config.reach * np.sqrt((max(xs) - min(xs)) * (max(ys) - min(ys)))
        x1, y1 = max(0, int(min(xs) - reach)), max(0, int(min(ys) - reach))
        x2, y2 = min(width, round(max(xs) + reach) + 1), min(height, round(max(ys) + reach) + 1)
        scale = min(1.0, config.side / max(x2 - x1, y2 - y1))
        size = max(8, round((x2 - x1) * scale)), max(8, round((y2 - y1) * scale))
        corners = [
            ((x - x1) / (x2 - x1) * size[0], (y - y1) / (y2 - y1) * size[1]) for x, y in zip(xs, ys, strict=True)
        ]
        inside = np.zeros((size[1], size[0]), np.uint8)
        cv2.fillPoly(inside, [np.round(corners).astype(np.int32)], 1)
        area = Box(min(xs) / width, min(ys) / height, max(xs) / width, max(ys) / height)
        picture = Box(x1 / width, y1 / height, x2 / width, y2 / height)
        return cls(number, (x1, y1, x2, y2), area, picture, inside > 0)

    def seen(self, image: np.ndarray) -> np.ndarray:
        """The zone and its surroundings, small, float32 [h, w, 3]."""
        x1, y1, x2, y2 = self.pixels
        size = (self.inside.shape[1], self.inside.shape[0])
        return cv2.resize(image[y1:y2, x1:x2], size, interpolation=cv2.INTER_AREA).astype(np.float32)

    def box(self, x: int, y: int, w: int, h: int) -> Box:
        """A part of the small picture in coordinates of the whole one."""
        height, width = self.inside.shape
        part = self.picture
        across, down = part.width / width, part.height / height
        return Box(part.x1 + x * across, part.y1 + y * down, part.x1 + (x + w) * across, part.y1 + (y + h) * down)


@dataclass(frozen=True)
class Look:
    """`settled`: how the zone looks when nothing is going on, float16 [h, w, 3]; `held`: what it has shown of late.

    float64 [h, w]: `same_at`, when each cell was last seen to look as settled; `since`, from when it has shown what
    it shows. `disturbed`: somewhere it differs.
    """

    zone: int
    settled: np.ndarray
    held: np.ndarray
    same_at: np.ndarray
    since: np.ndarray
    at: float
    disturbed: bool = False


def views_of(zones: Sequence[ZoneShape], shape: tuple[int, ...], config: LookConfig) -> tuple[ShelfView, ...]:
    return tuple(ShelfView.of(n, zone, shape, config) for n, zone in enumerate(zones) if zone.kind == ZoneKind.SHELF)


def looks_step(
    looks: Sequence[Look],
    views: Sequence[ShelfView],
    image: np.ndarray,
    people: Sequence[Box],
    at: float,
    config: LookConfig,
) -> tuple[tuple[Look, ...], list[Change]]:
    """`people`: boxes of hands and persons, in coordinates of the whole picture."""
    known = {look.zone: look for look in looks}
    after, changes = [], []
    for view in views:
        look, found = _look_step(known.get(view.zone), view, view.seen(image), people, at, config)
        after.append(look)
        changes += found
    return tuple(after), changes


def _look_step(
    look: Look | None, view: ShelfView, now: np.ndarray, people: Sequence[Box], at: float, config: LookConfig
) -> tuple[Look, list[Change]]:
    if look is None or look.settled.shape != now.shape:
        times = np.full(now.shape[:2], at)
        return Look(view.zone, now.astype(np.float16), np.rint(now).astype(np.uint8), times, times, at), []
    settled = look.settled.astype(np.float32)
    now_lit = now / _gain(now, settled, ~view.inside)
    tone = _strongest(cv2.absdiff(now_lit, settled)) > config.threshold
    unlike = _unlike(now_lit, settled, tone, config)
    look = replace(_watched(look, now, ~view.inside, at, config), same_at=np.where(unlike, look.same_at, at))
    differs = _cleaned(unlike)
    changes, done = _concluded(look, view, now_lit, differs, people, at, config)
    followed = (now_lit if differs.any() else now) - settled
    share = np.where(done, 1.0, ~tone * (1 - np.exp(-(at - look.at) / config.settle_s)))
    settled = settled + share[..., None] * followed
    look = replace(look, settled=settled.astype(np.float16), at=at, disturbed=bool((differs & ~done).any()))
    return look, changes


def _watched(look: Look, now: np.ndarray, outside: np.ndarray, at: float, config: LookConfig) -> Look:
    """Since when each cell has shown what it shows now."""
    held = look.held.astype(np.float32)
    held = held * _gain(now, held, outside)
    moved = _strongest(cv2.absdiff(now, held)) > config.threshold
    held = np.where(moved[..., None], now, held + 0.2 * (now - held)).clip(0, 255)
    return replace(look, held=np.rint(held).astype(np.uint8), since=np.where(moved, at, look.since))


def _concluded(
    look: Look,
    view: ShelfView,
    now: np.ndarray,
    differs: np.ndarray,
    people: Sequence[Box],
    at: float,
    config: LookConfig,
) -> tuple[list[Change], np.ndarray]:
    """What has changed for good, and the cells whose look is usual from now on.

    `now` is the picture in the light of the settled one.
    """
    done = np.zeros(differs.shape, bool)
    still_s = at - np.maximum(look.since, look.same_at)
    if not (differs & (still_s >= config.calm_s)).any():
        return [], done
    blobs = _blobs(differs, view, still_s, config)
    restless = float((at - look.since[view.inside] < config.calm_s).mean())
    busy = restless > config.least_area or any(blob.reaches_in for blob in blobs)
    needed_s = config.busy_s if busy else config.calm_s
    changes = []
    for blob in blobs:
        hidden = blob.reaches_in or any(_is_same(box, blob.box) for box in people)
        if blob.still_s < (config.absorb_s if hidden else needed_s):
            continue
        if not hidden and blob.inside >= config.inside and blob.area >= config.least_area:
            changes.append(_change(look, view, blob, now, config))
        done |= blob.cells
    return changes, _grown(done, 3) > 0


@dataclass(frozen=True)
class _Blob:
    cells: np.ndarray
    box: Box
    reaches_in: bool
    still_s: float
    inside: float
    area: float


def _blobs(differs: np.ndarray, view: ShelfView, still_s: np.ndarray, config: LookConfig) -> list[_Blob]:
    """What differs, near cells taken together: of clear goods only parts differ."""
    count, labels, _, _ = cv2.connectedComponentsWithStats(_grown(differs, 3), connectivity=8)
    return [_blob((labels == number) & differs, view, still_s, config) for number in range(1, count)]


def _blob(cells: np.ndarray, view: ShelfView, still_s: np.ndarray, config: LookConfig) -> _Blob:
    x, y, w, h = cv2.boundingRect(cells.astype(np.uint8))
    on_border = x == 0 or y == 0 or x + w == cells.shape[1] or y + h == cells.shape[0]
    return _Blob(
        cells,
        view.box(x, y, w, h),
        on_border and bool(cells[view.inside].any()),
        float(np.quantile(still_s[cells], 1 - config.still)),
        float(view.inside[cells].mean()),
        float(cells.sum() / view.inside.sum()),
    )


def _change(look: Look, view: ShelfView, blob: _Blob, now: np.ndarray, config: LookConfig) -> Change:
    settled = look.settled.astype(np.float32)
    return Change(
        view.zone,
        blob.box,
        _outline(blob.cells, settled, now),
        _is_other_light(blob.cells, settled, now, config),
        float(np.quantile(look.same_at[blob.cells], config.first, method="nearest")),
        float(np.quantile(look.same_at[blob.cells], config.most, method="nearest")),
        float(np.quantile(look.since[blob.cells], config.most, method="nearest")),
    )


def _is_same(box: Box, other: Box) -> bool:
    return box.iou(other) >= 0.4


def _gain(now: np.ndarray, before: np.ndarray, outside: np.ndarray) -> np.ndarray:
    """How much brighter it has become around the zone, for each channel."""
    ratio = now[outside] / np.maximum(before[outside], 1)
    if not len(ratio):
        ratio = (now / np.maximum(before, 1)).reshape(-1, 3)
    return np.asarray(np.clip(np.median(ratio, axis=0), 0.5, 2.0), np.float32)


def _unlike(now: np.ndarray, before: np.ndarray, tone: np.ndarray, config: LookConfig) -> np.ndarray:
    """Where the picture differs in `tone` and edges have come or gone: soft shadows and reflections have none."""
    if not tone.any():
        return tone
    slopes, old = _slopes(now), _slopes(before)
    strength = np.maximum(_apart(slopes, old), _apart(old, slopes))
    edges = _without_specks((strength > config.threshold / 2).astype(np.uint8), config.speck)
    outlines, _ = cv2.findContours(edges, cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_NONE)
    filled = cv2.drawContours(np.zeros_like(edges), outlines, -1, 1, cv2.FILLED)
    return np.asarray(tone & (_grown(edges | filled, 7) > 0))


def _apart(slopes: np.ndarray, others: np.ndarray) -> np.ndarray:
    """How far each cell's slopes are from those in and around it in the other picture: cameras shake."""
    around = np.ones((3, 3), np.uint8)
    beyond = cv2.max(slopes - cv2.dilate(others, around), cv2.erode(others, around) - slopes)
    return np.asarray(beyond.max(axis=2))


def _grown(mask: np.ndarray, side: int) -> np.ndarray:
    return np.asarray(cv2.dilate(mask.astype(np.uint8), np.ones((side, side), np.uint8)))


def _without_specks(mask: np.ndarray, least: int) -> np.ndarray:
    _, labels, stats, _ = cv2.connectedComponentsWithStats(mask, connectivity=8)
    return np.asarray(mask * (stats[labels, cv2.CC_STAT_AREA] >= least).astype(np.uint8))


def _slopes(image: np.ndarray) -> np.ndarray:
    """Half the step from each cell to the next, across and down, for each channel: float32 [h, w, 6]."""
    return np.concatenate([cv2.Sobel(image, cv2.CV_32F, 1, 0), cv2.Sobel(image, cv2.CV_32F, 0, 1)], axis=2) / 8


def _cleaned(mask: np.ndarray) -> np.ndarray:
    """Single specks and lines gone, small holes closed."""
    opened = cv2.morphologyEx(mask.astype(np.uint8), cv2.MORPH_OPEN, np.ones((3, 3), np.uint8))
    return np.asarray(cv2.morphologyEx(opened, cv2.MORPH_CLOSE, np.ones((3, 3), np.uint8))) > 0


def _outline(cells: np.ndarray, before: np.ndarray, now: np.ndarray) -> float:
    """1 where the outline is in the old picture alone, -1 where it is in the new one alone."""
    band = cv2.morphologyEx(cells.astype(np.uint8), cv2.MORPH_GRADIENT, np.ones((3, 3), np.uint8)) > 0
    old, new = float(_edges(before)[band].mean()), float(_edges(now)[band].mean())
    return (old - new) / (old + new + 8.0)


def _edges(image: np.ndarray) -> np.ndarray:
    """Strength of the colour edges, grey levels from one cell to the next."""
    across, down = cv2.Sobel(image, cv2.CV_32F, 1, 0), cv2.Sobel(image, cv2.CV_32F, 0, 1)
    return _strongest(cv2.magnitude(across, down)) / 4


def _is_other_light(cells: np.ndarray, before: np.ndarray, now: np.ndarray, config: LookConfig) -> bool:
    """A shadow or a patch of sun: every cell is brighter or darker by the same factor, and goods have print on them."""
    factor = float(np.median(now[cells] / np.maximum(before[cells], 1)))
    if not 1 / config.light <= factor <= config.light:
        return False
    left, difference = now[cells] - before[cells] * factor, now[cells] - before[cells]
    return float(np.mean(left**2)) < config.same**2 * float(np.mean(difference**2))


def _strongest(channels: np.ndarray) -> np.ndarray:
    blue, green, red = cv2.split(channels)
    return cv2.max(cv2.max(blue, green), red)
