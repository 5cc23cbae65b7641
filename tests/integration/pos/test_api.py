"""POST pos/events: what a till may rely on."""

import json
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from rest_framework.test import APIClient

from pos.models import PosEvent
from pos.signals import pos_events_recorded
from tests.factories.stores import SmallStore, key_of, small_store

URL = "/api/v1/pos/events"
AT = "2026-11-21T10:00:00.250+01:00"


def event(id: str = "T1-0000123", **changes: Any) -> dict[str, Any]:
    """The contract's own example, with changes; None takes a field away."""
    whole = {
        "id": id,
        "terminal": "T1",
        "type": "scan",
        "occurred_at": AT,
        "transaction": "T1-20261121-0042",
        "line": 3,
        "operator": "c-17",
        "data": {
            "gtin": "04012345678901",
            "description": "Olive oil 1 l",
            "quantity": 1,
            "unit_price": "7.95",
            "amount": "7.95",
            "entry_method": "scanned",
            "voids_line": None,
            "reason": "",
            "approver": "",
        },
    } | changes
    return {name: value for name, value in whole.items() if value is not None}


def rejected_code(client: APIClient, sent: Any) -> str:
    body = client.post(URL, [sent]).json()
    assert (body["accepted"], body["duplicates"]) == (0, 0)
    assert [one["index"] for one in body["rejected"]] == [0]
    assert len(body["rejected"][0]["detail"]) > 10
    return body["rejected"][0]["code"]


def test_the_contracts_example_is_stored_as_it_was_said(till: APIClient, shop: SmallStore) -> None:
    reply = till.post(URL, [event()])
    assert (reply.status_code, reply.json()) == (200, {"accepted": 1, "duplicates": 0, "rejected": []})
    stored = PosEvent.objects.get()
    assert (stored.store, stored.lane, stored.terminal) == (shop.store, shop.lanes[0], shop.terminals[0])
    assert stored.occurred_at == datetime(2026, 11, 21, 9, 0, 0, 250000, UTC)
    assert (stored.type, stored.external_id, stored.transaction, stored.line) == (
        "scan",
        "T1-0000123",
        "T1-20261121-0042",
        3,
    )
    assert (stored.gtin, stored.description, stored.entry_method) == ("04012345678901", "Olive oil 1 l", "scanned")
    assert (stored.quantity, stored.amount) == (Decimal(1), Decimal("7.95"))
    assert stored.flags == []
    assert stored.data["unit_price"] == "7.95"


def test_sending_the_same_event_again_changes_nothing(till: APIClient) -> None:
    till.post(URL, [event()])
    reply = till.post(URL, [event(type="void", line=9)])
    assert reply.json() == {"accepted": 0, "duplicates": 1, "rejected": []}
    assert PosEvent.objects.get().type == "scan"


def test_a_duplicate_inside_one_batch_counts_once(till: APIClient) -> None:
    reply = till.post(URL, [event("a"), event("b"), event("a"), event("a")])
    assert reply.json() == {"accepted": 2, "duplicates": 2, "rejected": []}


def test_the_same_id_at_two_terminals_is_two_events(till: APIClient) -> None:
    assert till.post(URL, [event("1"), event("1", terminal="T2")]).json()["accepted"] == 2


def test_a_bad_event_never_costs_the_good_ones_beside_it(till: APIClient) -> None:
    batch = [event("a"), event("b", type="scna"), 7, event("c"), event("d", occurred_at="yesterday"), event("e")]
    body = till.post(URL, batch).json()
    assert (body["accepted"], body["duplicates"]) == (3, 0)
    assert [(one["index"], one["code"]) for one in body["rejected"]] == [
        (1, "unknown_type"),
        (2, "not_an_event"),
        (4, "bad_time"),
    ]
    assert "'scan'" in body["rejected"][0]["detail"]
    assert set(PosEvent.objects.values_list("external_id", flat=True)) == {"a", "c", "e"}


