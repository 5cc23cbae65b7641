"""Everyone who is compared, by name: `(LaneDay) -> Result`. A contender reads passes, lines and gaps, never the truth.

Add one by adding an entry to `CONTENDERS`. Only an oracle may look at `day.truth.rates`, and says so in its name.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import replace

from benchmarks.alignment import baselines, gap_learners, judges
from benchmarks.alignment.alert import Result
from benchmarks.alignment.baselines import Baseline
from benchmarks.alignment.day import LaneDay
from benchmarks.alignment.generator import lane_day
from benchmarks.alignment.level import Level
from benchmarks.alignment.metrics import Scored, scored

Contender = Callable[[LaneDay], Result]


def of(baseline: Baseline) -> Contender:
    return lambda day: baseline(day.passes, day.lines, day.gaps)


CONTENDERS: dict[str, Contender] = {
    "B0": of(baselines.nearest_unsynchronised),
    "B1": of(baselines.nearest_one_off),
    "B2": of(baselines.greedy_offset),
    "B3": of(baselines.greedy_tracked),
    "B4": of(baselines.assigned),
    "B4c": of(baselines.assigned_with_causes),
    "B4c told": of(baselines.assigned_with_told_causes),
    "B5": of(baselines.basket_count),
    "B6": of(gap_learners.gap_svm),
    "B7": of(gap_learners.gap_boosted),
    "judge": judges.judged,
    "oracle": judges.oracle,
}
TAUGHT = {"B6", "B7"}


def prepared(names: list[str]) -> dict[str, gap_learners.Learner]:
    """What is done once before the first day and counts for none: teaching those who learn."""
    return gap_learners.taught() if TAUGHT & set(names) else {}


def timed(name: str, day: LaneDay) -> Result:
    """The contender's answer, with the CPU time that it took."""
    began = time.process_time()
    result = CONTENDERS[name](day)
    return replace(result, seconds=time.process_time() - began)


def one_day(task: tuple[Level, int, float, list[str]]) -> dict[str, Scored]:
    """(level, seed, hours, names) -> the score of each. Here and not in `__main__`: other processes import it."""
    level, seed, hours, names = task
    day = lane_day(level, seed, hours)
    return {name: scored(day, timed(name, day)) for name in names}
