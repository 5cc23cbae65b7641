"""A funnel as shapes: what a template needs to draw it, and nothing of how it looks."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import log10
from typing import Any

LEFT, RIGHT, TOP, BOTTOM = 44, 14, 14, 40
"""Room for the axes' labels around the plot."""
LEAST_TOP, MOST_TOP = 2.0, 8.0
"""How far up the ratios go; what lies beyond is drawn at the edge."""
STEPS = (1, 2, 5)


@dataclass(frozen=True, slots=True)
class Tick:
    place: float
    words: str


@dataclass(frozen=True, slots=True)
class Band:
    """Where so large a share of ordinary peers lies; `points` as SVG wants them."""

    coverage: float
    points: str


@dataclass(frozen=True, slots=True)
class Dot:
    x: float
    y: float
    subject: str
    words: str
    unusual: bool


@dataclass(frozen=True, slots=True)
class Chart:
    """Pixels from the upper left. `even`: where observed equals expected."""

    width: int
    height: int
    left: int
    right: float
    bottom: float
    even: float
    bands: tuple[Band, ...]
    dots: tuple[Dot, ...]
    across: tuple[Tick, ...]
    upward: tuple[Tick, ...]


@dataclass(frozen=True, slots=True)
class _Scale:
    """Expected events to the right, in their logarithm; observed / expected upwards."""

    width: int
    height: int
    least: float
    most: float
    top: float

    def x(self, expected: float) -> float:
        share = (log10(max(expected, self.least)) - log10(self.least)) / max(log10(self.most) - log10(self.least), 1e-9)
        return round(LEFT + share * (self.width - LEFT - RIGHT), 1)

    def y(self, ratio: float) -> float:
        return round(TOP + (1 - min(ratio, self.top) / self.top) * (self.height - TOP - BOTTOM), 1)


def chart_of(funnel: Mapping[str, Any], *, width: int, height: int) -> Chart | None:
    """`funnel`: as a comparison keeps it (pos/services/peers.py). None where nothing is said of anybody."""
    points, limits = funnel["points"], funnel["limits"]
    if not points or not limits:
        return None
    along = [limit["expected"] for limit in limits]
    highest = max(point["ratio"] for point in points)
    scale = _Scale(width, height, min(along), max(along), min(max(1.1 * highest, LEAST_TOP), MOST_TOP))
    return Chart(
        width=width,
        height=height,
        left=LEFT,
        right=float(width - RIGHT),
        bottom=float(height - BOTTOM),
        even=scale.y(1.0),
        bands=tuple(_bands(limits, scale)),
        dots=tuple(_dot(point, scale) for point in points),
        across=tuple(_across(scale)),
        upward=tuple(Tick(scale.y(ratio), f"{ratio} ×") for ratio in range(int(scale.top) + 1)),
    )


def _bands(limits: Sequence[Mapping[str, Any]], scale: _Scale) -> list[Band]:
    """The widest first, so that the narrower lies upon it."""
    bands = []
    for coverage in sorted({limit["coverage"] for limit in limits}, reverse=True):
        own = sorted((one for one in limits if one["coverage"] == coverage), key=lambda one: one["expected"])
        upper = [(scale.x(one["expected"]), scale.y(one["high"])) for one in own]
        lower = [(scale.x(one["expected"]), scale.y(max(one["low"], 0.0))) for one in reversed(own)]
        bands.append(Band(coverage, " ".join(f"{x},{y}" for x, y in upper + lower)))
    return bands


def _dot(point: Mapping[str, Any], scale: _Scale) -> Dot:
    words = f"{point['subject']}: {point['ratio']:.1f} times the {point['expected']:.1f} expected"
    return Dot(scale.x(point["expected"]), scale.y(point["ratio"]), point["subject"], words, point["unusual"])


def _across(scale: _Scale) -> list[Tick]:
    exponents = range(int(log10(scale.least)) - 1, int(log10(scale.most)) + 2)
    numbers = [step * 10.0**exponent for exponent in exponents for step in STEPS]
    return [Tick(scale.x(number), f"{number:g}") for number in numbers if scale.least <= number <= scale.most]
