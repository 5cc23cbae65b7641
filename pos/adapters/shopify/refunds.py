"""A Shopify refund as a ticket of its own, linked to the order that it takes back."""

from decimal import Decimal
from typing import Any

from lanes.domain.payload import Refused
from pos.adapters.drafts import Journal, TicketDraft
from pos.adapters.shopify.config import Config
from pos.adapters.shopify.heads import draft_begun, order_name, sold_at_a_till
from pos.adapters.shopify.items import article, money_set, quantity_and_price
from pos.adapters.shopify.transactions import money_moved
from pos.adapters.structured import record, records
from pos.adapters.values import code_plain, decimal_or_none
from pos.domain.events import PosType
from pos.domain.money import cents_of


def refund_read(journal: Journal, refund: dict[str, Any], part: str, config: Config) -> None:
    """Raises Refused where the refund as a whole cannot be taken."""
    transactions = list(records(refund.get("transactions")))
    for _, transaction in transactions:
        sold_at_a_till(transaction, config)
    order, number = order_name(refund.get("order_id")), code_plain(refund.get("id"))
    if not order or not number:
        raise Refused("no_number", "The refund names no order or has no id. Fetch it from Shopify again.")
    place = {**(transactions[0][1] if transactions else {}), **{k: v for k, v in refund.items() if v is not None}}
    draft = draft_begun(journal, refund, part, config, transaction=f"{order}-refund-{number}", place=place)
    draft.add(PosType.TICKET_OPEN)
    for line_place, line in records(refund.get("refund_line_items")):
        with journal.part(f"{part}/refund_line_items[{line_place}]"):
            _line_read(draft, line, line_place + 1, order)
    for adjustment_place, adjustment in records(refund.get("order_adjustments")):
        named = f"{part}/order_adjustments[{adjustment_place}]"
        amount = journal.number(named, money_set(adjustment, "amount"), "amount")
        if amount:
            draft.item(PosType.NON_MERCHANDISE, amount, description="Adjustment", kind="adjustment")
    for money_place, transaction in transactions:
        with journal.part(f"{part}/transactions[{money_place}]"):
            money_moved(journal, draft, transaction, f"{part}/transactions[{money_place}]", config)
    total = _given_back(journal, transactions, part)
    draft.settle(part, total=total, tax=None)
    draft.add(PosType.TICKET_CLOSE, amount=total, original_transaction=order)
    journal.take(part, draft)


def _line_read(draft: TicketDraft, line: dict[str, Any], number: int, order: str) -> None:
    item = record(line.get("line_item"))
    quantity, price = quantity_and_price(item, count=line.get("quantity"))
    told = decimal_or_none(line.get("subtotal"), "subtotal")  # after discounts, before tax
    draft.item(
        PosType.RETURN,
        told if told is not None else cents_of(price * quantity),
        line=number,
        **article(item, quantity, price),
        original_transaction=order,
    )
    tax = decimal_or_none(line.get("total_tax"), "total_tax")
    if tax:
        draft.tax(-tax, included=None)


def _given_back(journal: Journal, transactions: list[tuple[int, dict[str, Any]]], part: str) -> Decimal | None:
    """What the refund gave back in all, negative; None where no money moved."""
    amounts = [
        journal.number(f"{part}/transactions[{place}]", transaction.get("amount"), "amount")
        for place, transaction in transactions
        if transaction.get("kind") == "refund" and transaction.get("status") == "success"
    ]
    known = [amount for amount in amounts if amount is not None]
    return -sum(known, Decimal(0)) if known else None
