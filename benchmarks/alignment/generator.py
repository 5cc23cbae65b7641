"""Makes lane-days: what a camera and a till would tell of a shift whose truth is known. Written from the domain alone.

    day = lane_day(LEVELS["hard"], seed=3)

Seeds 0 to 99 are for developing, 100 to 199 for testing. A day depends on nothing but level, seed and hours.
"""

from __future__ import annotations

import numpy as np

from benchmarks.alignment.cashier import Cashier
from benchmarks.alignment.catalogue import Catalogue
from benchmarks.alignment.day import LaneDay, StolenItem, TillClock, Truth
from benchmarks.alignment.level import Level
from benchmarks.alignment.records import Item
from benchmarks.alignment.shift import Shift
from benchmarks.alignment.witnesses import Camera, Seen, Told, till_lines

START = 1_789_974_000
"""An opening at seven in the morning, UTC."""
DAY_S = 86_400
STORE, DEMAND, EYES, CLOCKS = 0, 2, 3, 4
DEV_SEEDS, TEST_SEEDS = range(100), range(100, 200)


def lane_day(level: Level, seed: int, hours: float = 8.0) -> LaneDay:
    """One lane on one day. About 3,000 passes and 4,000 lines in eight hours of a staffed lane."""
    store, demand, eyes, clocks = (np.random.default_rng([seed, stream]) for stream in (STORE, DEMAND, EYES, CLOCKS))
    shift = Shift(Cashier(level, seed, Catalogue(store)), demand, hours)
    shift.run()
    start = float(START + DAY_S * seed)
    clock = _clock(level, clocks, start, hours)
    seen = Camera(level, eyes).watch(shift.cashier.motions, shift.busy, start)
    gap = _gap(level, clocks, shift, start)
    told = till_lines(level, shift.cashier.entries, clock, start, gap)
    return LaneDay(
        level.name, seed, hours, seen.sightings, told.lines, told.gaps,
        _truth(level, seen, told, shift.cashier.items, clock, start),
    )  # fmt: skip


def _clock(level: Level, rng: np.random.Generator, start: float, hours: float) -> TillClock:
    """Draws the same numbers at every level, so that levels differ in their size only."""
    where, sign, when, way = rng.uniform(-1, 1), rng.choice([-1, 1]), rng.uniform(0.15, 0.85), rng.choice([-1, 1])
    return TillClock(
        start, float(where) * level.offset_max_s, float(sign) * level.skew_ppm,
        float(way) * level.step_s, start + float(when) * hours * 3600,
    )  # fmt: skip


def _gap(level: Level, rng: np.random.Generator, shift: Shift, start: float) -> tuple[float, float] | None:
    """A time on the camera's clock of which the till says nothing; it begins while the lane works."""
    if not level.feed_gap_s or not shift.cashier.motions:
        return None
    around = shift.cashier.motions[int(rng.integers(len(shift.cashier.motions)))].at
    begins = start + around - float(rng.uniform(0, level.feed_gap_s))
    return begins, begins + level.feed_gap_s


def _truth(
    level: Level, seen: Seen, told: Told, items: list[Item], clock: TillClock, start: float
) -> Truth:  # fmt: skip
    heard = {id(entry): key for key, entry in told.entries.items()}
    pairs, causes = {}, {}
    for key, (cause, motion) in seen.causes.items():
        entry = motion.paid_by if motion else None
        lost = entry is not None and id(entry) not in heard
        causes[key] = "paid_unheard" if cause == "paid" and lost else cause
        if entry is not None and not lost and cause == "paid":
            pairs[key] = heard[id(entry)]
    paid = set(pairs.values())
    line_cause = {
        key: entry.cause if entry.cause != "passed" else "passed" if key in paid else "missed"
        for key, entry in told.entries.items()
    }
    item_of = {key: motion.item.name if motion and motion.item else "" for key, (_, motion) in seen.causes.items()}
    keys: dict[str, list[str]] = {}
    for key, name in item_of.items():
        keys.setdefault(name, []).append(key)
    stolen = tuple(
        StolenItem(item.name, start + item.at, item.article.cents, tuple(keys.get(item.name, ())))
        for item in items
        if item.stolen
    )
    return Truth(causes, item_of, stolen, line_cause, pairs, clock, level.rates(), len(items))
