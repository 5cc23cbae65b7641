"""Smooth paths through waypoints, and the belt's travel. Pure numpy; no drawing, no clock."""

from __future__ import annotations

from bisect import bisect_right
from dataclasses import dataclass

import numpy as np

from shrink.simulator.layout import Point

SMOOTHING = 2
"""Corner cuttings of a polyline: two leave no visible corner and keep the ends."""


@dataclass(frozen=True, slots=True)
class Path:
    """A movement from `start_s` to `end_s` along rounded waypoints, slow at both ends like a hand."""

    start_s: float
    end_s: float
    xs: tuple[float, ...]
    ys: tuple[float, ...]
    reach: tuple[float, ...]
    steady: float = 0.5

    def at(self, t_s: float) -> Point:
        span = max(self.end_s - self.start_s, 1e-6)
        u = min(max((t_s - self.start_s) / span, 0.0), 1.0)
        eased = u * u * (3.0 - 2.0 * u)
        s = self.steady * u + (1.0 - self.steady) * eased
        i = min(max(bisect_right(self.reach, s) - 1, 0), len(self.reach) - 2)
        step = self.reach[i + 1] - self.reach[i]
        f = 0.0 if step <= 0 else min((s - self.reach[i]) / step, 1.0)
        return (
            self.xs[i] + f * (self.xs[i + 1] - self.xs[i]),
            self.ys[i] + f * (self.ys[i + 1] - self.ys[i]),
        )


def path(start_s: float, end_s: float, *points: Point, steady: float = 0.5) -> Path:
    """Path through `points` (at least one), corners cut, parametrised by its length."""
    line = np.asarray(points if len(points) > 1 else points * 2, dtype=float)
    for _ in range(SMOOTHING if len(line) > 2 else 0):
        head, tail = line[:-1], line[1:]
        cut = np.stack([0.75 * head + 0.25 * tail, 0.25 * head + 0.75 * tail], axis=1)
        line = np.vstack([line[:1], cut.reshape(-1, 2), line[-1:]])
    lengths = np.hypot(*(np.diff(line, axis=0) * (16 / 9, 1.0)).T)
    reach = np.concatenate([[0.0], np.cumsum(lengths)])
    reach = reach / reach[-1] if reach[-1] > 0 else np.linspace(0, 1, len(reach))
    return Path(
        start_s,
        end_s,
        tuple(line[:, 0].tolist()),
        tuple(line[:, 1].tolist()),
        tuple(reach.tolist()),
        steady,
    )


@dataclass(frozen=True, slots=True)
class Belt:
    """A belt that brings the next item forward just before it is picked, and stands otherwise."""

    picks: tuple[float, ...]
    picked_before: int = 0
    """Picks that are no longer listed, so that a long play keeps its belt in place."""
    pitch_n: float = 0.10
    speed_n: float = 0.13
    settle_s: float = 0.25

    def travel(self, t_s: float) -> float:
        """How far the belt has moved at `t_s`, in frame widths."""
        done = bisect_right(self.picks, t_s)
        if done == len(self.picks):
            return (self.picked_before + done) * self.pitch_n
        begin = self.picks[done] - self.settle_s - self.pitch_n / self.speed_n
        if done:
            begin = max(begin, self.picks[done - 1])
        stop = max(self.picks[done] - self.settle_s, begin + 1e-3)
        share = min(max((t_s - begin) / (stop - begin), 0.0), 1.0)
        return (self.picked_before + done + share) * self.pitch_n

    def ahead(self, t_s: float, until_s: float) -> float:
        """How far an item that is picked at `until_s` still has to ride at `t_s`."""
        return self.travel(until_s) - self.travel(t_s)
