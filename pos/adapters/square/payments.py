"""Payments and refunds of Square: pieces of the ticket of their order."""

from typing import Any

from lanes.domain.payload import Refused
from pos.adapters.drafts import Journal, TicketDraft
from pos.adapters.square.config import Config
from pos.adapters.square.money import money_of
from pos.adapters.values import code_plain, text_plain
from pos.domain.events import PosType

# An APPROVED payment is authorised and completes by itself at a counter; if it does not, CANCELED follows.
PAID = frozenset({"COMPLETED", "APPROVED"})


def payment_id(transaction: str, number: str) -> str:
    """The id of a payment's event: the same whether the order or the payment tells of it, so it counts once."""
    if not number:
        raise Refused("no_number", "The payment has no id, so it could not be told again. Retrieve it from Square.")
    return f"{transaction}.{number}.{PosType.TENDER}"


def payment_read(journal: Journal, payment: dict[str, Any], part: str, config: Config) -> None:
    """One payment as a tender, or as the void of one where it was cancelled. Raises Refused."""
    draft, number = _draft(journal, payment, part, config)
    status = text_plain(payment.get("status"), 20)
    amount = money_of(draft, payment, "total_money", "amount_money")
    if amount is None:
        raise Refused("no_amount", "The payment names no total_money. Retrieve it from Square again.")
    with journal.part(f"{part}/tip_money"):
        money_of(draft, payment, "tip_money")  # it is within total_money; only its currency is looked at
    kind = text_plain(payment.get("source_type"), 40).lower() or "payment"
    if status in PAID:
        draft.tender(kind, amount, id=payment_id(draft.transaction, number))
    elif status == "CANCELED":
        event_id = f"{draft.transaction}.{number}.{PosType.TENDER_VOID}"
        at = journal.instant(part, text_plain(payment.get("updated_at"), 60))
        draft.add(PosType.TENDER_VOID, at=at, id=event_id, tender=kind, amount=amount)
    else:
        raise Refused("not_paid", f"The payment is {status or 'in no state'}: no money moved. Nothing to do.")
    draft.settle(part, total=None, tax=None)
    journal.take(part, draft, key=f"payment {number}")


def refund_read(journal: Journal, refund: dict[str, Any], part: str, config: Config) -> None:
    """Money given back, on the ticket of the order it came from. Raises Refused."""
    draft, number = _draft(journal, refund, part, config)
    status = text_plain(refund.get("status"), 20)
    amount = money_of(draft, refund, "amount_money")
    if status not in PAID | {"PENDING"} or amount is None:
        raise Refused("not_paid", f"The refund is {status or 'in no state'}: no money moved. Nothing to do.")
    draft.tender("refund", -amount, id=payment_id(draft.transaction, number))
    draft.settle(part, total=None, tax=None)
    journal.take(part, draft, key=f"refund {number}")


def _draft(journal: Journal, payment: dict[str, Any], part: str, config: Config) -> tuple[TicketDraft, str]:
    at = journal.instant(f"{part}/created_at", text_plain(payment.get("created_at"), 60))
    if not at:
        raise Refused("no_time", "It names no created_at that reads as an instant. Retrieve it from Square again.")
    number = code_plain(payment.get("id"))
    draft = TicketDraft(
        config,
        transaction=code_plain(payment.get("order_id")) or number,
        terminal=code_plain(payment.get("location_id")),
        at=at,
        operator=code_plain(payment.get("team_member_id")) or code_plain(payment.get("employee_id")),
    )
    if not number:
        raise Refused("no_number", "It has no id, so it could not be told again. Retrieve it from Square.")
    return draft, number
