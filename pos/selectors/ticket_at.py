"""Which ticket a name means at an instant: tills count anew, so that a name comes again."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import Q, QuerySet

from lanes.models import Lane, Store
from pos.domain.events import PosType
from pos.domain.ticket import Ticket, ticket_build
from pos.models import PosEvent
from pos.selectors.tickets import ticket_event
from pos.selectors.told import APART, ROUND, TICKET_MOST, tickets_apart, tickets_told

CROWD_SPAN = timedelta(minutes=30)
"""What names no ticket (see told) is shown as what was said within so long of the instant."""


@dataclass(frozen=True, slots=True)
class Moment:
    """One ticket: its name, and when (by the till's clock) and, where it is known, at which terminal it was rung."""

    transaction: str
    at: datetime
    terminal_id: int | None = None


def ticket_events_at(
    store: Store, transaction: str, at: datetime | None = None, *, lane: Lane | None = None
) -> list[PosEvent]:
    """All events of the ticket of this name that was rung nearest to ``at``, by the till's clock, in the till's order;
    without an instant, of the last. ``lane``: at which some of it was rung. Empty: none is stored."""
    named = PosEvent.objects.filter(store=store, transaction=transaction, **({"lane": lane} if lane else {}))
    anchor = _nearest(named, at)
    if anchor is None:
        return []
    told = tickets_told(store, [transaction], anchor.occurred_at, anchor.occurred_at)
    found = next((one.events for one in told if any(event.pk == anchor.pk for event in one.events)), None)
    events = _crowd(named, anchor) if found is None else found
    return sorted(events, key=lambda event: (event.occurred_at, event.pk))


def ticket_at(store: Store, transaction: str, at: datetime, *, lane: Lane) -> Ticket:
    """That ticket as a receipt, rebuilt from its events."""
    events = ticket_events_at(store, transaction, at, lane=lane)
    return ticket_build(transaction, [ticket_event(event) for event in events])


def tickets_around(store_id: int, moments: Iterable[Moment]) -> dict[str, list[PosEvent]]:
    """The events of several tickets, each name's of its moment, in the till's order, with their terminals and lanes: in
    one query."""
    wanted = {moment.transaction: moment for moment in moments}
    if not wanted:
        return {}
    near = Q()
    for name, moment in wanted.items():
        near |= Q(transaction=name, occurred_at__range=(moment.at - ROUND, moment.at + ROUND))
    rows = PosEvent.objects.filter(near, store=store_id, transaction__in=wanted)
    by_name: dict[str, list[PosEvent]] = {}
    for row in rows.select_related("terminal", "lane").order_by("occurred_at", "id"):
        by_name.setdefault(row.transaction, []).append(row)
    return {name: _of_moment(events, wanted[name]) for name, events in by_name.items()}


def _of_moment(events: Sequence[PosEvent], moment: Moment) -> list[PosEvent]:
    def distance(ticket: Sequence[PosEvent]) -> tuple[bool, timedelta]:
        elsewhere = moment.terminal_id not in (None, *(event.terminal_id for event in ticket))
        return elsewhere, min(abs(event.occurred_at - moment.at) for event in ticket)

    nearest = min(tickets_apart(events), key=distance)
    away = distance(nearest)[1] > APART and nearest[-1].type != PosType.TICKET_SUSPEND
    return [] if away else list(nearest)


def _nearest(named: QuerySet[PosEvent], at: datetime | None) -> PosEvent | None:
    if at is None:
        return named.order_by("-occurred_at", "-id").first()
    before = named.filter(occurred_at__lte=at).order_by("-occurred_at", "-id").first()
    after = named.filter(occurred_at__gt=at).order_by("occurred_at", "id").first()
    return min(filter(None, (before, after)), key=lambda event: abs(event.occurred_at - at), default=None)


def _crowd(named: QuerySet[PosEvent], anchor: PosEvent) -> list[PosEvent]:
    around = (anchor.occurred_at - CROWD_SPAN, anchor.occurred_at + CROWD_SPAN)
    return list(named.filter(terminal=anchor.terminal_id, occurred_at__range=around)[:TICKET_MOST])
