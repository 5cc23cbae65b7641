"""Which seconds decide a case. Pure: Unix seconds on the camera's clock in and out."""

from __future__ import annotations

from dataclasses import dataclass

LEAD_S = 1.2
TAIL_S = 1.5
# Three seconds is the least in which a person sees what happened; twelve the most we keep.
SHORTEST_S = 3.0
LONGEST_S = 12.0
# Where only the till spoke, the item should have crossed at about this time before the line.
AROUND_LINE_S = 4.0


@dataclass(frozen=True, slots=True)
class Footage:
    """`key_instants` are two or three instants inside [starts_at, ends_at]."""

    starts_at: float
    ends_at: float
    key_instants: tuple[float, ...]


def footage_of_pass(*, entered_at: float | None, left_at: float) -> Footage:
    """From just before the item came to the scanner until just after it left."""
    entered = left_at - 1.0 if entered_at is None else min(entered_at, left_at)
    entered = max(entered, left_at - (LONGEST_S - LEAD_S - TAIL_S))
    starts_at, ends_at = entered - LEAD_S, left_at + TAIL_S
    missing = SHORTEST_S - (ends_at - starts_at)
    if missing > 0:
        starts_at -= missing
    return Footage(starts_at, ends_at, (entered, (entered + left_at) / 2, left_at + TAIL_S / 2))


def footage_of_line(*, at: float) -> Footage:
    """Around the instant a line was rung up that nobody saw an item for."""
    return Footage(at - AROUND_LINE_S, at + AROUND_LINE_S / 2, (at - AROUND_LINE_S / 2, at))
