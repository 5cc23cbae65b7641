"""What a till may not tell us: card data, loyalty numbers and names never get stored (P36, P37; PCI DSS 3.x).

Two nets. By name: a field that is called ``pan``, ``cvv``, ``loyalty_number``
or ``customer_name`` loses its value whatever it holds. By content: any run of
13 to 19 digits that passes the Luhn check goes from every other text and
number, with single spaces, points or hyphens between the digits or without.

Product codes pass Luhn by chance one time in ten, so they are left alone
where they stand under a name of their own and are no longer than a GTIN;
references to tickets likewise, unless the whole of one reads as a payment card.
"""

import re
from collections.abc import Callable
from functools import lru_cache
from typing import Any

CARD_MARK = "[card]"
REMOVED_MARK = "[removed]"
EMAIL_MARK = "[e-mail]"
LOYALTY_MARK = "[loyalty]"
MARKS = (CARD_MARK, REMOVED_MARK, EMAIL_MARK, LOYALTY_MARK)


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


CARD_FIELDS = _words(
    """pan cardnumber cardno cardnum card creditcard debitcard giftcardnumber primaryaccountnumber accountnumber iban
    track track1 track2 track3 trackdata track1data track2data magstripe emv emvdata chipdata
    cvv cvc cvv2 cvc2 cid securitycode pin pinblock pindata expiry expirydate expiration cardexpiry
    cardholder cardholdername cardtoken maskedpan"""
)
PRIVATE_FIELDS = _words(
    """customer customerid customername customernumber customerno customeremail customerphone customeraddress
    member memberid membername membernumber memberno membership membershipnumber membershipid bonuscard clubcard
    clubcardnumber rewardsnumber rewardsid email emailaddress phone phonenumber telephone mobile address
    firstname lastname surname fullname name birthdate dateofbirth dob taxid vatid passport idnumber
    operatorname cashiername approvername employeename attendantname"""
)
PERSON_FIELDS = _words(
    """operator operatorid cashier cashierid approver approverid approvedby attendant attendantid supervisor
    supervisorid manager managerid clerk clerkid employee employeeid staff staffid salesperson salespersonid"""
)
CODE_FIELDS = _words("gtin ean upc plu sku barcode code itemcode itemid articleid articlenumber coderaw")
REFERENCE_FIELDS = _words(
    """transaction transactionid originaltransaction originaltransactionid voidstransaction refundstransaction
    returnagainst receipt receiptid receiptnumber originalreceipt reference ref eventid lineid
    from to occurredat at"""
)
_SEPARATOR = r"[ .\-\u00a0\u202f\u2010-\u2015]"
_SPLIT = re.compile(_SEPARATOR)
_RUN = re.compile(rf"(?<!\d)\d(?:{_SEPARATOR}?\d){{12,}}(?!\d)")
_DIGITS = re.compile(rf"\d(?:{_SEPARATOR}?\d){{5,}}")  # neither net below catches fewer
_EMAIL = re.compile(r"[\w.+%-]+@[\w-]+(?:\.[\w-]+)+")
_LOYALTY = re.compile(
    r"((?:loyalty|bonus|club|member(?:ship)?|rewards?|customer|kunden|fid[eé]lit[eé]|socio|cliente)"
    r"[\w ]{0,16}?(?:card|karte|carte|tarjeta|number|nummer|no|nr|id)?[ .:#№]*)(\d(?:[ \-]?\d){5,})",
    re.IGNORECASE,
)
_NOT_ALNUM = re.compile(r"[^a-z0-9]")


def luhn_valid(digits: str) -> bool:
    """Whether ``digits`` (decimal digits of any script, nothing else) end in the right check digit (ISO/IEC 7812-1)."""
    total = 0
    for place, digit in enumerate(reversed(digits)):
        value = int(digit) * (2 if place % 2 else 1)
        total += value - 9 if value > 9 else value
    return total % 10 == 0


def text_redacted(text: str) -> str:
    """``text`` without card numbers, e-mail addresses and numbers that are announced as a loyalty number."""
    if "@" in text:
        text = _EMAIL.sub(EMAIL_MARK, text)
    if len(text) < 6 or not _DIGITS.search(text):
        return text
    text = _RUN.sub(_run_redacted, text)
    return _LOYALTY.sub(rf"\1{LOYALTY_MARK}", text)


