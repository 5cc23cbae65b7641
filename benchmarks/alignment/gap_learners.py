"""B6 and B7: learners on gaps in time, taught on developing days whose truth is known.

After the patented way: of passes that no line claims, the gaps to neighbouring passes, to lines and to the ends of the
ticket decide, with the camera's confidence. B6 is its support vector machine; B7 puts boosted trees in the
machine's place, which do better. Trained once a process, on seeds of the developing split only.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypeAlias

import numpy as np
from sklearn.calibration import CalibratedClassifierCV
from sklearn.ensemble import HistGradientBoostingClassifier
from sklearn.pipeline import Pipeline, make_pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.svm import SVC

from benchmarks.alignment import sync
from benchmarks.alignment.alert import Result
from benchmarks.alignment.assignment import Assignment, hungarian
from benchmarks.alignment.baselines import raised
from benchmarks.alignment.generator import DEV_SEEDS, lane_day
from benchmarks.alignment.level import LEVELS
from benchmarks.alignment.streams import Streams, streams
from benchmarks.alignment.sync import Track
from cases.domain.alignment.types import Gap, PosLine, Sighting

TRAINING_SEEDS = DEV_SEEDS[-12:]
"""Of every level; figures on the developing split keep off them."""
FARTHEST_S = 60.0
Learner: TypeAlias = Pipeline | HistGradientBoostingClassifier
_TAUGHT: dict[str, Learner] = {}


def gap_svm(passes: Sequence[Sighting], lines: Sequence[PosLine], gaps: Sequence[Gap]) -> Result:
    """B6: RBF kernel, Platt's probabilities."""
    return _judged(streams(passes, lines, gaps), "svm")


def gap_boosted(passes: Sequence[Sighting], lines: Sequence[PosLine], gaps: Sequence[Gap]) -> Result:
    """B7: gradient-boosted trees on what B6 is given."""
    return _judged(streams(passes, lines, gaps), "trees")


def _judged(both: Streams, name: str) -> Result:
    track = sync.tracked(both)
    found = hungarian(both, track)
    loose = np.flatnonzero(found.slot < 0)
    score = np.zeros(len(both.t))
    if len(loose):
        score[loose] = taught()[name].predict_proba(features(both, track, found, loose))[:, 1]
    return raised(both, track, score)


def features(both: Streams, track: Track, found: Assignment, loose: np.ndarray) -> np.ndarray:
    """(loose, 18) logarithms of gaps in s, confidence, the detector's word, and how the day is."""
    slot_t = track.camera_s(both.s)
    free = ~np.isin(np.arange(len(both.s)), found.slot)
    t, paid = both.t[loose], np.flatnonzero(found.slot >= 0)
    columns = [*_around(t, both.t), *_around(t, both.t[paid]), *_around(t, slot_t), *_around(t, slot_t[free])]
    columns += [*_second(t, both.t), *_around(t, _ticket_ends(both, slot_t))]
    columns += [both.confidence[loose]]
    columns += [np.array([both.labels[i] == word for i in loose], float) for word in ("", "bag")]
    columns += [np.full(len(loose), value) for value in (found.jitter_s, found.loose, found.missed)]
    return np.column_stack(columns)


def _around(t: np.ndarray, others: np.ndarray) -> list[np.ndarray]:
    """Log gap to the one before and the one after, itself left out."""
    at = np.concatenate([[-np.inf], np.sort(others), [np.inf]])
    before, after = np.searchsorted(at, t, "left") - 1, np.searchsorted(at, t, "right")
    return [_log(t - at[before]), _log(at[after] - t)]


def _second(t: np.ndarray, others: np.ndarray) -> list[np.ndarray]:
    """Log gap to the second before and the second after."""
    at = np.concatenate([[-np.inf, -np.inf], np.sort(others), [np.inf, np.inf]])
    before, after = np.searchsorted(at, t, "left") - 2, np.searchsorted(at, t, "right") + 1
    return [_log(t - at[before]), _log(at[after] - t)]


def _log(gap: np.ndarray) -> np.ndarray:
    return np.log(np.clip(gap, 0.02, FARTHEST_S))


def _ticket_ends(both: Streams, slot_t: np.ndarray) -> np.ndarray:
    """Camera instants of the first and last line of each ticket."""
    ends: dict[str, tuple[float, float]] = {}
    for at, line in zip(slot_t, both.line, strict=True):
        first, last = ends.get(both.lines[line].transaction, (at, at))
        ends[both.lines[line].transaction] = (min(first, at), max(last, at))
    return np.array([end for pair in ends.values() for end in pair])


def taught() -> dict[str, Learner]:
    """Both learners, taught at the first call."""
    if not _TAUGHT:
        x, y = _lessons()
        _TAUGHT.update(svm=_svm().fit(x, y), trees=_trees().fit(x, y))
    return _TAUGHT


def take_over(learners: dict[str, Learner]) -> None:
    """In another process: what was taught in the first."""
    _TAUGHT.update(learners)


def _svm() -> Learner:
    """Settings chosen on developing days; one in twenty of the unclaimed is unpaid, so it weighs five times."""
    machine = SVC(C=2.0, gamma=0.06, class_weight={1: 5})
    return make_pipeline(StandardScaler(), CalibratedClassifierCV(machine, method="sigmoid", ensemble=False, cv=4))


def _trees() -> Learner:
    return HistGradientBoostingClassifier(
        max_iter=100, learning_rate=0.05, max_leaf_nodes=15, l2_regularization=1.0, min_samples_leaf=30, random_state=0
    )


def _lessons() -> tuple[np.ndarray, np.ndarray]:
    parts = [_lesson(level, seed) for level in LEVELS for seed in TRAINING_SEEDS]
    return np.concatenate([part[0] for part in parts]), np.concatenate([part[1] for part in parts])


def _lesson(level: str, seed: int) -> tuple[np.ndarray, np.ndarray]:
    """Features and truth of the unclaimed passes of one developing day."""
    assert seed in DEV_SEEDS
    day = lane_day(LEVELS[level], seed)
    both = streams(day.passes, day.lines, day.gaps)
    track = sync.tracked(both)
    found = hungarian(both, track)
    loose = np.flatnonzero((found.slot < 0) & ~both.hushed(both.t + track(both.t)))
    stolen = {key for item in day.truth.stolen for key in item.passes}
    return features(both, track, found, loose), np.array([both.keys[i] in stolen for i in loose])
