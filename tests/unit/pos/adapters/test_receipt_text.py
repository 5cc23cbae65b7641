"""Receipts as text: what each printed line is, where a receipt begins and ends, and when."""

from __future__ import annotations

import re
from decimal import Decimal

import pytest

from pos.adapters.reading import DocumentNotUnderstood, Reading
from pos.adapters.receipt_text import Config, Patterns, ReceiptStream, read
from pos.adapters.receipt_text.capture import PrintedLine
from pos.adapters.receipt_text.lines import LineKind, instant_printed, line_read, money_printed
from tests.factories.pos_documents import refused, rows_of, tickets_of, told

AT = "2026-11-21T10:00:00+01:00"
LATER = "2026-11-21T10:00:07+01:00"
TILL = Config(terminal="T1", captured_at=AT)
RECEIPT = """\
     CORNER SHOP
 Ticket 0042    Cashier 17
Milk 1 l              1.20
2 x Bread             4.00
Olive oil             7.95
VOID Olive oil       -7.95
TOTAL                 5.20
CASH                 10.00
CHANGE                4.80
    Thank you, Mr Miller
"""


def sold(text: str, config: Config = TILL) -> Reading:
    return read(text.encode(config.code_page), config)


def test_a_receipt_from_top_to_bottom() -> None:
    reading = sold(RECEIPT)
    assert reading.refusals == ()
    assert told(reading) == [
        ("ticket_open",),
        ("scan", 3, "1.20"),
        ("scan", 4, "4.00"),
        ("scan", 5, "7.95"),
        ("void", 6, "-7.95"),
        ("tender", 8, "10.00"),
        ("tender", 9, "-4.80"),
        ("ticket_close", "5.20"),
    ]
    (rebuilt,) = tickets_of(reading.events).values()
    assert (rebuilt.transaction, str(rebuilt.total), rebuilt.adds_up) == ("RT1-20261121-0042", "5.20", True)
    assert [(line.text, line.voided) for line in rebuilt.lines] == [
        ("Milk 1 l", False),
        ("Bread", False),
        ("Olive oil", True),
    ]
    assert str(rebuilt.tendered) == "5.20"
    assert {event["operator"] for event in reading.events} == {"17"}
    assert "Miller" not in str(reading)


@pytest.mark.parametrize(
    ("text", "kind", "groups", "why"),
    [
        ("Milk   1.20", "item", {"description": "Milk", "amount": "1.20"}, "an item"),
        (
            "Milk       EUR 1,20 A",
            "item",
            {"description": "Milk", "amount": "1,20"},
            "a comma, a currency, a tax letter",
        ),
        ("3 x Milk   3.60", "item", {"quantity": "3", "description": "Milk", "amount": "3.60"}, "several"),
        ("Milk returned   -1.20", "item", {"description": "Milk returned", "amount": "-1.20"}, "brought back"),
        ("Milk 1.20", None, {}, "one space is no column"),
        ("TOTAL   € 1.20", "total", {"amount": "1.20"}, "a total"),
        ("Total Greek Yoghurt   3.00", "item", {"description": "Total Greek Yoghurt", "amount": "3.00"}, "a brand"),
        ("Summe EUR   1,20", "total", {"amount": "1,20"}, "in German"),
        ("Sub-total   1.20", "subtotal", {"amount": "1.20"}, "a subtotal"),
        ("Zwischensumme.....1,20", "subtotal", {"amount": "1,20"}, "dots to lead the eye"),
        ("VISA   1.20", "tender", {"kind": "VISA", "amount": "1.20"}, "a card, without its number"),
        ("Bar snack   1.20", "item", {"description": "Bar snack", "amount": "1.20"}, "no cash"),
        ("Rückgeld   1,20", "change", {"amount": "1,20"}, "change"),
        ("19% MwSt   1,20", "tax", {"amount": "1,20"}, "a tax, its rate first"),
        ("Tax free souvenir 2l   1,20", "tax", {"amount": "1,20"}, "what the default pattern gets wrong"),
        ("Pimm's Oil   1.20", "item", {"description": "Pimm's Oil", "amount": "1.20"}, "three letters are no currency"),
        ("MwSt 19,00%   1,20", "tax", {"amount": "1,20"}, "a tax"),
        ("Discount 10%   -1.20", "discount", {"description": "Discount 10%", "amount": "-1.20"}, "a discount"),
        ("Storno Milch   -1,20", "void", {"description": "Milch", "amount": "-1,20"}, "a void"),
        ("NO SALE", "no_sale", {}, "the drawer without a sale"),
        ("Receipt No: 17/3", "ticket", {"number": "17/3"}, "a ticket number"),
        ("Kassierer: Nr 4", "operator", {"who": "4"}, "an operator"),
        ("Thank you", None, {}, "a courtesy"),
    ],
)
def test_what_a_line_is(text: str, kind: str | None, groups: dict[str, str], why: str) -> None:
    (line,) = line_read(PrintedLine(1, text, ""), Patterns())
    assert (line.kind, line.groups) == (kind, groups), why


