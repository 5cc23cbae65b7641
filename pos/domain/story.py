"""What happened at a ticket, in words: the small print of a receipt's line, and every event as a sentence."""

from decimal import Decimal

from pos.domain.events import PosType
from pos.domain.ticket import CHANGES, ITEMS, ReceiptLine, Ticket, TicketEvent

WORDS: dict[str, str] = {
    PosType.TICKET_OPEN: "Ticket opened",
    PosType.SCAN: "Rung up",
    PosType.VOID: "Struck",
    PosType.QUANTITY_CHANGE: "Quantity changed",
    PosType.PRICE_OVERRIDE: "Price overridden",
    PosType.DISCOUNT: "Discount",
    PosType.COUPON: "Coupon",
    PosType.RETURN: "Taken back",
    PosType.DEPOSIT_RETURN: "Deposit paid back",
    PosType.PRICE_INQUIRY: "Price asked for",
    PosType.ITEM_NOT_ON_FILE: "Item not on file",
    PosType.AGE_CHECK: "Age checked",
    PosType.NON_MERCHANDISE: "Charged",
    PosType.SUBTOTAL: "Subtotal",
    PosType.TENDER: "Paid",
    PosType.TENDER_VOID: "Payment struck",
    PosType.TICKET_SUSPEND: "Suspended",
    PosType.TICKET_RESUME: "Resumed",
    PosType.TICKET_CANCEL: "Ticket cancelled",
    PosType.TICKET_VOID: "Ticket voided after it was closed",
    PosType.TICKET_CLOSE: "Ticket closed",
    PosType.REFUND: "Refunded",
    PosType.GIFT_CARD_ACTIVATION: "Gift card activated",
    PosType.DRAWER_OPEN: "Drawer opened",
    PosType.NO_SALE: "No-sale: drawer opened",
    PosType.OVERRIDE: "Allowed by a supervisor",
    PosType.SCO_INTERVENTION: "Attendant called",
    PosType.SCALE_WEIGHT: "Weighed",
}
MARKS: dict[str, str] = {
    PosType.VOID: "void",
    PosType.PRICE_OVERRIDE: "override",
    PosType.QUANTITY_CHANGE: "quantity",
    PosType.DISCOUNT: "discount",
    PosType.RETURN: "return",
    PosType.REFUND: "refund",
    PosType.TENDER_VOID: "payment struck",
    PosType.TICKET_SUSPEND: "suspended",
    PosType.NO_SALE: "no-sale",
}
"""What is worth a mark beside a ticket in a list."""


def type_words(kind: str) -> str:
    return WORDS.get(kind) or kind.replace("_", " ").capitalize()


def quantity_words(quantity: Decimal) -> str:
    """`3 ×`, or `0.482 by weight`."""
    whole = quantity == quantity.to_integral_value()
    return f"{quantity.normalize():f} {'×' if whole else 'by weight'}"


def line_notes(line: ReceiptLine) -> list[str]:
    """What the receipt says below the line's text."""
    notes = []
    if line.quantity is not None and line.quantity != 1:
        notes.append(quantity_words(line.quantity))
    if line.entry_method in ("keyed", "department"):
        notes.append(line.entry_method)
    if line.was_quantity is not None and line.was_quantity != line.quantity:
        notes.append(f"was {quantity_words(line.was_quantity)}")
    if line.was_amount is not None and line.was_amount != line.amount:
        notes.append(f"was {line.was_amount}")
    if line.voided:
        notes.append("voided")
    if line.unmatched:
        notes.append("its line never came")
    return notes


def event_words(event: TicketEvent) -> str:
    """One event as a short sentence, without its instant and amount."""
    parts = [type_words(event.type)]
    about = event.description or event.gtin or _tender(event)
    if about:
        parts[0] += f": {about}"
    if event.line is not None and (event.type in ITEMS or event.type in CHANGES):
        parts.append(f"line {event.line}")
    named = [event.data.get(name) for name in ("voids_line", "overrides_line", "changes_line", "applies_to_line")]
    parts += [f"about line {number}" for number in named if number not in (None, "", event.line)]
    if event.quantity is not None and event.quantity != 1:
        parts.append(quantity_words(event.quantity))
    if event.entry_method in ("keyed", "department"):
        parts.append(event.entry_method)
    reason = event.data.get("reason")
    if isinstance(reason, str) and reason:
        parts.append(f"reason: {reason}")
    return ", ".join(parts)


def _tender(event: TicketEvent) -> str:
    named = event.data.get("tender") or event.data.get("kind") if event.type in _MONEY else ""
    return named.replace("_", " ") if isinstance(named, str) else ""


_MONEY = (PosType.TENDER, PosType.TENDER_VOID)


def ticket_marks(ticket: Ticket, types: list[str]) -> list[str]:
    """What is unusual about a ticket of these events, for a list: `2 × void`, `refund`, `does not add up`."""
    marks = []
    for kind, words in MARKS.items():
        if count := types.count(kind):
            marks.append(words if count == 1 else f"{count} × {words}")
    if ticket.adds_up is False:
        marks.append("does not add up")
    return marks
