"""Sales and returns of a RetailTransaction (POSLog ``Sale``, ``Return`` and what modifies their price)."""

from decimal import Decimal
from typing import Any

from lanes.domain.payload import Refused
from pos.adapters.drafts import TicketDraft, quantity_of
from pos.adapters.markup import Element
from pos.adapters.poslog.config import Config
from pos.adapters.poslog.numbers import LINKS, linked_number
from pos.adapters.prices import amount_before
from pos.adapters.values import (
    code_plain,
    decimal_checked,
    decimal_or_none,
    gtin_or_none,
    line_number,
    money_text,
    text_plain,
)
from pos.domain.events import EntryMethod, PosType
from pos.domain.money import cents_of

# ItemType, lower case, vendor's prefix left out.
SERVICES = frozenset({"service", "fee", "warranty", "prepaidphone", "topup", "lottery", "alteration", "layaway"})
STORED_VALUE = frozenset({"giftcard", "giftcertificate", "storedvalue", "giftcardactivation"})
DEPOSITS = frozenset({"deposit", "depositrefund", "bottledeposit"})
METHODS = {
    "scanned": EntryMethod.SCANNED,
    "barcode": EntryMethod.SCANNED,
    "rfid": EntryMethod.SCANNED,
    "keyed": EntryMethod.KEYED,
    "manual": EntryMethod.KEYED,
    "tapped": EntryMethod.KEYED,
    "weighed": EntryMethod.WEIGHED,
    "department": EntryMethod.DEPARTMENT,
}
CODE_TYPES = ("EAN", "GTIN", "UPC")


def item_read(
    draft: TicketDraft,
    line: Element,
    item: Element,
    number: int,
    *,
    at: str,
    original: str,
    voided: bool,
    config: Config,
) -> None:
    """One sold or returned line; where it is voided, the line and the void of it, for nothing is netted out."""
    struck = item.first(*LINKS)
    if voided and struck is not None:
        named = struck.said("SequenceNumber", "LineItemSequenceNumber") or struck.text
        draft.void(line_number(named, number), at=at, own_line=number)
        return
    for name in ("ExtendedAmount", "RegularSalesUnitPrice", "ActualSalesUnitPrice"):
        named_price = item.first(name)
        if named_price is not None:
            draft.currency_agrees(named_price.attributes.get("Currency", ""))
    quantity, unit = _quantity(item)
    weighed = unit in config.weight_units or line.flag("weightItem")
    modifiers = [] if voided else _modifiers(item)
    gross, final = _amounts(item, quantity, modifiers)
    kind = _type(item, gross)
    method = EntryMethod.WEIGHED if weighed else _method(line, item)
    draft.item(
        kind,
        gross,
        line=number,
        at=at,
        **_article(line, item),
        quantity=quantity_of(abs(quantity) if quantity is not None and kind in _TAKEN_BACK else quantity),
        unit_price=decimal_or_none(item.said("RegularSalesUnitPrice", "ActualSalesUnitPrice"), "unit price"),
        entry_method=method,
        reason=text_plain(item.said("ReasonCode", "ReturnReason"), 80),
        original_transaction=_original(item, line, original, config) if kind in _TAKEN_BACK else None,
    )
    for modifier in modifiers:
        draft.modifier(number, _taken_off(modifier), at=at, reason=text_plain(modifier.said("ReasonCode"), 80))
    if final is not None:
        price = decimal_or_none(item.said("ActualSalesUnitPrice"), "ActualSalesUnitPrice")
        draft.override(number, final, at=at, unit_price=price, was_amount=money_text(gross))
    if voided:
        draft.void(number, at=at)


_TAKEN_BACK = frozenset({PosType.RETURN, PosType.DEPOSIT_RETURN})


def _type(item: Element, gross: Decimal) -> PosType:
    """What the line is. Some vendors write what is brought back as a sale of less than nothing."""
    kind = item.attributes.get("ItemType", "").rpartition(":")[2].replace(" ", "").lower()
    if item.name.startswith("Return"):
        return PosType.DEPOSIT_RETURN if kind in DEPOSITS else PosType.RETURN
    if kind == "depositrefund":
        return PosType.DEPOSIT_RETURN
    if kind in STORED_VALUE:
        return PosType.GIFT_CARD_ACTIVATION
    if kind in SERVICES | DEPOSITS:
        return PosType.NON_MERCHANDISE
    return PosType.RETURN if gross < 0 else PosType.SCAN


