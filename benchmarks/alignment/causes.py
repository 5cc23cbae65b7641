"""Why a pass that no line paid for may be there: theft against retry, double, spurious, bag and late line.

Rates begin at the domain's defaults and follow the day; laws of gaps and confidences are those of the domain, or of the
day's own matched passes. No truth is used.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.stats import beta, gaussian_kde

from benchmarks.alignment.assignment import Assignment
from benchmarks.alignment.streams import Streams
from benchmarks.alignment.sync import Track

RATES = {"theft": 0.01, "retry": 0.04, "double": 0.02, "spurious": 0.02, "bag": 0.02, "late": 0.015, "handled": 0.006}
"""Per item. handled: shown, put back or returned without a line to tell."""
STRENGTH = 60.0
"""How many unmatched passes the beginning weighs."""


@dataclass(frozen=True)
class Laws:
    """When a pass that repeats another comes, when a line out of turn, how sure a detector is of nothing, and what it
    calls goods and a bag (what is left is any other word)."""

    double_s: tuple[float, float]
    retry_s: tuple[float, float]
    late_s: tuple[tuple[float, float], tuple[float, float]]
    doubtful: tuple[float, float]
    labels: dict[str, dict[str, float]]


GUESSED = Laws(
    double_s=(0.0, 1.0), retry_s=(1.0, 3.0), late_s=((-5.0, -1.0), (2.0, 8.0)), doubtful=(4.0, 3.0),
    labels={"goods": {}, "bag": {}},
)  # fmt: skip
"""What an engineer who has seen tills, but not these, would write down."""
TOLD = Laws(
    double_s=(0.1, 0.8), retry_s=(1.2, 2.5), late_s=((-6.0, -1.5), (2.5, 10.0)), doubtful=(5.0, 3.2),
    labels={"goods": {"bag": 0.03, "": 0.10}, "bag": {"bag": 0.35, "": 0.40}},
)  # fmt: skip
"""What the generator does: nobody in a store could know it."""
ROUNDS = 6
LEAST_S, LONGEST_S, BUSY_S = 0.05, 600.0, 30.0
QUICK = 0.1


def theft_posterior(streams: Streams, track: Track, found: Assignment, laws: Laws = GUESSED) -> np.ndarray:
    """(n,) probability that a pass is unpaid goods; 0 where a line was assigned."""
    loose = np.flatnonzero(found.slot < 0)
    score = np.zeros(len(streams.t))
    if not len(loose):
        return score
    likelihood = _likelihoods(streams, track, found, loose, laws)
    score[loose] = _posterior(likelihood, len(streams.t))[:, list(RATES).index("theft")]
    return score


def _posterior(likelihood: np.ndarray, passes: int) -> np.ndarray:
    """Rates by EM with a prior; that of theft stays, a day shows too few to learn it from."""
    prior = np.array(list(RATES.values()))
    rates = prior.copy()
    for _ in range(ROUNDS):
        joint = likelihood * rates
        posterior = joint / joint.sum(axis=1, keepdims=True)
        counted = posterior.sum(axis=0) + STRENGTH * prior / prior.sum()
        rates = np.where(prior == RATES["theft"], prior, counted / (passes + STRENGTH / prior.sum()))
    return posterior


def _likelihoods(streams: Streams, track: Track, found: Assignment, loose: np.ndarray, laws: Laws) -> np.ndarray:
    """(loose, causes) density of gaps, confidence and label under each cause, columns as in `RATES`.

    Items follow each other as a renewal process of gap law f. One more of them lies between its neighbours with
    density f(before) f(after); what falls anywhere in time, with f(before + after) / mean gap.
    """
    before, after = _gaps(streams.t, loose)
    law = GapLaw(streams.t[found.slot >= 0])
    goods, doubtful = _confidence(streams, found, loose, laws)
    edge = 0.15 + found.jitter_s / 3
    alone, whole = law.item(before) * law.item(after), law(before + after)
    double = np.maximum(_soft_uniform(before, laws.double_s, edge), _soft_uniform(after, laws.double_s, edge)) * whole
    retry = np.maximum(
        _soft_uniform(after, laws.retry_s, edge) * law(before),
        0.15 * _soft_uniform(before, laws.retry_s, edge) * law(after),
    )
    label = {kind: _label_law(streams, loose, law) for kind, law in laws.labels.items()}
    columns = {
        "theft": alone * goods * label["goods"],
        "retry": retry * goods * label["goods"],
        "double": 0.5 * double * (goods + doubtful) * label["goods"],
        "spurious": whole / law.mean_s * doubtful * label["goods"],
        "bag": whole / law.mean_busy_s * (before + after < BUSY_S) * doubtful * label["bag"],
        "late": alone * goods * label["goods"] * _late(streams, track, found, loose, laws),
        "handled": alone * goods * label["goods"],
    }
    return np.column_stack([columns[name] for name in RATES]) + 1e-12


def _gaps(t: np.ndarray, loose: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """To the pass before and after, s."""
    padded = np.concatenate([[-np.inf], t, [np.inf]])
    return np.minimum(t[loose] - padded[loose], LONGEST_S), np.minimum(padded[loose + 2] - t[loose], LONGEST_S)


class GapLaw:
    """Density of the gap between one item and the next, 1/s: a kernel estimate on the log gap of matched passes."""

    def __init__(self, t: np.ndarray) -> None:
        gaps = np.clip(np.diff(t), LEAST_S, LONGEST_S) if len(t) > 20 else np.geomspace(0.8, 20.0, 20)
        self._steps = np.linspace(np.log(LEAST_S), np.log(2 * LONGEST_S), 300)
        self._density = gaussian_kde(np.log(gaps), 0.15)(self._steps)
        self.mean_s = float(gaps.mean())
        self.mean_busy_s = float(np.sum(gaps[gaps < BUSY_S]) / len(gaps))

    def __call__(self, gap: np.ndarray) -> np.ndarray:
        gap = np.clip(gap, LEAST_S, 2 * LONGEST_S)
        return np.interp(np.log(gap), self._steps, self._density) / gap + 1e-6

    def item(self, gap: np.ndarray) -> np.ndarray:
        """Unpaid goods may also go in one hand with a neighbour."""
        return (1 - QUICK) * self(gap) + QUICK * ((gap > 0.1) & (gap < 0.7)) / 0.6


def _soft_uniform(gap: np.ndarray, span: tuple[float, float], edge: float) -> np.ndarray:
    """A uniform law whose ends are blurred by the camera's jitter."""
    low, high = span
    return (1 / (1 + np.exp(-(gap - low) / (edge / 3))) - 1 / (1 + np.exp(-(gap - high) / (edge / 3)))) / (high - low)