def test_a_line_may_hold_several_heads() -> None:
    found = line_read(PrintedLine(1, "2026-11-21 09:58  Ticket 42  Cashier 7", ""), Patterns())
    assert [line.kind for line in found] == [LineKind.DATE, LineKind.TICKET, LineKind.OPERATOR]


@pytest.mark.parametrize(
    ("text", "amount"),
    [
        ("1.20", "1.20"),
        ("1,20", "1.20"),
        ("1.234,50", "1234.50"),
        ("1,234.50", "1234.50"),
        ("1 234,50", "1234.50"),
        ("1'234.50", "1234.50"),
        ("-1.20", "-1.20"),
        ("1.20-", "-1.20"),
        ("(1.20)", "-1.20"),
    ],
)
def test_money_as_printed(text: str, amount: str) -> None:
    assert money_printed(text) == Decimal(amount)


@pytest.mark.parametrize(
    ("groups", "instant"),
    [
        ({"year": "2026", "month": "11", "day": "21", "hour": "9", "minute": "05"}, "2026-11-21T09:05:00"),
        ({"year": "26", "month": "Nov", "day": "1", "hour": "02", "minute": "05", "half": "PM"}, "2026-11-01T14:05:00"),
        ({"year": "26", "month": "4", "day": "6", "hour": "12", "minute": "05", "half": "am"}, "2026-04-06T00:05:00"),
    ],
)
def test_a_date_as_printed(groups: dict[str, str], instant: str) -> None:
    assert instant_printed(groups) == instant


@pytest.mark.parametrize(
    ("included", "total", "lines"),
    [(None, "2.20", 1), (None, "2.40", 2), (True, "2.20", 1), (False, "2.40", 2)],
)
def test_tax(included: bool | None, total: str, lines: int) -> None:
    config = Config(terminal="T1", captured_at=AT, tax_included=included)
    reading = sold(f"Milk   2.20\nVAT   0.20\nTOTAL   {total}\n", config)
    (rebuilt,) = tickets_of(reading.events).values()
    assert (len(rebuilt.lines), rebuilt.adds_up, reading.refusals) == (lines, True, ())


def test_the_printed_date_counts_where_nobody_noted_the_capture() -> None:
    reading = sold("2026-11-21 09:58:00\nMilk   1.20\nTOTAL   1.20\n", Config(terminal="T1"))
    assert {event["occurred_at"] for event in reading.events} == {"2026-11-21T09:58:00"}
    (row, *_) = rows_of(reading.events)
    assert "zone_assumed" in row.flags


@pytest.mark.parametrize(
    ("text", "config", "part", "code"),
    [
        ("Milk   1.20\nTOTAL   1.20", Config(terminal="T1"), "Receipt[1]", "no_time"),
        ("Milk   1.20\nTOTAL   1.20", Config(captured_at=AT), "Receipt[1]", "no_terminal"),
        ("Milk   1.20\nTOTAL   1.50", TILL, "Receipt[1]", "does_not_add_up"),
        ("Milk   1.20", TILL, "Receipt[1]", "no_total"),
        ("Milk   1.20\nPoints 3.00\nTOTAL   1.20", TILL, "Receipt[1]/line[2]", "unknown_line"),
        ("Milk   1.20\nVOID Oil   7.95\nTOTAL   1.20", TILL, "Receipt[1]/line[2]", "void_without_line"),
        ("Ticket 4111111111111111\nMilk   1.20\nTOTAL   1.20", TILL, "Receipt[1]", "bad_number"),
        ("Milk   1.20\nTOTAL   1.20\x1bW", TILL, "Receipt[1]", "truncated"),
        ("Milk   1.20\nTOTAL   1.20\n\x1d8L\xff\xff\xff\xff", TILL, "Receipt[1]", "damaged"),
    ],
)
def test_what_cannot_be_taken_is_said(text: str, config: Config, part: str, code: str) -> None:
    reading = read(text.encode("latin-1"), config)
    assert (part, code) in refused(reading.refusals)
    assert "Milk" not in "".join(refusal.detail for refusal in reading.refusals)


