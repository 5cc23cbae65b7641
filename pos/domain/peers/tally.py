"""From what tills told of tickets to what peers are compared by: counts and exposure, by where and when."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from pos.domain.peers.seen import KINDS, Exposure, Seen, Stratum

BANDS = (6, 9, 13, 17, 21)
"""Local hours at which another part of the day begins; from the last to the first it is night."""
SMALL, MEDIUM = 8, 25
"""Up to so many lines a basket is small, or medium."""
ON_LINES = tuple(kind.name for kind in KINDS if kind.per is Exposure.LINES)
PRESENCE = timedelta(minutes=15)
"""Who did anything at a lane within such a part of an hour is taken to have been there for all of it."""


@dataclass(frozen=True, slots=True)
class Doing:
    """One ticket, or what happened outside of any (a drawer opened without a sale: `lines` None).

    `at`: the first of it, local time. `counts`: how often each kind happened, by its name. Not `own`: what the subject
    did at another's ticket, which has `lines`.
    """

    subject: str
    lane: str
    lane_kind: str
    at: datetime
    lines: int | None
    counts: Mapping[str, int]
    own: bool = True


def tally(doings: Iterable[Doing]) -> list[Seen]:
    """`doings` in any order, added up by subject and stratum. Hours are told by the parts of the day alone: a drawer
    that is opened belongs to no basket."""
    exposure: dict[tuple[str, Stratum], dict[Exposure, float]] = defaultdict(lambda: defaultdict(float))
    counts: dict[tuple[str, Stratum], dict[str, int]] = defaultdict(lambda: defaultdict(int))
    present = set[tuple[str, str, datetime]]()
    for doing in doings:
        stratum = Stratum(doing.lane_kind, band(doing.at.hour), basket(doing.lines))
        cell = exposure[doing.subject, stratum]
        if doing.lines is not None:
            # At another's ticket there was at least what happened. So little is too little to compare anybody by.
            cell[Exposure.TICKETS] += doing.own or any(kind not in ON_LINES for kind in doing.counts)
            # Of a ticket whose lines never came it is known that there were as many as were voided.
            happened = max(doing.counts.get(kind, 0) for kind in ON_LINES)
            cell[Exposure.LINES] += max(doing.lines, happened) if doing.own else happened
        for kind, count in doing.counts.items():
            counts[doing.subject, stratum][kind] += count
        part = (doing.subject, doing.lane, _part_of_hour(doing.at))
        if part not in present:
            present.add(part)
            hours = exposure[doing.subject, Stratum(doing.lane_kind, band(doing.at.hour), "")]
            hours[Exposure.HOURS] += PRESENCE / timedelta(hours=1)
    return [Seen(*key, dict(cell), dict(counts[key])) for key, cell in exposure.items()]


def _part_of_hour(at: datetime) -> datetime:
    return at.replace(minute=at.minute - at.minute % 15, second=0, microsecond=0)


def band(hour: int) -> str:
    """The part of the day that local `hour` (0 to 23) belongs to, as "09-13"."""
    later = [start for start in BANDS if start > hour]
    earlier = [start for start in BANDS if start <= hour]
    return f"{earlier[-1] if earlier else BANDS[-1]:02}-{later[0] if later else BANDS[0]:02}"


def basket(lines: int | None) -> str:
    if lines is None:
        return ""
    return "small" if lines <= SMALL else "medium" if lines <= MEDIUM else "large"