def _quantity(item: Element) -> tuple[Decimal | None, str]:
    """How many or how much, and the unit in lower case. Retalix writes pieces and weight: the first was sold."""
    named = item.first("Quantity")
    if named is None or not named.text:
        return None, ""
    return decimal_checked(named.text, "Quantity"), named.attributes.get("UnitOfMeasureCode", "").strip().lower()


def _amounts(item: Element, quantity: Decimal | None, modifiers: list[Element]) -> tuple[Decimal, Decimal | None]:
    """What the line cost before its modifiers, and, where its price was replaced, what it cost in the end.

    ``modifiers`` are those that take something off or put it on.
    """
    extended = decimal_or_none(item.said("ExtendedAmount"), "ExtendedAmount")
    regular = decimal_or_none(item.said("RegularSalesUnitPrice"), "RegularSalesUnitPrice")
    actual = decimal_or_none(item.said("ActualSalesUnitPrice"), "ActualSalesUnitPrice")
    count = abs(quantity) if quantity is not None else Decimal(1)
    if extended is None:
        price = regular if regular is not None else actual
        if price is None:
            raise Refused("no_amount", "The item names neither ExtendedAmount nor a price. Have the till write them.")
        return cents_of(price * count), None
    off = sum((_taken_off(modifier) for modifier in modifiers), Decimal(0))
    if off:
        return amount_before(extended, off, regular, count), None
    if regular is not None and extended >= 0 and any(_replaces(m) for m in item.each("RetailPriceModifier")):
        return cents_of(regular * count), extended
    return extended, None


def _modifiers(item: Element) -> list[Element]:
    found = [
        m for name in ("RetailPriceModifier", "Discount") for m in item.each(name) if m.first("Amount") is not None
    ]
    return [m for m in found if _taken_off(m)]


def _taken_off(modifier: Element) -> Decimal:
    """What the modifier takes off (below 0: puts on). ARTS: the amount's Action is Add, Subtract or Replace."""
    named = modifier.first("Amount")
    if named is None:
        return Decimal(0)
    amount = decimal_checked(named.text, "RetailPriceModifier/Amount")
    if _replaces(modifier):
        return Decimal(0)  # the price itself says it
    return -abs(amount) if named.attributes.get("Action", "").lower() == "add" else abs(amount)


def _replaces(modifier: Element) -> bool:
    """Whether the modifier is a price override: another price in the place of the regular one."""
    named = modifier.first("Amount", "NewPrice")
    action = named.attributes.get("Action", "").lower() if named is not None else ""
    return action == "replace" or modifier.attributes.get("MethodCode", "").lower() == "priceoverride"


def _method(line: Element, item: Element) -> EntryMethod | None:
    named = line.attributes.get("EntryMethod", "") or item.attributes.get("EntryMethod", "")
    method = METHODS.get(named.rpartition(":")[2].strip().lower())
    coded = any(item.first(name) is not None for name in ("POSIdentity", "ItemID")) or bool(line.said("ScanData"))
    return EntryMethod.DEPARTMENT if method in (None, EntryMethod.KEYED) and not coded else method


def _article(line: Element, item: Element) -> dict[str, Any]:
    """The article's code and short name. What the scanner read comes before what the till made of it."""
    identity = item.first("POSIdentity")
    coded = [e.text for e in item.each("ItemID") if any(t in e.attributes.get("Type", "").upper() for t in CODE_TYPES)]
    inside = identity.said("POSItemID") if identity is not None else ""
    codes = [line.said("ScanData"), *coded, inside, item.said("ItemID")]
    gtin = next((gtin for code in codes if (gtin := gtin_or_none(code))), None)
    other = next((code_plain(code) for code in codes if code), "")
    names = [e.text for e in item.each("Description") if "TypeCode" not in e.attributes] or [item.said("Description")]
    return {"gtin": gtin, "sku": None if gtin else other, "description": text_plain(names[0])}


def _original(item: Element, line: Element, original: str, config: Config) -> str:
    """The sale that a return takes back: named at the item, else at the transaction."""
    own = item if item.first("TransactionLink") is not None else line
    return linked_number(own, own, config) or original
