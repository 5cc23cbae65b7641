"""Events as what tickets are rebuilt from."""

import msgspec

from pos.domain.ticket import TicketEvent
from pos.models import PosEvent
from pos.serializers import PosEventRow


def ticket_event(event: PosEvent | PosEventRow) -> TicketEvent:
    """``event`` as it is stored, or as it would be (then its ``data`` is JSON as text)."""
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
        data=msgspec.json.decode(event.data) if isinstance(event.data, str) else event.data,
    )
