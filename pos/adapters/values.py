"""Text, money, quantities and instants as documents write them, checked once and passed on as text.

Everything here raises ``lanes.domain.payload.Refused``, which an adapter turns
into the refusal of the part it was reading.
"""

import re
from datetime import UTC, datetime
from decimal import Decimal

from lanes.domain.instants import BadInstant, instant_read
from lanes.domain.payload import Refused
from pos.domain.money import cents_of

TEXT_LIMIT = 200
CODE_LIMIT = 64
# Wide enough for any till, narrow enough that no arithmetic on it can grow without bounds.
_DECIMAL = re.compile(r"[+-]?\d{1,9}(\.\d{1,9})?", re.ASCII)
_UNPRINTABLE = re.compile(r"[\x00-\x1f\x7f-\x9f\ud800-\udfff\u200b-\u200f\u2028-\u202e]+")
_LINE = re.compile(r"\d{1,9}", re.ASCII)
_GTIN = re.compile(r"\d{1,14}", re.ASCII)
_LATEST = datetime(2099, 1, 1, tzinfo=UTC)
# ISO 4217: the currencies that do not have two decimals.
NO_DECIMALS = frozenset("BIF CLP DJF GNF ISK JPY KMF KRW PYG RWF UGX UYI VND VUV XAF XOF XPF".split())  # noqa: SIM905
THREE_DECIMALS = frozenset("BHD IQD JOD KWD LYD OMR TND".split())  # noqa: SIM905


def text_plain(value: object, longest: int = TEXT_LIMIT) -> str:
    """``value`` as one printable line of at most ``longest`` characters; "" for anything that is no text or number."""
    if isinstance(value, bool) or not isinstance(value, str | int | Decimal):
        return ""
    shown = _UNPRINTABLE.sub(" ", str(value)[: longest * 4])
    return " ".join(shown.split())[:longest].strip()


def code_plain(value: object) -> str:
    """A code of a terminal, a ticket or an operator: as ``text_plain``, without spaces, at most 64 characters."""
    return text_plain(value, CODE_LIMIT).replace(" ", "_")


def decimal_checked(value: object, name: str) -> Decimal:
    """``value`` exactly as written. Raises Refused (``bad_number``)."""
    text = str(value).strip()[:60] if isinstance(value, str | int | Decimal) and not isinstance(value, bool) else ""
    if not _DECIMAL.fullmatch(text):
        shown = text_plain(text, 30)
        raise Refused("bad_number", f"{name} is {shown!r}, which is no plain number. Write it like 7.95.")
    return Decimal(text)


def decimal_or_none(value: object, name: str) -> Decimal | None:
    """As ``decimal_checked``, None where there is nothing."""
    return None if value is None or value == "" else decimal_checked(value, name)


def minor_units_checked(value: object, currency: str, name: str) -> Decimal:
    """A whole number of the currency's smallest unit, as a decimal of its main unit (ISO 4217 decimals)."""
    if isinstance(value, bool) or not isinstance(value, int) or abs(value) >= 10**11:
        raise Refused("bad_number", f"{name} must be a whole number of the currency's smallest unit, like 795.")
    decimals = 0 if currency in NO_DECIMALS else 3 if currency in THREE_DECIMALS else 2
    return Decimal(value).scaleb(-decimals)


def money_text(amount: Decimal) -> str:
    """``amount`` as the contract has money: a decimal string with at least two decimals."""
    exponent = amount.as_tuple().exponent
    few = not isinstance(exponent, int) or exponent > -2
    return f"{cents_of(amount) if few else amount:f}"


def quantity_plain(quantity: Decimal) -> int | str:
    """A whole number as one; a weight as decimal text, which no JSON reader can turn into something else."""
    whole = quantity == quantity.to_integral_value()
    return int(quantity) if whole else f"{quantity.normalize():f}"


def instant_checked(text: str, name: str) -> str:
    """``text`` itself if the intake will be able to read it: what has no offset stays so, the store's zone is not ours
    to know. Raises Refused (``bad_time``)."""
    shown = text.strip()[:60]
    try:
        instant_read(shown, UTC, _LATEST)
    except BadInstant as error:
        raise Refused("bad_time", f"{name}: {error}") from error
    return shown


def line_number(value: object, otherwise: int) -> int:
    """A line's own number where the document gives a whole one, else ``otherwise``."""
    text = text_plain(value, 20)
    return int(text) if _LINE.fullmatch(text) else otherwise


def gtin_or_none(value: object) -> str | None:
    """``value`` where it can be an article's code: 1 to 14 digits."""
    text = text_plain(value, 40)
    return text if _GTIN.fullmatch(text) else None
