"""Events of an adapter, taken in as the server takes them, and the tickets they make."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterable
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import msgspec

from pos.adapters.reading import Event, Reading, Refusal
from pos.domain.ticket import Ticket, TicketEvent, ticket_build
from pos.serializers import Intake, PosEventRow, pos_event_decode, pos_event_row

RECEIVED_AT = datetime(2026, 11, 21, 12, tzinfo=UTC)


def rows_of(events: Iterable[Event]) -> list[PosEventRow]:
    """``events`` as they would be stored. Raises what the intake raises: an adapter must never send such an event."""
    sent = [pos_event_decode(msgspec.json.encode(event)) for event in events]
    codes = sorted({str(event.terminal) for event in sent})
    intake = Intake(
        store_id=1,
        zone=ZoneInfo("Europe/Madrid"),
        received_at=RECEIVED_AT,
        terminals={code: (place, 1) for place, code in enumerate(codes, start=1)},
        person=lambda name: f"person:{len(name)}" if name else "",
    )
    return [pos_event_row(event, intake) for event in sent]


def ticket_events_of(events: Iterable[Event]) -> dict[str, list[TicketEvent]]:
    """What ``events`` say of each ticket, by transaction; what belongs to none is left out."""
    told: dict[str, list[TicketEvent]] = defaultdict(list)
    for row in rows_of(events):
        if row.transaction:
            told[row.transaction].append(
                TicketEvent(
                    external_id=row.external_id,
                    type=row.type,
                    occurred_at=row.occurred_at,
                    line=row.line,
                    gtin=row.gtin,
                    description=row.description,
                    quantity=row.quantity,
                    amount=row.amount,
                    entry_method=row.entry_method,
                    terminal_id=row.terminal_id,
                    data=json.loads(row.data),
                )
            )
    return told


def tickets_of(events: Iterable[Event]) -> dict[str, Ticket]:
    """The tickets that ``events`` make, by transaction."""
    return {transaction: ticket_build(transaction, found) for transaction, found in ticket_events_of(events).items()}


def told(reading: Reading) -> list[tuple[object, ...]]:
    """The events in brief: type, line and amount where there are any."""
    return [
        tuple(part for part in (event["type"], event["line"], event["data"].get("amount")) if part is not None)
        for event in reading.events
    ]


def refused(refusals: Iterable[Refusal]) -> list[tuple[str, str]]:
    """The refusals in brief: part and code."""
    return [(refusal.part, refusal.code) for refusal in refusals]