def _run_redacted(match: re.Match[str]) -> str:
    return CARD_MARK if _hides_card(match[0]) else match[0]


def _hides_card(run: str) -> bool:
    """Whether a run of digits and separators holds a card number. Where it does the whole run goes: what would be
    left of it could betray the rest."""
    groups = _SPLIT.split(run)
    if len(groups) == 2 and run[len(groups[0])] == ".":
        return any(map(_stretch_valid, groups))  # a decimal number is one number, not two halves of a card's
    return any(map(_stretch_valid, _stretches(groups)))


def _stretches(groups: list[str]) -> list[str]:
    """Consecutive groups joined: a card number in its usual grouping, with other numbers right before or after it."""
    ends = range(1, len(groups) + 1)
    return ["".join(groups[start:end]) for start in range(len(groups)) for end in ends if end > start]


def _stretch_valid(digits: str) -> bool:
    """A lone stretch of 13 to 19 digits by its check digit. A longer one (a card number with its expiry date right
    behind it, a shipping code) holds so many stretches that chance would find one: there the scheme must agree too."""
    if len(digits) <= 19:
        return len(digits) >= 13 and luhn_valid(digits)
    windows = (digits[start : start + n] for n in (13, 14, 15, 16, 19) for start in range(len(digits) - n + 1))
    return any(map(is_payment_card, windows))


def is_payment_card(text: str) -> bool:
    """Whether the whole of ``text`` is a card number of a large scheme: length, first digits and check digit agree."""
    digits = _SPLIT.sub("", text)
    return len(digits) >= 13 and digits.isdecimal() and _scheme(digits) and luhn_valid(digits)


def _scheme(digits: str) -> bool:
    length, four = len(digits), int(digits[:4] or 0)
    two = four // 100
    return (
        (length in (13, 16, 19) and four // 1000 == 4)
        or (length == 16 and (51 <= two <= 55 or 2221 <= four <= 2720))
        or (length == 15 and two in (34, 37))
        or (length == 14 and two in (30, 36, 38, 39))
        or (16 <= length <= 19 and (two in (62, 65) or four == 6011 or 3528 <= four <= 3589))
    )


def data_redacted(data: dict[str, Any], person: Callable[[str], str]) -> dict[str, Any]:
    """``data`` as it may be stored.

    ``person`` turns an operator's or approver's id into its pseudonym. Keys are
    text too and lose card numbers as well.
    """
    stored = {}
    for key, value in data.items():
        name, kept_key, private = _named(key)
        stored[kept_key] = REMOVED_MARK if private and not _is_empty(value) else _field_redacted(name, value, person)
    return stored


def is_marked(text: str) -> bool:
    """Whether something was removed from ``text`` (plain, or JSON of what was redacted)."""
    return "[" in text and any(mark in text for mark in MARKS)


@lru_cache(4096)  # tills send the same few names over and over
def _named(key: str) -> tuple[str, str, bool]:
    """The field that ``key`` names, the key as it may be stored, and whether what stands under it may not."""
    name = _NOT_ALNUM.sub("", key.lower())
    private = name in CARD_FIELDS or name in PRIVATE_FIELDS or name.startswith("loyalty")
    return name, text_redacted(key), private


def _is_empty(value: Any) -> bool:
    return value is None or isinstance(value, bool) or value == ""


def _field_redacted(name: str, value: Any, person: Callable[[str], str]) -> Any:
    if _is_empty(value):
        return value
    if name in PERSON_FIELDS:
        return person(str(value)) if isinstance(value, str | int | float) else REMOVED_MARK
    if isinstance(value, dict):
        return data_redacted(value, person)
    if isinstance(value, list):
        return [_field_redacted(name, item, person) for item in value]
    return _scalar_redacted(name, value)


def _scalar_redacted(name: str, value: Any) -> Any:
    if isinstance(value, float) and not value.is_integer():
        return value
    text = str(int(value)) if isinstance(value, float) else str(value)
    if name in CODE_FIELDS and text.isdecimal() and len(text) <= 14:
        return value
    if name in REFERENCE_FIELDS:
        return CARD_MARK if is_payment_card(text) else value
    if isinstance(value, str):
        return text_redacted(value)
    return value if text_redacted(text) == text else CARD_MARK
