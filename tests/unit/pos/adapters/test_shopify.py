"""Shopify: what each part of an order, a refund and a transaction becomes."""

from __future__ import annotations

import json
from typing import Any

import pytest

from pos.adapters.reading import DocumentNotUnderstood, Reading
from pos.adapters.shopify import Config, read
from pos.domain.ticket import Ticket, TicketStatus
from tests.factories.pos_documents import refused, tickets_of, told


def line(price: str = "7.95", quantity: int = 1, **fields: Any) -> dict[str, Any]:
    return {"id": 1, "title": "Oil", "sku": "4012345678901", "price": price, "quantity": quantity, **fields}


def order(*lines: dict[str, Any], total: str = "7.95", **fields: Any) -> dict[str, Any]:
    return {
        "id": 5504123412345,
        "source_name": "pos",
        "device_id": 77,
        "location_id": 3,
        "user_id": 8,
        "created_at": "2026-11-21T10:00:00+01:00",
        "currency": "EUR",
        "line_items": list(lines),
        "total_price": total,
        **fields,
    }


def transaction(**fields: Any) -> dict[str, Any]:
    return {
        "id": 9,
        "order_id": 5504123412345,
        "kind": "sale",
        "status": "success",
        "gateway": "cash",
        "amount": "7.95",
        "currency": "EUR",
        "device_id": 77,
        "created_at": "2026-11-21T10:00:50+01:00",
        **fields,
    }


def sent(body: Any, config: Config | None = None) -> Reading:
    return read(json.dumps(body).encode(), config)


def ticket(reading: Reading) -> Ticket:
    return tickets_of(reading.events)["O5504123412345"]


@pytest.mark.parametrize(
    ("fields", "lines", "total", "found", "why"),
    [
        ({}, [line()], "7.95", [("scan", 1, "7.95")], "an item"),
        ({}, [line(quantity=2)], "15.90", [("scan", 1, "15.90")], "two of it"),
        ({}, [line(gift_card=True)], "7.95", [("gift_card_activation", 1, "7.95")], "a gift card"),
        (
            {"total_discounts": "2.00"},
            [line(discount_allocations=[{"amount": "2.00"}])],
            "5.95",
            [("scan", 1, "7.95"), ("discount", "2.00")],
            "a discount at the line is not counted again",
        ),
        ({}, [line(total_discount="2.00")], "5.95", [("scan", 1, "7.95"), ("discount", "2.00")], "as older orders say"),
        ({"total_discounts": "2.00"}, [line()], "5.95", [("scan", 1, "7.95"), ("discount", "2.00")], "of the whole"),
        (
            {"total_tax": "0.80"},
            [line()],
            "8.75",
            [("scan", 1, "7.95"), ("non_merchandise", "0.80")],
            "a tax on top",
        ),
        ({"total_tax": "0.80", "taxes_included": True}, [line()], "7.95", [("scan", 1, "7.95")], "a tax within"),
        (
            {"shipping_lines": [{"price": "4.00"}], "total_tip_received": "1.00"},
            [line()],
            "12.95",
            [("scan", 1, "7.95"), ("non_merchandise", "4.00"), ("non_merchandise", "1.00")],
            "shipping and a tip",
        ),
        (
            {"transactions": [transaction(amount="10.00"), transaction(id=10, kind="change", amount="2.05")]},
            [line()],
            "7.95",
            [("scan", 1, "7.95"), ("tender", "10.00"), ("tender", "-2.05")],
            "cash and change",
        ),
    ],
)
def test_each_part_of_an_order(
    fields: dict[str, Any], lines: list[dict[str, Any]], total: str, found: list[tuple[object, ...]], why: str
) -> None:
    for body in (order(*lines, total=total, **fields), {"order": order(*lines, total=total, **fields)}):
        reading = sent(body)
        assert reading.refusals == (), why
        assert told(reading)[1:-1] == found, why
        assert ticket(reading).adds_up is True