def test_a_void_without_its_line_strikes_nothing() -> None:
    (rebuilt,) = tickets_of(sold("Milk   1.20\nVOID Oil   7.95\nTOTAL   1.20").events).values()
    assert [(line.text, line.voided, line.unmatched) for line in rebuilt.lines] == [
        ("Milk", False, False),
        ("Oil", False, True),
    ]


@pytest.mark.parametrize(
    ("masks", "sent", "tickets", "why"),
    [
        ({}, "Milk   1.20\nTOTAL   1.20\n\x1dV\x00Oil   7.95\nTOTAL   7.95\n\x1dV\x00", ["1.20", "7.95"], "the cut"),
        (
            {"ends_at_cut": False, "stop_masks": (b"Thank you",)},
            "Milk   1.20\nTOTAL   1.20\nThank youOil   7.95\nTOTAL   7.95\nThank you",
            ["1.20", "7.95"],
            "a stop mask, in the middle of a line",
        ),
        (
            {"start_masks": (b"\x02",), "stop_masks": (b"\x03",)},
            "Bread   9.00\n\x02Milk   1.20\nTOTAL   1.20\x03Bread   9.00\n\x02Oil   7.95\nTOTAL   7.95\x03",
            ["1.20", "7.95"],
            "frames: what is outside is nobody's",
        ),
        (
            {"start_masks": (b"*START*",)},
            "*START*\nMilk   1.20\nTOTAL   1.20\n*START*\nOil   7.95\nTOTAL   7.95\n",
            ["1.20", "7.95"],
            "a start ends the receipt before",
        ),
        (
            {"dropped_bytes": b"~\x07"},
            "Mi~lk   1.2~0\nTO~TAL \x07  1.20\n",
            ["1.20"],
            "noise of the line is left out",
        ),
    ],
)
def test_where_a_receipt_begins_and_ends(masks: dict[str, object], sent: str, tickets: list[str], why: str) -> None:
    reading = read(sent.encode("latin-1"), Config(terminal="T1", captured_at=AT, **masks))
    assert [str(ticket.total) for ticket in reading.declared] == tickets, why
    assert reading.refusals == (), why


def test_a_mask_inside_a_picture_is_no_mask() -> None:
    picture = b"\x1d8L\x06\x00\x00\x00STOP\x03\x02"
    config = Config(terminal="T1", captured_at=AT, stop_masks=(b"STOP", b"\x03"))
    reading = read(b"Milk   1.20\n" + picture + b"TOTAL   1.20\nSTOP", config)
    assert [str(ticket.total) for ticket in reading.declared] == ["1.20"]


@pytest.mark.parametrize(
    ("sent", "page", "name", "why"),
    [
        (b"K\x84se   1.20\n", "cp437", "Käse", "the printer's first page"),
        (b"K\xe4se   1.20\n", "cp1252", "Käse", "another first page"),
        (b"\x1bt\x10K\xe4se   1.20\n", "cp437", "Käse", "the printer was told another page"),
        (b"K\x84se \x1bt\x10\xe4   1.20\n", "cp437", "Käse ä", "in the middle of a line"),
        (b"\x1bt\xf0K\x84se   1.20\n", "cp437", "Käse", "a page nobody knows: the first one"),
    ],
)
def test_code_pages(sent: bytes, page: str, name: str, why: str) -> None:
    reading = read(sent + b"TOTAL   1.20\n", Config(terminal="T1", captured_at=AT, code_page=page))
    assert reading.events[1]["data"]["description"] == name, why


def test_a_code_page_that_does_not_exist_is_told_at_once() -> None:
    with pytest.raises(LookupError):
        Config(code_page="cp0")