@pytest.mark.parametrize(
    ("changes", "code", "why"),
    [
        ({"id": ""}, "missing_field", "an empty id identifies nothing"),
        ({"id": None}, "missing_field", "no id at all"),
        ({"terminal": None}, "missing_field", "whose event is it"),
        ({"type": None}, "missing_field", "what happened"),
        ({"occurred_at": None}, "missing_field", "when"),
        ({"id": {"a": 1}}, "wrong_type", "an object is no id"),
        ({"id": "x" * 201}, "too_long", "the column is 200 wide"),
        ({"id": "4111111111111111"}, "card_number", "a card number must not be stored, not even as an id"),
        ({"transaction": "4111-1111-1111-1111"}, "card_number", "nor as a ticket's"),
        ({"terminal": "T9"}, "unknown_terminal", "not in this store"),
        ({"type": "SCAN"}, "unknown_type", "types are lower case"),
        ({"occurred_at": "2026-11-21"}, "bad_time", "a day is no instant"),
        ({"occurred_at": 1763712000}, "bad_time", "an epoch is not RFC 3339"),
        ({"occurred_at": "2026-13-21T10:00:00Z"}, "bad_time", "month 13"),
        ({"occurred_at": "0001-01-01T00:00:00+14:00"}, "bad_time", "before the calendar begins"),
        ({"occurred_at": "1970-01-01T00:00:07Z"}, "bad_time", "a clock that was never set"),
        ({"line": "three"}, "bad_line", "no number"),
        ({"line": 2**31}, "bad_line", "wider than the column"),
        ({"line": 1.5}, "bad_line", "half a line"),
        ({"data": {"amount": "7,95"}}, "bad_money", "a comma"),
        ({"data": {"amount": "NaN"}}, "bad_money", "not a number"),
        ({"data": {"amount": "1e3"}}, "bad_money", "an exponent is not how money is written"),
        ({"data": {"amount": "10000000000"}}, "bad_money", "wider than the column"),
        ({"data": {"amount": True}}, "bad_money", "true is no amount"),
        ({"data": {"unit_price": [1]}}, "bad_money", "nor is a list"),
        ({"data": {"quantity": "two"}}, "bad_quantity", "no number"),
        ({"data": {"quantity": 1e12}}, "bad_quantity", "wider than the column"),
        ({"data": []}, "wrong_type", "data is an object"),
        ({"data": {"reason": "x" * 2001}}, "too_long", "a novel"),
        ({"data": {"many": list(range(501))}}, "too_long", "more values than an event can be about"),
        ({"data": {"a": {"b": {"c": {"d": {"e": {"f": {"g": {"h": {}}}}}}}}}}, "too_deep", "nested beyond reading"),
    ],
)
def test_what_makes_an_event_a_lie_is_refused_with_what_to_write(
    till: APIClient, changes: dict[str, Any], code: str, why: str
) -> None:
    assert rejected_code(till, event(**changes)) == code, why
    assert not PosEvent.objects.exists()