def _confidence(streams: Streams, found: Assignment, loose: np.ndarray, laws: Laws) -> tuple[np.ndarray, np.ndarray]:
    """Densities of the confidence: goods as among matched passes, and doubtful."""
    value = np.clip(streams.confidence[loose], 0.01, 0.99)
    sure = np.clip(streams.confidence[found.slot >= 0], 0.01, 0.99)
    mean, variance = (float(sure.mean()), float(sure.var())) if len(sure) > 20 else (0.8, 0.012)
    size = max(2.0, mean * (1 - mean) / max(variance, 1e-4) - 1)
    return beta.pdf(value, mean * size, (1 - mean) * size), beta.pdf(value, *laws.doubtful)


def _label_law(streams: Streams, loose: np.ndarray, law: dict[str, float]) -> np.ndarray:
    other = 1 - sum(law.values())
    return np.array([law.get(streams.labels[i], other) for i in loose])


def _late(streams: Streams, track: Track, found: Assignment, loose: np.ndarray, laws: Laws) -> np.ndarray:
    """How much likelier than by chance an unclaimed line lies where a bagged item's would."""
    free = ~np.isin(np.arange(len(streams.s)), found.slot) & ~streams.soft
    at = np.sort(track.camera_s(streams.s[free]))
    by_chance = max(found.missed, 0.02) / 3.5
    weight = np.zeros(len(loose))
    for low, high in laws.late_s:
        t = streams.t[loose]
        weight += (np.searchsorted(at, t + high) - np.searchsorted(at, t + low)) * 0.5 / (high - low)
    return weight / by_chance + 0.02
