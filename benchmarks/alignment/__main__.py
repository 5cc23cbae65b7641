"""BENCH-1: unpaid passes found in simulated lane-days, contender by contender, with 95 % intervals over days.

    python -m benchmarks.alignment                                  (test seeds, every level)
    python -m benchmarks.alignment --split dev --days 4 --levels hard --contenders B4c B7
    python -m benchmarks.alignment --misspecified --leave-one-out   (the hard level's variants beside the levels)

Seeds 0 to 99 are for developing; 100 to 199 are for testing, and nothing is ever tuned on them.
"""

from __future__ import annotations

import argparse
import json
import multiprocessing
from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import asdict, replace
from pathlib import Path

from benchmarks.alignment import metrics
from benchmarks.alignment.contenders import CONTENDERS, one_day, prepared
from benchmarks.alignment.gap_learners import take_over
from benchmarks.alignment.generator import DEV_SEEDS, TEST_SEEDS
from benchmarks.alignment.level import BASE_RATES, HARD, LEVELS, NUISANCES, Level
from benchmarks.alignment.metrics import Interval, Scored

COLUMNS: dict[str, metrics.Statistic] = {
    "R@1": metrics.recall_at_1,
    "R@5": metrics.recall_at_5,
    "P": metrics.precision,
    "R": metrics.recall,
    "F1": metrics.f1,
    "best F1": metrics.best_f1,
    "false/1000": metrics.false_per_thousand,
    "ECE": metrics.ece,
    "ECE listed": metrics.ece_listed,
    "Brier": metrics.brier,
    "clock s": metrics.offset_mae,
    "in spec": metrics.time_in_spec,
    "CPU s": metrics.seconds,
}
Table = dict[str, list[Scored]]
"""Contender -> its lane-days."""


def chosen_levels(options: argparse.Namespace) -> list[Level]:
    levels = [LEVELS[name].stated() if options.stated else LEVELS[name] for name in options.levels]
    if options.misspecified:
        levels += [level.scaled(factor) for level in levels for factor in (0.5, 2.0)]
    if options.leave_one_out:
        levels += [HARD.without(nuisance) for nuisance in NUISANCES]
    if options.base_rates:
        levels += [
            replace(level, name=f"{level.name} {rate:.1%}", no_scan=rate)
            for level in levels[: len(options.levels)]
            for rate in BASE_RATES
        ]
    extra = {"appearance": options.appearance, "burst": options.burst}
    names = " ".join(name for name, wanted in extra.items() if wanted)
    return [replace(level, name=f"{level.name} {names}".strip(), **extra) for level in levels]


def tables(levels: Sequence[Level], seeds: Sequence[int], options: argparse.Namespace) -> Iterator[tuple[str, Table]]:
    """Level by level. Children are given what was taught; forked ones would hang on the learners' threads."""
    learners = prepared(options.contenders)
    spawn = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(options.jobs, spawn, initializer=take_over, initargs=(learners,)) as pool:
        for level in levels:
            tasks = [(level, seed, options.hours, options.contenders) for seed in seeds]
            days = list(pool.map(one_day, tasks) if options.jobs > 1 else map(one_day, tasks))
            yield level.name, {name: [day[name] for day in days] for name in options.contenders}


def shown(interval: Interval) -> str:
    return f"{interval.value:.3f} [{interval.low:.3f}, {interval.high:.3f}]"


def print_table(level: str, table: Table, options: argparse.Namespace) -> None:
    some = next(iter(table.values()))
    passes, stolen = sum(len(day.outcomes) for day in some), sum(day.stolen for day in some)
    print(f"\n{level}: {len(some)} lane-days, {passes} passes, {stolen} unpaid items", flush=True)
    against = options.against if options.against in table else None
    print(f"{'':14}{'AP':24}{f'AP / {against}' if against else '':24}" + "".join(f"{name:>12}" for name in COLUMNS))
    for name, days in table.items():
        area = shown(metrics.bootstrap(metrics.average_precision, days, options.rounds))
        ratio = ""
        if against and name != against:
            ratio = shown(
                metrics.bootstrap_ratio(metrics.average_precision, days, table[against], options.rounds)
            )  # fmt: skip
        cells = "".join(f"{statistic(days):12.4f}" for statistic in COLUMNS.values())
        print(f"{name:14}{area:24}{ratio:24}{cells}", flush=True)


def as_json(table: Table, rounds: int) -> dict[str, dict[str, object]]:
    return {
        name: {
            "AP": asdict(metrics.bootstrap(metrics.average_precision, days, rounds)),
            **{column: statistic(days) for column, statistic in COLUMNS.items()},
            "reliability": metrics.reliability(days, metrics.LISTED),
        }
        for name, days in table.items()
    }


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--days", type=int, default=6, help="lane-days a level, 100 at most")
    parser.add_argument("--first-day", type=int, default=0, help="skip that many of the split's seeds")
    parser.add_argument("--hours", type=float, default=8.0)
    parser.add_argument("--levels", nargs="+", default=list(LEVELS), choices=list(LEVELS))
    parser.add_argument("--contenders", nargs="+", default=list(CONTENDERS), choices=list(CONTENDERS))
    parser.add_argument("--against", default="B4c", help="who the others' AP is divided by")
    parser.add_argument("--split", choices=("dev", "test"), default="test")
    parser.add_argument("--stated", action="store_true", help="only the nuisances that BENCH-1 gives a figure for")
    parser.add_argument("--misspecified", action="store_true", help="every nuisance and delay law x0.5 and x2")
    parser.add_argument("--leave-one-out", action="store_true", help="hard without one nuisance after another")
    parser.add_argument("--base-rates", action="store_true", help="0.2, 0.5, 1 and 2 % unpaid")
    parser.add_argument("--appearance", action="store_true", help="colour and size of what crosses are seen")
    parser.add_argument("--burst", action="store_true", help="the till sends whole receipts")
    parser.add_argument("--rounds", type=int, default=400, help="of the bootstrap")
    parser.add_argument("--jobs", type=int, default=1)
    parser.add_argument("--json", type=Path)
    return parser.parse_args()


def main() -> None:
    options = arguments()
    split = DEV_SEEDS if options.split == "dev" else TEST_SEEDS
    seeds = split[options.first_day : options.first_day + options.days]
    print(f"{options.split} seeds {seeds[0]} to {seeds[-1]}, {options.hours:g} h a day")
    kept = {}
    for level, table in tables(chosen_levels(options), seeds, options):
        print_table(level, table, options)
        kept[level] = as_json(table, options.rounds) if options.json else {}
    if options.json:
        options.json.write_text(json.dumps(kept, indent=1))


if __name__ == "__main__":
    main()
