"""Events as what tickets are rebuilt from."""

from pos.domain.ticket import TicketEvent
from pos.models import PosEvent


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
