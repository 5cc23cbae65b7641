"""How soon a lane's clock is known: the judge on the first minutes of days that it has never seen.

    python -m benchmarks.alignment.first_minutes [--levels mid hard] [--minutes 5 10 20] [--days 24] [--split test]

Minutes count from the first pass. A lane is asked for its clock at the end of them; one that does not know it yet says
the quality `bad`. Errors are those of the offset then, against the truth.
"""

from __future__ import annotations

import argparse
from bisect import bisect_left

import numpy as np

from benchmarks.alignment.day import LaneDay
from benchmarks.alignment.generator import DEV_SEEDS, TEST_SEEDS, lane_day
from benchmarks.alignment.level import LEVELS
from cases.domain.alignment.judge import judge
from cases.domain.alignment.types import Clock

IN_SPEC_S = 0.2


def clock_after(day: LaneDay, minutes: float) -> tuple[Clock, float]:
    """The clock that `minutes` of trading taught, and how far it is from the truth, s."""
    end = day.passes[0].at + 60 * minutes
    told_end = end + day.truth.offset_at(end)
    seen = day.passes[: bisect_left(day.passes, end, key=lambda s: s.at)]
    told = day.lines[: bisect_left(day.lines, told_end, key=lambda line: line.at)]
    gaps = [gap for gap in day.gaps if gap.start < told_end]
    clock = judge(seen, told, gaps=gaps).clock
    return clock, abs(clock.offset_s - day.truth.offset_at(end))


def main() -> None:
    given = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    given.add_argument("--levels", nargs="+", default=["mid", "hard", "self_checkout"], choices=sorted(LEVELS))
    given.add_argument("--minutes", nargs="+", type=float, default=[5.0, 10.0, 20.0])
    given.add_argument("--days", type=int, default=24)
    given.add_argument("--split", choices=("dev", "test"), default="test")
    asked = given.parse_args()
    seeds = (TEST_SEEDS if asked.split == "test" else DEV_SEEDS)[-asked.days :]
    print(f"{asked.split} seeds {seeds[0]} to {seeds[-1]}")
    for level in asked.levels:
        days = [lane_day(LEVELS[level], seed) for seed in seeds]
        for minutes in asked.minutes:
            found = [clock_after(day, minutes) for day in days]
            errors = np.array([error for _, error in found])
            good = np.array([clock.quality == "good" for clock, _ in found])
            bad = np.array([clock.quality == "bad" for clock, _ in found])
            wrong = ~bad & (errors > 1.0)
            print(
                f"{level:14} {minutes:4g} min: median error {np.median(errors):7.3f} s, "
                f"within {IN_SPEC_S} s {np.mean(errors <= IN_SPEC_S):4.0%}, said good {good.mean():4.0%}, "
                f"said bad {bad.mean():4.0%}, not bad and off by more than 1 s {wrong.mean():4.0%}"
            )


if __name__ == "__main__":
    main()
