"""Tickets as an adapter writes them down: events with stable ids, and a check against the document's own total.

Ids are made of the ticket's own number, the line's own number and the kind of
event, with a count where all three come again, so that the same document always
gives the same ids and two equal lines stay two.
"""

import hashlib
import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from lanes.domain.payload import Refused
from pos.adapters.reading import AdapterConfig, DeclaredTender, DeclaredTicket, Event, Reading, Refusal
from pos.adapters.values import (
    code_plain,
    decimal_or_none,
    instant_checked,
    money_text,
    quantity_plain,
    text_plain,
)
from pos.domain.events import REDUCES, PosType
from pos.domain.money import AMOUNT_LIMIT, cents_of
from pos.domain.redaction import is_payment_card

ZERO = Decimal(0)
REFUSALS_LIMIT = 1_000
TAKEN_LIMIT = 20_000  # tickets remembered, for a stream has no end
_LONG_RUN = re.compile(r"\d{14,}", re.ASCII)  # of 13 digits are the order numbers of a large shop, and few cards
NUMBER_LIMIT = 110  # the contract's 120, less what pieces of a ticket may add


class Journal:
    """What was read of one document so far."""

    def __init__(self, config: AdapterConfig) -> None:
        self.config = config
        self.events: list[Event] = []
        self.refusals: list[Refusal] = []
        self.declared: list[DeclaredTicket] = []
        self._taken: dict[str, bytes] = {}

    def refuse(self, part: str, code: str, detail: str) -> None:
        if len(self.refusals) < REFUSALS_LIMIT:  # a document of nothing but rubbish says so often enough
            self.refusals.append(Refusal(part, code, detail))

    @contextmanager
    def part(self, part: str) -> Iterator[None]:
        """What is refused inside costs this part and nothing else."""
        try:
            yield
        except Refused as error:
            self.refuse(part, error.code, error.detail)

    def instant(self, part: str, *said: str) -> str:
        """The first of ``said`` that is an instant, "" for none; a bad one is refused, but not what it stands in."""
        for text in said:
            if text:
                with self.part(part):
                    return instant_checked(text, "time")
        return ""

    def number(self, part: str, said: object, name: str) -> Decimal | None:
        """``said`` as a number, None for nothing; a bad one is refused, but not what it stands in."""
        with self.part(part):
            return decimal_or_none(said, name)
        return None

    def take(self, part: str, draft: "TicketDraft", *, key: str = "") -> None:
        """Keep the draft's events, unless the same number stood in the document before.

        ``key``: where one ticket comes in several pieces, what tells this piece from the others.
        """
        key = key or draft.transaction
        if key in self._taken:
            same = self._taken[key] == _digest(draft.events)
            self.refuse(
                part,
                "repeated" if same else "number_used_twice",
                "It stands in the document a second time, word for word; it was taken once. Nothing to do."
                if same
                else f"{key} stood in the document before with other content; its lines would mix with the first's. "
                "Give every ticket of a day and a terminal its own number.",
            )
            return
        self._taken[key] = _digest(draft.events)
        if len(self._taken) > TAKEN_LIMIT:
            del self._taken[next(iter(self._taken))]
        self.events.extend(draft.events)
        self.refusals.extend(draft.doubts[: max(0, REFUSALS_LIMIT - len(self.refusals))])
        if draft.declared is not None:
            self.declared.append(draft.declared)

    def reading(self) -> Reading:
        """What was read since the last call."""
        reading = Reading(tuple(self.events), tuple(self.refusals), tuple(self.declared))
        self.events, self.refusals, self.declared = [], [], []
        return reading


@dataclass(slots=True)
class _Entry:
    """A line of the ticket; ``amount`` as it changes the total while ``counts``, ``modifiers`` likewise; both rounded
    as the intake rounds them, so that both sums agree."""

    line: int | None
    amount: Decimal
    modifiers: Decimal = ZERO
    counts: bool = True


@dataclass(frozen=True, slots=True)
class _Tax:
    amount: Decimal
    included: bool | None
    at: str


