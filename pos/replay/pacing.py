"""When each event of a recording is due, and the recording as if it began now. Pure."""

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta
from itertools import accumulate
from typing import Any

from lanes.domain.instants import BadInstant, instant_read
from pos.adapters.reading import Event

MOVED_IN_DATA = ("from", "to")
"""The ends of a gap."""


def due_s(events: Sequence[Event], now: datetime) -> list[float]:
    """Seconds after the first at which each is due: by its own clock, but never before the one that stands before it.

    An event whose time cannot be read is due with the one before it.
    """
    instants = [_instant(event.get("occurred_at"), now) for event in events]
    start = next((at for at in instants if at is not None), now)
    after = (0.0 if at is None else (at - start).total_seconds() for at in instants)
    return list(accumulate(after, max, initial=0.0))[1:]


def shifted(events: Sequence[Event], now: datetime) -> list[Event]:
    """`events` with their times moved so that the earliest is `now`; the spacing stays.

    A time without an offset is taken for UTC. One that cannot be read stays as it is.
    """
    instants = [at for at in (_instant(event.get("occurred_at"), now) for event in events) if at is not None]
    return [_moved(event, now - min(instants), now) for event in events] if instants else list(events)


def renamed(events: Sequence[Event], run: str) -> list[Event]:
    """`events` with `run` before every id and transaction: others than those that were sent the last time."""
    return [event | dict(_named(event, run)) for event in events]


def _named(event: Event, run: str) -> Iterator[tuple[str, str]]:
    for name in ("id", "transaction"):
        if isinstance(event.get(name), str | int) and event[name] != "":
            yield name, f"{run}-{event[name]}"


def _moved(event: Event, by: timedelta, now: datetime) -> Event:
    moved = event | {"occurred_at": _later(event.get("occurred_at"), by, now)}
    data = event.get("data")
    if event.get("type") == "gap" and isinstance(data, dict):
        moved["data"] = data | {name: _later(data[name], by, now) for name in MOVED_IN_DATA if name in data}
    return moved


def _later(sent: Any, by: timedelta, now: datetime) -> Any:
    at = _instant(sent, now)
    return sent if at is None else (at + by).isoformat()


def _instant(sent: Any, now: datetime) -> datetime | None:
    try:
        return instant_read(sent, UTC, now).at if isinstance(sent, str) else None
    except BadInstant:
        return None
