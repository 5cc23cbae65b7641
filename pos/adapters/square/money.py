"""Square's Money object: a whole number of the smallest unit, and a currency."""

from decimal import Decimal
from typing import Any

from pos.adapters.drafts import TicketDraft
from pos.adapters.structured import record
from pos.adapters.values import minor_units_checked, text_plain


def money_of(draft: TicketDraft, holder: dict[str, Any], *names: str) -> Decimal | None:
    """The first of the Money fields ``names`` of ``holder``, None for none. Raises Refused."""
    for name in names:
        money = record(holder.get(name))
        if money.get("amount") is not None:
            draft.currency_agrees(money.get("currency"))
            return minor_units_checked(money["amount"], text_plain(money.get("currency"), 3).upper(), name)
    return None
