"""Money that moved: a piece of the ticket of its order."""

from typing import Any

from lanes.domain.payload import Refused
from pos.adapters.drafts import Journal, TicketDraft
from pos.adapters.shopify.config import Config
from pos.adapters.shopify.heads import draft_begun, happened_at, order_name, sold_at_a_till
from pos.adapters.values import code_plain, decimal_checked, text_plain
from pos.domain.events import PosType

TAKEN = frozenset({"sale", "capture"})
GIVEN_BACK = frozenset({"refund", "change"})


def transaction_read(journal: Journal, transaction: dict[str, Any], part: str, config: Config) -> None:
    """A transaction that came alone. Raises Refused."""
    sold_at_a_till(transaction, config)
    _moved_money(transaction)
    order, number = order_name(transaction.get("order_id")), code_plain(transaction.get("id"))
    draft = draft_begun(journal, transaction, part, config, transaction=order, place=transaction)
    money_moved(journal, draft, transaction, part, config)
    draft.settle(part, total=None, tax=None)
    journal.take(part, draft, key=f"transaction {number}")


def _moved_money(transaction: dict[str, Any]) -> None:
    kind, status = text_plain(transaction.get("kind"), 20), text_plain(transaction.get("status"), 20)
    if status != "success":
        raise Refused("not_paid", f"The transaction's status is {status or 'unknown'}: no money moved. Nothing to do.")
    if kind not in TAKEN | GIVEN_BACK | {"void"}:
        raise Refused(
            "not_paid", f"The transaction is of kind {kind!r}, which moves no money; its capture will. Nothing to do."
        )


def money_moved(journal: Journal, draft: TicketDraft, transaction: dict[str, Any], part: str, config: Config) -> None:
    """Write ``transaction`` into its ticket; its id is the same wherever it stands: it counts once. Raises Refused."""
    sold_at_a_till(transaction, config)
    _moved_money(transaction)
    number = code_plain(transaction.get("id"))
    if not number:
        raise Refused("no_number", "The transaction has no id, so it could not be told again. Fetch it from Shopify.")
    draft.currency_agrees(transaction.get("currency"))
    amount = decimal_checked(transaction.get("amount"), "amount")
    at = happened_at(journal, transaction, part)
    kind, how = text_plain(transaction.get("kind"), 20), text_plain(transaction.get("gateway"), 40)
    if kind == "void":
        draft.add(PosType.TENDER_VOID, at=at, id=f"{number}.{PosType.TENDER_VOID}", tender=how, amount=amount)
    else:
        signed = -abs(amount) if kind in GIVEN_BACK else amount
        draft.tender(how if kind in TAKEN else kind, signed, at=at, id=f"{number}.{PosType.TENDER}")
