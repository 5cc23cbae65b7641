"""Rows whose fields have our names, as tickets and events.

An event's id is the ticket's number, the line's number and the type. Where a row
has no line number, what the row says takes its place: a file that grew and a file
whose bad rows were repaired give the same ids. Rows that say the very same are
counted, so a file that begins in the middle should number its lines. Nothing is
made up: what a void or a discount does to the total is the ticket's to find.
"""

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from lanes.domain.payload import Refused
from pos.adapters.drafts import Journal, TicketDraft, quantity_of
from pos.adapters.mapping import (
    CODE_FIELDS,
    FIELDS,
    LINE_FIELDS,
    MONEY_FIELDS,
    TEXT_FIELDS,
    MappedConfig,
    instant_of,
    line_of,
    money_of,
    number_of,
    translated,
    type_of,
)
from pos.adapters.reading import DeclaredTender, DeclaredTicket, Reading
from pos.adapters.values import code_plain, gtin_or_none, text_plain
from pos.domain.events import PosType
from pos.domain.redaction import is_payment_card

ROWS_LIMIT = 100_000
_LETTERS = str.maketrans("0123456789", "ghijklmnop")
Row = tuple[str, Mapping[str, Any]]
"""Where it stands in the document, and its values by field."""


@dataclass(slots=True)
class _Ticket:
    """A ticket being written, or an event that belongs to none. ``part``: where it begins."""

    name: str
    part: str
    draft: TicketDraft
    total: Decimal | None = None
    tenders: list[DeclaredTender] = field(default_factory=list)
    twins: dict[str, int] = field(default_factory=dict)

    def twin(self, name: str) -> str:
        """``name``, with a count where it comes again: two equal rows stay two."""
        self.twins[name] = self.twins.get(name, 0) + 1
        return name if self.twins[name] == 1 else f"{name}~{self.twins[name]}"


