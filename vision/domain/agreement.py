"""Two detectors over the same video: what both saw happen, and what only one of them did."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from statistics import fmean

SAME_S = 1.0
"""What both saw of one crossing lies nearer than this; two goods seldom follow each other faster."""


@dataclass(frozen=True, slots=True)
class Seen:
    """An event of one of the two: `at` in Unix seconds."""

    type: str
    at: float
    confidence: float
    by_shadow: bool
    camera: str = ""

    @property
    def instant(self) -> datetime:
        return datetime.fromtimestamp(self.at, UTC)


@dataclass(frozen=True)
class Agreement:
    """Of one type of event: how many both saw, and what only the one in use or only the one in its shadow did."""

    both: int
    only_used: Sequence[Seen]
    only_shadow: Sequence[Seen]

    @property
    def share(self) -> float | None:
        """Of all that either saw, what both did; None where there is nothing."""
        total = self.both + len(self.only_used) + len(self.only_shadow)
        return self.both / total if total else None

    @property
    def sure(self) -> tuple[float, float]:
        """How surely, on average, each saw what the other did not."""
        return _mean(self.only_used), _mean(self.only_shadow)


def agreement(seen: Sequence[Seen]) -> Mapping[str, Agreement]:
    """By type of event. Nearest pairs first, each event in one pair at most, both of one camera."""
    found: dict[str, Agreement] = {}
    for kind in sorted({one.type for one in seen}):
        used = [one for one in seen if one.type == kind and not one.by_shadow]
        shadow = [one for one in seen if one.type == kind and one.by_shadow]
        found[kind] = _paired(used, shadow)
    return found


def _paired(used: list[Seen], shadow: list[Seen]) -> Agreement:
    shadow = sorted(shadow, key=lambda one: one.at)
    times = [one.at for one in shadow]
    near = sorted(
        (abs(mine.at - times[j]), i, j)
        for i, mine in enumerate(used)
        for j in range(bisect_left(times, mine.at - SAME_S), bisect_right(times, mine.at + SAME_S))
        if mine.camera == shadow[j].camera
    )
    left, right = set(range(len(used))), set(range(len(shadow)))
    for _, i, j in near:
        if i in left and j in right:
            left.discard(i)
            right.discard(j)
    return Agreement(len(used) - len(left), [used[i] for i in sorted(left)], [shadow[j] for j in sorted(right)])


def _mean(seen: Sequence[Seen]) -> float:
    return fmean(one.confidence for one in seen) if seen else 0.0