@pytest.mark.parametrize(
    ("changes", "flags", "why"),
    [
        ({"id": 123}, [], "a number as an id is kept as its digits"),
        ({"occurred_at": "2026-11-21T10:00:00"}, ["zone_assumed"], "no zone: the store's"),
        ({"occurred_at": "2026-11-21 10:00:00+01"}, None, "an hour alone is no RFC 3339 offset"),
        ({"occurred_at": "2026-10-25T02:30:00"}, ["zone_assumed", "dst_fold"], "that half hour came twice"),
        ({"occurred_at": "2026-03-29T02:30:00"}, ["zone_assumed", "dst_gap"], "that half hour never came"),
        ({"occurred_at": "2088-01-01T00:00:00Z"}, ["clock_ahead"], "a clock far ahead is kept and named"),
        ({"data": {"amount": 7.95}}, ["money_as_number"], "a JSON number means its shortest decimal"),
        ({"data": {"amount": "3.4567"}}, ["amount_rounded"], "cents are what is kept in the column"),
        ({"data": {"quantity": "0.48256"}}, ["quantity_rounded"], "grams are"),
        ({"data": {"gtin": "not a code"}}, ["gtin_unreadable"], "the scan still happened"),
        ({"data": {"entry_method": "Scanned"}}, [], "case does not matter"),
        ({"data": {"entry_method": "rfid"}}, ["entry_method_unknown"], "the scan still happened"),
        ({"data": {"reason": "card 4111 1111 1111 1111"}}, ["redacted"], "and the card number did not"),
        ({"line": "3", "operator": 17, "transaction": 42}, [], "text for numbers and numbers for text"),
        ({"data": None, "operator": None, "transaction": None, "line": None}, [], "the least an event can say"),
    ],
)
def test_what_is_merely_sloppy_is_stored_and_flagged(
    till: APIClient, changes: dict[str, Any], flags: list[str] | None, why: str
) -> None:
    body = till.post(URL, [event(**changes)]).json()
    if flags is None:
        assert body["rejected"][0]["code"] == "bad_time", why
        return
    assert body["accepted"] == 1, (why, body)
    assert PosEvent.objects.get().flags == flags, why


def test_null_means_absent(till: APIClient) -> None:
    sent = event() | {"line": None, "operator": None, "transaction": None, "data": None}
    assert till.post(URL, [sent]).json()["accepted"] == 1
    stored = PosEvent.objects.get()
    assert (stored.line, stored.operator, stored.transaction, stored.data) == (None, "", "", {})


def test_people_are_stored_as_pseudonyms_only(till: APIClient) -> None:
    data = {"approver": "boss-1", "cashier_name": "Ana Pérez", "loyalty_number": "998877"}
    till.post(URL, [event("a", operator="c-17", data=data), event("b", operator="boss-1", data={})])
    first, second = PosEvent.objects.order_by("external_id")
    assert len(first.operator) == 24 and first.operator != second.operator
    assert first.data == {
        "approver": second.operator,  # one person is one pseudonym, whatever they do
        "cashier_name": "[removed]",
        "loyalty_number": "[removed]",
    }


def test_two_stores_cannot_compare_their_operators(till: APIClient, shop: SmallStore, calling: Any) -> None:
    other = small_store("S002")
    till.post(URL, [event()])
    calling(key_of(other.store, "pos.write")).post(URL, [event()])
    here, there = PosEvent.objects.values_list("operator", flat=True)
    assert here != there


def test_card_numbers_reach_no_column(till: APIClient) -> None:
    pan = "4111111111111111"
    sent = event(
        operator=pan,
        data={
            "description": f"x {pan} y",
            "gtin": pan,
            "pan": pan,
            "reason": "4111-1111-1111-1111",
            pan: 1,
            "nested": {"list": [int(pan), f"={pan}="]},
        },
    )
    assert till.post(URL, [sent]).json()["accepted"] == 1
    row = json.dumps({k: str(v) for k, v in PosEvent.objects.values().get().items()})
    assert pan not in row and "4111-1111" not in row and "1111111" not in row


def test_nul_characters_are_dropped_for_no_database_keeps_them(till: APIClient) -> None:
    sent = event("a\x00b", transaction="t\x00", data={"description": "oil\x00", "k\x00": ["\x00"]})
    assert till.post(URL, [sent]).json()["accepted"] == 1
    stored = PosEvent.objects.get()
    assert (stored.external_id, stored.transaction, stored.description) == ("ab", "t", "oil")
    assert stored.data == {"description": "oil", "k": [""]}


@pytest.mark.parametrize(
    "body",
    [
        [event()],
        {"events": [event()]},
        event(),
    ],
    ids=["a list", "an object with events", "one event"],
)
def test_a_batch_may_be(till: APIClient, body: Any) -> None:
    assert till.post(URL, body).json() == {"accepted": 1, "duplicates": 0, "rejected": []}


GOOD = json.dumps(event("good")).encode()


