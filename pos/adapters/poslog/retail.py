"""A RetailTransaction: what was sold, taken back, struck, paid and taxed, line by line."""

from decimal import Decimal

from lanes.domain.payload import Refused
from pos.adapters.drafts import Journal, TicketDraft
from pos.adapters.markup import YES, Element
from pos.adapters.poslog.config import Config
from pos.adapters.poslog.items import item_read
from pos.adapters.poslog.numbers import LINKS, linked_number
from pos.adapters.values import decimal_checked, line_number, text_plain
from pos.domain.events import PosType

# Lines that are left where they are on purpose: who the customer is, and what was printed or shown.
LEFT_ALONE = frozenset(
    {
        "LoyaltyMembership",
        "CRMCustomVariable",
        "Customer",
        "CustomerIdentification",
        "ReceiptMessage",
        "SignatureCapture",
    }
)
SOLD = frozenset({"Sale", "SaleForDelivery", "SaleForPickup", "Return", "ReturnForDelivery", "ReturnForPickup"})
TENDERS = frozenset({"Tender", "TenderChange", "Change"})
TAKEN_OFF = {
    **dict.fromkeys(("Discount", "RetailPriceModifier", "PriceModification"), PosType.DISCOUNT),
    **dict.fromkeys(("Coupon", "StoreCoupon", "ManufacturerCoupon"), PosType.COUPON),
    "Rounding": PosType.NON_MERCHANDISE,
}
NOTES = frozenset({"TotalKey", "ItemNotFound", "AgeRestriction", "ItemRestriction"})
KNOWN = SOLD | TENDERS | TAKEN_OFF.keys() | NOTES | {"Void", "Tax", "LoyaltyReward"}
# What stands in a line beside its content.
HEADS = frozenset({"SequenceNumber", "BeginDateTime", "EndDateTime", "ScanData", "OperatorSequence", "Description"})
SUSPENDED = frozenset({"suspended", "tendersuspended", "deliverysuspended"})
CANCELLED = frozenset({"canceled", "cancelled", "voided", "failed"})
POST_VOIDED = frozenset({"postvoided"})


def ticket_read(
    journal: Journal, draft: TicketDraft, header: Element, body: Element, part: str, config: Config
) -> None:
    """Write ``body`` into ``draft``; a line that cannot be taken is refused alone."""
    ends_at = journal.instant(
        f"{part}/EndDateTime", header.said("EndDateTime"), header.said("ReceiptDateTime"), body.said("ReceiptDateTime")
    )
    draft.add(PosType.TICKET_OPEN)
    original = linked_number(body, header, config)
    if original and body.flag("ResumeFlag"):
        draft.add(PosType.TICKET_RESUME, original_transaction=original)
    draft.at = ends_at or draft.at  # a line without a time of its own is known to have been there at the end
    for place, line in enumerate(body.each("LineItem"), start=1):
        number = line_number(line.said("SequenceNumber"), place)
        named = f"{part}/LineItem[{number}]"
        at = journal.instant(named, *(line.said(name) for name in ("EndDateTime", "BeginDateTime", "DateTime")))
        with journal.part(named):
            _line_read(draft, line, number, at, original, config)
    _closed(journal, draft, header, body, part)


def _line_read(draft: TicketDraft, line: Element, number: int, at: str, original: str, config: Config) -> None:
    known = next((child for child in line.children if child.name in KNOWN), None)
    content = known or next((child for child in line.children if child.name not in HEADS), None)
    if content is None:
        raise Refused("empty_line", "The line says nothing but its number. Nothing to do.")
    voided = line.flag("VoidFlag") or line.flag("CancelFlag")
    if voided and content.name in ("Tax", "LoyaltyReward"):
        return  # it has no line of its own to strike
    if content.name in SOLD:
        item_read(draft, line, content, number, at=at, original=original, voided=voided, config=config)
    elif content.name in TENDERS:
        _tender_read(draft, content, number, at, voided)
    elif content.name == "Void" or (voided and _struck(content)):
        draft.void(line_number(_struck(content), number), at=at, own_line=number)
    elif content.name == "Tax":
        _tax_read(draft, content, at)
    elif content.name == "LoyaltyReward":
        _reward_read(draft, content, at)
    elif content.name in TAKEN_OFF:
        draft.item(
            TAKEN_OFF[content.name],
            _amount_of(content),
            line=number,
            at=at,
            kind=content.name.lower(),
            reason=text_plain(content.said("ReasonCode"), 80),
        )
        if voided:
            draft.void(number, at=at)
    else:
        _note_read(draft, content, number, at)


def _struck(content: Element) -> str:
    """The number of the line that this one reverses, "" where it names none."""
    link = content.first(*LINKS) or (content if content.name == "Void" else None)
    if link is None:
        return ""
    return link.said("SequenceNumber", "LineItemSequenceNumber", "ItemLink") or link.text


def _amount_of(content: Element) -> Decimal:
    named = content.first("ExtendedAmount", "Amount", "RoundingAmount")
    return decimal_checked(named.text if named is not None else None, f"{text_plain(content.name, 40)}/Amount")


