"""Money and quantities as tills write them. Decimal strings; never binary floats inside."""

import math
import re
from decimal import ROUND_HALF_EVEN, Decimal
from functools import lru_cache

from lanes.domain.payload import Refused

WRITE_MONEY = 'Write a decimal string with a point, for example "7.95".'
WRITE_QUANTITY = "Write a number, for example 1 or 0.482."
_DECIMAL = re.compile(r"[+-]?\d{1,12}(\.\d{1,12})?", re.ASCII)
_CENT = Decimal("0.01")
_THOUSANDTH = Decimal("0.001")
AMOUNT_LIMIT = Decimal(10) ** 10
QUANTITY_LIMIT = Decimal(10) ** 9


def money_read(value: object, name: str) -> Decimal | None:
    """``value`` exactly as written, or None for none (null or "").

    A JSON number is taken as the shortest decimal that names it, so 7.95 is
    7.95. Raises Refused (``bad_money``).
    """
    return _read(value, name, "bad_money", AMOUNT_LIMIT, WRITE_MONEY)


def quantity_read(value: object, name: str) -> Decimal | None:
    """Like ``money_read``, for quantities and weights (``bad_quantity``)."""
    return _read(value, name, "bad_quantity", QUANTITY_LIMIT, WRITE_QUANTITY)


def money_or_none(value: object) -> Decimal | None:
    """``value`` where it is an amount, None where it is anything else: for fields that the intake took as they came."""
    try:
        return money_read(value, "amount")
    except Refused:
        return None


def cents_of(amount: Decimal) -> Decimal:
    """``amount`` with two decimals, half to even."""
    return amount.quantize(_CENT, ROUND_HALF_EVEN)


def thousandths_of(quantity: Decimal) -> Decimal:
    return quantity.quantize(_THOUSANDTH, ROUND_HALF_EVEN)


def _read(value: object, name: str, code: str, limit: Decimal, write: str) -> Decimal | None:
    if value is None or value == "":
        return None
    number = _decimal(value)
    if number is None:
        raise Refused(code, f"{name} is {str(value)[:40]!r}, which is no number. {write}")
    if abs(number) >= limit:
        raise Refused(code, f"{name} is {number}: below {limit:,} is what can be kept.")
    return number


def _decimal(value: object) -> Decimal | None:
    if isinstance(value, bool):
        return None
    if isinstance(value, int):
        return Decimal(value)
    if isinstance(value, float):
        # repr is the shortest text that reads back as this float: what the sender meant.
        return Decimal(repr(value)) if math.isfinite(value) else None
    return _written(value.strip()) if isinstance(value, str) else None


@lru_cache(8192)  # the same prices come again and again
def _written(text: str) -> Decimal | None:
    return Decimal(text) if _DECIMAL.fullmatch(text) else None
