"""Square: what each part of an order, a payment and a refund becomes."""

from __future__ import annotations

import json
from typing import Any

import pytest

from pos.adapters.reading import DocumentNotUnderstood, Reading
from pos.adapters.square import Config, read
from pos.domain.ticket import Ticket, TicketStatus
from tests.factories.pos_documents import refused, tickets_of, told


def money(cents: int, currency: str = "EUR") -> dict[str, Any]:
    return {"amount": cents, "currency": currency}


def line(cents: int = 795, **fields: Any) -> dict[str, Any]:
    return {"uid": "u", "name": "Oil", "quantity": "1", "gross_sales_money": money(cents), **fields}


def order(*lines: dict[str, Any], total: int | None = None, **fields: Any) -> dict[str, Any]:
    return {
        "id": "ORDER",
        "location_id": "L1",
        "state": "COMPLETED",
        "created_at": "2026-11-21T10:00:00Z",
        "closed_at": "2026-11-21T10:01:00Z",
        "line_items": list(lines),
        **({} if total is None else {"total_money": money(total)}),
        **fields,
    }


def payment(**fields: Any) -> dict[str, Any]:
    return {
        "id": "PAY",
        "order_id": "ORDER",
        "location_id": "L1",
        "status": "COMPLETED",
        "source_type": "CASH",
        "created_at": "2026-11-21T10:00:50Z",
        "total_money": money(795),
        **fields,
    }


def sent(body: Any, config: Config | None = None) -> Reading:
    return read(json.dumps(body).encode(), config)


def ticket(reading: Reading) -> Ticket:
    return tickets_of(reading.events)["ORDER"]


@pytest.mark.parametrize(
    ("fields", "lines", "total", "found", "why"),
    [
        ({}, [line()], 795, [("scan", 1, "7.95")], "an item"),
        (
            {},
            [line(), line(item_type="GIFT_CARD")],
            1590,
            [("scan", 1, "7.95"), ("gift_card_activation", 2, "7.95")],
            "a gift card",
        ),
        (
            {},
            [line(1000, total_discount_money=money(205))],
            795,
            [("scan", 1, "10.00"), ("discount", "2.05")],
            "a discount nobody itemised",
        ),
        (
            {"taxes": [{"type": "ADDITIVE", "applied_money": money(80)}]},
            [line()],
            875,
            [("scan", 1, "7.95"), ("non_merchandise", "0.80")],
            "a tax on top",
        ),
        (
            {"taxes": [{"type": "INCLUSIVE", "applied_money": money(80)}]},
            [line()],
            795,
            [("scan", 1, "7.95")],
            "within",
        ),
        (
            {"total_tax_money": money(80)},
            [line()],
            875,
            [("scan", 1, "7.95"), ("non_merchandise", "0.80")],
            "a tax that only the totals name",
        ),
        (
            {"service_charges": [{"name": "Service", "applied_money": money(100)}]},
            [line()],
            895,
            [("scan", 1, "7.95"), ("non_merchandise", "1.00")],
            "a service charge",
        ),
        (
            {"total_tip_money": money(100)},
            [line()],
            895,
            [("scan", 1, "7.95"), ("non_merchandise", "1.00")],
            "a tip",
        ),
        (
            {"rounding_adjustment": {"amount_money": money(5)}},
            [line()],
            800,
            [("scan", 1, "7.95"), ("non_merchandise", "0.05")],
            "rounded",
        ),
        (
            {
                "returns": [{"source_order_id": "OLD", "return_line_items": [line(gross_return_money=money(300))]}],
                "net_amounts": {"total_money": money(495)},
            },
            [line()],
            795,
            [("scan", 1, "7.95"), ("return", 2, "3.00")],
            "something brought back: the net is owed",
        ),
    ],
)
def test_each_part_of_an_order(
    fields: dict[str, Any], lines: list[dict[str, Any]], total: int, found: list[tuple[object, ...]], why: str
) -> None:
    reading = sent({"order": order(*lines, total=total, **fields)})
    assert reading.refusals == (), why
    assert told(reading)[1:-1] == found, why
    assert ticket(reading).adds_up is True
    assert ticket(reading).status == TicketStatus.CLOSED


