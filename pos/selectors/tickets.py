"""Tickets, rebuilt from what the till said."""

from collections.abc import Collection

from django.db.models import QuerySet

from lanes.models import Store
from pos.domain.ticket import Ticket, TicketEvent, ticket_build
from pos.models import PosEvent


def ticket_events(store: Store, transaction: str) -> QuerySet[PosEvent]:
    """All events of one ticket, in the till's order."""
    return PosEvent.objects.filter(store=store, transaction=transaction).order_by("occurred_at", "id")


def ticket(store: Store, transaction: str) -> Ticket:
    """The ticket as a receipt, rebuilt from its events."""
    return ticket_build(transaction, [ticket_event(event) for event in ticket_events(store, transaction)])


def events_by_ticket(store_id: int, transactions: Collection[str]) -> dict[str, list[PosEvent]]:
    """The events of ``transactions``, each in the till's order, with their terminals and lanes: in one query."""
    found: dict[str, list[PosEvent]] = {}
    if transactions:
        rows = PosEvent.objects.filter(store=store_id, transaction__in=transactions)
        for row in rows.select_related("terminal", "lane").order_by("occurred_at", "id"):
            found.setdefault(row.transaction, []).append(row)
    return found


def ticket_event(event: PosEvent) -> TicketEvent:
    return TicketEvent(
        external_id=event.external_id,
        terminal_id=event.terminal_id,
        type=event.type,
        occurred_at=event.occurred_at,
        line=event.line,
        gtin=event.gtin,
        description=event.description,
        quantity=event.quantity,
        amount=event.amount,
        entry_method=event.entry_method,
        data=event.data,
    )
