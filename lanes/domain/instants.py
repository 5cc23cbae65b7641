"""Reading an instant as devices write it. Pure: the zone and the moment of receipt are passed in."""

import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, tzinfo

WRITE = "Write RFC 3339 with an offset, for example 2026-11-21T10:00:00.250+01:00."
YEARS = range(1990, 2100)
AHEAD = timedelta(days=1)
FOLD_LATENESS = timedelta(minutes=30)
_SHAPE = re.compile(r"\d{4}-\d{2}-\d{2}[Tt ]\d{2}:\d{2}(:\d{2}([.,]\d{1,12})?)?\s?([Zz]|[+-]\d{2}:?\d{2})?", re.ASCII)

ZONE_ASSUMED = "zone_assumed"
DST_FOLD = "dst_fold"
DST_GAP = "dst_gap"
LEAP_SECOND = "leap_second"
CLOCK_AHEAD = "clock_ahead"


class BadInstant(ValueError):
    """Not an instant; the message says what to write instead."""


@dataclass(frozen=True, slots=True)
class Instant:
    """``at`` in UTC; ``flags`` name what had to be assumed to get there."""

    at: datetime
    flags: tuple[str, ...] = ()


def instant_read(text: str, zone: tzinfo, received_at: datetime) -> Instant:
    """``text`` as an instant. Without an offset it is read in ``zone`` and flagged ``zone_assumed``.

    The hour that happens twice when summer time ends is read as its second
    passage only where the event could otherwise not have arrived yet fresh
    (``dst_fold``); a time that the clock skipped is read as if it had not
    (``dst_gap``). More than a day ahead of ``received_at`` is kept, flagged
    ``clock_ahead``. Raises BadInstant.
    """
    local, flags = _parsed(text)
    if local.tzinfo is None:
        local, assumed = _placed(local, zone, received_at)
        flags += assumed
    try:
        at = local.astimezone(UTC)
    except (OverflowError, ValueError) as error:
        raise BadInstant(f"{text!r} is out of range. {WRITE}") from error
    if at.year not in YEARS:
        raise BadInstant(f"The year {at.year} cannot be right: set the device's clock. {WRITE}")
    if at > received_at + AHEAD:
        flags += (CLOCK_AHEAD,)
    return Instant(at, flags)


def _parsed(text: str) -> tuple[datetime, tuple[str, ...]]:
    shown = repr(text[:40])
    if not _SHAPE.fullmatch(text):
        raise BadInstant(f"{shown} is not an instant. {WRITE}")
    leap = text[17:19] == "60"
    plain = (text[:17] + "59" + text[19:] if leap else text).upper()
    try:
        local = datetime.fromisoformat(plain[:11] + "".join(plain[11:].split()))
    except ValueError as error:
        raise BadInstant(f"{shown} is not an instant ({error}). {WRITE}") from error
    if leap:
        return local + timedelta(seconds=1), (LEAP_SECOND,)
    return local, ()


def _placed(local: datetime, zone: tzinfo, received_at: datetime) -> tuple[datetime, tuple[str, ...]]:
    first, second = local.replace(tzinfo=zone, fold=0), local.replace(tzinfo=zone, fold=1)
    try:
        ahead = first.utcoffset() != second.utcoffset()
        if not ahead:
            return first, (ZONE_ASSUMED,)
        if first.astimezone(UTC).astimezone(zone).replace(tzinfo=None) != local:
            return first, (ZONE_ASSUMED, DST_GAP)
        lateness = received_at - second.astimezone(UTC)
    except (OverflowError, ValueError) as error:
        raise BadInstant(f"{local} is out of range. {WRITE}") from error
    fresh = -timedelta(minutes=5) <= lateness < FOLD_LATENESS
    return (second if fresh else first), (ZONE_ASSUMED, DST_FOLD)
