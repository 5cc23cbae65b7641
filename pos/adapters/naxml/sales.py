"""A SaleEvent, RefundEvent or VoidEvent, line by line."""

from decimal import Decimal
from typing import Any

from lanes.domain.payload import Refused
from pos.adapters.drafts import Journal, TicketDraft, quantity_of
from pos.adapters.markup import Element
from pos.adapters.naxml.numbers import ticket_number
from pos.adapters.prices import amount_before
from pos.adapters.values import code_plain, decimal_checked, decimal_or_none, gtin_or_none, line_number, text_plain
from pos.domain.events import EntryMethod, PosType

STRUCK = frozenset({"cancel", "canceled", "cancelled", "void", "voided"})
METHODS = {
    "scan": EntryMethod.SCANNED,
    "scanner": EntryMethod.SCANNED,
    "manual": EntryMethod.KEYED,
    "keyed": EntryMethod.KEYED,
    "plu": EntryMethod.KEYED,
    "other": EntryMethod.KEYED,
    "department": EntryMethod.DEPARTMENT,
}
ITEMS = ("ItemLine", "MerchandiseCodeLine", "FuelLine", "FuelPrepayLine")
# Lines that are left where they are on purpose.
LEFT_ALONE = frozenset({"LoyaltyLine", "LoyaltyInfo", "CustomerLine", "TransactionMessage", "ReceiptMessage"})


def sale_read(journal: Journal, draft: TicketDraft, event: Element, part: str, ends_at: str) -> None:
    """Write ``event`` into ``draft``; a line that cannot be taken is refused alone."""
    refund = event.name == "RefundEvent"
    original = _linked(event, draft)
    if event.name == "VoidEvent" and original:
        draft.post_void(original)
        return
    draft.add(PosType.TICKET_OPEN)
    draft.at = ends_at
    lines = [element for element in event.walk() if element.name == "TransactionLine"]
    for place, line in enumerate(lines, start=1):
        number = line_number(line.said("TransactionLineSequenceNumber", "LineNumber"), place)
        with journal.part(f"{part}/TransactionLine[{number}]"):
            _line_read(draft, line, number, refund=refund, original=original)
    _closed(journal, draft, event, part, original)


def _line_read(draft: TicketDraft, line: Element, number: int, *, refund: bool, original: str) -> None:
    struck = line.attributes.get("status", "normal").lower() in STRUCK
    for content in line.children:
        if content.name in ITEMS:
            _item_read(draft, content, number, refund=refund, original=original, struck=struck)
        elif content.name == "TenderInfo":
            _tender_read(draft, content, number, refund=refund, struck=struck)
        elif content.name == "TransactionTax" and not struck:
            named = content.said("TaxCollectedAmount", "TaxRefundedAmount", "TaxAmount")
            if named:
                amount = decimal_checked(named, "TaxCollectedAmount")
                draft.tax(-abs(amount) if refund else amount, included=None)
        elif content.name in ("Discount", "TransactionDiscount", "Promotion"):
            draft.item(PosType.DISCOUNT, _off(content), line=number)
        elif content.name not in LEFT_ALONE and not content.name.endswith("SequenceNumber"):
            raise Refused(
                "unknown_line",
                f"A line of kind {text_plain(content.name, 40)!r} is not known. If it sells or pays, tell us so.",
            )


