"""Lanes of every kind by number, recorded without a wall clock: what benchmarks measure on and calibrations learn from.

One in three is a self-checkout; the flow goes either way, and more is left unpaid than in any store, so that there is
enough of it to count. Which seeds are whose: training and calibration below 90,000, benchmarks above.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from shrink.simulator.layout import Layout
from shrink.simulator.offline import Recording
from shrink.simulator.script import Habits, LaneScript
from shrink.simulator.till import Till, TillClock

START_AT = 1_790_000_000.0
THEFT_RATE = 0.09


def recording(seed: int, minutes: float, fps: float = 10.0, clock: TillClock | None = None) -> Recording:
    """The lane of a seed. Its till is right unless it is given a `clock`."""
    staffed = seed % 3 != 0
    pace = (2.6, 4.2) if staffed else (4.0, 6.5)
    script = LaneScript(seed, 0, Habits(staffed=staffed, theft_rate=THEFT_RATE, pace_s=pace))
    layout = Layout(staffed=staffed, mirror_x=seed % 2 == 1, mirror_y=seed % 5 == 0, colour_seed=seed)
    start_at, clock = datetime.fromtimestamp(START_AT, UTC), clock or TillClock(0.0, 0.0, 0.0)
    till = Till("T1", start_at, ZoneInfo("UTC"), clock, run="b", operator="c")
    return Recording(seed, "L1", script.until(minutes * 60), till, layout, fps=fps)


def recordings(first_seed: int, count: int, minutes: float) -> Iterator[Recording]:
    """Of consecutive seeds."""
    return (recording(first_seed + number, minutes) for number in range(count))