class MappedJournal:
    """What was read so far. Rows of a ticket need not stand together."""

    def __init__(self, config: MappedConfig) -> None:
        self.journal = Journal(config)
        self._config = config
        self._tickets: dict[tuple[str, str], _Ticket] = {}
        self._last_at: dict[tuple[str, str], str] = {}
        self._loose: dict[str, int] = {}
        self._count = 0
        self._own: set[tuple[str, str]] = set()

    def rows_take(self, rows: Iterable[Row]) -> None:
        """A row that cannot be taken is refused alone."""
        for part, said in rows:
            self._count += 1
            if self.full:
                self.rest_refused(part)
                return
            with self.journal.part(part):
                self._row_take(part, said)

    def rest_refused(self, part: str) -> None:
        """Nothing from ``part`` on is taken."""
        told = f"Only the first {ROWS_LIMIT:,} rows of a document are taken. Send the rest in another."
        self.journal.refuse(part, "too_long", told)

    @property
    def full(self) -> bool:
        return self._count > ROWS_LIMIT

    def reading(self) -> Reading:
        """Everything, ticket by ticket."""
        for ticket in self._tickets.values():
            draft = ticket.draft
            if draft.transaction and draft.events:
                tenders = tuple(ticket.tenders)
                draft.declared = DeclaredTicket(draft.transaction, draft.currency, ticket.total, None, tenders)
            if draft.events:
                self.journal.take(ticket.part, draft, key=f"{draft.terminal} {ticket.name}")
        self._tickets.clear()
        return self.journal.reading()

    def _row_take(self, part: str, said: Mapping[str, Any]) -> None:
        values = {name: _value(name, said, self._config) for name in FIELDS}
        type_ = type_of(values["type"], self._config)
        if type_ is None:
            return
        terminal = code_plain(values["terminal"]) or self._config.terminal
        number = code_plain(_checked(text_plain(values["transaction"]), "transaction"))
        at = self._instant(values, terminal, number)
        name = self._name(values, terminal, number, at)
        ticket = self._ticket(part, name, name or self._loose_name(said, terminal, at, type_), terminal, at)
        ticket.draft.currency_agrees(values["currency"])
        ticket.draft.operator = code_plain(values["operator"])
        self._row_write(ticket, values, type_, at, _digest(said))

    def _instant(self, values: Mapping[str, Any], terminal: str, number: str) -> str:
        """The row's own; of a row without one that of the row before it in its ticket."""
        key = (terminal, number)
        at = instant_of(values, self._config) or (self._last_at.get(key, "") if number else "")
        if not at:
            raise Refused("no_time", "The row says no instant. Map occurred_at, or date and time, to where it stands.")
        self._last_at[key] = at
        return at

    def _ticket(self, part: str, transaction: str, name: str, terminal: str, at: str) -> _Ticket:
        found = self._tickets.get((terminal, name))
        if found is None:
            draft = TicketDraft(self._config, transaction=name, terminal=terminal, at=at)
            draft.transaction = transaction
            found = self._tickets[terminal, name] = _Ticket(name, part, draft)
        return found

    def _name(self, values: Mapping[str, Any], terminal: str, number: str, at: str) -> str:
        """The ticket's number as we keep it, "" for none."""
        if number and self._config.daily_numbers:
            day = code_plain(values["business_day"]) or at[:10]
            number = f"T{terminal}-{day}-{number}" if terminal[:1].isdigit() else f"{terminal}-{day}-{number}"
        return _checked(number, "transaction")

    def _loose_name(self, said: Mapping[str, Any], terminal: str, at: str, type_: PosType) -> str:
        """What tells an event that belongs to no ticket from the others."""
        name = f"{type_}.{at[:19]}.{_digest(said)}"
        twin = f"{terminal} {name}"
        self._loose[twin] = self._loose.get(twin, 0) + 1
        return name if self._loose[twin] == 1 else f"{name}~{self._loose[twin]}"

    def _row_write(self, ticket: _Ticket, values: Mapping[str, Any], type_: PosType, at: str, digest: str) -> None:
        data = _data(values, self._config, ticket.draft.currency)
        line = line_of(values["line"], "line", self._config)
        named = self._own_id(values, ticket.draft.terminal) or self._made_id(ticket, type_, line, digest)
        ticket.draft.add(type_, at=at, line=line, id=named, **data)
        amount = data["amount"]
        if type_ is PosType.TICKET_CLOSE and amount is not None:
            ticket.total = amount
        if type_ is PosType.TENDER and amount is not None:
            ticket.tenders.append(DeclaredTender(data["tender"] or "tender", amount))

    def _own_id(self, values: Mapping[str, Any], terminal: str) -> str:
        own = _checked(text_plain(values["id"], 120), "id")
        if own and (terminal, own) in self._own:
            raise Refused("repeated", f"The id {own} stood in the document before; it was taken once. Nothing to do.")
        if own:
            self._own.add((terminal, own))
        return own

    def _made_id(self, ticket: _Ticket, type_: PosType, line: int | None, digest: str) -> str:
        if not ticket.draft.transaction:
            return ticket.name
        return ticket.twin(f"{ticket.name}.{digest if line is None else line}.{type_}")


def _value(name: str, said: Mapping[str, Any], config: MappedConfig) -> Any:
    value = said.get(name)
    if value is None or value == "":
        value = config.constants.get(name)
    if isinstance(value, list | dict):
        raise Refused(
            "not_one_value",
            f"{name} is a {'list' if isinstance(value, list) else 'whole object'}. Map it to one value.",
        )
    return translated(name, value, config)


def _data(values: Mapping[str, Any], config: MappedConfig, currency: str) -> dict[str, Any]:
    gtin = gtin_or_none(values["gtin"])
    data: dict[str, Any] = {
        "gtin": gtin,
        **{name: text_plain(values[name]) for name in TEXT_FIELDS},
        **{name: text_plain(values[name], 64) for name in CODE_FIELDS},
        "quantity": quantity_of(number_of(values["quantity"], "quantity", config)),
        **{name: money_of(values[name], name, config, currency) for name in MONEY_FIELDS},
        **{name: line_of(values[name], name, config) for name in LINE_FIELDS},
    }
    if gtin is None and not data["sku"]:
        data["sku"] = text_plain(values["gtin"], 64)  # an article's own number, which is no GTIN
    data["entry_method"] = data["entry_method"].lower()
    return data


def _checked(text: str, name: str) -> str:
    if is_payment_card(text):
        raise Refused("bad_number", f"{name} reads as a payment card's number. Send the till's own number.")
    return text


def _digest(said: Mapping[str, Any]) -> str:
    """What a row says, as a name: of its own words only, so that no other row and no setting can change it.

    In letters, for fourteen digits in a row could read as a card's number.
    """
    told = [(name, str(said[name])) for name in FIELDS if said.get(name) not in (None, "")]
    return hashlib.blake2b(repr(told).encode(errors="replace"), digest_size=8).hexdigest().translate(_LETTERS)
