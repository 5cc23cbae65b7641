"""Whether the till was in the middle of a ticket: what crosses between two tickets is seldom goods for sale."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from cases.domain.alignment.slots import SALES
from cases.domain.alignment.types import Clock, PosLine, Sighting

CLOSES = frozenset({"subtotal", "tender", "ticket_close", "ticket_suspend", "ticket_cancel", "ticket_void"})
OPENS = SALES | {"ticket_open", "ticket_resume", "void", "return", "quantity_change"}
PHASES = CLOSES | OPENS
SETTLES_S = 1.0
"""The last item is bagged as the till totals."""
SILENT = 4.5
"""A till that says nothing while so many items could have crossed is in the middle of no ticket."""
BEGINS = 3.0
"""The first item crosses before its ticket opens, by no more than so many items' time."""


def between_tickets(
    passes: Sequence[Sighting], lines: Sequence[PosLine], clock: Clock, pace: float
) -> NDArray[np.bool_]:
    """[n] for each pass, that the last ticket was being paid or over, or long silent, and the next had not begun.
    `lines`: of some minutes around; `pace`: items/s while the lane works. Of a till that was not heard before nothing
    is known."""
    told = sorted((line.at - clock.offset_s, line.type in CLOSES) for line in lines if line.type in PHASES)
    at = [instant for instant, _ in told]
    return np.array([_between(s.at, told, at, pace) for s in passes], dtype=bool)


def _between(seen_at: float, told: Sequence[tuple[float, bool]], at: Sequence[float], pace: float) -> bool:
    place = bisect_right(at, seen_at - SETTLES_S)
    if not place:
        return False
    before, closed = told[place - 1]
    opens = next((instant for instant, closes in told[place:] if not closes), None)
    begins = opens is not None and opens - seen_at <= BEGINS / pace
    return not begins and (closed or seen_at - before > SILENT / pace)