def _tender_read(draft: TicketDraft, tender: Element, number: int, at: str, voided: bool) -> None:
    named = tender.first("Amount", "TenderAmount")
    if named is None:
        raise Refused("no_amount", "The tender names no Amount. Have the till write it.")
    draft.currency_agrees(named.attributes.get("Currency", ""))
    amount = decimal_checked(named.text, "Tender/Amount")
    kind = tender.attributes.get("TenderType", "") or tender.name
    if voided:
        draft.add(PosType.TENDER_VOID, at=at, line=number, tender=text_plain(kind, 40), amount=amount)
        return
    returned = tender.name != "Tender" or tender.attributes.get("TypeCode", "").lower() in ("refund", "change")
    draft.tender(kind, -abs(amount) if returned else amount, at=at, line=number)
    change = tender.first("TenderChange")
    if change is not None and change.said("Amount"):
        draft.tender("change", -abs(decimal_checked(change.said("Amount"), "TenderChange/Amount")), at=at)


def _tax_read(draft: TicketDraft, tax: Element, at: str) -> None:
    taxable = tax.first("TaxableAmount")
    flag = taxable.attributes.get("TaxIncludedInTaxableAmountFlag", "") if taxable is not None else ""
    draft.tax(_amount_of(tax), included=flag.lower() in YES if flag else None, at=at)


def _reward_read(draft: TicketDraft, reward: Element, at: str) -> None:
    """A reward that took money off. NCR ACS writes each one twice, in detail and summed up, and points, offers and
    messages beside them: only the monetary detail counts."""
    category = reward.said("RewardCategory")
    detailed = reward.attributes.get("detailedData", "")
    summary = reward.attributes.get("summarizedActivity", "")
    if (category and category != "Monetary") or (summary and detailed.lower() not in YES):
        return
    named = reward.first("ExtendedRewardAmount", "Amount", "RewardAmount")
    if named is None:
        return
    amount = decimal_checked(named.text, "LoyaltyReward/ExtendedRewardAmount")
    if amount:
        draft.item(PosType.DISCOUNT, amount, at=at, kind="reward", reason=text_plain(reward.said("PromotionID"), 40))


def _note_read(draft: TicketDraft, content: Element, number: int, at: str) -> None:
    """Lines that move no money, and lines nobody here knows."""
    if content.name == "TotalKey":
        named = next(
            (t for t in content.each("Total") if t.attributes.get("TotalType") == "TransactionNetAmount"), None
        )
        amount = decimal_checked(named.text, "TotalKey/Total") if named is not None else None
        draft.add(PosType.SUBTOTAL, at=at, line=number, amount=amount)
    elif content.name == "ItemNotFound":
        draft.add(
            PosType.ITEM_NOT_ON_FILE, at=at, line=number, gtin=text_plain(content.said("POSItemID", "ItemID"), 14)
        )
    elif content.name in ("AgeRestriction", "ItemRestriction"):
        draft.add(PosType.AGE_CHECK, at=at, line=number)
    elif content.name not in LEFT_ALONE:
        shown = text_plain(content.name, 40)
        raise Refused(
            "unknown_line",
            f"A line of kind {shown!r} is not known. If it sells or pays something, tell us what it means.",
        )


def _totals(journal: Journal, body: Element, part: str) -> dict[str, Decimal]:
    """The amounts of ``Total`` by type, vendor's prefix left out; the one without a type is under ""."""
    totals: dict[str, Decimal] = {}
    for total in body.each("Total"):
        if "TypeCode" in total.attributes:
            continue  # the same total again, for returns only
        name = total.attributes.get("TotalType", "").rpartition(":")[2]
        amount = journal.number(f"{part}/Total", total.text, f"Total {text_plain(name, 40)}")
        if amount is not None:
            totals.setdefault(name, amount)
    return totals


def _first(totals: dict[str, Decimal], *names: str) -> Decimal | None:
    return next((totals[name] for name in names if name in totals), None)


def _closed(journal: Journal, draft: TicketDraft, header: Element, body: Element, part: str) -> None:
    totals = _totals(journal, body, part)
    total = _first(totals, "TransactionGrandAmount", "", "TransactionNetAmount")
    named = [
        totals[n] for n in ("TransactionTaxIncluded", "TransactionTaxSurcharge", "TransactionTaxFee") if n in totals
    ]
    tax = _first(totals, "TransactionTaxAmount")
    if tax is None and named:
        tax = sum(named, Decimal(0))
    status = body.attributes.get("TransactionStatus", header.attributes.get("TransactionStatus", "")).lower()
    ends = _end_of(header, body, status)
    draft.settle(part, total=total, tax=tax, exempt=ends != PosType.TICKET_CLOSE)
    draft.add(ends, amount=total if ends == PosType.TICKET_CLOSE else None)


def _end_of(header: Element, body: Element, status: str) -> PosType:
    if status in SUSPENDED or header.flag("SuspendFlag"):
        return PosType.TICKET_SUSPEND
    if status in POST_VOIDED:
        return PosType.TICKET_VOID
    if status in CANCELLED or header.flag("CancelFlag") or body.flag("CancelFlag"):
        return PosType.TICKET_CANCEL
    return PosType.TICKET_CLOSE
