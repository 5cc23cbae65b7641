"""Passes to slots, one to one: greedily by distance, or at least total cost with a delay law per entry method."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.optimize import linear_sum_assignment
from scipy.special import logsumexp

from benchmarks.alignment.streams import KEYED, SCANNED, WEIGHED, Streams
from benchmarks.alignment.sync import SCAN_DELAY_S, Track

LAW_S = {SCANNED: (0.25, 0.3), WEIGHED: (2.6, 0.9), KEYED: (4.0, 1.3)}
"""Domain: mean and standard deviation of the delay, s."""
OUTLIERS, OUTLIER_SD_S = 0.03, 3.0
BAGGED, BAGGED_S = 0.015, (-6.0, 10.0)
"""Bagged before it was scanned, or long after: anywhere in that span."""
SOFT_SD_GAPS = 0.7
"""Further units of a quantity line cross about one item's time from the scanned one, before or after."""
SOFT_SEEN = 0.6
GATE_S = 12.0
QUIET_S = 25.0
"""Nothing can be paired across that long a silence."""
MISSED, LOOSE = 0.06, 0.12
"""Shares of lines without pass and of passes without line, to begin with."""
ROUNDS = 3


def greedy(streams: Streams, track: Track, gate_s: float) -> np.ndarray:
    """Slot of each pass or -1: nearest pairs first, each used once. Soft slots count like others."""
    slot_t = track.camera_s(streams.s)
    order = np.argsort(slot_t)
    low = np.searchsorted(slot_t[order], streams.t - gate_s)
    high = np.searchsorted(slot_t[order], streams.t + gate_s)
    pairs = [(abs(slot_t[j] - streams.t[i]), i, j) for i in range(len(streams.t)) for j in order[low[i] : high[i]]]
    found, used = np.full(len(streams.t), -1), set()
    for _, i, j in sorted(pairs):
        if found[i] < 0 and j not in used:
            found[i] = j
            used.add(j)
    return found


@dataclass(frozen=True)
class Assignment:
    """slot: (n,) of each pass or -1. regret: (n,) nats by which the best other explanation of the pass is worse.

    missed, loose: shares as estimated from the day; jitter_s: spread of scanned lines about their law.
    """

    slot: np.ndarray
    missed: float
    loose: float
    jitter_s: float
    delta_s: np.ndarray
    """(n,) line minus expected instant of a scanned line; nan where unmatched."""


def hungarian(streams: Streams, track: Track) -> Assignment:
    """Optimal pairs by block of activity; rates and spread are learnt from the day's own result, in a few rounds."""
    missed, loose, spread = MISSED, LOOSE, 0.45
    rate = _pass_rate(streams.t)
    slot = np.full(len(streams.t), -1)
    slot_t = track.camera_s(streams.s)
    for _ in range(ROUNDS):
        laws = {method: (mean - SCAN_DELAY_S, float(np.hypot(sd, spread))) for method, (mean, sd) in LAW_S.items()}
        laws[SCANNED] = (0.0, spread)
        slot = _assign(streams, slot_t, laws, missed, np.log(loose * rate))
        hard = ~streams.soft
        paired = np.isin(np.arange(len(streams.s)), slot)
        missed = float(np.clip(1 - np.mean(paired[hard]), 0.01, 0.3)) if hard.any() else MISSED
        loose = float(np.clip(np.mean(slot < 0), 0.02, 0.4))
        spread = _spread(streams, slot_t, slot, spread)
    return Assignment(slot, missed, loose, spread, _delta(streams, slot_t, slot))


def _pass_rate(t: np.ndarray) -> float:
    """Passes per second while the lane works."""
    apart = np.diff(t)
    return 1.0 / float(np.mean(apart[apart < 15.0])) if np.any(apart < 15.0) else 0.3


def _delta(streams: Streams, slot_t: np.ndarray, slot: np.ndarray) -> np.ndarray:
    delta = np.full(len(streams.t), np.nan)
    delta[slot >= 0] = slot_t[slot[slot >= 0]] - streams.t[slot >= 0]
    return delta


def _spread(streams: Streams, slot_t: np.ndarray, slot: np.ndarray, before: float) -> float:
    """Robust standard deviation of scanned lines about their passes."""
    chosen = slot[slot >= 0]
    plain = (streams.method[chosen] == SCANNED) & ~streams.soft[chosen]
    delta = _delta(streams, slot_t, slot)[slot >= 0][plain]
    if len(delta) < 30:
        return before
    return float(np.clip(1.4826 * np.median(np.abs(delta - np.median(delta))), 0.15, 1.2))


def _assign(
    streams: Streams, slot_t: np.ndarray, laws: dict[int, tuple[float, float]], missed: float, log_loose: float
) -> np.ndarray:
    mean = np.array([laws[int(method)][0] for method in streams.method])
    sd = np.array([laws[int(method)][1] for method in streams.method])
    sd = np.where(streams.soft, np.hypot(sd, SOFT_SD_GAPS * float(np.median(np.diff(streams.t)))), sd)
    seen = np.where(streams.soft, SOFT_SEEN * (1 - missed), 1 - missed)
    found = np.full(len(streams.t), -1)
    for i, j in _blocks(streams.t, slot_t - mean):
        delta = slot_t[j][None, :] - streams.t[i][:, None] - mean[j][None, :]
        gain = _log_law(delta, sd[j][None, :]) + np.log(seen[j] / (1 - seen[j]))[None, :] - log_loose
        gain[np.abs(delta) > GATE_S] = -1e6
        for row, column in zip(*linear_sum_assignment(_with_leave(gain), maximize=True), strict=True):
            if column < len(j) and gain[row, column] > 0:
                found[i[row]] = j[column]
    return found


def _log_law(delta: np.ndarray, sd: np.ndarray) -> np.ndarray:
    """Log density of a normal law with a wide component for outliers."""

    def normal(wide: np.ndarray | float) -> np.ndarray:
        return -0.5 * (delta / wide) ** 2 - np.log(wide) - 0.919

    wide = np.hypot(sd, OUTLIER_SD_S)
    bagged = np.where(
        (delta > BAGGED_S[0]) & (delta < BAGGED_S[1]), np.log(BAGGED / (BAGGED_S[1] - BAGGED_S[0])), -50.0
    )
    usual = np.log(1 - OUTLIERS - BAGGED) + normal(sd)
    return logsumexp([usual, np.log(OUTLIERS) + normal(wide), bagged], axis=0)


def _with_leave(gain: np.ndarray) -> np.ndarray:
    """As many columns of gain 0 as there are passes: each may stay alone."""
    return np.hstack([gain, np.zeros((len(gain), len(gain)))])


def _blocks(t: np.ndarray, s: np.ndarray) -> list[tuple[np.ndarray, np.ndarray]]:
    """Places of passes and slots, cut where nothing happens for a while; blocks without either are left out."""
    at = np.concatenate([t, s])
    order = np.argsort(at, kind="stable")
    cuts = np.flatnonzero(np.diff(at[order]) > QUIET_S) + 1
    parts = [(part[part < len(t)], part[part >= len(t)] - len(t)) for part in np.split(order, cuts)]
    return [(i, j) for i, j in parts if len(i) and len(j)]
