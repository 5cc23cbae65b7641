"""Tables of any till: found out, read row by row, and a bad row costs no other."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pos.adapters.csv_table import Config, read
from pos.adapters.reading import ConfigRefused, DocumentNotUnderstood, Reading
from tests.conformance.pos_adapters.documents import JOURNAL, JOURNAL_OPTIONS
from tests.factories.pos_documents import refused, rows_of, tickets_of, told

HEAD = "terminal,type,occurred_at,transaction,line,description,amount\n"
AT = "2026-11-21T10:00:00+01:00"


def row(line: object = 1, amount: str = "7.95", *, type: str = "scan", ticket: str = "42", at: str = AT) -> str:
    return f"T1,{type},{at},{ticket},{line},Oil,{amount}\n"


def sent(*rows: str, head: str = HEAD, **options: Any) -> Reading:
    return read((head + "".join(rows)).encode(), Config(**options))


def ids(reading: Reading) -> list[str]:
    return [event["id"] for event in reading.events]


def test_our_own_headings_need_no_configuration() -> None:
    reading = sent(row(), row(2, "-1.00", type="discount"), row("", "6.95", type="ticket_close"))
    assert told(reading) == [("scan", 1, "7.95"), ("discount", 2, "-1.00"), ("ticket_close", "6.95")]
    assert tickets_of(reading.events)["T1-2026-11-21-42"].adds_up
    assert reading.refusals == ()


@pytest.mark.parametrize(
    ("encoding", "why"),
    [
        ("utf-8", "plain"),
        ("utf-8-sig", "with a byte order mark"),
        ("utf-16", "with one, in two bytes"),
        ("utf-16-le", "without one"),
        ("cp1252", "Windows"),
    ],
)
@pytest.mark.parametrize("delimiter", ";,\t|")
def test_encoding_and_delimiter_are_found(encoding: str, delimiter: str, why: str) -> None:
    text = (HEAD + row()).replace("Oil", "Öl").replace(",", delimiter)
    (event,) = read(text.encode(encoding), Config()).events
    assert (event["data"]["description"], event["data"]["amount"]) == ("Öl", "7.95"), why


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_lines_may_end_in_any_way(end: str) -> None:
    assert len(read((HEAD + row() + row(2)).replace("\n", end).encode(), Config()).events) == 2


def test_a_named_encoding_is_kept_to() -> None:
    with pytest.raises(DocumentNotUnderstood, match="not written in ascii"):
        sent(row().replace("Oil", "Öl"), encoding="ascii")


@pytest.mark.parametrize(
    ("options", "said", "amount"),
    [
        ({}, "7.95", "7.95"),
        ({}, "€ 7.95", "7.95"),
        ({}, "7.95-", "-7.95"),
        ({"decimal": ","}, '"7,95"', "7.95"),
        ({"decimal": ",", "thousands": "."}, '"1.234,50"', "1234.50"),
        ({"thousands": ","}, '"1,234,567.5"', "1234567.50"),
        ({"thousands": "'"}, "1'234.50", "1234.50"),
        ({"minor_units": True, "currency": "EUR"}, "795", "7.95"),
        ({"minor_units": True, "currency": "JPY"}, "795", "795.00"),
    ],
)
def test_numbers_are_read_by_their_signs(options: dict[str, Any], said: str, amount: str) -> None:
    (event,) = sent(row(amount=said), **options).events
    assert event["data"]["amount"] == amount


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({}, '"7,95"'),
        ({"decimal": ","}, "1.234"),  # a thousand, or one and a bit: nobody may guess
        ({"decimal": ",", "thousands": "."}, "7.95"),
        ({"thousands": ","}, '"7,95"'),
        ({"minor_units": True}, "7.95"),
        ({}, "a lot"),
        ({}, "1e9"),
    ],
)
def test_a_number_that_could_mean_another_is_refused(options: dict[str, Any], said: str) -> None:
    reading = sent(row(amount=said), row(2, "7"), **options)
    assert refused(reading.refusals) == [("Row[2]", "bad_number")]
    assert len(reading.events) == 1


@pytest.mark.parametrize(
    ("written", "said", "found"),
    [
        ("", "2026-11-21 10:00:00", "2026-11-21 10:00:00"),
        ("%d.%m.%Y %H:%M", "21.11.2026 10:00", "2026-11-21T10:00:00"),
        ("%m/%d/%y %I:%M:%S %p", "11/21/26 01:02:03 PM", "2026-11-21T13:02:03"),
        ("%Y%m%d%H%M%S%z", "20261121100000+0100", "2026-11-21T10:00:00+01:00"),
        ("unix", "1795251600", "2026-11-21T09:00:00+00:00"),
        ("unix_ms", "1795251600250", "2026-11-21T09:00:00.250000+00:00"),
    ],
)
def test_instants_are_read_by_their_format(written: str, said: str, found: str) -> None:
    (event,) = sent(row(at=said), time_format=written).events
    assert event["occurred_at"] == found


@pytest.mark.parametrize(
    ("written", "said"), [("", "21.11.2026"), ("%d.%m.%Y %H:%M", AT), ("unix", AT), ("unix", "9" * 16)]
)
def test_another_instant_is_refused(written: str, said: str) -> None:
    assert refused(sent(row(at=said), time_format=written).refusals) == [("Row[2]", "bad_time")]


def test_date_and_time_of_two_columns_are_joined() -> None:
    reading = sent("scan,2026-11-21,10:00:00,42\n", head="type,date,time,transaction\n", terminal="T1")
    assert reading.events[0]["occurred_at"] == "2026-11-21 10:00:00"


def test_a_row_without_an_instant_has_that_of_its_ticket() -> None:
    reading = sent(row(at=""), row(), row(2, at=""), row(at="", ticket="43"))
    assert [event["occurred_at"] for event in reading.events] == [AT, AT]
    assert refused(reading.refusals) == [("Row[2]", "no_time"), ("Row[5]", "no_time")]


def test_words_of_the_till_become_ours_and_empty_ones_are_left_out() -> None:
    types = {"Verkauf": "scan", "Storno": "void", "Info": ""}
    reading = sent(row(type="VERKAUF"), row(type="storno"), row(type="info"), row(type="X"), types=types)
    assert [event["type"] for event in reading.events] == ["scan", "void"]
    assert refused(reading.refusals) == [("Row[5]", "unknown_word")]
    (line,) = tickets_of(reading.events)["T1-2026-11-21-42"].lines
    assert line.voided


def test_constants_stand_for_what_no_column_says() -> None:
    reading = read(
        b"occurred_at;gtin\n2026-11-21T10:00:00Z;4012345678901\n",
        Config(constants={"type": "price_inquiry", "terminal": "T9"}),
    )
    (event,) = reading.events
    assert (event["terminal"], event["type"], event["data"]["gtin"]) == ("T9", "price_inquiry", "4012345678901")


def test_a_table_without_headings_has_numbered_columns() -> None:
    columns = {"1": "terminal", "2": "type", "3": "occurred_at", "7": "amount"}
    reading = sent(row(), row(amount="y"), head="", header=False, columns=columns)
    assert told(reading) == [("scan", "7.95")]
    assert refused(reading.refusals) == [("Row[2]", "bad_number")]


def test_every_bad_row_is_named_and_costs_no_other() -> None:
    reading = sent(
        row(1),
        "T1,scan\n",
        row(3, "7.95,surplus"),
        row(4).replace("Oil", '"Oil'),
        row(5, "x"),
        row(6, at="noon"),
        "\n",
        row(8, ticket="4111111111111111"),
        row(9),
    )
    assert [event["line"] for event in reading.events] == [1, 9]
    assert [part for part, _ in refused(reading.refusals)] == [f"Row[{number}]" for number in (3, 4, 5, 6, 7, 9)]
    assert all(refusal.detail.endswith(".") for refusal in reading.refusals)


def test_a_field_in_quotes_may_hold_anything() -> None:
    reading = sent(row().replace("Oil", '"Oil, ""extra"",\nvirgin"'), row(2))
    assert [event["data"]["description"] for event in reading.events] == ['Oil, "extra", virgin', "Oil"]


def test_the_last_row_may_be_half_written() -> None:
    reading = sent(row(), "T1,scan,2026-11-21T10:00:00+01:00,42")
    assert refused(reading.refusals) == [("Row[3]", "truncated")]
    assert len(reading.events) == 1


def test_two_equal_rows_stay_two_with_and_without_line_numbers() -> None:
    reading = sent(row(), row(), row(""), row(""))
    assert len(set(ids(reading))) == 4
    assert len(rows_of(reading.events)) == 4


def test_what_belongs_to_no_ticket_has_an_id_of_its_own() -> None:
    reading = sent(row("", "", type="no_sale", ticket=""), row("", "", type="no_sale", ticket=""))
    assert len(set(ids(reading))) == 2
    assert all(event["transaction"] == "" for event in reading.events)


@pytest.mark.parametrize(
    ("daily", "names"),
    [(True, ["T1-2026-11-21-42", "T2-2026-11-21-42", "T1-2026-11-22-42"]), (False, ["42", "42", "42"])],
)
def test_numbers_that_begin_again_every_day_do_not_mix_tickets(daily: bool, names: list[str]) -> None:
    tomorrow = "2026-11-22T10:00:00+01:00"
    reading = sent(row(), row().replace("T1", "T2"), row(2, at=tomorrow), daily_numbers=daily)
    named = {(event["terminal"], event["occurred_at"]): event["transaction"] for event in reading.events}
    assert [*named.values()] == names


rows = st.lists(
    st.builds(
        row,
        st.sampled_from([1, 2, 3, ""]),
        st.sampled_from(["1.00", "2.00", "x"]),
        type=st.sampled_from(["scan", "void", "no_sale", "?"]),
        ticket=st.sampled_from(["42", "43", ""]),
    ),
    max_size=12,
)


@settings(max_examples=60, deadline=None)
@given(rows=rows, cut=st.integers(0, 12))
def test_a_file_that_grew_says_the_same_of_its_beginning(rows: list[str], cut: int) -> None:
    short, long = sent(*rows[:cut]), sent(*rows)
    known = {(event["terminal"], event["id"]): event for event in long.events}
    assert len(known) == len(long.events)
    assert all(known[event["terminal"], event["id"]] == event for event in short.events)


def test_repairing_a_row_changes_no_other() -> None:
    before, after = sent(row(""), row("", "x"), row("", "2.00")), sent(row(""), row("", "1.00"), row("", "2.00"))
    assert set(ids(before)) < set(ids(after))


def test_rows_above_the_headings_are_passed_over() -> None:
    assert len(read(JOURNAL, Config(**JOURNAL_OPTIONS)).events) == 7


@pytest.mark.parametrize("document", [b"", b"a,b,c\n1,2,3\n", b"type,amount\nscan,1\n", b"\x00\xff" * 50])
def test_a_table_without_its_headings_says_what_it_found(document: bytes) -> None:
    with pytest.raises(DocumentNotUnderstood, match=r"None of the first 20 rows holds the headings.*columns.*\.$"):
        read(document, Config())


def test_a_table_without_its_headings_does_not_show_what_is_in_their_place() -> None:
    with pytest.raises(DocumentNotUnderstood, match=r"the first has 3 columns") as refused:
        read(b"Maria Muster,4111111111111111,9.99\n", Config())
    assert "Maria" not in str(refused.value) and "4111" not in str(refused.value)


@pytest.mark.parametrize(
    ("options", "why"),
    [
        ({"columns": {"Betrag": "amuont"}}, "Did you mean 'amount'"),
        ({"columns": {"a": "amount", "b": "amount"}}, "several columns"),
        ({"types": {"V": "viod"}}, "Did you mean 'void'"),
        ({"words": {"nothing": {}}}, "no field"),
        ({"constants": {"type": ["scan"]}}, "in quotes"),
        ({"time_format": "%d.%m. %H:%M"}, "day or the hour|cannot be read back"),
        ({"time_format": "%Q"}, "cannot be read back"),
        ({"decimal": ";"}, "decimal is"),
        ({"decimal": ",", "thousands": ","}, "different signs"),
        ({"header": False}, "needs columns"),
        ({"header": False, "columns": {"Betrag": "amount"}}, "columns are numbers"),
        ({"delimiter": ";;"}, "one character"),
        ({"encoding": "klingon"}, "not known"),
        ({"encoding": "hex"}, "not known"),
    ],
)
def test_a_configuration_is_checked_when_it_is_made(options: dict[str, Any], why: str) -> None:
    with pytest.raises(ConfigRefused, match=why):
        Config(**options)


def test_a_table_that_never_ends_is_cut_and_said(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("pos.adapters.csv_table.reader.ROWS_LIMIT", 2)
    reading = sent('"open\n', row(), row(2), row(3))
    assert len(reading.events) == 1
    assert refused(reading.refusals) == [("Row[2]", "bad_quotes"), ("Row[4]", "too_long")]
