"""Whether a ticket adds up: its lines against the till's own total, and that against what was paid. Pure."""

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from itertools import accumulate

from pos.domain.events import PosType
from pos.domain.money import cents_of, money_or_none
from pos.domain.ticket import Ticket, TicketEvent, TicketStatus, ticket_build

AROUND = timedelta(hours=12)
"""Whether a till's totals tell anything is told by its tickets so long before and after."""
LEAST = 8
"""Of fewer other tickets nothing follows."""
ADD_UP = 0.8
"""Share of the others that must add up: totals that hold taxes which the till does not name tell of no lost line."""
COIN = Decimal("0.50")
"""Cash is paid to the nearest coin; the largest rounding in use (Denmark, Sweden) is under this."""
FIGURE_MOST = Decimal(10) ** 16
"""What is kept of a figure has 16 digits before the point; more is a price or quantity that somebody mistyped."""
WITHOUT_PRICE = frozenset({PosType.ITEM_NOT_ON_FILE})
"""Of these a line without an amount is a line that cost nothing."""


@dataclass(frozen=True, slots=True)
class Reckoning:
    """What the till says a ticket came to, what its lines come to, and what was paid. `reason`: why that does not
    add up, as a sentence; empty where it does. `closing`: the event that named the total."""

    declared: Decimal
    found: Decimal
    tendered: Decimal
    reason: str
    closing: TicketEvent
    starts_at: datetime
    ends_at: datetime


def ticket_reckon(transaction: str, events: Iterable[TicketEvent]) -> Reckoning | None:
    """The reckoning of a ticket that was closed; None where nothing can be said.

    Nothing can be said of a ticket that is open, was cancelled or voided, whose close names no total, with a line or
    tender of unknown amount, or whose figures reach `FIGURE_MOST`. `data.tax` and `data.rounding` of the close are
    added to the lines where they agree with the total only so. Change that nobody told of is no fault.
    """
    told = list(events)
    closing = _closing(told)
    declared = _total(closing)
    ticket = ticket_build(transaction, told)
    if closing is None or declared is None or ticket.status != TicketStatus.CLOSED or _unpriced(ticket):
        return None
    if max(abs(declared), abs(ticket.total), abs(ticket.tendered)) >= FIGURE_MOST:
        return None
    instants = [event.occurred_at for event in told]
    reason = _lines_disagree(ticket, declared, closing) or _too_little_paid(ticket, declared)
    return Reckoning(declared, ticket.total, ticket.tendered, reason, closing, min(instants), max(instants))


def rung_stretches(events: Iterable[tuple[int, str, datetime]]) -> list[tuple[int, datetime, datetime]]:
    """`(lane, from, to)` of each stretch in which a ticket was rung; between them it was laid aside.

    `events`: `(lane, type, instant)` of each of its events, in the till's order.
    """
    stretches: list[tuple[int, datetime, datetime]] = []
    aside = True
    for lane, type_, at in events:
        if aside or type_ == PosType.TICKET_RESUME or stretches[-1][0] != lane:
            stretches.append((lane, at, at))
        stretches[-1] = (lane, stretches[-1][1], at)
        aside = type_ == PosType.TICKET_SUSPEND
    return stretches


def totals_believed(reckoned: Sequence[tuple[datetime, bool]], wrong: Sequence[datetime]) -> list[bool]:
    """For each ticket that begins at one of ``wrong`` whether the till's other tickets around mostly add up.

    ``reckoned``: ``(beginning, whether it adds up)`` of each ticket of that till of which it can be said, these too.
    """
    ordered = sorted(reckoned)
    instants = [at for at, _ in ordered]
    right = [0, *accumulate(int(adds_up) for _, adds_up in ordered)]
    found = []
    for at in wrong:
        first, last = bisect_left(instants, at - AROUND), bisect_right(instants, at + AROUND)
        others = last - first - 1
        found.append(others >= LEAST and right[last] - right[first] >= ADD_UP * others)
    return found


def _closing(events: list[TicketEvent]) -> TicketEvent | None:
    closes = [event for event in events if event.type == PosType.TICKET_CLOSE]
    return max(closes, key=lambda event: (event.occurred_at, event.external_id), default=None)


def _total(closing: TicketEvent | None) -> Decimal | None:
    if closing is None:
        return None
    named = closing.amount if closing.amount is not None else money_or_none(closing.data.get("total"))
    return None if named is None else cents_of(named)


def _unpriced(ticket: Ticket) -> bool:
    lines = (line for line in ticket.lines if line.counts and line.amount is None)
    tenders = (tender for tender in ticket.tenders if not tender.voided and tender.amount is None)
    return any(line.type not in WITHOUT_PRICE for line in lines) or any(tenders)


def _lines_disagree(ticket: Ticket, declared: Decimal, closing: TicketEvent) -> str:
    beside = [cents_of(money_or_none(closing.data.get(name)) or Decimal(0)) for name in ("tax", "rounding")]
    tax, rounding = beside
    if declared in {ticket.total + a + b for a in (Decimal(0), tax) for b in (Decimal(0), rounding)}:
        return ""
    return f"Its lines come to {ticket.total:.2f}, the till's total is {declared:.2f}: a line is missing or wrong."


def _too_little_paid(ticket: Ticket, declared: Decimal) -> str:
    paid = [tender for tender in ticket.tenders if not tender.voided]
    if not paid or declared <= 0 or ticket.tendered + COIN >= declared:
        return ""
    return f"{ticket.tendered:.2f} was paid, the till's total is {declared:.2f}: a tender is missing or wrong."
