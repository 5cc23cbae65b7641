"""What one would build first: seven ways to find unpaid passes. Each sees the two streams and the gaps, never truth.

Rules (B0 to B4) raise whatever they leave unmatched, so their scores start at one half; B4c and B6 say probabilities.
Within a rule's alerts the score still ranks: a sure sighting far from any line comes first.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np

from benchmarks.alignment import sync
from benchmarks.alignment.alert import Alert, Result
from benchmarks.alignment.assignment import greedy, hungarian
from benchmarks.alignment.causes import TOLD, theft_posterior
from benchmarks.alignment.streams import Streams, streams
from benchmarks.alignment.sync import Track
from cases.domain.alignment.types import Gap, PosLine, Sighting

WINDOW_S = 2.0
FAR_S = 4.0
"""Beyond that, further from a line says no more."""
LEAST = 0.002
Baseline = Callable[[Sequence[Sighting], Sequence[PosLine], Sequence[Gap]], Result]


def nearest_unsynchronised(passes: Sequence[Sighting], lines: Sequence[PosLine], gaps: Sequence[Gap]) -> Result:
    """B0: some line within 2 s by the clocks as they are."""
    both = streams(passes, lines, gaps)
    return _by_nearest(both, sync.unsynchronised(both))


def nearest_one_off(passes: Sequence[Sighting], lines: Sequence[PosLine], gaps: Sequence[Gap]) -> Result:
    """B1: some line within 2 s, the offset measured once in the first minutes."""
    both = streams(passes, lines, gaps)
    return _by_nearest(both, sync.one_off(both))


def greedy_offset(passes: Sequence[Sighting], lines: Sequence[PosLine], gaps: Sequence[Gap]) -> Result:
    """B2: nearest pairs first, one to one, the day's best offset."""
    both = streams(passes, lines, gaps)
    return _by_greedy(both, sync.whole_day(both))


def greedy_tracked(passes: Sequence[Sighting], lines: Sequence[PosLine], gaps: Sequence[Gap]) -> Result:
    """B3: the same with a clock that follows drift and steps."""
    both = streams(passes, lines, gaps)
    return _by_greedy(both, sync.tracked(both))


def assigned(passes: Sequence[Sighting], lines: Sequence[PosLine], gaps: Sequence[Gap]) -> Result:
    """B4: least total cost under a delay law per entry method, clock followed."""
    both = streams(passes, lines, gaps)
    track = sync.tracked(both)
    loose = hungarian(both, track).slot < 0
    return raised(both, track, loose * _rule_score(both, track))


def assigned_with_causes(passes: Sequence[Sighting], lines: Sequence[PosLine], gaps: Sequence[Gap]) -> Result:
    """B4c: what B4 leaves over, weighed against innocent causes."""
    both = streams(passes, lines, gaps)
    track = sync.tracked(both)
    return raised(both, track, theft_posterior(both, track, hungarian(both, track)))


def assigned_with_told_causes(passes: Sequence[Sighting], lines: Sequence[PosLine], gaps: Sequence[Gap]) -> Result:
    """B4c, told the windows, confidences and labels that the generator draws from: what no store could tell it."""
    both = streams(passes, lines, gaps)
    track = sync.tracked(both)
    return raised(both, track, theft_posterior(both, track, hungarian(both, track), TOLD))


def basket_count(passes: Sequence[Sighting], lines: Sequence[PosLine], gaps: Sequence[Gap]) -> Result:
    """B5: more passes than units on the ticket; each of its passes bears an equal part of the surplus."""
    both = streams(passes, lines, gaps)
    track = sync.tracked(both)
    if not len(both.s) or not len(both.t):
        return raised(both, track, np.zeros(len(both.t)))
    tickets = sorted({line.transaction for line in both.lines})
    number = {name: place for place, name in enumerate(tickets)}
    of_slot = np.array([number[both.lines[line].transaction] for line in both.line])
    order = np.argsort(track.camera_s(both.s))
    slot_t, ticket = track.camera_s(both.s)[order], of_slot[order]
    after = np.clip(np.searchsorted(slot_t, both.t), 1, len(slot_t) - 1)
    nearer = np.where(both.t - slot_t[after - 1] <= slot_t[after] - both.t, after - 1, after)
    crossed = np.bincount(ticket[nearer], minlength=len(tickets))
    sold = np.bincount(of_slot, minlength=len(tickets))
    surplus = np.maximum(0, crossed - sold) / np.maximum(1, crossed)
    return raised(both, track, surplus[ticket[nearer]] * both.confidence)


def _by_nearest(both: Streams, track: Track) -> Result:
    far = _distance(both, track) > WINDOW_S
    return raised(both, track, far * _rule_score(both, track))


def _by_greedy(both: Streams, track: Track) -> Result:
    loose = greedy(both, track, WINDOW_S) < 0
    return raised(both, track, loose * _rule_score(both, track))


def _distance(both: Streams, track: Track) -> np.ndarray:
    """(n,) s from each pass to the nearest line."""
    if not len(both.s):
        return np.full(len(both.t), np.inf)
    at = np.concatenate([[-np.inf], np.sort(track.camera_s(both.s)), [np.inf]])
    after = np.searchsorted(at, both.t)
    return np.minimum(both.t - at[after - 1], at[after] - both.t)


def _rule_score(both: Streams, track: Track) -> np.ndarray:
    far = np.minimum(_distance(both, track), FAR_S) / FAR_S
    return 0.5 + 0.5 * both.confidence * (0.5 + 0.5 * far)


def raised(both: Streams, track: Track, score: np.ndarray) -> Result:
    """Alerts but where the till was not heard."""
    quiet = both.hushed(both.t + track(both.t))
    alerts = [
        Alert(key, float(value))
        for key, value, hushed in zip(both.keys, score, quiet, strict=True)
        if value >= LEAST and not hushed
    ]
    return Result(alerts, track.clock(both.resolution_s))
