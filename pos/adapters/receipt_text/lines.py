"""What a printed line is: the patterns of a till, tried in one order."""

import re
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum

from pos.adapters.receipt_text.capture import PrintedLine
from pos.adapters.receipt_text.config import AMOUNT, Patterns
from pos.adapters.values import decimal_checked

TEXT_LIMIT = 160  # characters; patterns are tried on no more
_MONEY_AT_END = re.compile(AMOUNT)
_SEPARATORS = re.compile(r"[.,' ]")
_WIDE = re.compile(r"\s{3,}")  # columns stay apart, and no pattern has to walk through a line of blanks
_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")


class LineKind(StrEnum):
    """In the order in which they are tried: a total reads as an item too."""

    IGNORE = "ignore"
    NO_SALE = "no_sale"
    VOID = "void"
    SUBTOTAL = "subtotal"
    TOTAL = "total"
    CHANGE = "change"
    TENDER = "tender"
    TAX = "tax"
    DISCOUNT = "discount"
    ITEM = "item"
    DATE = "date"
    TICKET = "ticket"
    OPERATOR = "operator"


HEADS = (LineKind.DATE, LineKind.TICKET, LineKind.OPERATOR)
"""What may stand several to a line, and beside nothing else."""


@dataclass(frozen=True, slots=True)
class ReadLine:
    """``kind`` is None for a line that no pattern knows; ``money`` then says whether it names an amount."""

    line: PrintedLine
    kind: LineKind | None
    groups: dict[str, str]
    money: bool = False

    @property
    def amount(self) -> Decimal:
        return money_printed(self.groups.get("amount", ""))


def line_read(line: PrintedLine, patterns: Patterns) -> list[ReadLine]:
    """What ``line`` says: one thing, or several heads (a date beside a ticket number)."""
    text = _WIDE.sub("   ", line.text)[:TEXT_LIMIT]
    for kind in LineKind:
        if kind not in HEADS:
            found = _matched(text, getattr(patterns, kind))
            if found is not None:
                return [ReadLine(line, kind, found)]
    heads = [(kind, _matched(text, getattr(patterns, kind))) for kind in HEADS]
    read = [ReadLine(line, kind, found) for kind, found in heads if found is not None]
    return read or [ReadLine(line, None, {}, money=_MONEY_AT_END.search(text) is not None)]


def _matched(text: str, patterns: tuple[re.Pattern[str], ...]) -> dict[str, str] | None:
    for pattern in patterns:
        match = pattern.search(text)
        if match is not None:
            return {name: value for name, value in match.groupdict().items() if value}
    return None


def money_printed(text: str) -> Decimal:
    """An amount as printed: the last mark stands before the cents, a minus before or behind or brackets make it
    negative. Raises Refused."""
    negative = "-" in text or text.startswith("(")
    digits = text.strip("-() ")
    whole, cents = _SEPARATORS.sub("", digits[:-3]), digits[-2:]
    amount = decimal_checked(f"{whole}.{cents}", "an amount")
    return -amount if negative else amount


def quantity_printed(text: str) -> Decimal:
    """A count or a weight as printed, with a point or a comma. Raises Refused."""
    return decimal_checked(text.replace(",", "."), "a quantity")


def instant_printed(groups: dict[str, str]) -> str:
    """A printed date and time as RFC 3339 without an offset, which a receipt never names; not checked further."""
    named = groups.get("month", "")[:3].lower()
    month = str(_MONTHS.index(named) + 1) if named in _MONTHS else groups.get("month", "")
    hour = groups.get("hour", "0")
    half = groups.get("half", "").lower()[:1]
    if half and hour.isdecimal():
        hour = str(int(hour) % 12 + (12 if half == "p" else 0))
    year = groups.get("year", "")
    parts = [f"20{year}" if len(year) == 2 else year, month, groups.get("day", "")]
    clock = [hour, groups.get("minute", "0"), groups.get("second", "0")]
    return "-".join(p.zfill(2) for p in parts) + "T" + ":".join(p.zfill(2) for p in clock)