@pytest.mark.parametrize(
    ("body", "accepted", "code", "why"),
    [
        (b'[{"id": NaN}, %s]' % GOOD, 1, "bad_value", "Python writes NaN"),
        (b'[{"id": "\\ud800"}, %s]' % GOOD, 1, "bad_value", "half a surrogate pair"),
        (b'[{"id": "\xff"}, %s]' % GOOD, 1, "bad_text", "Latin-1 inside one event"),
        (b'[{"id": 1e999}, %s]' % GOOD, 1, "bad_number", "a number beyond all"),
        (b'[{"id": "a", "data": {"x": 1e999}}, %s]' % GOOD, 1, "bad_number", "the same, inside"),
        (b'[{"data": {"x": %s}}, %s]' % (b"9" * 5000, GOOD), 1, "bad_number", "5,000 digits"),
    ],
)
def test_what_is_broken_inside_one_event_costs_only_that_event(
    till: APIClient, body: bytes, accepted: int, code: str, why: str
) -> None:
    reply = till.post(URL, body, content_type="application/json")
    assert reply.status_code == 200, reply.content
    assert (reply.json()["accepted"], [r["code"] for r in reply.json()["rejected"]]) == (accepted, [code]), why


@pytest.mark.parametrize(
    ("body", "status", "code"),
    [
        (b"", 400, "not_json"),
        (b"hello", 400, "not_json"),
        (b"[", 400, "not_json"),
        (b"\xff\xfe", 400, "not_utf8"),
        (b"[]", 400, "not_a_batch"),
        (b'{"events": []}', 400, "not_a_batch"),
        (b'{"events": 5}', 400, "not_a_batch"),
        (b"{}", 400, "not_a_batch"),
        (b"5", 400, "not_a_batch"),
        (b"null", 400, "not_a_batch"),
        (b'"scan"', 400, "not_a_batch"),
        (b"[" + b"1," * 1000 + b"1]", 400, "too_many_events"),
        (b"[" * 100_000, 400, "too_deep"),
        (b"[" + b'{"a":' * 50_000 + b"1" + b"}" * 50_000 + b"]", 400, "too_deep"),
        (b" " * (8 * 2**20 + 1), 413, "too_large"),
    ],
    ids=lambda value: repr(value)[:24],
)
def test_what_is_no_batch_at_all_is_a_problem(till: APIClient, body: bytes, status: int, code: str) -> None:
    reply = till.post(URL, body, content_type="application/json")
    assert reply.headers["content-type"] == "application/problem+json"
    problem = reply.json()
    assert (reply.status_code, problem["status"], problem["code"]) == (status, status, code)
    assert problem["detail"] and problem["title"] and problem["type"]


def test_a_thousand_events_are_a_batch_and_cost_as_many_queries_as_one(till: APIClient) -> None:
    till.post(URL, [event("first")])  # marks the key as used, once a minute
    with CaptureQueriesContext(connection) as one:
        till.post(URL, [event("second")])
    with CaptureQueriesContext(connection) as thousand:
        reply = till.post(URL, [event(f"e{n}") for n in range(1000)])
    assert reply.json() == {"accepted": 1000, "duplicates": 0, "rejected": []}
    assert len(thousand) == len(one)


def test_others_hear_of_new_events_and_of_nothing_else(till: APIClient, shop: SmallStore) -> None:
    heard: list[tuple[list[int], datetime]] = []

    def listen(lane_ids: list[int], earliest: datetime, **_: object) -> None:
        heard.append((lane_ids, earliest))

    pos_events_recorded.connect(listen)
    try:
        till.post(URL, [event("a"), event("b", terminal="T2", occurred_at="2026-11-21T08:59:00Z")])
        till.post(URL, [event("a")])
        till.post(URL, [event("c", type="nonsense")])
    finally:
        pos_events_recorded.disconnect(listen)
    assert heard == [([lane.pk for lane in shop.lanes], datetime(2026, 11, 21, 8, 59, tzinfo=UTC))]
