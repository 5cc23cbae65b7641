"""The tickets that a batch touched, whole, and what was written down of them before."""

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cached_property
from typing import TypeVar

from django.db.models import Count, QuerySet

from lanes.models import Store
from pos.domain.events import PosType
from pos.domain.reckoning import Reckoning, ticket_reckon
from pos.domain.ticket import TicketEvent
from pos.models import FeedTicket, PosEvent, QuarantinedTicket
from pos.selectors.tickets import ticket_event

Row = TypeVar("Row", FeedTicket, QuarantinedTicket)

APART = timedelta(hours=12)
"""A name that comes again after so long is another ticket's, unless it was suspended: tills count anew each day."""

ROUND = timedelta(hours=24)
"""So far from what came the rest of its ticket is looked for."""
TICKET_MOST = 2_000
"""A name with more events than that around a day names no ticket: some tills write the same one all day."""


@dataclass(frozen=True)
class ToldTicket:
    """One ticket with all that was said of it, in the till's order, at least one event."""

    transaction: str
    events: Sequence[PosEvent]

    @property
    def starts_at(self) -> datetime:
        return self.events[0].occurred_at

    @property
    def ends_at(self) -> datetime:
        return self.events[-1].occurred_at

    @cached_property
    def reckoning(self) -> Reckoning | None:
        return ticket_reckon(self.transaction, self.told)

    @property
    def told(self) -> list[TicketEvent]:
        return [ticket_event(event) for event in self.events]


def tickets_told(store: Store, transactions: Collection[str], start: datetime, end: datetime) -> list[ToldTicket]:
    """The tickets of these names that were rung at some time between two instants of the till's clock, whole.

    Tills that use the same names ring different tickets, unless one was suspended at one till and resumed at another.
    """
    around = (start - ROUND, end + ROUND)
    named = PosEvent.objects.filter(store=store, transaction__in=transactions, occurred_at__range=around)
    counted = named.values("transaction").annotate(events=Count("pk")).order_by()
    crowded = set(counted.filter(events__gt=TICKET_MOST).values_list("transaction", flat=True))
    if crowded:
        named = named.exclude(transaction__in=crowded)
    by_name: dict[str, list[PosEvent]] = {}
    for event in named.order_by("occurred_at", "terminal_id", "external_id"):
        by_name.setdefault(event.transaction, []).append(event)
    whole = ((name, part) for name, events in by_name.items() for part in _by_till(events))
    tickets = (ToldTicket(name, some) for name, part in whole for some in _apart(part))
    return [ticket for ticket in tickets if ticket.starts_at <= end and start <= ticket.ends_at]


def tickets_among(rows: QuerySet[Row], told: Sequence[ToldTicket]) -> list[Row]:
    """Of what was written down with `transaction`, `starts_at` and `ends_at` that which is of these tickets."""
    spans: dict[str, list[ToldTicket]] = {}
    for ticket in told:
        spans.setdefault(ticket.transaction, []).append(ticket)
    if not spans:
        return []
    since, until = min(one.starts_at for one in told), max(one.ends_at for one in told)
    near = rows.filter(transaction__in=spans, ends_at__gte=since, starts_at__lte=until)
    return [row for row in near if any(_overlap(row, one) for one in spans[row.transaction])]


def _overlap(row: FeedTicket | QuarantinedTicket, ticket: ToldTicket) -> bool:
    at_its_till = any(event.terminal_id == row.terminal_id for event in ticket.events)
    return at_its_till and ticket.starts_at <= row.ends_at and row.starts_at <= ticket.ends_at


def _by_till(events: Sequence[PosEvent]) -> Iterator[Sequence[PosEvent]]:
    types = {event.type for event in events}
    opened = {event.terminal_id for event in events if event.type == PosType.TICKET_OPEN}
    if types & {PosType.TICKET_SUSPEND, PosType.TICKET_RESUME} and len(opened) <= 1:
        yield events
        return
    for terminal_id in sorted({event.terminal_id for event in events}):
        yield [event for event in events if event.terminal_id == terminal_id]


def _apart(events: Sequence[PosEvent]) -> Iterator[Sequence[PosEvent]]:
    begin = 0
    for place in range(1, len(events) + 1):
        if place == len(events) or _over(events[place - 1], events[place]):
            yield events[begin:place]
            begin = place


def _over(last: PosEvent, following: PosEvent) -> bool:
    return following.occurred_at - last.occurred_at > APART and last.type != PosType.TICKET_SUSPEND