def test_two_equal_receipts_without_a_number_stay_two() -> None:
    reading = sold("Milk   1.20\nTOTAL   1.20\n\x1dV\x00" * 2)
    assert reading.refusals == ()
    assert len(tickets_of(reading.events)) == 2


def test_a_receipt_printed_again_is_taken_once() -> None:
    reading = sold("Ticket 7\nMilk   1.20\nTOTAL   1.20\n\x1dV\x00" * 2)
    assert refused(reading.refusals) == [("Receipt[2]", "repeated")]


@pytest.mark.parametrize(
    ("sent", "transaction", "why"),
    [
        (b"Ticket 7\nMilk   1.20\nTOTAL   1.20\n\x1bp\x00\x01\x01\n\x1dV\x00", "RT1-20261121-7", "while it is printed"),
        (b"Ticket 7\nMilk   1.20\nTOTAL   1.20\n\x1dV\x00\x1bp\x00\x01\x01", "", "after the cut: nobody knows"),
    ],
)
def test_a_drawer_that_the_printer_opens(sent: bytes, transaction: str, why: str) -> None:
    (event,) = [e for e in read(sent, TILL).events if e["type"] == "drawer_open"]
    assert event["transaction"] == transaction, why
    assert len(rows_of([event])) == 1


def test_a_no_sale_is_no_ticket() -> None:
    reading = sold("NO SALE\n2026-11-21 09:58\n")
    assert told(reading) == [("no_sale", 1)]
    assert reading.declared == ()


def test_a_pattern_of_ones_own() -> None:
    own = re.compile(
        r"^(?P<gtin>\d{13}) (?P<description>.+?) (?P<quantity>\d+)\*(?P<unit_price>[\d.]+)=(?P<amount>[\d.]+)$"
    )
    config = Config(terminal="T1", captured_at=AT, patterns=Patterns(item=(own,)))
    reading = sold("4012345678901 Oil 2*7.95=15.90\nTOTAL   15.90\n", config)
    assert reading.events[1]["data"] == {
        "amount": "15.90",
        "gtin": "4012345678901",
        "description": "Oil",
        "quantity": 2,
        "unit_price": "7.95",
    }


def test_a_stream_keeps_when_each_line_was_printed() -> None:
    stream = ReceiptStream(Config(terminal="T1"))
    first = stream.feed(b"Ticket 7\nMilk   1.20\n", AT)
    second = stream.feed(b"TOTAL   1.20\nCASH   1.20\n\x1dV\x00", LATER)
    assert first.events == ()
    assert [(e["type"], e["occurred_at"]) for e in second.events] == [
        ("ticket_open", AT),
        ("scan", AT),
        ("tender", LATER),
        ("ticket_close", LATER),
    ]
    assert stream.close(LATER).events == ()


@pytest.mark.parametrize("size", [1, 2, 3, 7, 64])
def test_where_a_stream_is_cut_makes_no_difference(size: int) -> None:
    config = Config(terminal="T1", captured_at=AT, stop_masks=(b"Thank you",))
    sent = (RECEIPT * 2).encode() + b"\x1dv0\x00\x01\x00\x02\x00\x0a\x0aMilk   1.20\r\nTOTAL   1.20\r\n\x1dVA\x03"
    whole = read(sent, config)
    stream = ReceiptStream(config)
    parts = [stream.feed(sent[at : at + size], AT) for at in range(0, len(sent), size)]
    parts.append(stream.close(AT))
    assert tuple(event for part in parts for event in part.events) == whole.events
    assert tuple(refusal for part in parts for refusal in part.refusals) == whole.refusals


@pytest.mark.parametrize("sent", [b"", b"Opening hours 9 to 17\n", b"\x1d8L\xff\x00\x00\x00abc"])
def test_what_holds_no_receipt(sent: bytes) -> None:
    with pytest.raises(DocumentNotUnderstood, match="No printed line"):
        read(sent, TILL)


def test_a_receipt_without_an_end_is_cut_short() -> None:
    reading = read(b"Milk   1.20\n" * 2_001, TILL)
    assert ("Receipt[1]", "too_long") in refused(reading.refusals)
    assert len([e for e in reading.events if e["type"] == "scan"]) == 2_000
