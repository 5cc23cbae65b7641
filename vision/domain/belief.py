"""How probable it is that what seemed to cross was goods, from how it was seen on its way.

A detector's confidence says little about a crossing: an empty hand is taken for an item faintly and often, one item
under a hand faintly and seldom. A logistic curve over the evidence of the whole way, fitted on scenes whose truth is
known (vision/training/calibrate.py), says what such evidence has been worth. It belongs to the weights it was fitted
with and lies beside them; detectors without one are believed by the rules in zone_events.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from math import exp, log1p


@dataclass(frozen=True, slots=True)
class Evidence:
    """What was seen of one crossing. Shares and confidences 0..1, times in seconds.

    `way`: between the last rest and the next; `over`: above the scanner, or all the way where it went `around` it;
    `rest`: before it set out. `rival`: votes for a bag against votes for goods on the way. `steps`: regions passed
    through. `twin_s`: to the nearest pass; `overlap`: how much of the smaller of the two lies over the other.
    """

    way_mean: float
    way_best: float
    way_hits: int
    unseen_hits: int
    over_mean: float
    over_hits: int
    rest_mean: float
    rest_hits: int
    rival: float
    dwell_s: float
    steps: int
    around: bool
    fresh: bool
    joined: bool
    inferred: bool
    carried: bool
    twin_s: float
    overlap: float

    def stored(self) -> dict[str, float | int | bool]:
        """For the event's attributes: what a later calibration may be fitted on."""
        return {name: round(value, 3) if isinstance(value, float) else value for name, value in asdict(self).items()}


def features(seen: Evidence) -> dict[str, float]:
    """Named numbers of comparable size."""
    return {
        "way_mean": 2 * seen.way_mean,
        "way_best": 2 * seen.way_best,
        "way_hits": log1p(seen.way_hits),
        "unseen": seen.unseen_hits / (seen.unseen_hits + seen.way_hits + 1),
        "over_mean": 2 * seen.over_mean,
        "over_hits": log1p(seen.over_hits),
        "rest_mean": 2 * seen.rest_mean,
        "rest_hits": log1p(min(seen.rest_hits, 40)) / 2,
        "rival": min(2.0, 2 * seen.rival),
        "lingers": min(4.0, max(0.0, seen.dwell_s - 1.2)),
        "wanders": float(min(4, max(0, seen.steps - 3))),
        "around": float(seen.around),
        "fresh": float(seen.fresh),
        "joined": float(seen.joined),
        "inferred": float(seen.inferred),
        "carried": float(seen.carried),
        "twin": max(0.0, 1 - seen.twin_s),
        "twin_overlaps": max(0.0, 1 - seen.twin_s) * seen.overlap,
    }


@dataclass(frozen=True)
class Belief:
    """`weights` of the features by name; names it does not know count nothing."""

    bias: float
    weights: Mapping[str, float]

    def probability(self, seen: Evidence) -> float:
        total = self.bias + sum(self.weights.get(name, 0.0) * value for name, value in features(seen).items())
        return 1 / (1 + exp(-max(-30.0, min(30.0, total))))
