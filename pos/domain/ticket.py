"""A ticket rebuilt line by line, as a receipt that a person recognises.

Pure and independent of the order in which the events came: they are put in the
till's own order first. Nothing is netted out; a voided line stays, struck.
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from decimal import Decimal
from enum import StrEnum
from typing import Any

from pos.domain.events import REDUCES, PosType
from pos.domain.money import money_or_none

ZERO = Decimal("0.00")
# At one and the same instant (clocks of a second's resolution) things happen in this order.
_RANKS = {
    PosType.TICKET_OPEN: 0,
    PosType.TICKET_RESUME: 0,
    PosType.VOID: 2,
    PosType.QUANTITY_CHANGE: 2,
    PosType.PRICE_OVERRIDE: 2,
    PosType.SUBTOTAL: 3,
    PosType.TENDER: 4,
    PosType.TENDER_VOID: 5,
    PosType.TICKET_SUSPEND: 6,
    PosType.TICKET_CLOSE: 6,
    PosType.TICKET_CANCEL: 7,
    PosType.TICKET_VOID: 8,
}
ITEMS = frozenset(
    {
        PosType.SCAN,
        PosType.RETURN,
        PosType.DEPOSIT_RETURN,
        PosType.NON_MERCHANDISE,
        PosType.GIFT_CARD_ACTIVATION,
        PosType.COUPON,
        PosType.DISCOUNT,
        PosType.ITEM_NOT_ON_FILE,
        PosType.REFUND,
    }
)
CHANGES = frozenset({PosType.VOID, PosType.QUANTITY_CHANGE, PosType.PRICE_OVERRIDE})
NOTES = frozenset({PosType.PRICE_INQUIRY, PosType.AGE_CHECK, PosType.OVERRIDE, PosType.SCO_INTERVENTION})
LINE_NAMES = ("voids_line", "changes_line", "overrides_line", "applies_to_line", "target_line")
_DIGITS = re.compile(r"(\d+)")


class TicketStatus(StrEnum):
    OPEN = "open"
    SUSPENDED = "suspended"
    CLOSED = "closed"
    CANCELLED = "cancelled"
    VOIDED = "voided"


STATUS_AFTER = {
    PosType.TICKET_OPEN: TicketStatus.OPEN,
    PosType.TICKET_RESUME: TicketStatus.OPEN,
    PosType.TICKET_SUSPEND: TicketStatus.SUSPENDED,
    PosType.TICKET_CLOSE: TicketStatus.CLOSED,
    PosType.TICKET_CANCEL: TicketStatus.CANCELLED,
    PosType.TICKET_VOID: TicketStatus.VOIDED,
}
"""How a ticket stands after an event; at one and the same instant the later in this order says it."""


@dataclass(frozen=True, slots=True)
class TicketEvent:
    """One stored POS event, as far as a receipt cares. Amounts in the store's currency."""

    external_id: str
    type: str
    occurred_at: datetime
    line: int | None = None
    gtin: str = ""
    description: str = ""
    quantity: Decimal | None = None
    amount: Decimal | None = None
    entry_method: str = ""
    terminal_id: int = 0  # a ticket may be resumed at another terminal, whose ids are its own
    data: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class ReceiptLine:
    """One line. ``amount`` is what it adds to the total; ``was_*`` what stood there before a change.

    ``events`` are the ids of all events that made it, its own first.
    """

    type: str
    line: int | None
    occurred_at: datetime
    text: str
    gtin: str
    quantity: Decimal | None
    amount: Decimal | None
    entry_method: str
    events: tuple[str, ...]
    voided: bool = False
    voided_at: datetime | None = None
    was_quantity: Decimal | None = None
    was_amount: Decimal | None = None
    unmatched: bool = False  # a void or change whose line never came

    @property
    def counts(self) -> bool:
        return not self.voided and not self.unmatched


@dataclass(frozen=True, slots=True)
class Tender:
    kind: str
    amount: Decimal | None
    occurred_at: datetime
    event: str
    voided: bool = False


@dataclass(frozen=True, slots=True)
class Ticket:
    """``declared_total`` is what the till said last (subtotal or close), None if it never did."""

    transaction: str
    status: TicketStatus
    opened_at: datetime | None
    closed_at: datetime | None
    lines: tuple[ReceiptLine, ...]
    tenders: tuple[Tender, ...]
    declared_total: Decimal | None
    suspensions: int

    @property
    def total(self) -> Decimal:
        return sum((line.amount for line in self.lines if line.counts and line.amount is not None), ZERO)

    @property
    def tendered(self) -> Decimal:
        return sum((t.amount for t in self.tenders if not t.voided and t.amount is not None), ZERO)

    @property
    def adds_up(self) -> bool | None:
        """Whether the lines agree with the till's own total; None if it named none."""
        return None if self.declared_total is None else self.total == self.declared_total


def ticket_build(transaction: str, events: Iterable[TicketEvent]) -> Ticket:
    """The ticket that ``events`` (any order, duplicates allowed) tell of."""
    known = {(event.terminal_id, event.external_id): event for event in events}
    ordered = sorted(known.values(), key=_till_order)
    lines = [_line_of(event) for event in ordered if event.type in ITEMS]
    for event in ordered:
        if event.type in CHANGES:
            _apply(event, lines)
    return Ticket(
        transaction=transaction,
        status=_status(ordered),
        opened_at=ordered[0].occurred_at if ordered else None,
        closed_at=_last(ordered, {PosType.TICKET_CLOSE, PosType.TICKET_CANCEL, PosType.TICKET_VOID}),
        lines=tuple(sorted(lines, key=lambda line: line.occurred_at)),
        tenders=_tenders(ordered),
        declared_total=_declared_total(ordered),
        suspensions=sum(event.type == PosType.TICKET_SUSPEND for event in ordered),
    )


