"""A Square order as one ticket. Its lines have no times of their own: they are given the order's beginning."""

from decimal import Decimal
from typing import Any

from lanes.domain.payload import Refused
from pos.adapters.drafts import Journal, TicketDraft, quantity_of
from pos.adapters.square.config import Config
from pos.adapters.square.money import money_of
from pos.adapters.square.payments import payment_id
from pos.adapters.structured import record, records
from pos.adapters.values import code_plain, decimal_checked, text_plain
from pos.domain.events import EntryMethod, PosType
from pos.domain.money import cents_of

ENDS = {"COMPLETED": PosType.TICKET_CLOSE, "CANCELED": PosType.TICKET_CANCEL}
ITEM_TYPES = {"GIFT_CARD": PosType.GIFT_CARD_ACTIVATION}


def order_read(journal: Journal, order: dict[str, Any], part: str, config: Config) -> None:
    """Raises Refused where the order as a whole cannot be taken."""
    at = journal.instant(f"{part}/created_at", text_plain(order.get("created_at"), 60))
    if not at:
        raise Refused(
            "no_time", "The order names no created_at that reads as an instant. Retrieve it from Square again."
        )
    state = text_plain(order.get("state"), 20)
    if state not in config.states:
        raise Refused(
            "not_final", f"The order is {state or 'in no state'} and may still change. It is read once it is final."
        )
    draft = TicketDraft(
        config,
        transaction=code_plain(order.get("id")),
        terminal=code_plain(order.get("location_id")),
        at=at,
    )
    draft.add(PosType.TICKET_OPEN)
    number = _lines_read(journal, draft, order, part)
    _returns_read(journal, draft, order, part, number)
    with journal.part(f"{part}/service_charges"):
        for _, charge in records(order.get("service_charges")):
            amount = money_of(draft, charge, "applied_money", "amount_money") or Decimal(0)
            draft.item(PosType.NON_MERCHANDISE, amount, description=_name(charge) or "Service charge", kind="service")
    with journal.part(f"{part}/rounding_adjustment"):
        rounding = money_of(draft, record(order.get("rounding_adjustment")), "amount_money")
        if rounding:
            draft.item(PosType.NON_MERCHANDISE, rounding, description="Rounding", kind="rounding")
    _tenders_read(journal, draft, order, part)
    _ended(journal, draft, order, part, state)
    journal.take(part, draft)


def _lines_read(journal: Journal, draft: TicketDraft, order: dict[str, Any], part: str) -> int:
    """Write the lines; the number of the last one."""
    names = {d.get("uid"): _name(d) for _, d in records(order.get("discounts")) if isinstance(d.get("uid"), str)}
    number = 0
    for place, line in records(order.get("line_items")):
        number = place + 1
        with journal.part(f"{part}/line_items[{place}]"):
            quantity, gross = _priced(draft, line, "gross_sales_money", "variation_total_price_money")
            custom = line.get("item_type") == "CUSTOM_AMOUNT"
            draft.item(
                ITEM_TYPES.get(text_plain(line.get("item_type"), 20), PosType.SCAN),
                gross,
                line=number,
                description=_name(line),
                sku=code_plain(line.get("catalog_object_id")),
                quantity=quantity_of(quantity),
                unit_price=money_of(draft, line, "base_price_money"),
                entry_method=EntryMethod.DEPARTMENT if custom else None,
            )
            _discounts_read(draft, line, number, names)
    return number


def _priced(draft: TicketDraft, line: dict[str, Any], *gross_names: str) -> tuple[Decimal, Decimal]:
    """Quantity and amount of a line before its discounts."""
    quantity = decimal_checked(line.get("quantity"), "quantity")
    gross = money_of(draft, line, *gross_names)
    if gross is not None:
        return quantity, gross
    price = money_of(draft, line, "base_price_money")
    if price is None:
        raise Refused("no_amount", "The line names neither gross_sales_money nor base_price_money. Retrieve the order.")
    return quantity, cents_of(price * quantity)


def _discounts_read(draft: TicketDraft, line: dict[str, Any], number: int, names: dict[Any, str]) -> None:
    applied = [d for _, d in records(line.get("applied_discounts"))]
    for discount in applied:
        amount = money_of(draft, discount, "applied_money")
        if amount:
            uid = discount.get("discount_uid")
            draft.modifier(number, amount, reason=names.get(uid, "") if isinstance(uid, str) else "")
    total = money_of(draft, line, "total_discount_money")
    if not applied and total:
        draft.modifier(number, total)


def _returns_read(journal: Journal, draft: TicketDraft, order: dict[str, Any], part: str, number: int) -> None:
    for place, returned in records(order.get("returns")):
        original = code_plain(returned.get("source_order_id"))
        for inner, line in records(returned.get("return_line_items")):
            number += 1
            with journal.part(f"{part}/returns[{place}]/return_line_items[{inner}]"):
                quantity, gross = _priced(draft, line, "gross_return_money", "variation_total_price_money")
                draft.item(
                    PosType.RETURN,
                    gross,
                    line=number,
                    description=_name(line),
                    quantity=quantity_of(quantity),
                    original_transaction=original,
                )
                kept = money_of(draft, line, "total_discount_money")
                if kept:
                    draft.modifier(number, -kept)
        _taxes_read(journal, draft, returned.get("return_taxes"), f"{part}/returns[{place}]", -1)


def _taxes_read(journal: Journal, draft: TicketDraft, taxes: Any, part: str, sign: int) -> None:
    for place, tax in records(taxes):
        with journal.part(f"{part}/taxes[{place}]"):
            amount = money_of(draft, tax, "applied_money")
            if amount is not None:
                draft.tax(sign * amount, included=tax.get("type") == "INCLUSIVE")


def _tenders_read(journal: Journal, draft: TicketDraft, order: dict[str, Any], part: str) -> None:
    for place, tender in records(order.get("tenders")):
        named = f"{part}/tenders[{place}]"
        with journal.part(named):
            amount = money_of(draft, tender, "amount_money")
            if amount is None:
                raise Refused("no_amount", "The tender names no amount_money. Retrieve the order from Square again.")
            at = journal.instant(named, text_plain(tender.get("created_at"), 60))
            number = code_plain(tender.get("payment_id")) or code_plain(tender.get("id"))
            draft.tender(
                text_plain(tender.get("type"), 40).lower(), amount, at=at, id=payment_id(draft.transaction, number)
            )


def _ended(journal: Journal, draft: TicketDraft, order: dict[str, Any], part: str, state: str) -> None:
    _taxes_read(journal, draft, order.get("taxes"), part, 1)
    total = tax = tip = None
    with journal.part(f"{part}/total_money"):
        net = record(order.get("net_amounts"))
        total = money_of(draft, net, "total_money")
        total = total if total is not None else money_of(draft, order, "total_money")
        tax = money_of(draft, net, "tax_money")
        tax = tax if tax is not None else money_of(draft, order, "total_tax_money")
        tip = money_of(draft, order, "total_tip_money")
    if tip:
        draft.item(PosType.NON_MERCHANDISE, tip, description="Tip", kind="tip")
    at = journal.instant(f"{part}/closed_at", *(text_plain(order.get(n), 60) for n in ("closed_at", "updated_at")))
    draft.at = at or draft.at
    ends = ENDS.get(state, PosType.SUBTOTAL)
    draft.settle(part, total=total, tax=tax, exempt=ends == PosType.TICKET_CANCEL)
    draft.add(ends, amount=None if ends == PosType.TICKET_CANCEL else total)


def _name(holder: dict[str, Any]) -> str:
    return text_plain(holder.get("name"))
