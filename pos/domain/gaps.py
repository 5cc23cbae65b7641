"""When the till could not be heard. Pure: instants in, spans out."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from itertools import pairwise
from statistics import median

REGULAR_BEATS = 5  # fewer tell no rhythm
MISSED_BEATS = 3.0
SHORTEST = timedelta(seconds=10)
LONGEST_RHYTHM = timedelta(minutes=10)  # what beats more rarely is no heartbeat to rely on


@dataclass(frozen=True, slots=True)
class Gap:
    """The till was not heard from ``starts_at`` to ``ends_at`` (its own clock); ``why`` is a sentence.

    ``doubted``: it was heard, and what it said cannot all be so; neither its silence nor its word counts.
    """

    starts_at: datetime
    ends_at: datetime
    why: str
    doubted: bool = False


def silence_allowed(beats: Sequence[datetime]) -> timedelta | None:
    """How long this till may be silent before it counts as lost, or None where its heartbeats have no rhythm.

    ``beats``: heartbeats in order. The rhythm is their median spacing, and most
    spacings must keep to it.
    """
    spacings = [(later - earlier).total_seconds() for earlier, later in pairwise(beats)]
    spacings = [spacing for spacing in spacings if spacing > 0]
    if len(spacings) < REGULAR_BEATS - 1:
        return None
    rhythm = median(spacings)
    steady = sum(abs(spacing - rhythm) <= rhythm / 2 for spacing in spacings)
    if rhythm > LONGEST_RHYTHM.total_seconds() or steady * 2 <= len(spacings):
        return None
    return max(SHORTEST, timedelta(seconds=rhythm * MISSED_BEATS))


def silences(signs: Sequence[datetime], allowed: timedelta, end: datetime) -> list[Gap]:
    """Stretches longer than ``allowed`` between ``signs`` of life (in order), and from the last one to ``end``."""
    why = f"No heartbeat for more than {allowed.total_seconds():.0f} s."
    stops = [*signs, end] if signs and end > signs[-1] else list(signs)
    return [Gap(earlier, later, why) for earlier, later in pairwise(stops) if later - earlier > allowed]


def gap_reported(
    occurred_at: datetime,
    starts_at: datetime | None,
    ends_at: datetime | None,
    length_s: float | None,
    before: datetime | None,
) -> Gap:
    """The span a ``gap`` event means.

    ``data.from`` and ``data.to`` where given; else it ends at ``occurred_at``
    and lasted ``data.seconds``; else it began with the last event before it.
    """
    end = ends_at or occurred_at
    start = starts_at
    if start is None and length_s is not None:
        start = end - timedelta(seconds=length_s)
    if start is None:
        start = before if before is not None else end
    return Gap(min(start, end), max(start, end), "The till's feed reported a gap.")


def gaps_merged(gaps: Sequence[Gap]) -> list[Gap]:
    """``gaps`` in order, those that touch or overlap as one; the doubted apart from the silent."""
    apart = [[gap for gap in gaps if gap.doubted is doubted] for doubted in (False, True)]
    return sorted((one for some in apart for one in _touching(some)), key=lambda g: (g.starts_at, g.ends_at))


def _touching(gaps: Sequence[Gap]) -> list[Gap]:
    merged: list[Gap] = []
    for gap in sorted(gaps, key=lambda g: (g.starts_at, g.ends_at, g.why)):
        if merged and gap.starts_at <= merged[-1].ends_at:
            last = merged[-1]
            why = last.why if gap.why in last.why else f"{last.why} {gap.why}"
            merged[-1] = replace(last, ends_at=max(last.ends_at, gap.ends_at), why=why)
        else:
            merged.append(gap)
    return merged
