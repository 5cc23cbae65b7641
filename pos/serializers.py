"""One POS event, from the JSON a till sends to the row that is stored.

Tills are sloppy, so numbers may come as text and text as numbers, and most
fields may be absent; what had to be assumed is flagged, and only what would
make the event a lie is refused. Decoded with msgspec: 40 times a serializer's
speed (see docs/benchmarks.md).
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, tzinfo
from decimal import Decimal
from difflib import get_close_matches
from typing import Any, NamedTuple

import msgspec

from lanes.domain.instants import BadInstant, instant_read
from lanes.domain.payload import Refused, payload_checked, text_clean, text_within
from pos.domain import events
from pos.domain.events import EntryMethod, PosType
from pos.domain.money import cents_of, money_read, quantity_read, thousandths_of
from pos.domain.redaction import data_redacted, is_marked, is_payment_card

Word = str | int | None
TYPES = frozenset(PosType)
ENTRY_METHODS = frozenset(EntryMethod)
LINE_LIMIT = 2**31
MONEY_FIELDS = ("unit_price", "amount")


class UnknownTerminalCode(Refused):
    """The event is of a terminal that this store has not; `terminal`: its code."""

    def __init__(self, terminal: str, known: str) -> None:
        super().__init__(
            "unknown_terminal",
            f"This key's store has no terminal {terminal[:40]!r} (it has: {known}). Provision it, or map it to its lane"
            " in the administration, where it is now offered.",
        )
        self.terminal = terminal


class PosEventIn(msgspec.Struct):
    """A POS event as the contract has it (section 2). Unknown fields beside these are dropped."""

    id: str | int
    terminal: str | int
    type: str
    occurred_at: str
    transaction: Word = None
    line: str | int | float | None = None
    operator: Word = None
    data: dict[str, Any] | None = None


pos_event_decode = msgspec.json.Decoder(PosEventIn).decode


class PosEventRow(NamedTuple):
    """The columns of ``pos.PosEvent``; ``flags`` and ``data`` as JSON text."""

    store_id: int
    lane_id: int
    terminal_id: int
    external_id: str
    type: str
    occurred_at: datetime
    received_at: datetime
    flags: str
    transaction: str
    line: int | None
    operator: str
    gtin: str
    description: str
    quantity: Decimal | None
    amount: Decimal | None
    entry_method: str
    data: str


@dataclass(frozen=True, slots=True)
class Intake:
    """What reading an event needs to know: whose it is and when it came.

    ``terminals``: ``{code: (terminal_id, lane_id)}``; ``person``: id of an
    operator -> pseudonym.
    """

    store_id: int
    zone: tzinfo
    received_at: datetime
    terminals: Mapping[str, tuple[int, int]]
    person: Callable[[str], str]


def pos_event_row(sent: PosEventIn, intake: Intake) -> PosEventRow:
    """``sent`` as it will be stored. Raises Refused."""
    external_id = _reference(sent.id, "id", 200)
    if not external_id:
        raise Refused("missing_field", "id is empty. Give every event an id that is unique for its terminal.")
    terminal_id, lane_id = _terminal(sent.terminal, intake.terminals)
    if sent.type not in TYPES:
        raise Refused("unknown_type", _type_hint(sent.type))
    instant = _instant(sent.occurred_at, "occurred_at", intake)
    flags = list(instant.flags)
    data = _data(sent, intake, flags)
    data_text = msgspec.json.encode(data).decode()
    if is_marked(data_text):
        flags.append(events.REDACTED)
    return PosEventRow(
        store_id=intake.store_id,
        lane_id=lane_id,
        terminal_id=terminal_id,
        external_id=external_id,
        type=sent.type,
        occurred_at=instant.at,
        received_at=intake.received_at,
        transaction=_reference(sent.transaction, "transaction", 120),
        line=_line(sent.line),
        operator=intake.person(text_within(_word(sent.operator), 200, "operator")),
        gtin=_gtin(data, flags),
        description=_text(data.get("description"))[:200],
        quantity=_quantity(data, flags),
        amount=_amount(data, flags),
        entry_method=_entry_method(data, flags),
        data=data_text,
        flags=msgspec.json.encode(flags).decode() if flags else "[]",
    )


def _terminal(sent: Word, terminals: Mapping[str, tuple[int, int]]) -> tuple[int, int]:
    code = _word(sent)
    if code not in terminals:
        known = ", ".join(sorted(terminals)[:20]) or "none yet"
        raise UnknownTerminalCode(code, known)
    return terminals[code]


def _type_hint(sent: str) -> str:
    near = get_close_matches(sent.lower()[:40], TYPES, n=1)
    hint = f"Did you mean '{near[0]}'?" if near else "The contract lists the types; GET /api/v1/docs shows them."
    return f"There is no type {sent[:40]!r}. {hint}"


def _instant(text: str, name: str, intake: Intake):
    try:
        return instant_read(text, intake.zone, intake.received_at)
    except BadInstant as error:
        raise Refused("bad_time", f"{name}: {error}") from error


def _word(sent: Word) -> str:
    return "" if sent is None else text_clean(str(sent)).strip()


def _text(value: Any) -> str:
    return value if isinstance(value, str) else ""


def _reference(sent: Word, name: str, longest: int) -> str:
    """An id, kept exactly as it was sent, for the sender must find it again; so a card number cannot be one."""
    text = text_within(_word(sent), longest, name)
    if len(text) >= 13 and is_payment_card(text):
        raise Refused("card_number", f"{name} reads as a payment card's number. Put the terminal's code before it.")
    return text


def _line(sent: str | int | float | None) -> int | None:
    if sent is None or sent == "":
        return None
    try:
        line = int(sent)
    except (ValueError, OverflowError) as error:
        raise Refused("bad_line", f"line is {str(sent)[:40]!r}. Write the line's number, for example 3.") from error
    if line != float(sent) or abs(line) >= LINE_LIMIT:
        raise Refused("bad_line", f"line is {str(sent)[:40]}. Write a whole number below {LINE_LIMIT:,}.")
    return line


def _data(sent: PosEventIn, intake: Intake, flags: list[str]) -> dict[str, Any]:
    """The free part: checked, without what must not be stored, money as decimal strings."""
    checked = payload_checked(sent.data or {})
    money = {name: checked.pop(name) for name in (*MONEY_FIELDS, "quantity") if name in checked}
    data = data_redacted(checked, intake.person)
    for name, value in money.items():
        read = quantity_read if name == "quantity" else money_read
        if name != "quantity" and isinstance(value, float):
            flags.append(events.MONEY_AS_NUMBER)
        number = read(value, name)
        data[name] = None if number is None else str(number)
    if sent.type == PosType.GAP:
        data |= _gap(data, intake, flags)
    return data


def _gap(data: dict[str, Any], intake: Intake, flags: list[str]) -> dict[str, str]:
    """The ends of a gap as UTC instants; one that cannot be read is flagged, not refused: the gap itself is known."""
    ends = {}
    for name in ("from", "to"):
        try:
            if isinstance(data.get(name), str):
                ends[name] = instant_read(data[name], intake.zone, intake.received_at).at.isoformat()
        except BadInstant:
            flags.append(events.GAP_UNREADABLE)
    return ends


def _gtin(data: dict[str, Any], flags: list[str]) -> str:
    sent = data.get("gtin")
    if sent is None or sent == "":
        return ""
    code = str(sent).strip()
    if code.isdecimal() and code.isascii() and len(code) <= 14:
        return code
    flags.append(events.GTIN_UNREADABLE)
    return ""


def _amount(data: dict[str, Any], flags: list[str]) -> Decimal | None:
    return _rounded(data.get("amount"), cents_of, events.AMOUNT_ROUNDED, flags)


def _quantity(data: dict[str, Any], flags: list[str]) -> Decimal | None:
    return _rounded(data.get("quantity"), thousandths_of, events.QUANTITY_ROUNDED, flags)


def _rounded(text: str | None, to: Callable[[Decimal], Decimal], flag: str, flags: list[str]) -> Decimal | None:
    if text is None:
        return None
    exact = Decimal(text)
    rounded = to(exact)
    if rounded != exact:
        flags.append(flag)
    return rounded


def _entry_method(data: dict[str, Any], flags: list[str]) -> str:
    method = _text(data.get("entry_method")).lower()
    if method and method not in ENTRY_METHODS:
        flags.append(events.ENTRY_METHOD_UNKNOWN)
        return ""
    return method
