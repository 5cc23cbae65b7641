"""Documents of other systems, through their adapter, to the same door as every event."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import msgspec

from lanes.batches import MAX_EVENTS
from lanes.models import Store
from pos.adapters.catalogue import ADAPTERS
from pos.adapters.options import config_read
from pos.adapters.reading import Event, Reading, Refusal
from pos.services.intake import events_take


@dataclass(frozen=True, slots=True)
class Taken:
    """What became of one document. `refused`: parts that the adapter could not take; `rejected`: events that the door
    did not, as `(id, code, detail)`."""

    tickets: int = 0
    events: int = 0
    accepted: int = 0
    duplicates: int = 0
    refused: tuple[Refusal, ...] = ()
    rejected: list[tuple[str, str, str]] = field(default_factory=list)


def document_take(
    *,
    store: Store,
    kind: str,
    document: bytes,
    now: datetime,
    options: dict[str, Any] | None = None,
    terminal: str = "",
) -> Taken:
    """Read `document` with the adapter `kind` and store its events in `store`.

    Reading the same document again changes nothing: its events have the same ids. Raises DocumentNotUnderstood where
    nothing of it can be read, OptionsRefused for a kind that there is none of and for options that it cannot use.
    """
    config = config_read(kind, options or {}, terminal=terminal)
    return reading_take(store=store, reading=ADAPTERS[kind].read(document, config), now=now)


def reading_take(*, store: Store, reading: Reading, now: datetime) -> Taken:
    """Store in `store` the events that an adapter has read; again changes nothing."""
    accepted, duplicates, rejected = 0, 0, list[tuple[str, str, str]]()
    for batch in _batches(reading.events):
        reply = events_take(store=store, items=[msgspec.Raw(msgspec.json.encode(event)) for event in batch], now=now)
        accepted += reply.accepted
        duplicates += reply.duplicates
        rejected += [(str(batch[one["index"]]["id"]), one["code"], one["detail"]) for one in reply.rejected]
    tickets = {event["transaction"] for event in reading.events if event.get("transaction")}
    return Taken(len(tickets), len(reading.events), accepted, duplicates, reading.refusals, rejected)


def _batches(events: Sequence[Event]) -> Iterator[Sequence[Event]]:
    return (events[first : first + MAX_EVENTS] for first in range(0, len(events), MAX_EVENTS))
