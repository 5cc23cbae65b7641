"""Lanes of every kind by number, recorded without a wall clock: what benchmarks measure on and calibrations learn from.

One in three is a self-checkout; the flow goes either way, and more is left unpaid than in any store, so that there is
enough of it to count. Which seeds are whose: training and calibration below 90,000, benchmarks above.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import numpy as np

from shrink.simulator.layout import Layout
from shrink.simulator.light import Weather
from shrink.simulator.mounting import Mounting
from shrink.simulator.offline import Recording
from shrink.simulator.script import Habits, LaneScript
from shrink.simulator.till import Till, TillClock

START_AT = 1_790_000_000.0
THEFT_RATE = 0.09


@dataclass(frozen=True, slots=True)
class Level:
    """How hard a lane is to see. `pace`: of the usual time between two goods."""

    weather: Weather | None = None
    pace: float = 1.0
    askew: bool = False
    crf: int | None = None


LEVELS = {
    "clean": Level(Weather(noise=1.5, flicker=0.005, drift=0.04, step=0.04, glare=0.15)),
    "mid": Level(),
    "hard": Level(
        Weather(noise=6.0, flicker=0.03, drift=0.2, step_every_s=20.0, step=0.3, glare=1.0), 0.75, askew=True, crf=31
    ),
}
"""clean: even light, a good sensor. mid: as lanes are drawn anywhere else here. hard: a noisy camera that hangs askew,
behind a bent lens, lamps that switch, glare, strong compression, goods that follow each other a third faster."""


def recording(
    seed: int, minutes: float, fps: float = 10.0, clock: TillClock | None = None, level: str = "mid"
) -> Recording:
    """The lane of a seed. Its till is right unless it is given a `clock`."""
    staffed, hard = seed % 3 != 0, LEVELS[level]
    slow, fast = (2.6, 4.2) if staffed else (4.0, 6.5)
    pace = (slow * hard.pace, fast * hard.pace)
    script = LaneScript(seed, 0, Habits(staffed=staffed, theft_rate=THEFT_RATE, pace_s=pace))
    layout = Layout(staffed=staffed, mirror_x=seed % 2 == 1, mirror_y=seed % 5 == 0, colour_seed=seed)
    start_at, clock = datetime.fromtimestamp(START_AT, UTC), clock or TillClock(0.0, 0.0, 0.0)
    till = Till("T1", start_at, ZoneInfo("UTC"), clock, run="b", operator="c")
    mounting = (
        Mounting.askew(np.random.default_rng([seed, 83]), layout.width_px, layout.height_px) if hard.askew else None
    )
    tickets = script.until(minutes * 60)
    return Recording(seed, "L1", tickets, till, layout, weather=hard.weather, fps=fps, mounting=mounting, crf=hard.crf)


MIXED = ("mid", "clean", "mid", "hard")


def recordings(first_seed: int, count: int, minutes: float) -> Iterator[Recording]:
    """Of consecutive seeds, of all levels in turn."""
    return (recording(first_seed + n, minutes, level=MIXED[n % len(MIXED)]) for n in range(count))
