"""Figures of a picture from which the camera's faults are told; some tenths of a millisecond, twice a second."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace
from math import nan
from time import perf_counter

import cv2
import numpy as np

from vision.domain.camera_faults import (
    FaultChange,
    FaultConfig,
    FaultState,
    Picture,
    picture_step,
    segment_step,
)
from vision.domain.types import Frame
from vision.pipeline.packed import pack, unpack

EVERY_S = 0.45
SIZE = (96, 54)
"""Of the edges that a view is known by."""
STRONGEST = 80.0
OVEREXPOSED = 250
FLAT = 0.15
FIRST_VIEW_S = 600.0
VIEW_S = 60.0
"""The usual view follows what changes in it: goods and people come and go."""
VERSION = 1
_WINDOW = cv2.createHanningWindow(SIZE, cv2.CV_32F)


@dataclass(frozen=True)
class PictureState:
    """What is remembered of a camera's picture. `view`: its usual edges [54, 96]; `first_view`: those of its first ten
    minutes, from which a sagging mount is told; `previous`: grey levels of the last sample."""

    version: int = VERSION
    layout: str = ""
    faults: FaultState = field(default_factory=FaultState)
    view: np.ndarray | None = None
    first_view: np.ndarray | None = None
    previous: np.ndarray | None = None
    began_at: float = 0.0

    def to_bytes(self) -> bytes:
        return pack(self)

    @classmethod
    def from_bytes(cls, data: bytes | memoryview | None) -> PictureState:
        """A new one where there is none that can be read: the camera is then got to know anew."""
        try:
            state = unpack(data or b"", cls)
        except ValueError:
            return cls()
        return state if state.version == VERSION else cls()


@dataclass
class PictureWatch:
    """Looks at pictures on their way to somebody else. `spent_ms`: of processor time."""

    state: PictureState
    config: FaultConfig = field(default_factory=FaultConfig)
    changes: list[FaultChange] = field(default_factory=list)
    spent_ms: float = 0.0

    def __post_init__(self) -> None:
        self.began_with = self.state.view is not None  # something was known of the camera before

    def over(self, frames: Iterable[Frame]) -> Iterator[Frame]:
        for frame in frames:
            began = perf_counter()
            self.state, changes = picture_look(self.state, frame.image, frame.at, self.config)
            self.changes += changes
            self.spent_ms += (perf_counter() - began) * 1e3
            yield frame

    def segment(self, ended_at: float, length_s: float, fps: float, delay_s: float | None) -> None:
        """The segment that these pictures were of is over."""
        faults, changes = segment_step(self.state.faults, ended_at, length_s, fps, delay_s, self.config)
        self.state = replace(self.state, faults=faults)
        self.changes += changes


def picture_look(
    state: PictureState, image: np.ndarray, at: float, config: FaultConfig
) -> tuple[PictureState, list[FaultChange]]:
    """`image`: BGR uint8 of any size. Pictures sooner than half a second after the last are passed over."""
    if 0 <= at - state.faults.at < EVERY_S:
        return state, []
    sample = np.ascontiguousarray(image[::8, ::8, 1])
    edges = edges_of(image)
    fresh = state.view is None or state.previous is None or state.previous.shape != sample.shape
    view = edges if state.view is None else state.view.astype(np.float32)
    picture = _figures(image, sample, edges, view, None if fresh else state.previous, at)
    began_at = at if fresh else state.began_at
    faults, changes = picture_step(state.faults, picture, config)
    if not any(any(signs) for signs in faults.evidence.values()):
        share = max(1 / (faults.usual.n + 1), min(1.0, max(0.0, at - state.faults.at) / VIEW_S))
        view = view + share * (edges - view)
    kept = view.astype(np.float16)
    first = state.first_view
    if first is None and at - began_at >= FIRST_VIEW_S and not faults.told:
        first = kept
    return (
        replace(state, faults=faults, view=kept, first_view=first, previous=sample, began_at=began_at),
        changes,
    )


def drift_of(state: PictureState) -> float:
    """How far the usual view has wandered since the camera was got to know, as a share of its width."""
    if state.first_view is None or state.view is None:
        return 0.0
    shift, sure = shift_of(state.first_view.astype(np.float32), state.view.astype(np.float32))
    return max(map(abs, shift)) if sure >= FaultConfig().shift_sure else 0.0


def edges_of(image: np.ndarray) -> np.ndarray:
    """[54, 96] strength of edges, capped: one glaring line must not outweigh the room."""
    half = cv2.resize(cv2.extractChannel(image, 1), None, fx=0.5, fy=0.5, interpolation=cv2.INTER_AREA)
    # by way of the half, to which there is a quick way
    small = cv2.resize(half, SIZE, interpolation=cv2.INTER_AREA).astype(np.float32)
    across, down = cv2.Sobel(small, cv2.CV_32F, 1, 0), cv2.Sobel(small, cv2.CV_32F, 0, 1)
    return np.minimum(cv2.magnitude(across, down), STRONGEST)


def shift_of(before: np.ndarray, after: np.ndarray) -> tuple[tuple[float, float], float]:
    """(x, y) by which `after` lies from `before` as shares of the width, and how clearly (phase correlation, Kuglin and
    Hines 1975)."""
    # copies: OpenCV applies the window in place
    (x, y), sure = cv2.phaseCorrelate(before.copy(), after.copy(), _WINDOW)
    return (x / SIZE[0], y / SIZE[0]), float(sure)


def _figures(
    image: np.ndarray, sample: np.ndarray, edges: np.ndarray, view: np.ndarray, previous: np.ndarray | None, at: float
) -> Picture:
    mean, spread = cv2.meanStdDev(sample)
    shift, sure = shift_of(view, edges)
    return Picture(
        at=at,
        luma=float(mean[0, 0]),
        spread=float(spread[0, 0]),
        sharpness=sharpness(image),
        detail=float(edges.mean()),
        change=float(cv2.absdiff(sample, previous).mean()) if previous is not None else nan,
        bright=float((sample >= OVEREXPOSED).mean()),
        flat=_gone_flat(view, edges),
        agreement=_correlation(view, edges),
        shift=shift,
        shift_sure=sure,
    )


def sharpness(image: np.ndarray) -> float:
    """Variance of the Laplacian: low where the lens is out of focus or covered."""
    return float(cv2.Laplacian(np.ascontiguousarray(image[::2, ::2, 1]), cv2.CV_16S).var())


def _gone_flat(view: np.ndarray, edges: np.ndarray) -> float:
    """Share of the parts [9, 16] with something to see in them usually that show nothing now."""
    usual, now = (part.reshape(9, 6, 16, 6).mean(axis=(1, 3)) for part in (view, edges))
    telling = usual > 0.5 * np.median(usual)
    return float((now[telling] < FLAT * usual[telling]).mean()) if telling.any() else 0.0


def _correlation(one: np.ndarray, other: np.ndarray) -> float:
    a, b = one - one.mean(), other - other.mean()
    strength = float(np.sqrt((a * a).sum() * (b * b).sum()))
    return float((a * b).sum()) / strength if strength > 0.0 else 0.0