def _till_order(event: TicketEvent) -> tuple[Any, ...]:
    rank = _RANKS.get(PosType(event.type), 1)
    line = event.line if event.line is not None else 2**31
    return event.occurred_at, rank, line, _natural(event.external_id)


def _natural(text: str) -> tuple[tuple[int, int | str], ...]:
    """T-9 before T-10: numbers inside an id by their value."""
    return tuple((0, int(part)) if part.isdecimal() else (1, part) for part in _DIGITS.split(text))


def _line_of(event: TicketEvent) -> ReceiptLine:
    return ReceiptLine(
        type=event.type,
        line=event.line,
        occurred_at=event.occurred_at,
        text=event.description or event.gtin or event.type.replace("_", " "),
        gtin=event.gtin,
        quantity=event.quantity,
        amount=_signed(event),
        entry_method=event.entry_method,
        events=(event.external_id,),
    )


def _signed(event: TicketEvent) -> Decimal | None:
    """What the line adds to the total: tills write a discount of 1.00 as 1.00 and as -1.00."""
    if event.amount is None:
        price, quantity = money_or_none(event.data.get("unit_price")), event.quantity
        amount = None if price is None else (price * (quantity if quantity is not None else 1)).quantize(ZERO)
    else:
        amount = event.amount
    return -abs(amount) if amount is not None and event.type in REDUCES else amount


def _apply(event: TicketEvent, lines: list[ReceiptLine]) -> None:
    place = _target(event, lines)
    if place is None:
        lines.append(replace(_line_of(event), unmatched=True))
        return
    line = replace(lines[place], events=(*lines[place].events, event.external_id))
    if event.type == PosType.VOID:
        lines[place] = replace(line, voided=True, voided_at=event.occurred_at)
    elif event.type == PosType.QUANTITY_CHANGE:
        lines[place] = _requantified(line, event)
    else:
        lines[place] = replace(line, was_amount=line.amount, amount=_overridden(line, event))


def _target(event: TicketEvent, lines: list[ReceiptLine]) -> int | None:
    """Which line a change means: the number it names, else the same article, else (a void alone) the last one.

    Numbers are used again on some tills, so the latest live line before the
    change wins; where the clock put them the wrong way round, the first after it.
    """
    live = [place for place, line in enumerate(lines) if line.counts]
    number = line_named(event.data, event.line)
    if number is not None:
        live = [place for place in live if lines[place].line == number]
    elif event.gtin:
        live = [place for place in live if lines[place].gtin == event.gtin]
    elif event.type != PosType.VOID:
        return None
    before = [place for place in live if lines[place].occurred_at <= event.occurred_at]
    if before:
        return before[-1]
    return live[0] if live and (number is not None or event.gtin) else None


def line_named(data: Mapping[str, Any], own: int | None) -> int | None:
    """The line that an event is about: one that its ``data`` names, as a number or as a text, else its ``own``."""
    for name in LINE_NAMES:
        sent = data.get(name)
        if isinstance(sent, int | str) and not isinstance(sent, bool) and str(sent).isascii() and str(sent).isdigit():
            return int(sent)
    return own


def _requantified(line: ReceiptLine, event: TicketEvent) -> ReceiptLine:
    quantity = event.quantity if event.quantity is not None else line.quantity
    amount = event.amount
    if amount is None and line.amount is not None and line.quantity and quantity is not None:
        amount = (line.amount / line.quantity * quantity).quantize(ZERO)
    if amount is None:
        amount = line.amount
    return replace(line, was_quantity=line.quantity, was_amount=line.amount, quantity=quantity, amount=amount)


def _overridden(line: ReceiptLine, event: TicketEvent) -> Decimal | None:
    if event.amount is not None:
        return event.amount
    price = money_or_none(event.data.get("unit_price"))
    if price is None:
        return line.amount
    return (price * (line.quantity if line.quantity is not None else 1)).quantize(ZERO)


def _tenders(ordered: list[TicketEvent]) -> tuple[Tender, ...]:
    tenders: list[Tender] = []
    for event in ordered:
        kind = str(event.data.get("tender") or event.data.get("kind") or event.description or "tender")
        if event.type == PosType.TENDER:
            tenders.append(Tender(kind, event.amount, event.occurred_at, event.external_id))
        elif event.type == PosType.TENDER_VOID:
            same = [i for i, t in enumerate(tenders) if not t.voided and event.amount in (None, t.amount)]
            if same:
                tenders[same[-1]] = replace(tenders[same[-1]], voided=True)
    return tuple(tenders)


def _status(ordered: list[TicketEvent]) -> TicketStatus:
    status = TicketStatus.OPEN
    for event in ordered:
        status = STATUS_AFTER.get(PosType(event.type), status)
    return status


def _declared_total(ordered: list[TicketEvent]) -> Decimal | None:
    said = [event for event in ordered if event.type in (PosType.SUBTOTAL, PosType.TICKET_CLOSE)]
    totals = [event.amount if event.amount is not None else money_or_none(event.data.get("total")) for event in said]
    named = [total for total in totals if total is not None]
    return named[-1] if named else None


def _last(ordered: list[TicketEvent], types: set[PosType]) -> datetime | None:
    instants = [event.occurred_at for event in ordered if event.type in types]
    return instants[-1] if instants else None
