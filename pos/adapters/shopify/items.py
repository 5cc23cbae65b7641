"""A line item of Shopify: what it is and what it costs."""

from decimal import Decimal
from typing import Any

from pos.adapters.drafts import quantity_of
from pos.adapters.structured import record, records
from pos.adapters.values import code_plain, decimal_checked, decimal_or_none, gtin_or_none, text_plain


def quantity_and_price(line: dict[str, Any], *, count: Any) -> tuple[Decimal, Decimal]:
    """How many, and the price of one. Raises Refused."""
    return decimal_checked(count, "quantity"), decimal_checked(line.get("price"), "price")


def article(line: dict[str, Any], quantity: Decimal, price: Decimal) -> dict[str, Any]:
    """``data`` of the line's event."""
    gtin = gtin_or_none(line.get("barcode")) or gtin_or_none(line.get("sku"))
    variant = text_plain(line.get("variant_title"), 60)
    return {
        "gtin": gtin,
        "sku": None if gtin else code_plain(line.get("sku")),
        "description": " ".join(filter(None, (text_plain(line.get("title")), variant))),
        "quantity": quantity_of(quantity),
        "unit_price": price,
    }


def discounts_of(line: dict[str, Any]) -> list[Decimal]:
    """What came off the line, one for each discount where they are told apart."""
    told = [decimal_checked(d.get("amount"), "discount") for _, d in records(line.get("discount_allocations"))]
    if told:
        return [amount for amount in told if amount]
    total = decimal_or_none(line.get("total_discount"), "total_discount")
    return [total] if total else []


def money_set(holder: dict[str, Any], name: str) -> Any:
    """The shop's amount of a field that comes plain or as a set of currencies."""
    plain = holder.get(name)
    return record(record(holder.get(f"{name}_set")).get("shop_money")).get("amount") if plain is None else plain
