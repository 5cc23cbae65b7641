"""What changes over weeks and will be a fault some day: a lens that fogs, a mount that sags, a lamp that fades."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from statistics import median

RECENT_DAYS, LEAST_RECENT = 3, 2
BEFORE_DAYS, LEAST_BEFORE = 28, 5
SOFTER, DARKER, SLOWER = 0.7, 0.6, 0.85
SAGGED = 0.015
LOSSES, LOSSES_TIMES = 5, 3.0


@dataclass(frozen=True, slots=True)
class Day:
    """Means of one day: `sharpness` (variance of the Laplacian), `luma` (0..255), `fps`, `drift` (share of the width);
    `losses`: how often the video was lost."""

    sharpness: float
    luma: float
    fps: float
    drift: float
    losses: int


def upkeep(days: Sequence[Day]) -> list[str]:
    """Sentences that say what a technician should see to; `days` in order of time, the latest last. Nothing is said
    before there are five days to compare two with."""
    recent, before = days[-RECENT_DAYS:], days[-RECENT_DAYS - BEFORE_DAYS : -RECENT_DAYS]
    if len(recent) < LEAST_RECENT or len(before) < LEAST_BEFORE:
        return []
    said = []
    if (share := _share([d.sharpness for d in recent], [d.sharpness for d in before])) < SOFTER:
        said.append(f"The picture has lost {1 - share:.0%} of its sharpness in some weeks: clean the lens soon.")
    if (share := _share([d.luma for d in recent], [d.luma for d in before])) < DARKER:
        said.append(f"The picture has become {1 - share:.0%} darker in some weeks: see to the lamps.")
    if (share := _share([d.fps for d in recent], [d.fps for d in before])) < SLOWER:
        said.append(f"{1 - share:.0%} fewer pictures a second come in than some weeks ago: see to its network.")
    drift = median(d.drift for d in recent)
    if drift >= SAGGED:
        said.append(f"The view has wandered by {drift:.1%} of its width: tighten the mount before the zones are off.")
    losses, usual = median(d.losses for d in recent), median(d.losses for d in before)
    if losses >= LOSSES and losses > LOSSES_TIMES * usual:
        said.append(f"The video is lost {losses:.0f} times a day, it was {usual:.0f}: see to its cable and power.")
    return said


def _share(recent: Sequence[float], before: Sequence[float]) -> float:
    usual = median(before)
    return median(recent) / usual if usual > 0 else 1.0
