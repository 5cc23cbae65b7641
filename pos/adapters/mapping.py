"""What a feed of any shape is told about itself, and how its words, numbers and instants are read by that.

Tables and JSON differ in where a field stands; what it means is the same for both and is settled here.
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from decimal import Decimal
from difflib import get_close_matches
from typing import Any

from lanes.domain.payload import Refused
from pos.adapters.reading import AdapterConfig, ConfigRefused
from pos.adapters.values import decimal_checked, instant_checked, minor_units_checked, text_plain
from pos.domain.events import PosType

HEAD_FIELDS = (
    "id",
    "terminal",
    "type",
    "occurred_at",
    "date",
    "time",
    "business_day",
    "transaction",
    "line",
    "operator",
)
MONEY_FIELDS = ("unit_price", "amount")
LINE_FIELDS = ("voids_line", "changes_line", "overrides_line", "applies_to_line")
CODE_FIELDS = ("sku", "original_transaction", "approver")
TEXT_FIELDS = ("description", "tender", "reason", "entry_method")
FIELDS = (*HEAD_FIELDS, "gtin", "quantity", *MONEY_FIELDS, "currency", *TEXT_FIELDS, *LINE_FIELDS, *CODE_FIELDS)
"""The fields of an event that a row may give; ``date`` and ``time`` together stand for ``occurred_at``."""
TIME_FORMATS = {"unix": 1, "unix_ms": 1_000}
"""Names for counts since 1970 in UTC, and how many make a second."""
_SIGNS_OF_MONEY = "€$£¥ \u00a0\u202f"
_COUNT = re.compile(r"\d{1,16}(\.\d{1,9})?", re.ASCII)
_PROBE = datetime(2026, 11, 21, 22, 33, 44, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class MappedConfig(AdapterConfig):
    """What tables and JSON are told alike.

    ``types``: the till's words for what happened to our types; "" leaves such
    rows out. ``words``: the same for any other field, ``{field: {word: ours}}``;
    a word that is not named stays as it is. ``constants``: ``{field: value}``
    for what no row says. ``time_format``: as Python's ``strptime`` has it, or
    ``unix`` or ``unix_ms``; without one RFC 3339 is read. ``decimal`` and
    ``thousands``: the signs in numbers. ``minor_units``: money is in cents.
    ``daily_numbers``: tickets are counted anew every day or at every till, so
    terminal and day go before their numbers; None: as is usual for the format.
    Raises ConfigRefused.
    """

    types: Mapping[str, str] = field(default_factory=dict)
    words: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    constants: Mapping[str, str] = field(default_factory=dict)
    time_format: str = ""
    decimal: str = "."
    thousands: str = ""
    minor_units: bool = False
    daily_numbers: bool | None = None

    def __post_init__(self) -> None:
        _types_checked(self.types)
        fields_checked("words", self.words)
        if not all(isinstance(words, Mapping) for words in self.words.values()):
            raise ConfigRefused("words holds, for each field, an object of the till's words and ours.")
        fields_checked("constants", self.constants)
        for name, value in self.constants.items():
            if not isinstance(value, str | int | Decimal) or isinstance(value, bool):
                raise ConfigRefused(f"constants: {name} is {str(value)[:40]!r}. Write a text, in quotes.")
        _format_checked(self.time_format)
        if self.decimal not in (".", ",") or self.thousands not in ("", ".", ",", "'", " ", "’", "\u00a0", "\u202f"):
            raise ConfigRefused("decimal is '.' or ','; thousands is '', '.', ',', an apostrophe or a space.")
        if self.decimal == self.thousands:
            raise ConfigRefused(f"decimal and thousands are both {self.decimal!r}: give them different signs.")


def fields_checked(option: str, names: Iterable[Any]) -> None:
    """Raises ConfigRefused for a name that is no field of ours."""
    for name in names:
        if name not in FIELDS:
            raise ConfigRefused(f"{option} names {name!r}, which is no field. {near(str(name), FIELDS)}")


def near(name: str, known: Iterable[str]) -> str:
    """A sentence: the likely one of ``known``, else all of them."""
    known = [str(one) for one in known]
    found = get_close_matches(name.lower()[:60], known, n=1)
    return f"Did you mean {found[0]!r}?" if found else f"There is: {', '.join(known)}."


def type_of(value: object, config: MappedConfig) -> PosType | None:
    """What happened, None for a row that the configuration leaves out. Raises Refused (``unknown_word``)."""
    word = text_plain(value, 60)
    known = {said.casefold(): ours for said, ours in config.types.items()}
    ours = known.get(word.casefold(), word.casefold())
    if not ours and word:
        return None
    try:
        return PosType(ours)
    except ValueError:
        raise Refused(
            "unknown_word",
            f"type is {word!r}, which nothing translates. Add it to types in this feed's configuration, with one of "
            'our types, or with "" to leave such rows out.',
        ) from None


def translated(name: str, value: Any, config: MappedConfig) -> Any:
    """``value`` in our words where the configuration has one for it."""
    words = config.words.get(name)
    return words.get(text_plain(value, 60), value) if words else value


def instant_of(values: Mapping[str, Any], config: MappedConfig) -> str:
    """When it happened, as the intake reads it; "" where the row does not say. Raises Refused (``bad_time``)."""
    said = values.get("occurred_at")
    pieces = [said] if not _empty(said) else [values.get("date"), values.get("time")]
    text = " ".join(filter(None, (text_plain(piece, 60) for piece in pieces)))
    if not text:
        return ""
    if config.time_format in TIME_FORMATS:
        text = _counted(text, TIME_FORMATS[config.time_format])
    elif config.time_format:
        text = _formatted(text, config.time_format)
    return instant_checked(text, "occurred_at")


def number_of(value: Any, name: str, config: MappedConfig) -> Decimal | None:
    """``value`` as a number by the configured signs, None for nothing. Raises Refused (``bad_number``)."""
    if _empty(value):
        return None
    if isinstance(value, float):
        value = Decimal(repr(value))
    return decimal_checked(_plain(value, name, config) if isinstance(value, str) else value, name)


def money_of(value: Any, name: str, config: MappedConfig, currency: str) -> Decimal | None:
    """As ``number_of``, from cents where the configuration says so."""
    amount = number_of(value, name, config)
    if amount is None or not config.minor_units:
        return amount
    if amount != amount.to_integral_value():
        raise Refused("bad_number", f"{name} is {amount}, but minor_units says cents. Write it like 795.")
    return minor_units_checked(int(amount), currency, name)


def line_of(value: Any, name: str, config: MappedConfig) -> int | None:
    """A line's number, None for nothing. Raises Refused (``bad_number``)."""
    number = number_of(value, name, config)
    if number is not None and number != number.to_integral_value():
        raise Refused("bad_number", f"{name} is {number}, which is no whole number. Write the line's number, like 3.")
    return None if number is None else int(number)


