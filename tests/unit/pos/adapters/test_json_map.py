"""JSON of any shape: where events stand and what their fields are is configuration."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest

from pos.adapters.json_map import Config, read
from pos.adapters.reading import ConfigRefused, DocumentNotUnderstood, Reading
from tests.factories.pos_documents import refused, tickets_of, told

AT = "2026-11-21T10:00:00+01:00"
SALE = {
    "no": 42,
    "register": {"code": "T1"},
    "at": AT,
    "cashier": "c-17",
    "basket": [
        {"n": 1, "ean": "4012345678901", "name": "Oil", "qty": 1, "price": 7.95, "sum": 7.95, "void": False},
        {"n": 2, "ean": "4012345678918", "name": "Milk", "qty": 2, "price": "1.20", "sum": "2.40", "void": True},
    ],
    "paid": [{"how": "cash", "sum": 10}],
    "total": 10.35,
}
FIELDS = {"transaction": "no", "terminal": "register.code", "occurred_at": "at", "operator": "cashier"}
LINE = {"line": "n", "type": "void", "gtin": "ean", "description": "name", "quantity": "qty", "unit_price": "price"}
OPTIONS: dict[str, Any] = {
    "records": "sales",
    "fields": FIELDS,
    "types": {"false": "scan", "true": "void"},
    "parts": (
        {"each": "basket", "fields": {**LINE, "amount": "sum"}},
        {"each": "paid", "fields": {"type": "'tender'", "tender": "how", "amount": "sum"}},
        {"each": "@", "fields": {"type": "'ticket_close'", "amount": "total"}},
    ),
}


def event(id: str, **changes: Any) -> dict[str, Any]:
    data = {"description": "Oil", "amount": "7.95"}
    return {"id": id, "terminal": "T1", "type": "scan", "occurred_at": AT, "transaction": "42", "data": data, **changes}


def sent(body: Any, **options: Any) -> Reading:
    return read(body if isinstance(body, bytes) else json.dumps(body).encode(), Config(**options))


def test_tickets_with_nested_lines() -> None:
    reading = sent({"sales": [SALE]}, **OPTIONS)
    assert told(reading) == [("scan", 1, "7.95"), ("void", 2, "2.40"), ("tender", "10.00"), ("ticket_close", "10.35")]
    assert {e["terminal"] for e in reading.events} == {"T1"}
    assert {e["operator"] for e in reading.events} == {"c-17"}
    (ticket,) = reading.declared
    assert (ticket.transaction, str(ticket.total), len(ticket.tenders)) == ("T1-2026-11-21-42", "10.35", 1)
    assert tickets_of(reading.events)[ticket.transaction].lines[0].gtin == "4012345678901"


@pytest.mark.parametrize(
    ("options", "names"),
    [(OPTIONS, ["T1-2026-11-21-42", "T1-2026-11-22-42"]), (OPTIONS | {"daily_numbers": False}, ["42"])],
)
def test_tomorrows_ticket_of_the_same_number_is_another(options: dict[str, Any], names: list[str]) -> None:
    tomorrow = sent({"sales": [SALE | {"at": "2026-11-22T10:00:00+01:00"}]}, **options).events
    today = sent({"sales": [SALE]}, **options).events
    assert sorted({e["transaction"] for e in (*today, *tomorrow)}) == names
    assert ({e["id"] for e in today} & {e["id"] for e in tomorrow} == set()) is (len(names) == 2)


@pytest.mark.parametrize(
    "body",
    [
        [event("a"), event("b")],
        {"events": [event("a"), event("b")]},
        b"\n".join(json.dumps(event(name)).encode() for name in "ab"),
        b"\n\n".join(json.dumps({"events": [event(name)]}).encode() for name in "ab") + b"\n",
    ],
    ids=["list", "events", "lines", "lines of lists"],
)
def test_events_in_our_own_shape_need_no_configuration(body: Any) -> None:
    reading = sent(body)
    assert [e["id"] for e in reading.events] == ["a", "b"]
    assert reading.events[0]["data"] == {"description": "Oil", "amount": "7.95"}
    assert {e["transaction"] for e in reading.events} == {"42"}
    assert reading.refusals == ()


def test_a_single_object_is_one_event() -> None:
    assert [e["id"] for e in sent(event("a")).events] == ["a"]


def test_the_same_document_gives_the_same_ids_without_any_of_its_own() -> None:
    first, again = sent({"sales": [SALE, SALE | {"no": 43}]}, **OPTIONS), sent({"sales": [SALE]}, **OPTIONS)
    assert first.events[: len(again.events)] == again.events
    assert len({e["id"] for e in first.events}) == len(first.events)


def test_a_bad_part_costs_no_other() -> None:
    bad = {**SALE, "basket": [{"n": 1, "void": False, "sum": []}, "no object", SALE["basket"][0]]}  # type: ignore[index]
    reading = sent({"sales": [7, bad, SALE | {"no": 43, "at": "noon"}, SALE | {"no": 44}]}, **OPTIONS)
    assert refused(reading.refusals)[:3] == [
        ("record[0]", "not_an_object"),
        ("record[1]/basket[0]", "not_one_value"),
        ("record[1]/basket[1]", "unknown_word"),
    ]
    assert {part.split("/")[0] for part, _ in refused(reading.refusals)} == {"record[0]", "record[1]", "record[2]"}
    assert {e["transaction"] for e in reading.events} == {"T1-2026-11-21-42", "T1-2026-11-21-44"}
    assert all(refusal.detail.endswith(".") for refusal in reading.refusals)


def test_a_bad_line_of_json_lines_costs_no_other() -> None:
    reading = sent(json.dumps(event("a")).encode() + b'\n{"id": \n' + json.dumps(event("b")).encode())
    assert [e["id"] for e in reading.events] == ["a", "b"]
    assert refused(reading.refusals) == [("Line[2]", "not_json")]


def test_an_id_that_stood_before_is_taken_once() -> None:
    reading = sent([event("a"), event("a")])
    assert len(reading.events) == 1
    assert refused(reading.refusals) == [("record[1]", "repeated")]


def test_an_id_or_a_number_that_reads_as_a_card_is_refused() -> None:
    reading = sent([event("4111111111111111"), event("b", transaction="4111 1111 1111 1111"), event("c")])
    assert [e["id"] for e in reading.events] == ["c"]
    assert "4111" not in str(reading)


def test_a_ticket_has_one_currency() -> None:
    fields = {"transaction": "t", "type": "'scan'", "occurred_at": "at", "currency": "cur", "amount": "sum"}
    rows = [{"t": "1", "at": AT, "cur": cur, "sum": n} for n, cur in enumerate(["EUR", "USD", "EUR"], 1)]
    reading = sent(rows, terminal="T1", fields=fields)
    assert refused(reading.refusals) == [("record[1]", "wrong_currency")]
    assert [e["data"]["amount"] for e in reading.events] == ["1.00", "3.00"]


def test_words_of_other_fields_are_translated() -> None:
    words = {"entry_method": {"K": "keyed"}, "tender": {"1": "cash"}}
    body = [event("a", data={"entry_method": "K"}), event("b", type="tender", data={"tender": 1, "amount": 5})]
    first, second = sent(body, words=words).events
    assert (first["data"]["entry_method"], second["data"]["tender"]) == ("keyed", "cash")


@pytest.mark.parametrize(
    ("document", "why"),
    [
        (b"", "no JSON"),
        (b"<html>", "no JSON"),
        (b"a,b\n1,2\n", "no JSON"),
        (b"[" * 100_000, "no JSON"),
        (b"[]", "Nothing stands at"),
        (b"null", "Nothing stands at"),
    ],
)
def test_what_holds_nothing_says_so(document: bytes, why: str) -> None:
    with pytest.raises(DocumentNotUnderstood, match=rf"{why}.*\.$"):
        read(document, Config())


def test_a_path_to_nowhere_names_itself() -> None:
    with pytest.raises(DocumentNotUnderstood, match=r"Nothing stands at 'data\.sales'"):
        sent({"sales": []}, records="data.sales")


@pytest.mark.parametrize(
    ("options", "why"),
    [
        ({"records": "a["}, "records: 'a\\[' is no JMESPath"),
        ({"records": 7}, "records is no path"),
        ({"records": "a" * 301}, "records is no path"),
        ({"records": "(" * 299}, "is no JMESPath"),
        ({"records": "[@,@][]|" * 30 + "@"}, "at most 60 are run"),
        ({"fields": {"amuont": "sum"}}, "Did you mean 'amount'"),
        ({"fields": {"amount": "sum("}}, "fields.amount"),
        ({"fields": ["amount"]}, "must be an object"),
        ({"parts": ({"each": "lines"},)}, "parts\\[0\\] must hold each"),
        ({"parts": ({"each": "lines", "fields": {"x": "y"}},)}, "no field"),
        ({"parts": ("lines",)}, "parts\\[0\\] must hold each"),
    ],
)
def test_a_configuration_is_checked_when_it_is_made(options: dict[str, Any], why: str) -> None:
    with pytest.raises(ConfigRefused, match=why):
        Config(**options)


@pytest.mark.parametrize("path", ["max(@)", "sort_by(@, &x)", "to_number(@).y", "join(',', @)", "keys(@)", "@ < `1`"])
def test_a_path_that_cannot_be_followed_here_costs_only_its_record(path: str) -> None:
    reading = sent([{"a": 1}, [1, "x", {}], "text", 7], fields={"type": "'scan'", "occurred_at": path})
    assert reading.events == ()
    assert {part for part, _ in refused(reading.refusals)} == {f"record[{place}]" for place in range(4)}


def test_rubbish_in_bulk_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("pos.adapters.mapped.ROWS_LIMIT", 3)
    reading = sent([{"x": place} for place in range(100)] + [event("a")])
    assert [code for _, code in refused(reading.refusals)] == ["unknown_word"] * 3 + ["too_long"]


def test_a_made_name_never_reads_as_a_card() -> None:
    reading = sent([event("", transaction="", line=number) for number in range(3_000)])
    assert reading.refusals == ()
    assert not any(re.search(r"\d{13}", e["id"]) for e in reading.events)
