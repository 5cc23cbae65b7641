"""How one till's receipts are captured and understood. Everything here can be told, for no two tills print alike."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType

from pos.adapters.reading import AdapterConfig

_MONEY = r"(?P<amount>[-(]?\d{1,6}(?:[.,' ]\d{3})*[.,]\d{2}\)?-?)"
_BEFORE = r"(?:[$€£¥]|\b(?-i:[A-Z]{3}))?\s{0,40}"
_AFTER = r"\s{0,4}(?:[$€£¥]|(?-i:[A-Z]{3}))?(?:\s{1,4}(?-i:[A-Z*]{1,2}))?\s*$"
# Few words may stand between, or every yoghurt called Total would be one.
_QUALIFIED = r"(?:\s(?:due|to pay|payable|tendered|paid|given|sale|eur|usd|gbp|chf)\b)?"
AMOUNT = rf"{_BEFORE}{_MONEY}{_AFTER}"
"""The end of a line that holds money: ``(?P<amount>...)`` with a currency before or behind it, and a tax letter."""


def _line(words: str) -> re.Pattern[str]:
    """A line that begins with one of ``words`` and ends in an amount."""
    return re.compile(rf"^\W{{0,4}}(?:{words}){_QUALIFIED}\W{{0,40}}?{AMOUNT}", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Patterns:
    """What each line of a receipt may be, tried from the top; the first that matches (``search``) decides.

    Named groups: ``amount`` wherever money is; ``description``, ``quantity``,
    ``unit_price``, ``gtin`` and ``line`` of an item; ``number`` of a ticket;
    ``who`` of an operator; ``year month day hour minute second half`` of a date
    (``month`` may be a name, ``half`` is AM or PM); ``kind`` of a tender. An
    empty tuple switches a kind off.
    """

    ignore: tuple[re.Pattern[str], ...] = ()
    date: tuple[re.Pattern[str], ...] = (
        re.compile(
            r"(?P<year>20\d\d)[-/.](?P<month>\d\d)[-/.](?P<day>\d\d)[ T]+(?P<hour>\d\d):(?P<minute>\d\d)"
            r"(?::(?P<second>\d\d))?"
        ),
    )
    no_sale: tuple[re.Pattern[str], ...] = (
        re.compile(r"^\W{0,4}(?:no[ -]?sale|kein verkauf|sin venta|sans vente)\b", re.IGNORECASE),
    )
    ticket: tuple[re.Pattern[str], ...] = (
        re.compile(
            r"\b(?:ticket|receipt|bon|beleg|transaction|trans|txn)\s*(?:no|nr|number|#|№)?\s*[.:#]{0,2}\s*"
            r"(?P<number>[A-Z]{0,3}\d[\w/-]{0,23})",
            re.IGNORECASE,
        ),
    )
    operator: tuple[re.Pattern[str], ...] = (
        re.compile(
            r"\b(?:operator|cashier|kassierer|cajero|caissier)[\s.:#]{1,4}(?:(?:no|nr|number|id)\b[\s.:#]{0,4})?"
            r"(?P<who>\w{1,24})",
            re.IGNORECASE,
        ),
    )
    void: tuple[re.Pattern[str], ...] = (
        re.compile(
            rf"^\W{{0,4}}(?:void|voided|storno|anulado|annul\w*|correction|item corr\w*)\b[\s:]{{0,4}}"
            rf"(?P<description>[^\n]{{0,40}}?)\s+{AMOUNT}",
            re.IGNORECASE,
        ),
    )
    subtotal: tuple[re.Pattern[str], ...] = (_line("sub ?-?total|zwischensumme|sous-total"),)
    total: tuple[re.Pattern[str], ...] = (
        _line("(?:grand )?total|balance due|amount due|summe|zu zahlen|gesamt\\w*|importe total"),
    )
    change: tuple[re.Pattern[str], ...] = (_line("change|r[üu]ckgeld|cambio|rendu"),)
    tender: tuple[re.Pattern[str], ...] = (
        re.compile(
            r"^\W{0,4}(?P<kind>cash|card|visa|mastercard|maestro|amex|debit|credit|bar|karte|efectivo|tarjeta"
            rf"|esp[èe]ces|carte|voucher|gutschein|gift card){_QUALIFIED}\W{{0,40}}?{AMOUNT}",
            re.IGNORECASE,
        ),
    )
    tax: tuple[re.Pattern[str], ...] = (
        re.compile(
            r"^(?:\W{0,4}\d{1,2}(?:[.,]\d{1,2})?\s?%)?[^\d\n]{0,20}\b(?:tax|vat|mwst|ust|iva|tva|gst)\b"
            rf"[^\n]{{0,24}}?\s{AMOUNT}",
            re.IGNORECASE,
        ),
    )
    discount: tuple[re.Pattern[str], ...] = (
        re.compile(
            rf"^\W{{0,4}}(?P<description>(?:discount|rabatt|descuento|remise|coupon|saving)\w{{0,3}}\b[^\n]{{0,40}}?)\s"
            rf"{AMOUNT}",
            re.IGNORECASE,
        ),
    )
    item: tuple[re.Pattern[str], ...] = (
        re.compile(
            r"^\s*(?:(?P<quantity>\d{1,3}(?:[.,]\d{1,3})?)\s?[xX*@]\s)?(?P<description>\S[^\n]{0,60}?)\s{2,}"
            rf"{AMOUNT}"
        ),
    )


# ESC t n: the code pages of Epson's TM printers that Python knows, by n (ESC/POS reference, "Character code tables").
CODE_PAGES: Mapping[int, str] = MappingProxyType(
    {
        0: "cp437",
        2: "cp850",
        3: "cp860",
        4: "cp863",
        5: "cp865",
        13: "cp857",
        14: "cp737",
        15: "iso8859_7",
        16: "cp1252",
        17: "cp866",
        18: "cp852",
        19: "cp858",
        33: "cp775",
        34: "cp855",
        35: "cp861",
        36: "cp862",
        37: "cp864",
        38: "cp869",
        39: "iso8859_2",
        40: "iso8859_15",
        45: "cp1250",
        46: "cp1251",
        47: "cp1253",
        48: "cp1254",
        49: "cp1255",
        50: "cp1256",
        51: "cp1257",
        52: "cp1258",
    }
)


@dataclass(frozen=True, slots=True)
class Config(AdapterConfig):
    """How a till's receipts are captured and understood.

    ``captured_at``: the instant the whole document was captured (RFC 3339),
    better than what is printed; a stream is told each piece's own. Without it
    the printed date counts.
    ``start_masks``, ``stop_masks``: bytes that open and end a receipt, control
    characters allowed, in a printed line only (never inside a picture). Without
    start masks every line belongs to a receipt; without stop masks a receipt
    ends where the paper is cut (``ends_at_cut``) and with the document.
    ``dropped_bytes``: characters that are left out of every line: noise of a
    serial line, frames of a display. ``code_page`` is in force until the printer is told
    another (``code_pages``: the number of ESC t to Python's codec).
    ``tax_included``: whether the prices hold the tax; None: the total decides.
    """

    captured_at: str = ""
    start_masks: tuple[bytes, ...] = ()
    stop_masks: tuple[bytes, ...] = ()
    dropped_bytes: bytes = b""
    ends_at_cut: bool = True
    code_page: str = "cp437"
    code_pages: Mapping[int, str] = field(default_factory=lambda: CODE_PAGES)
    tax_included: bool | None = None
    patterns: Patterns = field(default_factory=Patterns)

    def __post_init__(self) -> None:
        for codec in (self.code_page, *self.code_pages.values()):
            b" ".decode(codec, "replace")  # a LookupError now, not at three in the morning
