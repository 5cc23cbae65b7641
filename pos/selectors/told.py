"""The tickets that a batch touched, whole, and what was written down of them before."""

from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cached_property
from typing import TypeVar

from django.db.models import Count, Q, QuerySet

from lanes.models import Store, Terminal
from pos.domain.events import PosType
from pos.domain.reckoning import Reckoning, ticket_reckon
from pos.domain.sequence import Missing, ticket_number
from pos.domain.ticket import TicketEvent
from pos.models import FeedTicket, PosEvent, QuarantinedTicket
from pos.selectors.tickets import ticket_event

Row = TypeVar("Row", FeedTicket, QuarantinedTicket)

APART = timedelta(hours=12)
"""A name that comes again after so long is another ticket's, unless it was suspended: tills count anew each day."""

ROUND = timedelta(hours=24)
"""So far from what came the rest of its ticket is looked for."""
TICKET_MOST = 2_000
"""A name with more events of one till than that around a day names no ticket: some tills write the same all day."""
ASIDE_LONGEST = timedelta(days=31)
"""A ticket that was laid aside for longer is two."""
ASIDE_MOST = 8
"""So many times it may be laid aside for more than a day."""
HEARD_MOST = 20_000
"""More tickets than that lie in no gap."""
Span = tuple[datetime, datetime]


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
    return _told(store, transactions, (start, end), (start - ROUND, end + ROUND), ASIDE_MOST)


def _told(store: Store, names: Collection[str], asked: Span, around: Span, further: int) -> list[ToldTicket]:
    start, end = asked
    told = [one for one in _tickets(_named(store, names, around)) if one.starts_at <= end and start <= one.ends_at]
    wider = _wider(store, told, around) if further else {}
    return [one for one in told if one.transaction not in wider] + [
        one for name, reach in wider.items() for one in _told(store, [name], asked, reach, further - 1)
    ]


def _named(store: Store, names: Collection[str], around: Span) -> QuerySet[PosEvent]:
    named = PosEvent.objects.filter(store=store, transaction__in=names, occurred_at__range=around)
    most = TICKET_MOST * max(1, (around[1] - around[0]) // (2 * ROUND))
    counted = named.values("terminal_id", "transaction").annotate(events=Count("pk")).order_by()
    crowded: dict[int, list[str]] = {}
    for terminal_id, name in counted.filter(events__gt=most).values_list("terminal_id", "transaction"):
        crowded.setdefault(terminal_id, []).append(name)
    for terminal_id, some in crowded.items():
        named = named.exclude(terminal=terminal_id, transaction__in=some)
    return named.order_by("occurred_at", "terminal_id", "external_id")


def _tickets(events: Iterable[PosEvent]) -> Iterator[ToldTicket]:
    by_name: dict[str, list[PosEvent]] = {}
    for event in events:
        by_name.setdefault(event.transaction, []).append(event)
    return (ToldTicket(name, ticket) for name, events in by_name.items() for ticket in tickets_apart(events))


def _wider(store: Store, told: Sequence[ToldTicket], around: Span) -> dict[str, Span]:
    """By name, where to look for the rest of the tickets that were laid aside for longer than ``around``."""
    since, until = around
    aside = _laid_aside(store, [one for one in told if one.events[0].type != PosType.TICKET_OPEN], since)
    found: dict[str, Span] = {}
    for one in told:
        before = _before(store, one, since) if one.transaction in aside else None
        after = _after(store, one, until) if one.events[-1].type == PosType.TICKET_SUSPEND else None
        if before or after:
            low, high = found.get(one.transaction, around)
            found[one.transaction] = (
                min(low, before - ROUND) if before else low,
                max(high, after + ROUND) if after else high,
            )
    return found


def _laid_aside(store: Store, told: Sequence[ToldTicket], since: datetime) -> set[str]:
    """Of tickets whose beginning is not there the names of which something was suspended earlier."""
    if not told:
        return set()
    suspended = _earlier(store, [one.transaction for one in told], since).filter(type=PosType.TICKET_SUSPEND)
    return set(suspended.order_by().values_list("transaction", flat=True).distinct())


def _earlier(store: Store, names: Collection[str], since: datetime) -> QuerySet[PosEvent]:
    span = {"occurred_at__lt": since, "occurred_at__gte": since - ASIDE_LONGEST}
    return PosEvent.objects.filter(store=store, transaction__in=names, **span)


def _before(store: Store, ticket: ToldTicket, since: datetime) -> datetime | None:
    """When the ticket was suspended before ``since``: at any till if it was resumed, else last of all at its own."""
    earlier = _earlier(store, [ticket.transaction], since).order_by("-occurred_at", "-terminal_id", "-external_id")
    if _resumes(ticket):
        last = earlier.filter(type=PosType.TICKET_SUSPEND).first()
    else:
        last = earlier.filter(terminal=ticket.events[0].terminal_id).first()
    return last.occurred_at if last is not None and last.type == PosType.TICKET_SUSPEND else None


def _resumes(ticket: ToldTicket) -> bool:
    turns = (one.type for one in ticket.events if one.type in (PosType.TICKET_SUSPEND, PosType.TICKET_RESUME))
    return next(turns, None) == PosType.TICKET_RESUME


def _after(store: Store, ticket: ToldTicket, until: datetime) -> datetime | None:
    """When the ticket, which ends suspended, was gone on with after ``until``: at its till, or resumed at any."""
    span = {"occurred_at__gt": until, "occurred_at__lte": until + ASIDE_LONGEST}
    later = PosEvent.objects.filter(store=store, transaction=ticket.transaction, **span)
    there = later.filter(Q(terminal=ticket.events[-1].terminal_id) | Q(type=PosType.TICKET_RESUME))
    following = there.order_by("occurred_at", "terminal_id", "external_id").first()
    return following.occurred_at if following is not None and following.type != PosType.TICKET_OPEN else None


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


def numbers_heard(terminal: Terminal, gap: Missing) -> set[int]:
    """Numbers of the gap's series of which something is stored in its span, placed or not: what came before tickets
    were placed at all, and what nobody has looked at yet."""
    span = {"occurred_at__gte": gap.starts_at, "occurred_at__lte": gap.ends_at}
    heard = PosEvent.objects.filter(lane=terminal.lane_id, terminal=terminal, **span).exclude(transaction="")
    said = heard.order_by().values_list("transaction", "data__sequence").distinct()[:HEARD_MOST]
    numbers = (ticket_number(name, sequence) for name, sequence in said)
    return {number for series, number in filter(None, numbers) if series == gap.series}


def _overlap(row: FeedTicket | QuarantinedTicket, ticket: ToldTicket) -> bool:
    at_its_till = any(event.terminal_id == row.terminal_id for event in ticket.events)
    return at_its_till and ticket.starts_at <= row.ends_at and row.starts_at <= ticket.ends_at


def tickets_apart(events: Sequence[PosEvent]) -> list[Sequence[PosEvent]]:
    """Events of one name, in order of time, as the tickets that they are of."""
    return [ticket for till in _by_till(events) for ticket in _apart(till)]


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
    goes_on = last.type == PosType.TICKET_SUSPEND and following.type != PosType.TICKET_OPEN
    return following.occurred_at - last.occurred_at > APART and not goes_on
