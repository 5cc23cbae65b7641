"""A funnel plot as data: everybody's observed over expected against how much was expected, between limits.

Who was seen little lies anywhere in the wide end of the funnel, and nothing follows from it. Exact limits, and wider
ones that know that people differ (Spiegelhalter, 2005, Statistics in Medicine 24, 1185-1202).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from pos.domain.peers.counting import at_most, interpolated_quantile
from pos.domain.peers.score import Group, PeerReport, Standing
from pos.domain.peers.seen import Kind
from pos.domain.peers.special import Array
from pos.domain.peers.spread import SPREADS

COVERAGES = 0.95, 0.998
STEPS = 40


@dataclass(frozen=True, slots=True)
class Limits:
    """Where observed / expected lies with probability `coverage` if `expected` events were to be expected.

    chance_low, chance_high: if everybody were alike; low, high: as much as ordinary peers differ.
    """

    expected: float
    coverage: float
    chance_low: float
    chance_high: float
    low: float
    high: float


@dataclass(frozen=True, slots=True)
class Point:
    """One subject; `ratio` is not shrunk here: the funnel shows how far chance may carry it."""

    subject: str
    expected: float
    ratio: float
    standing: Standing


@dataclass(frozen=True, slots=True)
class Funnel:
    """Points in order of what was expected, limits by coverage and expectation.

    A point's standing allows for how well its own expectation is known and for all that was looked at, the limits do
    not: a few points beyond them are to be expected.
    """

    kind: Kind
    points: tuple[Point, ...]
    limits: tuple[Limits, ...]


def funnel_of(report: PeerReport, kind: Kind) -> Funnel:
    """The funnel of one kind; empty where nothing is said of anybody."""
    scores = sorted((s for s in report.scores if s.kind == kind), key=lambda s: (s.expected, s.subject))
    points = tuple(Point(s.subject, s.expected, s.observed / s.expected, s.standing) for s in scores)
    groups = [group for group in report.groups if group.kind == kind]
    if not points or not groups:
        return Funnel(kind, points, ())
    along = np.geomspace(points[0].expected / 1.5, points[-1].expected * 1.5, STEPS)
    return Funnel(kind, points, funnel_limits(along.tolist(), groups[0]))


def funnel_limits(
    expected: Sequence[float], group: Group, coverages: Sequence[float] = COVERAGES
) -> tuple[Limits, ...]:
    """The limits at each of `expected` (> 0), for each of `coverages`."""
    along, beliefs = np.asarray(expected, dtype=np.float64), np.asarray(group.beliefs)
    alike, differing = (np.array([np.inf]), np.array([1.0])), (1.0 / np.square(SPREADS), beliefs)
    found: list[Limits] = []
    for coverage in coverages:
        edges = [
            _edge(level, along, shapes, shares) / along
            for shapes, shares in (alike, differing)
            for level in ((1.0 - coverage) / 2, (1.0 + coverage) / 2)
        ]
        found += [Limits(at, coverage, *(float(edge[k]) for edge in edges)) for k, at in enumerate(along.tolist())]
    return tuple(found)


def _edge(level: float, expected: Array, shapes: Array, shares: Array) -> Array:
    """The interpolated count at which `level` is reached at each of `expected` [k], over a mixture of laws."""

    def below(count: Array) -> Array:
        return np.asarray(at_most(count[:, None], expected[:, None], shapes[None, :]) @ shares)

    ceiling = expected + 20.0
    while np.any(short := below(np.ceil(ceiling)) < level):
        ceiling = np.where(short, 2.0 * ceiling, ceiling)
    return interpolated_quantile(level, below, ceiling)