def _empty(value: Any) -> bool:
    return value is None or (isinstance(value, str) and not value.strip())


def _plain(text: str, name: str, config: MappedConfig) -> str:
    """``text`` with a point and nothing else between its digits."""
    bare = text[:60].strip(_SIGNS_OF_MONEY)
    if bare.endswith("-"):  # as SAP and its kin write what is negative
        bare = f"-{bare[:-1].rstrip()}"
    whole, mark, rest = bare.partition(config.decimal)
    groups = whole.lstrip("+-").split(config.thousands) if config.thousands else [whole]
    grouped = len(groups) == 1 or (len(groups[0]) in (1, 2, 3) and all(len(group) == 3 for group in groups[1:]))
    whole = whole.replace(config.thousands, "") if config.thousands else whole
    if not grouped or "." in whole or "." in rest or "," in f"{whole}{rest}":
        raise Refused(
            "bad_number",
            f"{name} is {text_plain(text, 30)!r}, which does not read with decimal {config.decimal!r} and thousands "
            f"{config.thousands!r}. Set both as this till writes them.",
        )
    return f"{whole}.{rest}" if mark else whole


def _counted(text: str, in_a_second: int) -> str:
    if not _COUNT.fullmatch(text):
        raise Refused("bad_time", f"occurred_at is {text!r}, which is no count since 1970. Check time_format.")
    try:
        return datetime.fromtimestamp(float(text) / in_a_second, UTC).isoformat()
    except (ValueError, OverflowError, OSError):
        raise Refused("bad_time", f"occurred_at is {text!r}, which no clock reaches. Check time_format.") from None


def _formatted(text: str, written: str) -> str:
    try:
        return datetime.strptime(text, written).isoformat()  # noqa: DTZ007 - without an offset it is the store's zone
    except ValueError:
        raise Refused(
            "bad_time", f"occurred_at is {text!r}, which does not read as {written!r}. Check time_format."
        ) from None


def _types_checked(types: Mapping[str, str]) -> None:
    for word, ours in types.items():
        if not isinstance(word, str) or not isinstance(ours, str):
            raise ConfigRefused(f"types: {word!r} is {ours!r}. Write both in quotes.")
        if ours and ours not in set(PosType):
            raise ConfigRefused(f"types: {word!r} is {ours!r}, which is no type. {near(str(ours), list(PosType))}")


def _format_checked(written: str) -> None:
    if not written or written in TIME_FORMATS:
        return
    try:
        again = datetime.strptime(_PROBE.strftime(written), written)  # noqa: DTZ007
    except ValueError as error:
        raise ConfigRefused(
            f"time_format {written!r} cannot be read back ({error}). Write it like '%d.%m.%Y %H:%M:%S', or unix."
        ) from error
    if (again.year, again.month, again.day, again.hour) != (2026, 11, 21, 22):
        raise ConfigRefused(
            f"time_format {written!r} leaves out the day or the hour. Write it like '%d.%m.%Y %H:%M:%S'; a date and a "
            "time of two columns are joined by a space."
        )
