"""A Shopify order as one ticket. Its lines have no times of their own: they are given the order's."""

from decimal import Decimal
from typing import Any

from lanes.domain.payload import Refused
from pos.adapters.drafts import Journal, TicketDraft
from pos.adapters.shopify.config import Config
from pos.adapters.shopify.heads import draft_begun, order_name, sold_at_a_till
from pos.adapters.shopify.items import article, discounts_of, money_set, quantity_and_price
from pos.adapters.shopify.refunds import refund_read
from pos.adapters.shopify.transactions import money_moved
from pos.adapters.structured import record, records
from pos.adapters.values import decimal_or_none, text_plain
from pos.domain.events import PosType
from pos.domain.money import cents_of


def order_read(journal: Journal, order: dict[str, Any], part: str, config: Config) -> None:
    """The order, and the refunds within it, each its own ticket. Raises Refused."""
    sold_at_a_till(order, config)
    lines = list(records(order.get("line_items")))
    if not lines:
        raise Refused(
            "no_lines", "The order comes without its line_items, so nothing says what was sold. Fetch it whole."
        )
    draft = draft_begun(journal, order, part, config, transaction=order_name(order.get("id")), place=order)
    draft.add(PosType.TICKET_OPEN)
    allocated = _lines_read(journal, draft, lines, part)
    _beside_lines(journal, draft, order, part, allocated=allocated)
    for place, transaction in records(order.get("transactions")):
        with journal.part(f"{part}/transactions[{place}]"):
            money_moved(journal, draft, transaction, f"{part}/transactions[{place}]", config)
    total = journal.number(f"{part}/total_price", money_set(order, "total_price"), "total_price")
    tax = journal.number(f"{part}/total_tax", money_set(order, "total_tax"), "total_tax")
    if tax:
        draft.tax(tax, included=order.get("taxes_included") is True)
    cancelled = text_plain(order.get("cancelled_at"), 60)
    draft.settle(part, total=total, tax=tax, exempt=bool(cancelled))
    if cancelled:
        draft.add(PosType.TICKET_CANCEL, at=journal.instant(f"{part}/cancelled_at", cancelled))
    else:
        draft.add(PosType.TICKET_CLOSE, amount=total)
    journal.take(part, draft)
    for place, refund in records(order.get("refunds")):
        with journal.part(f"{part}/refunds[{place}]"):
            refund_read(journal, {"order_id": order.get("id"), **refund}, f"{part}/refunds[{place}]", config)


def _lines_read(journal: Journal, draft: TicketDraft, lines: list[tuple[int, dict[str, Any]]], part: str) -> bool:
    """Write the lines; whether discounts stand at them."""
    allocated = False
    for place, line in lines:
        number = place + 1
        with journal.part(f"{part}/line_items[{place}]"):
            quantity, price = quantity_and_price(line, count=line.get("quantity"))
            gift_card = line.get("gift_card") is True
            draft.item(
                PosType.GIFT_CARD_ACTIVATION if gift_card else PosType.SCAN,
                cents_of(price * quantity),
                line=number,
                **article(line, quantity, price),
            )
            for amount in discounts_of(line):
                allocated = True
                draft.modifier(number, amount)
    return allocated


def _beside_lines(journal: Journal, draft: TicketDraft, order: dict[str, Any], part: str, *, allocated: bool) -> None:
    """Discounts of the whole order, shipping and tips."""
    discounts = journal.number(f"{part}/total_discounts", money_set(order, "total_discounts"), "total_discounts")
    if discounts and not allocated:
        draft.item(PosType.DISCOUNT, discounts)
    for place, shipping in records(order.get("shipping_lines")):
        price = journal.number(f"{part}/shipping_lines[{place}]", money_set(shipping, "price"), "price")
        if price:
            draft.item(PosType.NON_MERCHANDISE, price, description="Shipping", kind="shipping")
    with journal.part(f"{part}/total_tip_received"):
        tip = decimal_or_none(record(order).get("total_tip_received"), "total_tip_received") or Decimal(0)
        if tip:
            draft.item(PosType.NON_MERCHANDISE, tip, description="Tip", kind="tip")
