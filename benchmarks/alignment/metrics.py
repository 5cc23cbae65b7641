"""How good alerts are against the truth of lane-days, pooled over days.

An unpaid item is one truth however often the camera saw it: the highest alert on any of its passes is a hit, further
ones are neither hit nor false. Items the camera never saw count as missed.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from benchmarks.alignment.alert import Result
from benchmarks.alignment.day import LaneDay

THRESHOLD = 0.5
LISTED = 0.05
BINS = 10
IN_SPEC_S = 0.3
"""Domain: a clock is good where its standard deviation is at most that."""


@dataclass(frozen=True, slots=True)
class Scored:
    """One lane-day of one contender.

    scores, hits: (n,) of the alerts that count, hits boolean. stolen: unpaid items; items: all goods moved for sale.
    probabilities, outcomes: (passes,) every item pass, 0 where no alert; passes of an unpaid item beyond its first
    are left out. clock_errors_s: (passes,) estimated minus true offset; empty without a clock.
    """

    scores: np.ndarray
    hits: np.ndarray
    stolen: int
    items: int
    probabilities: np.ndarray
    outcomes: np.ndarray
    clock_errors_s: np.ndarray
    seconds: float = 0.0


Statistic = Callable[[Sequence[Scored]], float]


def scored(day: LaneDay, result: Result) -> Scored:
    best: dict[str, float] = {}
    for alert in result.alerts:
        best[alert.key] = max(alert.score, best.get(alert.key, 0.0))
    shown = {key: item.item for item in day.truth.stolen for key in item.passes}
    ranked = sorted(best.items(), key=lambda pair: -pair[1])
    counted = _first_of_each(ranked, shown)
    asked = [p.key for p in day.passes if p.type == "item_pass"]
    passes = _first_of_each(sorted(((key, best.get(key, 0.0)) for key in asked), key=lambda pair: -pair[1]), shown)
    return Scored(
        np.array([score for _, score in counted]), np.array([key in shown for key, _ in counted], bool),
        len(day.truth.stolen), day.truth.items,
        np.array([score for _, score in passes]), np.array([key in shown for key, _ in passes], float),
        _clock_errors(day, result), result.seconds,
    )  # fmt: skip


def _first_of_each(ranked: Sequence[tuple[str, float]], shown: dict[str, str]) -> list[tuple[str, float]]:
    kept, used = [], set()
    for key, score in ranked:
        item = shown.get(key)
        if item is None or item not in used:
            kept.append((key, score))
            used.add(item)
    return kept


def _clock_errors(day: LaneDay, result: Result) -> np.ndarray:
    if not result.clock_track:
        return np.empty(0)
    at = np.array([p.at for p in day.passes if p.type == "item_pass"])
    when, offset = np.array(result.clock_track, float).T
    true = np.array([day.truth.offset_at(t) for t in at])
    return np.interp(at, when, offset) - true


# -- ranking ---------------------------------------------------------------------------------------------


def average_precision(days: Sequence[Scored]) -> float:
    """Area under the precision-recall steps, pooled; alerts of equal score are taken together."""
    hits, total = _curve(days)
    stolen = sum(day.stolen for day in days)
    if not stolen or not len(hits):
        return 0.0
    gained = np.diff(hits, prepend=0.0)
    return float(np.sum(gained * hits / total) / stolen)


def _curve(days: Sequence[Scored]) -> tuple[np.ndarray, np.ndarray]:
    """Hits and alerts down to each distinct score, highest first."""
    scores = np.concatenate([day.scores for day in days])
    hits = np.concatenate([day.hits for day in days])
    order = np.argsort(-scores, kind="stable")
    scores, hits = scores[order], np.cumsum(hits[order])
    last = np.flatnonzero(np.append(np.diff(scores) != 0, True)) if len(scores) else np.empty(0, int)
    return hits[last].astype(float), (last + 1).astype(float)


def recall_at(days: Sequence[Scored], per_thousand: float) -> float:
    """Share of unpaid items found by the `per_thousand` highest alerts per 1,000 items; within ties, on average."""
    hits, total = _curve(days)
    stolen, budget = sum(day.stolen for day in days), per_thousand / 1000 * sum(day.items for day in days)
    if not stolen or not len(hits):
        return 0.0
    found = np.interp(budget, np.concatenate([[0.0], total]), np.concatenate([[0.0], hits]))
    return float(found / stolen)


def recall_at_1(days: Sequence[Scored]) -> float:
    return recall_at(days, 1.0)


def recall_at_5(days: Sequence[Scored]) -> float:
    return recall_at(days, 5.0)


# -- at the threshold ------------------------------------------------------------------------------------


def _counts(days: Sequence[Scored]) -> tuple[int, int]:
    """Alerts and hits at the threshold."""
    return (
        sum(int(np.sum(day.scores >= THRESHOLD)) for day in days),
        sum(int(np.sum(day.hits[day.scores >= THRESHOLD])) for day in days),
    )


def precision(days: Sequence[Scored]) -> float:
    """NaN where nothing was raised."""
    raised, right = _counts(days)
    return right / raised if raised else float("nan")


def recall(days: Sequence[Scored]) -> float:
    return _counts(days)[1] / max(1, sum(day.stolen for day in days))


def f1(days: Sequence[Scored]) -> float:
    raised, right = _counts(days)
    return 2 * right / max(1, raised + sum(day.stolen for day in days))


def best_f1(days: Sequence[Scored]) -> float:
    """F1 at the threshold that suits these very days best: kind to everyone, and to rules that say no probability."""
    hits, total = _curve(days)
    return float(np.max(2 * hits / (total + sum(day.stolen for day in days)), initial=0.0))


def false_per_thousand(days: Sequence[Scored]) -> float:
    """False alerts at the threshold per 1,000 items."""
    raised, right = _counts(days)
    return 1000 * (raised - right) / max(1, sum(day.items for day in days))


# -- probabilities ---------------------------------------------------------------------------------------


def _calibration(days: Sequence[Scored], least: float) -> tuple[np.ndarray, np.ndarray]:
    said = np.concatenate([day.probabilities for day in days])
    true = np.concatenate([day.outcomes for day in days])
    listed = said >= least
    return said[listed], true[listed]


def reliability(days: Sequence[Scored], least: float = 0.0) -> list[tuple[float, float, int]]:
    """Mean said, share true and size of each of ten bins of equal mass."""
    said, true = _calibration(days, least)
    order = np.argsort(said, kind="stable")
    bins = [part for part in np.array_split(order, BINS) if len(part)]
    return [(float(said[part].mean()), float(true[part].mean()), len(part)) for part in bins]


def ece(days: Sequence[Scored], least: float = 0.0) -> float:
    """Expected calibration error over all passes."""
    bins = reliability(days, least)
    size = sum(count for *_, count in bins)
    return sum(abs(said - true) * count for said, true, count in bins) / size if size else 0.0


def ece_listed(days: Sequence[Scored]) -> float:
    """The same over passes with a score that somebody might see: over all, nine bins of ten are empty talk."""
    return ece(days, LISTED)


def brier(days: Sequence[Scored]) -> float:
    said, true = _calibration(days, 0.0)
    return float(np.mean((said - true) ** 2)) if len(said) else 0.0


# -- clock and cost --------------------------------------------------------------------------------------


def offset_mae(days: Sequence[Scored]) -> float:
    """Mean absolute error of the clock, s, at the passes; NaN where no clock is estimated."""
    errors = np.concatenate([day.clock_errors_s for day in days])
    return float(np.mean(np.abs(errors))) if len(errors) else float("nan")


def time_in_spec(days: Sequence[Scored]) -> float:
    """Share of passes at which the clock is within 0.3 s of the truth."""
    errors = np.concatenate([day.clock_errors_s for day in days])
    return float(np.mean(np.abs(errors) <= IN_SPEC_S)) if len(errors) else float("nan")


def seconds(days: Sequence[Scored]) -> float:
    """CPU s per lane-day."""
    return float(np.mean([day.seconds for day in days]))


# -- uncertainty -----------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Interval:
    value: float
    low: float
    high: float


def bootstrap(statistic: Statistic, days: Sequence[Scored], rounds: int = 400, seed: int = 0) -> Interval:
    """95 % percentile interval over lane-days drawn with replacement."""
    drawn = np.array([statistic([days[i] for i in picks]) for picks in _draws(len(days), rounds, seed)])
    return _interval(statistic(days), drawn)


def bootstrap_ratio(
    statistic: Statistic, ours: Sequence[Scored], theirs: Sequence[Scored], rounds: int = 400, seed: int = 0
) -> Interval:
    """Of `statistic(ours) / statistic(theirs)`, paired: the same days are drawn for both."""
    assert len(ours) == len(theirs)

    def ratio(picks: Sequence[int]) -> float:
        below = statistic([theirs[i] for i in picks])
        return statistic([ours[i] for i in picks]) / below if below else float("inf")

    drawn = np.array([ratio(list(picks)) for picks in _draws(len(ours), rounds, seed)])
    return _interval(ratio(range(len(ours))), drawn)


def _draws(size: int, rounds: int, seed: int) -> np.ndarray:
    return np.random.default_rng(seed).integers(size, size=(rounds, size))


def _interval(value: float, drawn: np.ndarray) -> Interval:
    known = drawn[np.isfinite(drawn)]
    if not len(known):
        return Interval(value, float("nan"), float("nan"))
    low, high = np.percentile(known, [2.5, 97.5])
    return Interval(value, float(low), float(high))