class TicketDraft:
    """One ticket being written. ``at``: the instant of what has none of its own, as the document wrote it."""

    def __init__(self, config: AdapterConfig, *, transaction: str, terminal: str, at: str, operator: str = "") -> None:
        if not 1 <= len(transaction) <= NUMBER_LIMIT or any(map(is_payment_card, _LONG_RUN.findall(transaction))):
            raise Refused(
                "bad_number",
                "The ticket's number is missing, too long or reads as a card's. Send the till's own number.",
            )
        self.transaction = transaction
        self.terminal = code_plain(terminal) or config.terminal
        if not self.terminal:
            raise Refused(
                "no_terminal", "The document names no terminal here. Set this feed's terminal in its configuration."
            )
        self.operator = code_plain(operator)
        self.at = at
        self.currency = config.currency
        self.events: list[Event] = []
        self.doubts: list[Refusal] = []
        self.declared: DeclaredTicket | None = None
        self._ids: dict[str, int] = {}
        self._entries: list[_Entry] = []
        self._by_line: dict[int, list[_Entry]] = {}  # those that count, the latest last
        self._struck_ahead: dict[int, int] = {}  # voids that stand before the line they name
        self._taxes: list[_Tax] = []
        self._tenders: list[DeclaredTender] = []

    # -- events ----------------------------------------------------------------------------------------

    def add(self, type: PosType, *, at: str = "", line: int | None = None, id: str = "", **data: Any) -> None:
        """One event that adds nothing to the total. Of ``data`` what is None or "" is left out. Raises Refused."""
        written = {name: _written(value) for name, value in data.items() if value is not None and value != ""}
        self.events.append(
            {
                "id": id or self._id(type, line),
                "terminal": self.terminal,
                "type": type.value,
                "occurred_at": at or self.at,
                "transaction": self.transaction,
                "line": line,
                "operator": self.operator,
                "data": written,
            }
        )

    def item(self, type: PosType, amount: Decimal, *, line: int | None = None, id: str = "", **data: Any) -> None:
        """A line that changes the total by ``amount``, or takes it off for the types that reduce."""
        signed = -abs(amount) if type in REDUCES else amount
        self.add(type, line=line, id=id, amount=amount, **data)
        self._enter(_Entry(line, cents_of(signed)))

    def modifier(self, line: int, amount: Decimal, *, type: PosType = PosType.DISCOUNT, **data: Any) -> None:
        """What comes off (``amount`` above 0) or on the price of ``line``, as a line of its own.

        It carries no line number: a void of that number must strike the item.
        """
        kind = type if amount > 0 else PosType.NON_MERCHANDISE
        self.add(kind, id=self._id(kind, line), amount=abs(amount), applies_to_line=line, **data)
        entry = self._live(line)
        if entry is None:
            self._enter(_Entry(None, -cents_of(amount)))
        else:
            entry.modifiers -= cents_of(amount)

    def override(self, line: int, amount: Decimal, **data: Any) -> None:
        """``line`` costs ``amount`` in the end."""
        self.add(PosType.PRICE_OVERRIDE, line=line, overrides_line=line, amount=amount, **data)
        entry = self._live(line)
        if entry is not None:
            entry.amount = cents_of(amount)

    def void(self, line: int, *, at: str = "", own_line: int | None = None, **data: Any) -> None:
        """``line`` is struck, and what came off its price is struck with it."""
        self.add(PosType.VOID, at=at, line=own_line if own_line is not None else line, voids_line=line, **data)
        entry = self._live(line)
        if entry is None:
            self._struck_ahead[line] = self._struck_ahead.get(line, 0) + 1
            return
        self._by_line[line].pop()
        entry.counts = False
        if entry.modifiers:
            self._enter(_Entry(None, entry.modifiers))  # the discount's own line still counts
            self.item(
                PosType.NON_MERCHANDISE, -entry.modifiers, at=at, description="Discount withdrawn", applies_to_line=line
            )

    def post_void(self, original: str, **data: Any) -> None:
        """This ticket does nothing but void ``original``, which was closed before: the event belongs to that one."""
        event_id = f"{self.transaction}.{PosType.TICKET_VOID}"
        self.transaction, own = original, self.transaction
        self.add(PosType.TICKET_VOID, id=event_id, voided_by=own, **data)

    def tender(self, kind: str, amount: Decimal, *, at: str = "", line: int | None = None, id: str = "") -> None:
        """Money given (negative: given back)."""
        name = text_plain(kind, 40) or "tender"
        self.add(PosType.TENDER, at=at, line=line, id=id, tender=name, amount=amount)
        self._tenders.append(DeclaredTender(name, amount))

    def tax(self, amount: Decimal, *, included: bool | None, at: str = "") -> None:
        """A tax of the ticket. ``included`` in the prices, on top of them, or (None) the document's total decides."""
        self._taxes.append(_Tax(amount, included, at))

    # -- what must agree -------------------------------------------------------------------------------

    def currency_agrees(self, code: object) -> None:
        """Raises Refused (``wrong_currency``) where ``code`` is another currency than the ticket's."""
        shown = text_plain(code, 3).upper()
        if not shown:
            return
        self.currency = self.currency or shown
        if shown != self.currency:
            raise Refused(
                "wrong_currency", f"It is in {shown}, the ticket in {self.currency}. Send amounts of one currency."
            )

    def settle(self, part: str, *, total: Decimal | None, tax: Decimal | None, exempt: bool = False) -> None:
        """Put the taxes that lie on top among the lines, note what the document declares, and compare.

        ``exempt``: nothing is owed (suspended, cancelled), so there is nothing to compare.
        """
        self._taxes_placed(total, tax)
        named = tax if tax is not None else sum((t.amount for t in self._taxes), ZERO) if self._taxes else None
        self.declared = DeclaredTicket(
            self.transaction, self.currency, None if exempt else total, named, tuple(self._tenders)
        )
        if total is not None and not exempt and self.sum != total:
            self.doubts.append(
                Refusal(
                    part,
                    "does_not_add_up",
                    f"The lines of {self.transaction} come to {money_text(self.sum)}, the document says "
                    f"{money_text(total)}. The lines were taken as they are; see whether one of them was refused, "
                    "and ask for the complete ticket.",
                )
            )

    @property
    def sum(self) -> Decimal:
        """What the lines come to, as ``pos.domain.ticket`` will count them."""
        return sum((entry.amount + entry.modifiers for entry in self._entries if entry.counts), ZERO)

    def live_lines(self, amount: Decimal) -> list[int]:
        """Numbers of the lines that still count and came to ``amount``, the first one first."""
        return [e.line for e in self._entries if e.counts and e.line is not None and e.amount == amount]

    def _taxes_placed(self, total: Decimal | None, tax: Decimal | None) -> None:
        on_top = [t for t in self._taxes if t.included is False]
        open_ = [t for t in self._taxes if t.included is None]
        bare = self.sum + sum((t.amount for t in on_top), ZERO)
        if open_ and total is not None and bare != total:
            on_top += open_
        if not self._taxes and tax and total is not None and bare != total and bare + tax == total:
            on_top.append(_Tax(tax, False, ""))  # named in the totals only
        for t in on_top:
            if t.amount:
                self.item(PosType.NON_MERCHANDISE, t.amount, at=t.at, description="Tax", kind="tax")

    def _live(self, line: int) -> _Entry | None:
        live = self._by_line.get(line)
        return live[-1] if live else None

    def _enter(self, entry: _Entry) -> None:
        self._entries.append(entry)
        if entry.line is not None and self._struck_ahead.get(entry.line, 0):
            self._struck_ahead[entry.line] -= 1
            entry.counts = False
        elif entry.line is not None:
            self._by_line.setdefault(entry.line, []).append(entry)

    def _id(self, type: PosType, line: int | None) -> str:
        base = f"{self.transaction}.{type}" if line is None else f"{self.transaction}.{line}.{type}"
        self._ids[base] = self._ids.get(base, 0) + 1
        count = self._ids[base]
        return base if count == 1 else f"{base}~{count}"


def _digest(events: list[Event]) -> bytes:
    return hashlib.blake2b(repr(events).encode(), digest_size=16).digest()


def _written(value: Any) -> Any:
    if not isinstance(value, Decimal):
        return value
    if abs(value) >= AMOUNT_LIMIT:
        raise Refused(
            "bad_number", f"An amount is {value:.0f}, more than any line costs. See what the till wrote there."
        )
    return money_text(value)


def quantity_of(value: Decimal | None) -> int | str | None:
    return None if value is None else quantity_plain(value)
