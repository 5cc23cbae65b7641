"""Things in motion: where an item or a hand is at an instant, and what is known about crossings."""

from __future__ import annotations

from dataclasses import dataclass

from shrink.simulator.acts import Look
from shrink.simulator.layout import Point
from shrink.simulator.paths import Belt, Path, path


@dataclass(frozen=True, slots=True)
class Crossing:
    """An item that reached the bagging side: when it left the scanner zone (or, around the scanner,
    entered the bagging area), and whether the scanner could see it."""

    at_s: float
    act: int
    item: int
    over_scanner: bool


@dataclass(frozen=True, slots=True)
class ItemPart:
    """One item from appearing to vanishing. Before `legs` it rides the belt (or waits)."""

    act: int
    item: int
    look: Look
    born_s: float
    gone_s: float
    legs: tuple[Path, ...]
    grips: tuple[tuple[float, float], ...]
    angle: float
    turn: float = 0.0
    level: int = 0
    ride: Belt | None = None

    def at(self, t_s: float) -> Point:
        first = self.legs[0]
        if t_s < first.start_s:
            x, y = first.at(first.start_s)
            if self.ride is not None:
                x -= self.ride.ahead(t_s, first.start_s)
            return x, y
        leg = first
        for candidate in self.legs:
            if candidate.start_s <= t_s:
                leg = candidate
        return leg.at(t_s)

    def gripped(self, t_s: float) -> bool:
        return any(start <= t_s <= end for start, end in self.grips)

    def alive(self, t_s: float) -> bool:
        return self.born_s <= t_s < self.gone_s

    def angle_at(self, t_s: float) -> float:
        start, end = self.legs[0].start_s, self.legs[0].end_s
        share = min(max((t_s - start) / max(end - start, 1e-6), 0.0), 1.0)
        return self.angle + self.turn * share


@dataclass(frozen=True, slots=True)
class HandPart:
    """A hand at work from `start_s` to `end_s`: reaching out, carrying, going home."""

    who: str
    act: int
    start_s: float
    end_s: float
    work: tuple[Path, ...]
    holds: str = ""
    seed: int = 0
    grip: float = 0.5
    under: bool = False

    @property
    def busy(self) -> tuple[float, float]:
        return self.work[0].start_s, self.work[-1].end_s

    def at(self, t_s: float, home: Point) -> Point:
        first, last = self.work[0], self.work[-1]
        if t_s < first.start_s:
            return path(self.start_s, first.start_s, home, first.at(first.start_s)).at(t_s)
        if t_s > last.end_s:
            return path(last.end_s, self.end_s, last.at(last.end_s), home).at(t_s)
        leg = first
        for candidate in self.work:
            if candidate.start_s <= t_s:
                leg = candidate
        return leg.at(t_s)


@dataclass(frozen=True, slots=True)
class Parts:
    items: tuple[ItemPart, ...]
    hands: tuple[HandPart, ...]
    belt: Belt