def test_what_is_known_of_an_article() -> None:
    event = sent(order(line(variant_title="green"))).events[1]
    assert (event["terminal"], event["operator"], event["occurred_at"]) == ("77", "8", "2026-11-21T10:00:00+01:00")
    assert event["data"] == {
        "amount": "7.95",
        "gtin": "4012345678901",
        "description": "Oil green",
        "quantity": 1,
        "unit_price": "7.95",
    }


def refund(**fields: Any) -> dict[str, Any]:
    return {
        "id": 6,
        "order_id": 5504123412345,
        "created_at": "2026-11-21T11:00:00+01:00",
        "refund_line_items": [{"quantity": 1, "line_item": line(), "subtotal": "7.95", "total_tax": "0.80"}],
        "transactions": [transaction(kind="refund", amount="8.75")],
        **fields,
    }


def test_a_refund_is_a_ticket_of_its_own() -> None:
    for body in (refund(), {"refund": refund()}):
        reading = sent(body)
        assert reading.refusals == ()
        assert told(reading)[1:4] == [("return", 1, "7.95"), ("tender", "-8.75"), ("non_merchandise", "-0.80")]
        (rebuilt,) = tickets_of(reading.events).values()
        assert (rebuilt.transaction, str(rebuilt.total)) == ("O5504123412345-refund-6", "-8.75")
        assert reading.events[1]["data"]["original_transaction"] == "O5504123412345"


def test_a_refund_within_its_order_has_the_same_ids() -> None:
    within = sent(order(line(), refunds=[refund()]))
    assert [event["id"] for event in within.events][-5:] == [event["id"] for event in sent(refund()).events]


@pytest.mark.parametrize(
    ("fields", "found", "why"),
    [
        ({}, [("tender", "7.95")], "paid"),
        ({"kind": "capture"}, [("tender", "7.95")], "captured"),
        ({"kind": "refund"}, [("tender", "-7.95")], "given back"),
        ({"kind": "void"}, [("tender_void", "7.95")], "taken back"),
        ({"kind": "authorization"}, [], "no money yet"),
        ({"status": "failure"}, [], "no money at all"),
        ({"test": True}, [], "a test"),
        ({"source_name": "web"}, [], "online"),
    ],
)
def test_money_that_moved(fields: dict[str, Any], found: list[tuple[object, ...]], why: str) -> None:
    for body in (transaction(**fields), {"transactions": [transaction(**fields)]}, [transaction(**fields)]):
        reading = sent(body)
        assert told(reading) == found, why
        assert bool(reading.refusals) is not bool(found)


@pytest.mark.parametrize(
    ("body", "part", "code", "why"),
    [
        (order(line(), source_name="web"), "order", "online", "no lane sees it"),
        (order(line(), test=True), "order", "test", "a test"),
        (order(line(), device_id=None, location_id=None), "order", "no_terminal", "nobody knows where"),
        (order(line(), created_at="soon"), "order", "no_time", "nobody knows when"),
        (order(line(price="much")), "order/line_items[0]", "bad_number", "no price"),
        (order(line(), total="1.00"), "order", "does_not_add_up", "another total"),
        (order(line(), transactions=[transaction(currency="USD")]), "order/transactions[0]", "wrong_currency", "money"),
        ({"draft_order": {"order_id": None}}, "draft_order", "not_a_sale", "a draft"),
        ({"checkouts": [{"completed_at": "2026-11-21"}]}, "checkouts[0]", "not_a_sale", "its order tells"),
        ({"refund": refund(order_id=None)}, "refund", "no_number", "of no order"),
    ],
)
def test_what_cannot_be_taken_is_said(body: Any, part: str, code: str, why: str) -> None:
    assert (part, code) in refused(sent(body).refusals), why


def test_a_cancelled_order_is_a_cancelled_ticket() -> None:
    reading = sent(order(line(), cancelled_at="2026-11-21T10:05:00+01:00"))
    assert ticket(reading).status == TicketStatus.CANCELLED
    assert reading.declared[0].total is None


@pytest.mark.parametrize("body", [{}, [], None, 7, {"customer": {}}, {"products": [{}]}])
def test_what_is_not_of_shopify(body: Any) -> None:
    with pytest.raises(DocumentNotUnderstood):
        sent(body)