def _item_read(draft: TicketDraft, item: Element, number: int, *, refund: bool, original: str, struck: bool) -> None:
    named = item.said("SalesAmount", "MerchandiseCodeAmount", "FuelPrepayAmount")
    amount = decimal_checked(named or None, f"{item.name}/SalesAmount")
    quantity = decimal_or_none(item.said("SalesQuantity"), "SalesQuantity")
    regular = decimal_or_none(item.said("RegularSellPrice"), "RegularSellPrice")
    actual = decimal_or_none(item.said("ActualSalesPrice"), "ActualSalesPrice")
    modifiers = [] if struck else [m for m in item.children if m.name in ("Promotion", "Discount") and _off(m)]
    off = sum((_off(m) for m in modifiers), Decimal(0))
    count = abs(quantity) if quantity is not None else Decimal(1)
    returned = refund or amount < 0
    draft.item(
        PosType.RETURN if returned else PosType.NON_MERCHANDISE if item.name.startswith("Fuel") else PosType.SCAN,
        amount_before(amount, off, regular, count) if off else amount,
        line=number,
        **_article(item),
        quantity=quantity_of(abs(quantity) if returned and quantity is not None else quantity),
        unit_price=regular if regular is not None else actual,
        original_transaction=original if returned else None,
    )
    for modifier in modifiers:
        draft.modifier(number, -_off(modifier) if returned else _off(modifier), reason=_reason(modifier))
    if struck:
        draft.void(number)


def _off(modifier: Element) -> Decimal:
    named = modifier.said("PromotionAmount", "DiscountAmount", "Amount")
    return abs(decimal_checked(named, f"{modifier.name}/Amount")) if named else Decimal(0)


def _reason(modifier: Element) -> str:
    return text_plain(modifier.said("PromotionReason", "DiscountReason", "PromotionID"), 80)


def _article(item: Element) -> dict[str, Any]:
    code = item.first("ItemCode")
    pos_code = code.said("POSCode") if code is not None else ""
    gtin = gtin_or_none(pos_code)
    named = item.first("EntryMethod")
    method = METHODS.get(named.attributes.get("method", "").lower()) if named is not None else None
    by_department = item.name == "MerchandiseCodeLine" or (item.name == "ItemLine" and not pos_code)
    return {
        "gtin": gtin,
        "sku": None if gtin else code_plain(pos_code or item.said("MerchandiseCode")),
        "description": text_plain(item.said("Description")) or item.name,
        "entry_method": EntryMethod.DEPARTMENT if by_department else method,
    }


def _tender_read(draft: TicketDraft, info: Element, number: int, *, refund: bool, struck: bool) -> None:
    tender = info.first("Tender")
    kind = tender.said("TenderCode") if tender is not None else ""
    amount = decimal_checked(info.said("TenderAmount") or None, "TenderInfo/TenderAmount")
    returned = refund or info.flagged("ChangeFlag")
    if struck:
        draft.add(PosType.TENDER_VOID, line=number, tender=text_plain(kind, 40), amount=amount)
    else:
        draft.tender(kind or "tender", -abs(amount) if returned else amount, line=number)


def _linked(event: Element, draft: TicketDraft) -> str:
    """The ticket that this one refunds or voids, "" where it names none."""
    link = event.first("LinkedTransactionInfo")
    number = code_plain(link.said("OriginalTransactionID", "TransactionID"))[:32] if link is not None else ""
    if link is None or not number:
        return ""
    register = code_plain(link.said("OriginalRegisterID", "RegisterID"))[:32] or draft.terminal
    day = link.said("OriginalBusinessDate", "BusinessDate", "OriginalEventStartDate") or draft.at[:10]
    return ticket_number(register, day, number)


def _closed(journal: Journal, draft: TicketDraft, event: Element, part: str, original: str) -> None:
    summary = event.first("TransactionSummary") or Element("")
    total, tax = (
        journal.number(f"{part}/TransactionSummary", next((t for n in names if (t := summary.said(n))), ""), names[0])
        for names in (
            ("TransactionTotalGrandAmount", "TransactionTotalNetAmount"),
            ("TransactionTotalTaxNetAmount",),
        )
    )
    if event.name == "RefundEvent":
        total, tax = (None if value is None else -abs(value) for value in (total, tax))
    ends = PosType.TICKET_SUSPEND if event.flagged("SuspendFlag") else PosType.TICKET_CLOSE
    if event.name == "VoidEvent":
        ends = PosType.TICKET_CANCEL
    draft.settle(part, total=total, tax=tax, exempt=ends != PosType.TICKET_CLOSE)
    draft.add(
        ends,
        amount=total if ends == PosType.TICKET_CLOSE else None,
        original_transaction=original if event.name != "SaleEvent" else None,
    )