def test_a_yen_has_no_cents() -> None:
    body = order(line(gross_sales_money=money(795, "JPY")), total_money=money(795, "JPY"))
    assert str(ticket(sent({"order": body})).total) == "795.00"


def test_an_order_and_its_payment_tell_of_one_tender() -> None:
    paid = {"id": "T", "payment_id": "PAY", "type": "CASH", "amount_money": money(795)}
    one = sent({"order": order(line(), total=795, tenders=[paid])})
    other = sent({"payment": payment()})
    (tender,) = [event for event in one.events if event["type"] == "tender"]
    assert [event["id"] for event in other.events] == [tender["id"]]
    assert str(tickets_of([*one.events, *other.events])["ORDER"].tendered) == "7.95"


@pytest.mark.parametrize(
    ("kind", "fields", "found", "why"),
    [
        ("payment", {}, [("tender", "7.95")], "paid"),
        ("payment", {"status": "APPROVED"}, [("tender", "7.95")], "authorised at a counter"),
        ("payment", {"status": "CANCELED"}, [("tender_void", "7.95")], "taken back"),
        ("refund", {"amount_money": money(300), "payment_id": "PAY"}, [("tender", "-3.00")], "given back"),
    ],
)
def test_money_that_moved(kind: str, fields: dict[str, Any], found: list[tuple[object, ...]], why: str) -> None:
    webhook = {"type": f"{kind}.updated", "data": {"object": {kind: payment(**fields)}}}
    for body in (webhook, {kind: payment(**fields)}, {f"{kind}s": [payment(**fields)]}):
        assert told(sent(body)) == found, why


@pytest.mark.parametrize(
    ("body", "part", "code", "why"),
    [
        ({"order": order(line(), state="OPEN")}, "order", "not_final", "it may still change"),
        ({"order": order(line(), id="")}, "order", "bad_number", "it has no number"),
        ({"order": order(line(), location_id=None)}, "order", "no_terminal", "nobody knows where"),
        ({"order": order(line(), created_at="soon")}, "order", "no_time", "nobody knows when"),
        ({"order": order(line(), total=999)}, "order", "does_not_add_up", "another total"),
        ({"order": order(line(quantity="many"))}, "order/line_items[0]", "bad_number", "no quantity"),
        ({"order": order(line(gross_sales_money=None))}, "order/line_items[0]", "no_amount", "no price"),
        (
            {"order": order(line(), line(gross_sales_money=money(1, "USD")))},
            "order/line_items[1]",
            "wrong_currency",
            "other money",
        ),
        ({"payment": payment(status="FAILED")}, "payment", "not_paid", "no money moved"),
        ({"payment": payment(total_money=None)}, "payment", "no_amount", "of nothing"),
        (
            {"data": {"object": {"order_updated": {"order_id": "ORDER"}}}},
            "data.object.order_updated",
            "named_only",
            "a webhook without the order",
        ),
    ],
)
def test_what_cannot_be_taken_is_said(body: Any, part: str, code: str, why: str) -> None:
    assert (part, code) in refused(sent(body).refusals), why


def test_a_bad_order_costs_no_other() -> None:
    reading = sent({"orders": [order(line(), state="OPEN"), order(line(), id="SECOND", total=795)]})
    assert [declared.transaction for declared in reading.declared] == ["SECOND"]


def test_a_cancelled_order_is_a_cancelled_ticket() -> None:
    assert ticket(sent({"order": order(line(), state="CANCELED")})).status == TicketStatus.CANCELLED


@pytest.mark.parametrize("body", [{}, [], None, 7, {"customer": {}}, line()])
def test_what_is_not_of_square(body: Any) -> None:
    with pytest.raises(DocumentNotUnderstood):
        sent(body)
